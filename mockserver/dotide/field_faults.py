"""Creates that treat a field against its rule: one function and one sentence each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault


@fault("dotide/create/type-enum.ignores-case")
def _type_case(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes a type in capitals too."""
    sent = call.arguments.get("type")
    return proceed(call.changed(type=sent.lower()) if isinstance(sent, str) else call)


@fault("dotide/create/type-enum.no-geojson")
def _no_geojson(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Rejects `geojson`."""
    refused = call.arguments.get("type") == "geojson"
    return proceed(call.changed(type="no geojson") if refused else call)


def whole(value: Any) -> Any:
    """A number without its fraction; one that has none, as large as it is."""
    return int(value) if isinstance(value, float) and not value.is_integer() else value


@fault("dotide/create/properties-kept.whole-numbers")
def _whole_numbers(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Cuts the fraction off property values that are numbers."""
    return _storing(proceed, call, whole)


@fault("dotide/create/nested-properties-kept.last-item-lost")
def _last_item_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Loses the last item of an array, and the members of an object, in a property's value."""
    return _storing(
        proceed, call, lambda v: v[:-1] if isinstance(v, list) else {} if isinstance(v, dict) else v
    )


def _storing(proceed: Proceed, call: Call, alter: Callable[[Any], Any]) -> Answer:
    """Create with every property's value altered."""
    sent = call.arguments.get("properties")
    if not isinstance(sent, dict):
        return proceed(call)
    return proceed(call.changed(properties={name: alter(v) for name, v in sent.items()}))
