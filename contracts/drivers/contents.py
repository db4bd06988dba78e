"""Contents: what a check may put into a field of each kind, within what the field's schema allows.

Left out is what documents leave open: blanks at the ends of a text, capitals, control characters,
letters that have two spellings in Unicode, fractions of a second, null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from math import inf
from typing import Any, Final

from hypothesis import strategies as st

from streamproof.contracts.drivers import timeline
from streamproof.contracts.names import Names
from streamproof.specs.examples import joined

ODD: Final = 'it\'s "odd" \\ 100 % <b>&amp; é ж 数据 😀 '  # a text with all that is often spoilt
_LONG: Final = 40 * "long and longer, "
_LETTERS: Final = "abz019éжß数据漢😀"
_SIGNS: Final = " '\"\\/<>&%$_-.,;:!?#+*()[]{}|~^`@="
_WHOLE: Final = 2**53 - 1  # up to there every double is a number of its own

_texts = st.sampled_from((ODD, _LONG)) | st.text(_LETTERS + _SIGNS, max_size=20).map(str.lstrip)
_names = st.text("ab数1", min_size=1, max_size=3)
_scalars: st.SearchStrategy[Any] = st.one_of(
    st.booleans(),
    st.integers(-_WHOLE, _WHOLE),
    st.floats(-1e9, 1e9, allow_subnormal=False),
    st.text(_LETTERS + "-_/", min_size=1, max_size=8),
)
_members = st.dictionaries(_names, _scalars, max_size=4)
_objects = st.sampled_from(({"a": ODD, "n": 0.1, "b": True},))
_values = st.recursive(
    _scalars,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(_names, values, max_size=3),
    max_leaves=6,
)


def odd(names: Names) -> str:
    """A text that is easily spoilt, and a name of the run's, by which to tell whose it is."""
    return ODD + names.letters()


def contents(
    kind: str | None, schema: Mapping[str, Any], names: Names
) -> st.SearchStrategy[Any] | None:
    """Values of a field, the oddest as the simplest, which comes first in a run; None where there
    is nothing to choose from. The schema may forbid some of them."""
    match kind:
        case "text":
            own = names.letters()
            return _texts.map(lambda text: text + own)
        case "number":
            return _numbers(schema)
        case "integer":
            low, high = _bounds(schema)
            few = _between(low, high, (7, 1, 2**31, -1, 0))
            return few | st.integers(int(max(low, -_WHOLE)), int(min(high, _WHOLE)))
        case "boolean":
            return st.booleans()
        case "enum":
            return st.sampled_from(schema["enum"]) if schema.get("enum") else None
        case "set":
            own = names.letters()
            several = st.lists(_names.map(lambda name: name + own), max_size=4, unique=True)
            return st.sampled_from(([own, f"数{own}"],)) | several
        case "object":
            return _objects | _members
        case "json":
            return _objects.map(lambda found: {**found, "o": [found, []]}) | _values
        case "instant":
            at = timeline.fresh(names)
            zones = st.sampled_from((UTC, timeline.EAST, timeline.WEST))
            return zones.map(lambda zone: timeline.written(at, zone))
    return None


def distinct(kind: str | None, schema: Mapping[str, Any], names: Names, n: int) -> list[Any]:
    """Values of a field, other ones for each `n`, the likeliest to be taken first."""
    match kind:
        case "instant":
            return [timeline.written(timeline.fresh(names))]
        case "number":
            return [4.5 + n, _least(schema) + n, n, 10.0 * n]
        case "integer":
            return [7 + n, _least(schema) + n, n, 1 + n]
        case "boolean":
            return [n % 2 == 0]
        case "enum":
            choices = schema.get("enum", [])
            return choices[n % len(choices) :] if choices else []
        case "set":
            return [[names.letters()], []]
        case "json" | "object":
            return [{"n": n, "of": names.letters()}, {}]
    return [names.letters(), names.letters().upper(), names.digits()]


def _numbers(schema: Mapping[str, Any]) -> st.SearchStrategy[float]:
    """Doubles of any size within the bounds."""
    low, high = _bounds(schema)
    few = _between(low, high, (0.1, 4.5, 1234567.891, -2.5, 1e-7, 0.0))
    return few | st.floats(
        None if low == -inf else low,
        None if high == inf else high,
        allow_nan=False,
        allow_infinity=False,
        allow_subnormal=False,
    )


def _bounds(schema: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the greatest number, as far as a schema says."""
    low = schema.get("minimum", schema.get("exclusiveMinimum", -inf))
    return low, schema.get("maximum", schema.get("exclusiveMaximum", inf))


def _least(schema: Mapping[str, Any]) -> int:
    """A whole number that is small."""
    low = _bounds(schema)[0]
    return 0 if low == -inf else int(low)


def _between(low: float, high: float, some: Iterable[float]) -> st.SearchStrategy[Any]:
    return st.sampled_from([n for n in some if low <= n <= high] or [max(low, -1.0)])


def members(schema: Any, at: str, document: Mapping[str, Any]) -> frozenset[str] | None:
    """The members that a schema describes at a JSON pointer, an item's where an array stands
    there; None where it describes none."""
    node = joined(schema, document)
    for token in at.split("/")[1:]:
        properties = node.get("properties", {}) if isinstance(node, Mapping) else {}
        node = joined(properties.get(token), document)
    if isinstance(node, Mapping) and "items" in node:
        node = joined(node["items"], document)
    if not isinstance(node, Mapping) or not isinstance(node.get("properties"), Mapping):
        return None
    described = {n: joined(each, document) for n, each in node["properties"].items()}
    return frozenset(
        n
        for n, each in described.items()
        if not (isinstance(each, Mapping) and each.get("writeOnly"))
    )
