"""The calls by which a target shows whether it is reached, and knows what it is asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamproof.contracts.client import Client
from streamproof.contracts.names import Names
from streamproof.contracts.preflight import LookUp, Probes, Step, short
from streamproof.contracts.wire import Request

_NOBODYS = "00000000-0000-1000-8000-000000000000"
_MOST = 20  # of one fixture that are looked up


def _elements(fixtures: Mapping[str, Any]) -> list[str]:
    return [e if isinstance(e, str) else e["id"] for e in fixtures.get("data_elements", ())]


def _range(client: Client, fixtures: Mapping[str, Any], **other: Any) -> Request | None:
    """A range over the first of each fixture, or over `other`; None where one is missing."""
    entities, elements = fixtures.get("entities"), _elements(fixtures)
    if "biosample_id" not in other:
        other.setdefault("fundamental_entity_id", entities[0] if entities else None)
    other.setdefault("data_element_id", elements[0] if elements else None)
    asked = {"namespace": fixtures.get("namespace"), **other}
    return None if None in asked.values() else client.request("range", **asked, limit=1)


def _reads(client: Client, fixtures: Mapping[str, Any]) -> tuple[Request, ...]:
    nothing = client.request("retrieve", stream_id=_NOBODYS)
    first = _range(client, fixtures)
    return (nothing,) if first is None else (first, nothing)


def _look_up(client: Client, fixtures: Mapping[str, Any]) -> Iterator[LookUp]:
    entities, elements = fixtures.get("entities", ()), _elements(fixtures)
    bound = [sample for sample, entity in fixtures.get("biosamples", {}).items() if entity]
    for key, argument, values in (
        ("namespace", "namespace", [fixtures[key] for key in ("namespace",) if key in fixtures]),
        ("entities", "fundamental_entity_id", entities[:_MOST]),
        ("data_elements", "data_element_id", elements[:_MOST]),
        ("biosamples", "biosample_id", bound[:_MOST]),
    ):
        for value in values:
            request = _range(client, fixtures, **{argument: value})
            if request is not None:
                yield LookUp(key, value, client, request, argument)


def _write(client: Client, fixtures: Mapping[str, Any], names: Names) -> Iterator[Step]:
    """A record is written at a year of the span; no call removes it."""
    if not all(fixtures.get(key) for key in ("entities", "data_elements", "time_span")):
        return
    first, last = (int(day[:4]) for day in fixtures["time_span"])
    year = str(first + 1 + names.number(max(last - first - 1, 1)))
    where = {"fundamental_entity_id": fixtures["entities"][0]}
    where["data_element_id"] = _elements(fixtures)[-1]
    made = client.call(
        "write",
        **where,
        stream_generate_time=year,
        stream_data='{"probe": 1}',
        duplicate_enabled="true",
    )
    if not made.accepted:
        mend = "give fixtures.entities and fixtures.data_elements that this app may write to"
        yield Step("write", f"a record can't be written: {short(made)}", mend)
        return
    shown = made.payload.get("stream_id") if isinstance(made.payload, dict) else None
    at = f"entity {where['fundamental_entity_id']}, data element {where['data_element_id']}"
    yield Step("write", f"a record was written at {year} of {at}: stream_id {shown}")
    read = client.call("retrieve", stream_id=str(shown))
    if read.accepted:
        yield Step("removal", "it was read again, and stays: no call of this API removes a record")
    else:
        seen = f"it stays, but can't be read: {short(read)}"
        yield Step("removal", seen, "give credentials that may read what they write")


PROBES = Probes(
    reads=_reads,
    look_up=_look_up,
    write=_write,
    fixtures={
        "namespace": "fixtures.namespace",
        "data_element_id": "fixtures.data_elements",
        "fundamental_entity_id": "fixtures.entities",
    },
)
