"""The server, in reading order: a request becomes a call, passes the pipeline, and is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from itertools import chain, count
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
    RequestURITooLarge,
)
from werkzeug.routing import BaseConverter, Map

from streamproof.mockserver import control, control_state, domain, published, reference
from streamproof.mockserver.addresses import bracketed
from streamproof.mockserver.call import Answer, Request
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.context import system_clock
from streamproof.mockserver.database import Database, connect
from streamproof.mockserver.delivery import NO_WIRE, WIRE
from streamproof.mockserver.journal import Masks, Recorder
from streamproof.mockserver.problems import Rejected
from streamproof.mockserver.reach import Cors, Gate
from streamproof.mockserver.service import Service
from streamproof.mockserver.store import DEFAULT_SPACE, Part, Store
from streamproof.mockserver.timepiece import Clock
from streamproof.mockserver.web import Application, Ready
from streamproof.specs.operation import Operation

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RULE_HEADER = "Streamproof-Rule"
LARGEST_BODY = 16 * 1024 * 1024  # bytes, for an API whose dialect leaves it open
LONGEST_QUERY = 32 * 1024  # bytes; keeps the filters of one list within what a data base binds
SPACE = "streamproof.space"  # in the environ of a request: the name of its space
_TAKEN_BY = "streamproof.taken-by"  # there, too: API and operation
_SPACE_PATH = re.compile(r"/_space/([A-Za-z0-9._-]{1,100})(?=/)")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_FRAMING = {"host", "content-type", "content-length", "transfer-encoding", "connection"}
_VARIABLE = re.compile(r"{([^{}]+)}")
_View = Callable[..., Response | Ready]


def create_app(
    config: MockConfig, clock: Clock = system_clock, database: Database | None = None
) -> Flask:
    """A WSGI application that serves the APIs of `config`; ``extensions["store"]`` is its store,
    ``extensions["may_wait"]`` is true, for good, once calls may wait for each other on purpose, and
    ``extensions["underscored"]`` are the headers with an underscore that its APIs name.

    Its state is in `database`, or else in the one that `config` names. Raises `UnusableDatabase`.
    """
    services = [Service(key, config, clock) for key in config.apis]
    parts = {each.api.name: Part(domain.metadata(each.key), each.seed) for each in services}

    app = Application(__name__, static_folder=None)
    app.extensions["store"] = store = Store(parts, database or connect(config.database_url))
    app.extensions["may_wait"] = any(service.may_wait for service in services)
    app.extensions["underscored"] = {*chain.from_iterable(map(_underscored, services))}
    app.config["MAX_CONTENT_LENGTH"] = max(LARGEST_BODY, *map(_largest_body, services))
    app.url_map.merge_slashes = False  # an id may begin with one
    app.url_map.converters |= {"rest": _Rest, "until": _Until}
    masks = Masks([each.api for each in services], [each.fixtures for each in services])
    recorder = Recorder(masks, config.log)
    control.mount(app, services, store, config, masks, _space)
    published.mount(app, services, lambda: _root(request.environ))
    reference.mount(app, services, lambda service: service.context(store, _space()).now())
    control_state.mount(app, services, store, config, clock, _space)
    for service in services:
        _mount(app, service, store, recorder)
    app.register_error_handler(HTTPException, _stray(services, store, recorder))
    store.space(DEFAULT_SPACE)  # bad seed data must show now, not to the first caller
    inside: WSGIApplication = Gate(app.wsgi_app, config.control_token, config.loopback)
    if config.cors:
        inside = Cors(inside, config.cors)
    app.wsgi_app = _Spaces(inside)  # type: ignore[assignment, method-assign]
    return app


def _mount(app: Flask, service: Service, store: Store, recorder: Recorder) -> None:
    """Route every operation of an API, at every base path that its specification names."""
    for server in service.api.servers:
        base = server.rstrip("/")
        for operation in service.api.operations.values():
            first = operation.path.split("/")[1]
            at = count()  # a variable may have a name that Flask takes for none
            rule = _VARIABLE.sub(lambda _: f"<until({first!r}):v{next(at)}>", base)  # noqa: B023
            rule += _VARIABLE.sub(lambda _: f"<rest:v{next(at)}>", operation.path)  # noqa: B023
            name = f"{service.api.name}{base}.{operation.id}"
            view = _view(service, store, recorder, operation, base)
            methods = _methods(service, operation)
            _route(app, rule, name, view, methods)
            if not rule.endswith(">"):
                match service.dialect.get("trailing_slash"):
                    case "same":
                        _route(app, f"{rule}/", f"{name}/", view, methods)
                    case "redirected":
                        _route(app, f"{rule}/", f"{name}/", _without_slash, methods)


def _methods(service: Service, operation: Operation) -> list[str]:
    """The documented method, and GET where the API's dialect decides what becomes of it."""
    return [operation.method, *(["GET"] if "method_get" in service.dialect else [])]


