"""Runs that only read, against the mock with data in it, and what they call there."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.wire import WsgiTransport
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.served import Served
from streamproof.specs import api

READS = {"list", "read", "range", "retrieve"}
_TAGS: tuple[list[str], ...] = (
    [],
    ["a"],
    ["b"],
    ["a", "b"],
    ["a", "b", "c"],
    ["c"],
    ["room1"],
    ["a", "c", "room1"],
)


def read_only(
    name: str, data: Mapping[str, Any], *only: str, fault: str = "", seed: int = 1
) -> tuple[Run, set[str]]:
    """A run that only reads, and the operations that the mock saw. `data` are its seed data."""
    spec = api.load(name)
    fixtures = {**spec.fixtures, **data}
    faults = (fault,) if fault else ()
    app = create_app(MockConfig(apis=(name,), fixtures={name: fixtures}, faults=faults))
    came: set[str] = set()

    def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        last = environ["PATH_INFO"].rpartition("/")[2]
        reads = "list" if last == "datastreams" else "read"
        ours = reads if environ["REQUEST_METHOD"] == "GET" else environ["REQUEST_METHOD"]
        came.add(last if name == "bge" else ours)
        return app(environ, start)

    at = Served.at("http://localhost", spec, spec.fixtures)
    given = {key: value for key, value in at.fixtures.items() if key != "time_span"}
    target = Target(spec, WsgiTransport(noting, at.url), at.credentials, given)
    return run(target, Options(Selection(only, read_only=True), seed, max_examples=8)), came


def datastreams() -> dict[str, Any]:
    """Some that differ in their tags, with ids as the document prints them and with short ones."""
    printed = [
        {"id": f"51e51544fa36a4859200{at:04x}", "name": f"S{at}", "tags": tags}
        for at, tags in enumerate(_TAGS)
    ]
    short = [{"id": "abcdefgh"[at : at + 4], "tags": _TAGS[3 * at % 8]} for at in range(4)]
    return {"datastreams": [*printed, *short, {"id": "abcdx"}]}


def streams() -> dict[str, Any]:
    """Records of all pairs at the same times, some of equal time, and more than a page of one."""
    fixtures = api.load("bge").fixtures
    elements = [e if isinstance(e, dict) else {"id": e} for e in fixtures["data_elements"]]
    entities = fixtures["entities"]
    found = [
        _record(entity, element, f"10:00:{3 * at:02}.{'000' if at % 3 else '250'}000", at)
        for entity in entities
        for element in elements
        for at in range(12)
    ]
    found += [_record(entities[1], elements[1], "10:00:06.000000", 100 + at) for at in range(4)]
    times = [f"11:{at // 60:02}:{at % 60:02}.000000" for at in range(105)]
    found += [_record(entities[2], elements[2], at, i) for i, at in enumerate(times)]
    return {"streams": found}


def _record(entity: str, element: Mapping[str, str], at: str, number: int) -> dict[str, Any]:
    told = ("name", "description", "source_domain", "source_id")
    name = f"{entity} {element['id']} {at} {number}"
    return {
        "stream_id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        "stream_generate_time": f"2020-05-01T{at}+0800",
        "stream_generate_time_mask": "1111-11-11T11:11:11.111111±1111",
        "data_element": {
            "data_element_id": element["id"],
            **{f"data_element_{name}": element.get(name, "") for name in told},
        },
        "stream_data": {"number": number},
        "stream_meta": {
            "namespace": api.load("bge").fixtures["namespace"],
            "fundamental_entity_id": entity,
        },
        "create_time": "2021-03-10T10:24:14.650000+0800",
        "data_type": 2,
    }
