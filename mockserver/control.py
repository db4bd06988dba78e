"""`/_mock`: what the server says of itself, its faults, and the way back to the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask, Response, request

from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.delivery import NO_WIRE, WIRE
from streamproof.mockserver.faults import Fault, UnknownFaultError, switch_on, switched_on
from streamproof.mockserver.journal import Masks, told
from streamproof.mockserver.operational import Operational, spelled
from streamproof.mockserver.replies import bad, json, missing, one_process
from streamproof.mockserver.service import Service
from streamproof.mockserver.store import Store
from streamproof.specs.dialect import Point
from streamproof.specs.rulebook import Rule

_FAULTS = (
    'no JSON array of names, or of objects as {"fault": "latency", "ms": 300}; send [] for none'
)


def mount(
    app: Flask,
    services: Sequence[Service],
    store: Store,
    config: MockConfig,
    masks: Masks,
    space: Callable[[], str],
) -> None:
    """Add the routes. `space()` names the space of the current request."""

    at_start = config.found_faults()

    def health() -> Response:
        apis = {service.api.name: service.api.version for service in services}
        return json({"status": "ok", "version": _version(), "apis": apis})

    def rules() -> Response:
        return json([_rule(rule) for service in services for rule in service.api.rulebook])

    def rule(rule_id: str) -> Response:
        for service in services:
            if found := service.api.rulebook.rules.get(rule_id):
                return json(_rule(found))
            for point in service.api.dialect.points.values():
                if rule_id == f"{service.api.name}/dialect/{point.name}":
                    return json(_point(rule_id, point, service))
        return missing(f"no rule {rule_id!r}; /_mock/rules lists them")

    def reset() -> Response:
        store.reset(space())
        return Response(status=HTTPStatus.NO_CONTENT)

    def drop(name: str) -> Response:
        store.drop(name)
        return Response(status=HTTPStatus.NO_CONTENT)

    def put_faults() -> Response:
        if config.no_faults:
            return _no_faults(config)
        try:
            faults = config.find_faults(_names(request.get_json(force=True, silent=True)))
        except (UnknownFaultError, ValueError) as fault:
            return bad(str(fault))
        breaking = [f for f in faults if not isinstance(f, Fault) and f.kind.breaks_off]
        if breaking and WIRE not in request.environ:
            message = f"{breaking[0].name}: {NO_WIRE}"
            return json({"message": message}, HTTPStatus.CONFLICT)
        switch_on(store.space(space()), faults)
        if any(isinstance(fault, Fault) for fault in faults):
            app.extensions["may_wait"] = True
        return _told_faults(faults)

    def get_faults() -> Response:
        return _told_faults(switched_on(store.space(space()), at_start))

    def delete_faults() -> Response:
        if config.no_faults:
            return _no_faults(config)
        switch_on(store.space(space()), ())
        return Response(status=HTTPStatus.NO_CONTENT)

    def read_journal() -> Response:
        if config.workers > 1:
            return one_process("a journal is kept in one process", config.workers)
        wanted = request.args.to_dict()
        counted = wanted.pop("count", None) is not None
        try:
            found = store.space(space()).journal.find(wanted)
        except ValueError as fault:
            return bad(str(fault))
        return json({"count": len(found)} if counted else [told(each, masks) for each in found])

    def clear_journal() -> Response:
        if config.workers > 1:
            return one_process("a journal is kept in one process", config.workers)
        store.space(space()).journal.clear()
        return Response(status=HTTPStatus.NO_CONTENT)

    app.add_url_rule("/_mock/health", "health", health, methods=["GET"])
    app.add_url_rule("/_mock/rules", "rules", rules, methods=["GET"])
    app.add_url_rule("/_mock/rules/<rest:rule_id>", "rule", rule, methods=["GET"])
    app.add_url_rule("/_mock/reset", "reset", reset, methods=["POST"])
    app.add_url_rule("/_mock/faults", "put_faults", put_faults, methods=["PUT"])
    app.add_url_rule("/_mock/spaces/<name>", "drop", drop, methods=["DELETE"])
    app.add_url_rule("/_mock/journal", "read_journal", read_journal, methods=["GET"])
    app.add_url_rule("/_mock/journal", "clear_journal", clear_journal, methods=["DELETE"])
    app.add_url_rule("/_mock/faults", "get_faults", get_faults, methods=["GET"])
    app.add_url_rule("/_mock/faults", "delete_faults", delete_faults, methods=["DELETE"])


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "level": rule.level.value,
        "en": rule.en,
        "zh": rule.zh,
        "sources": [str(source) for source in rule.sources],
        "silent": list(rule.silent),
    }


def _point(rule_id: str, point: Point, service: Service) -> dict[str, Any]:
    return {
        "id": rule_id,
        "level": "silent",
        "en": point.en,
        "zh": point.zh,
        "choices": [{"value": c.value, "en": c.en, "zh": c.zh} for c in point.choices],
        "chosen": service.dialect[point.name],
    }


def _told_faults(faults: Sequence[Fault | Operational]) -> Response:
    return json([{"name": fault.name, "says": fault.says} for fault in faults])


def _names(sent: object) -> Iterator[str]:
    """The names of faults that were sent, each as it is, or as an object with its parameters.

    Raises ValueError for anything else.
    """
    if not isinstance(sent, list):
        raise ValueError(f"the body is {_FAULTS}")
    for each in sent:
        match each:
            case str():
                yield each
            case {"fault": str(name), **parameters}:
                yield spelled(name, {str(key): value for key, value in parameters.items()})
            case _:
                raise ValueError(f"the body is {_FAULTS}")


def _no_faults(config: MockConfig) -> Response:
    message = f"{config.no_faults}; start it with --workers 1"
    return json({"message": message}, HTTPStatus.CONFLICT)


def _version() -> str:
    try:
        return version("streamproof")
    except PackageNotFoundError:  # run from a checkout
        return "0"
