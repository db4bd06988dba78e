"""The reads by which a target shows whether it is reached, and knows what it is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamproof.contracts.client import Client
from streamproof.contracts.preflight import Probes
from streamproof.contracts.wire import Request

_NOBODYS = "00000000-0000-1000-8000-000000000000"


def _reads(client: Client, fixtures: Mapping[str, Any]) -> tuple[Request, ...]:
    nothing = client.request("retrieve", stream_id=_NOBODYS)
    elements, entities = fixtures.get("data_elements"), fixtures.get("entities")
    if not (elements and entities and fixtures.get("namespace")):
        return (nothing,)
    first = elements[0] if isinstance(elements[0], str) else elements[0]["id"]
    asked = {
        "namespace": fixtures["namespace"],
        "data_element_id": first,
        "fundamental_entity_id": entities[0],
    }
    return client.request("range", **asked, limit=1), client.request("range", **asked), nothing


PROBES = Probes(
    reads=_reads,
    fixtures={
        "namespace": "fixtures.namespace",
        "data_element_id": "fixtures.data_elements",
        "fundamental_entity_id": "fixtures.entities",
    },
)
