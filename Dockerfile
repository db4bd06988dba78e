# The mock of both APIs, with PostgreSQL for those who name a data base. See docs/mock.md.
FROM python:3.12-slim
COPY . /src
RUN pip install --no-cache-dir '/src[postgresql]' && rm -r /src && useradd --system mock
USER mock
EXPOSE 8080
HEALTHCHECK CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/_mock/health')"]
ENTRYPOINT ["streamproof", "mock", "--host", "0.0.0.0", "--control-token", "env:STREAMPROOF_CONTROL_TOKEN"]