def _route(app: Flask, rule: str, name: str, view: _View, methods: list[str]) -> None:
    app.add_url_rule(rule, name, view, methods=methods, provide_automatic_options=False)


def _view(
    service: Service, store: Store, recorder: Recorder, operation: Operation, base: str
) -> _View:
    """What Flask calls for an operation: reads the request, runs the pipeline, answers."""
    variables, names = _VARIABLE.findall(base), _VARIABLE.findall(operation.path)
    largest, taken = _largest_body(service), (service.api, operation)

    def view(**found: str) -> Ready:
        texts = iter(found[f"v{at}"] for at in range(len(found)))
        filled = {name: next(texts) for name in variables}
        mount = _VARIABLE.sub(lambda name: quote(filled[name[1]], safe=""), base)
        environ = request.environ
        space, environ[_TAKEN_BY] = environ.get(SPACE, DEFAULT_SPACE), taken
        try:
            received = _read(mount, filled, dict(zip(names, texts, strict=True)), largest)
            answer = service.answer(store, space, operation, received)
        except RequestEntityTooLarge:
            if "largest_body" not in service.dialect:
                raise
            detail = f"the body has more than {largest} bytes; send less"
            too_large = Rejected(f"{service.api.name}/dialect/largest_body", detail, 413)
            received = _unread()
            answer = service.refuse(service.context(store, space), too_large)
        journal = store.space(space).journal
        recorder.note(journal, service.api, operation, received, environ["PATH_INFO"], answer)
        return _sent(answer)

    return view


def _sent(answer: Answer) -> Ready:
    """The response, and how it is to go over the wire told to whoever sends it."""
    how = answer.delivery
    if how is None:
        return _respond(answer)
    wire = request.environ.get(WIRE)
    if wire is None and how.breaks_off:
        return _respond(Answer(HTTPStatus.NOT_IMPLEMENTED, {"message": NO_WIRE}))
    response = _respond(replace(answer, status=answer.status or HTTPStatus.SERVICE_UNAVAILABLE))
    if wire is None:
        how.wait(response.length)
    else:
        wire.append(how)
    return response


def _underscored(service: Service) -> Iterator[str]:
    """The headers with an underscore by which an API takes credentials and arguments, but for those
    that would be taken for one that HTTP is framed by."""
    schemes = service.api.schemes.values()
    names = [scheme.parameter for scheme in schemes if scheme.kind == "header"]
    for operation in service.api.operations.values():
        names += [p.name for p in operation.parameters if p.place == "header"]
    for name in map(str.lower, names):
        if "_" in name and name.replace("_", "-") not in _FRAMING:
            yield name


def _largest_body(service: Service) -> int:
    largest: int = service.dialect.get("largest_body", LARGEST_BODY)
    return largest


def _read(mount: str, variables: dict[str, str], path: dict[str, str], largest: int) -> Request:
    """The request in hand. Raises the HTTP errors of too large ones, and of no readable path."""
    environ = request.environ
    if not _is_utf8(environ["PATH_INFO"]):
        raise BadRequest("the path is no UTF-8; percent-encode the bytes of UTF-8 text")
    query = environ.get("QUERY_STRING", "")
    if len(query) > LONGEST_QUERY:
        raise RequestURITooLarge(f"the query has more than {LONGEST_QUERY} bytes; send less")
    body = b""
    if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
        # of chunks Flask gives what is within its limit, and no error
        request.max_content_length = largest + 1
        body = request.get_data(cache=False)
        if len(body) > largest:
            raise RequestEntityTooLarge
    return Request(
        method=environ["REQUEST_METHOD"].upper(),
        mount=mount,
        variables=variables,
        path=path,
        query=query,
        headers=_headers(environ),
        body=body,
        base_url=_root(environ) + mount,
    )


def _unread() -> Request:
    """The request in hand, as far as it can be told without its body."""
    environ = request.environ
    query = environ.get("QUERY_STRING", "")[:LONGEST_QUERY]
    return Request(request.method, "", {}, {}, query, _headers(environ), b"", base_url="")


