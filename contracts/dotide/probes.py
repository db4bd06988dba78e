"""The reads by which a target shows whether it is reached, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamproof.contracts.client import Client
from streamproof.contracts.preflight import Probes
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


PROBES = Probes(reads=_reads)
