"""`/_mock/state`, `/_mock/snapshots` and `/_mock/clock`: what a space holds, and its time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import Connection

from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.replies import bad, json, missing, one_process
from streamproof.mockserver.service import Service
from streamproof.mockserver.store import Store
from streamproof.mockserver.timepiece import Clock
from streamproof.specs.errors import SpecError

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


def mount(
    app: Flask,
    services: Sequence[Service],
    store: Store,
    config: MockConfig,
    clock: Clock,
    space: Callable[[], str],
) -> None:
    """Add the routes. `space()` names the space of the current request."""

    def get_state() -> Response:
        with store.reading(space()) as connection:
            return json(
                {
                    service.api.name: service.state(connection, space())
                    for service in services
                    if service.state_keys
                }
            )

    def put_state() -> Response:
        try:
            sent = _checked(request.get_json(force=True, silent=True), services)
            wanted = {s: sent[s.api.name] for s in services if s.api.name in sent}
            store.fill(space(), {s.api.name: partial(_seed, s, f) for s, f in wanted.items()})
        except SpecError as fault:
            return bad(" ".join(str(fault).split()))
        return Response(status=HTTPStatus.NO_CONTENT)

    def list_snapshots() -> Response:
        return json(sorted(store.snapshots(space())))

    def get_snapshot(name: str) -> Response:
        found = store.snapshots(space()).get(name)
        if found is None:
            return missing(f"no snapshot {name!r}; PUT takes one")
        return json({"name": name, "rows": sum(map(len, found.values()))})

    def put_snapshot(name: str) -> Response:
        if not _NAME.fullmatch(name):
            return bad("a name of letters, digits and ._- expected, of at most 100 characters")
        if config.workers > 1:
            return one_process("snapshots are kept in one process", config.workers)
        store.snapshots(space())[name] = store.taken(space())
        return Response(status=HTTPStatus.NO_CONTENT)

    def restore_snapshot(name: str) -> Response:
        found = store.snapshots(space()).get(name)
        if found is None:
            return missing(f"no snapshot {name!r}; PUT takes one")
        store.restore(space(), found)
        return Response(status=HTTPStatus.NO_CONTENT)

    def get_clock() -> Response:
        return json(store.space(space()).timepiece.told(clock()))

    def put_clock() -> Response:
        if config.workers > 1:
            return one_process("a clock is set in one process", config.workers)
        timepiece = store.space(space()).timepiece
        try:
            timepiece.set(request.get_json(force=True, silent=True), clock())
        except ValueError as fault:
            return bad(str(fault))
        return json(timepiece.told(clock()))

    for path, method, view in (
        ("state", "GET", get_state),
        ("state", "PUT", put_state),
        ("snapshots", "GET", list_snapshots),
        ("snapshots/<name>", "GET", get_snapshot),
        ("snapshots/<name>", "PUT", put_snapshot),
        ("snapshots/<name>", "POST", restore_snapshot),
        ("clock", "GET", get_clock),
        ("clock", "PUT", put_clock),
    ):
        app.add_url_rule(f"/_mock/{path}", view.__name__, view, methods=[method])


def _seed(service: Service, state: Any, connection: Connection, space: str) -> None:
    service.seed(connection, space, state)


def _checked(sent: object, services: Sequence[Service]) -> Mapping[str, Any]:
    """A state of some of the APIs. Raises `SpecError` for anything else."""
    if not isinstance(sent, Mapping):
        raise SpecError("state", "", "a JSON object with a member for each API expected")
    known = {service.api.name: service for service in services}
    for name, state in sent.items():
        if name not in known:
            raise SpecError("state", name, f"isn't served; there are {', '.join(known)}")
        service = known[name]
        if not service.state_keys:
            raise SpecError("state", name, "has no form for seed data; take a snapshot instead")
        service.api.check_fixtures(state, f"state of {name}")
        for key in state:
            if key not in service.state_keys:
                held = ", ".join(service.state_keys)
                raise SpecError("state", f"{name}/{key}", f"is no state; there are {held}")
    return sent
