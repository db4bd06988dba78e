"""Runs that only read, against the mock with data in it, and what they call there."""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from streamproof.contracts.client import Client
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
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
    name: str,
    data: Mapping[str, Any],
    *only: str,
    fault: str = "",
    seed: int = 1,
    meanwhile: Callable[[Client], None] = lambda _others: None,
) -> tuple[Run, set[str]]:
    """A run that only reads, and the operations that the mock saw. `data` are its seed data.

    Before each call `meanwhile` may do what others do there, with a client of theirs.
    """
    spec = api.load(name)
    fixtures = {**spec.fixtures, **data}
    faults = (fault,) if fault else ()
    app = create_app(MockConfig(apis=(name,), fixtures={name: fixtures}, faults=faults))
    came: set[str] = set()
    at = Served.at("http://localhost", spec, spec.fixtures)
    others = Client(spec, WsgiTransport(app, at.url), at.credentials)

    def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        last = environ["PATH_INFO"].rpartition("/")[2]
        reads = "list" if last == "datastreams" else "read"
        ours = reads if environ["REQUEST_METHOD"] == "GET" else environ["REQUEST_METHOD"]
        came.add(last if name == "bge" else ours)
        meanwhile(others)
        return app(environ, start)

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


def another_writer(name: str, seed: int, share: float) -> Callable[[Client], None]:
    """Writes to what is there, before so great a share of the calls: datastreams come, change and
    go; records come, between others and at their very times."""
    drawn, known = random.Random(seed), [each["id"] for each in datastreams()["datastreams"]]
    count = itertools.count()
    elements = [
        e if isinstance(e, str) else e["id"] for e in api.load("bge").fixtures["data_elements"]
    ]

    def to_datastreams(others: Client) -> None:
        number, tags = next(count), drawn.choice(_TAGS)
        match drawn.choice(("create", "create", "update", "update", "delete")):
            case "create":
                known.append(f"{drawn.choice(('51e51544fa36a4859200', 'abcd', 'zz'))}{number:04x}")
                others.call("create", id=known[-1], name=f"n{number}", type="number", tags=tags)
            case "update":
                fields = {"name": f"n{number}", "tags": tags, "properties": {"prop1": number}}
                others.call("update", id=drawn.choice(known), **fields)
            case _:
                others.call("delete", id=known.pop(drawn.randrange(len(known))))

    def to_records(others: Client) -> None:
        day = drawn.choice(
            ("2010-05-01T10:00", "2020-05-01T10:00", "2020-05-01T11:01", "2021-05-01T10:00")
        )
        others.call(
            "write",
            fundamental_entity_id=drawn.choice(api.load("bge").fixtures["entities"]),
            data_element_id=drawn.choice(elements),
            stream_generate_time=f"{day}:{drawn.randrange(60):02}.000000+0800",
            stream_data=f'{{"number": {next(count)}}}',
            duplicate_enabled="true",
        )

    write = to_datastreams if name == "dotide" else to_records
    return lambda others: write(others) if drawn.random() < share else None


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
