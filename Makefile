PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# what the tests of `make lowest` need beside the project's own dependencies, and those tests
BESIDE = pytest>=8.4 pytest-timeout>=2.3
OLDEST = tests/test_pytest_plugin.py tests/contracts/test_runner.py tests/contracts/test_wire.py tests/contracts/test_fuzz.py \
	tests/mockserver/test_app.py tests/mockserver/test_serve.py tests/fieldpost/test_declared.py
MODULES = $(strip $(shell find specs mockserver contracts streamproof tests -name '*.py' | wc -l))

.PHONY: demo test lowest kill-matrix bench bench-memory lint clean

demo: $(VENV)/ready  ## start the mock, run the suite against it over HTTP, print the report
	$(BIN)/streamproof demo

test: $(VENV)/ready lint  ## everything that CI runs
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

lowest: $(VENV)/ready  ## does it run with the oldest dependencies that pyproject.toml lets in?
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/lowest
	VIRTUAL_ENV=$(VENV)/lowest $(BIN)/uv pip install --quiet --resolution lowest-direct \
		--editable '.[check,postgresql]' $(foreach package,$(BESIDE),'$(package)')
	$(VENV)/lowest/bin/python -m pytest --quiet $(OLDEST)

kill-matrix: $(VENV)/ready  ## the suite against good, null and faulty servers; docs/kill-matrix.md
	$(BIN)/python -m tests.kill

bench: $(VENV)/ready  ## how fast the mock is, beside a bare server and Prism; docs/performance.md
	$(BIN)/python -m tests.bench

bench-memory: $(VENV)/ready  ## does the mock grow in ten minutes of load?
	$(BIN)/python -m tests.bench.memory

lint: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@# mypy finds nothing wrong in what it does not find: count the files
	$(BIN)/mypy streamproof tests | awk '{ print } / no issues found in $(MODULES) source / { all = 1 } \
		END { if (!all) print "mypy must pass in each of $(MODULES) files"; exit !all }'

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[check,test]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info streamproof-report .mypy_cache .ruff_cache .pytest_cache
