"""The calls by which a target shows whether it is reached, by whom, and whether it keeps things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from streamproof.contracts.client import Client
from streamproof.contracts.dotide import calls
from streamproof.contracts.names import Names
from streamproof.contracts.preflight import LookUp, Probes, Step, short
from streamproof.contracts.wire import Request

_NOBODYS = "streamproofnobodys"


def _reads(client: Client, _fixtures: Mapping[str, Any]) -> tuple[Request, ...]:
    """Lists, with what a server may insist on, and a read."""
    return (
        client.request("list", limit=1),
        client.request("list"),
        client.request("list", limit=1, offset=1),
        client.request("read", id=_NOBODYS),
    )


def _look_up(client: Client, fixtures: Mapping[str, Any]) -> Iterator[LookUp]:
    if other := fixtures.get("other_database"):
        base = urlsplit(client.transport.url).path.rstrip("/").rpartition("/")[0]
        there = client.at(f"{base}/{quote(other['database'], safe='')}", other["credentials"])
        yield LookUp("other_database", other["database"], there, client.request("list", limit=1))


def _write(client: Client, _fixtures: Mapping[str, Any], names: Names) -> Iterator[Step]:
    """A stream is made, read and removed, whatever happens between."""
    sent = {"id": names.letters(), "name": names.letters(), "type": "number"}
    sent_all = {**sent, "tags": [f"own{names.run_id}"], "properties": {"prop1": 1}}
    try:
        made = client.call("create", **sent_all)
    except BaseException:  # an interruption: it may have been made
        client.call("delete", id=sent["id"])
        raise
    if not made.accepted:
        mend = "give credentials that may write, or judge with --read-only"
        yield Step("write", f"a datastream can't be created: {short(made)}", mend)
        return
    shown = made.payload.get("id") if isinstance(made.payload, dict) else None
    stream = sent["id"] if shown is None else str(shown)
    if stream != sent["id"]:  # not the one that was asked for: whose is it?
        seen = f"the target created {stream} where {sent['id']} was asked for; it is left there"
        yield Step("write", seen, "let it keep the id that it is sent, and remove that one by hand")
        return
    try:
        read = client.call("read", id=stream)
        if read.accepted:
            yield Step("write", f"{stream} was created, and read again")
        else:
            seen = f"{stream} was created, but can't be read: {short(read)}"
            yield Step("write", seen, "give credentials that may read what they write")
    finally:
        removed = client.call("delete", id=stream)
    if removed.accepted:
        yield Step("removal", f"{stream} was removed")
    else:
        seen = f"{stream} can't be removed, and is left there: {short(removed)}"
        yield Step("removal", seen, "give credentials that may delete, or judge with --read-only")


PROBES = Probes(reads=_reads, look_up=_look_up, write=_write, strangers=frozenset(calls.STRANGER))