def _is_utf8(path: str) -> bool:
    """Flask would read other bytes as U+FFFD, and so as the path of something else."""
    try:
        return path.isascii() or bool(path.encode("latin-1").decode())
    except UnicodeDecodeError:
        return False


# What werkzeug says of both is the same, and takes ten times as long.


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """The headers by their names in lower case."""
    found = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name.replace("_", "-").lower()] = environ[name]
    return found


def _root(environ: WSGIEnvironment) -> str:
    """Scheme, host and space of a request's URL, without a slash at the end."""
    host = environ.get("HTTP_HOST", "")
    if not _HOST.fullmatch(host):
        host = f"{bracketed(environ['SERVER_NAME'])}:{environ['SERVER_PORT']}"
    space = environ.get("SCRIPT_NAME", "")
    if space:
        space = quote(space.encode("latin-1")).rstrip("/")
    return f"{environ['wsgi.url_scheme']}://{host}{space}"


def _respond(answer: Answer) -> Ready:
    headers = dict(answer.headers)
    if answer.rule is not None:
        headers[RULE_HEADER] = answer.rule
    if answer.status == HTTPStatus.NO_CONTENT and answer.body is None:
        return Ready(answer.status, headers, b"")
    body = b""
    if answer.body is not None:
        headers = {"Content-Type": "application/json", **headers}
        text = answer.body
        body = text.encode() if isinstance(text, str) else orjson.dumps(text)
    headers["Content-Length"] = str(len(body))
    return Ready(answer.status, headers, body)


def _stray(
    services: Sequence[Service], store: Store, recorder: Recorder
) -> Callable[[HTTPException], Ready]:
    """What answers a request that reaches no operation: in JSON, and with a way on."""
    paths = sorted(
        {path for service in services for path in _paths(service)} | {"/_mock/", "/_mock/health"}
    )

    def stray(error: HTTPException) -> Ready:
        answer = to(error)
        if not request.path.startswith("/_mock"):
            api, operation = request.environ.get(_TAKEN_BY, (None, None))
            journal = store.space(_space()).journal
            recorder.note(journal, api, operation, _unread(), request.environ["PATH_INFO"], answer)
        return _respond(answer)

    def to(error: HTTPException) -> Answer:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        answer = Answer(status, {"message": error.description or HTTPStatus(status).phrase})
        if status == HTTPStatus.NOT_FOUND:
            message = f"nothing is served at {request.path}"
            answer = Answer(status, {"message": message, "paths": paths})
        if not isinstance(error, MethodNotAllowed):
            return answer
        allowed = ", ".join(sorted(error.valid_methods or ()))
        service = next((s for s in services if _serves(s, request.path)), None)
        if service and "wrong_method" in service.dialect:
            rejection = Rejected(
                f"{service.api.name}/dialect/wrong_method",
                f"{request.method} is no method of {request.path}; use {allowed}",
                service.dialect["wrong_method"],
            )
            answer = service.refuse(service.context(store, _space()), rejection)
        return replace(answer, headers={**answer.headers, "Allow": allowed})

    return stray


def _paths(service: Service) -> Iterable[str]:
    for server in service.api.servers:
        yield from (
            server.rstrip("/") + operation.path for operation in service.api.operations.values()
        )


def _serves(service: Service, path: str) -> bool:
    """Whether a path is one of the API's, whatever fills its variables in."""
    patterns = (_VARIABLE.sub("[^/]+", server) for server in _paths(service))
    return any(re.match(pattern, path) for pattern in patterns)


def _without_slash(**_: str) -> Response:
    target = request.root_url.rstrip("/") + quote(request.path.rstrip("/"))
    return Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": target})


def _space() -> str:
    name: str = request.environ.get(SPACE, DEFAULT_SPACE)
    return name


class _Rest(BaseConverter):
    """The rest of a path: ids may hold slashes, which a WSGI server hands over decoded."""

    regex = "(?s:.+)"
    part_isolating = False


class _Until(BaseConverter):
    """What stands before a given segment, slashes and all."""

    part_isolating = False

    def __init__(self, url_map: Map, segment: str) -> None:
        super().__init__(url_map)
        self.regex = rf"(?s:(?!/{re.escape(segment)}(?:/|$)).)+"


class _Spaces:
    """Takes ``/_space/<name>`` off the front of a path; it stays in every URL that is answered."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if found := _SPACE_PATH.match(path):
            environ[SPACE] = found[1]
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + found[0]
            environ["PATH_INFO"] = path[found.end() :]
        return self._app(environ, start)
