"""The arguments of a call, with what the silent points say about odd ones done to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from streamproof.mockserver.bge import data
from streamproof.mockserver.bge.arrival import SIGNATURE_FIELDS, as_form
from streamproof.mockserver.call import Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.parsing import first_of_each
from streamproof.mockserver.problems import Rejected
from streamproof.specs.dialect import Dialect

_LARGEST_LIMIT = 100  # document 000 › stream_range › limit
_LENIENT = {"true": True, "1": True, "false": False, "0": False}
_STRICT = {"true": True, "false": False}


class _Absent(Exception):
    """The dialect reads this value as if it weren't there."""


def adapt(context: Context, call: Call) -> Mapping[str, Any]:
    """The arguments of an authentic call, ready for validation. Raises `Rejected`, `Unreadable`."""
    call = replace(call, request=as_form(context, call.request))
    texts = first_of_each(call.request.form_fields)
    known = call.operation.body.schema["properties"] if call.operation.body else {}
    adapted = {}
    for name, value in call.arguments.items():
        if name in SIGNATURE_FIELDS:
            continue
        if name not in known and context.dialect["unknown_field"] == "rejected":
            detail = f"{name}: no such field; there are {', '.join(known)}"
            raise Rejected("bge/dialect/unknown_field", detail)
        if name in call.changes:
            adapted[name] = value
        elif "contentMediaType" in known.get(name, {}):
            adapted[name] = data.read(texts[name])
        else:
            try:
                adapted[name] = _read(name, texts[name], context.dialect)
            except _Absent:
                continue
    if call.operation.id == "range":
        _check_subject(adapted)
    if not isinstance(adapted.get("streams", []), list):
        detail = "streams: a JSON array expected; send [{…}, …]"
        slug = "not-an-array" if adapted["streams"] is not None else "null-streams"
        raise Rejected(f"bge/batch_write/{slug}-rejected", detail)
    return adapted


def _check_subject(arguments: Mapping[str, Any]) -> None:
    """Exactly one of entity and sample (document 000 › stream_range › kwargs)."""
    given = [name for name in ("fundamental_entity_id", "biosample_id") if name in arguments]
    if len(given) != 1:
        rule = "bge/range/both-rejected" if given else "bge/range/neither-rejected"
        detail = "exactly one of fundamental_entity_id and biosample_id expected, got "
        raise Rejected(rule, detail + (" and ".join(given) or "neither"))


def _read(name: str, text: str, dialect: Dialect) -> Any:
    """A field as the dialect reads it. Raises `Rejected`, and `_Absent`."""
    if not text:
        _unless_rejected(f"{name} is empty; leave it out or fill it in", "empty_string", dialect)
    read = _READERS.get(name)
    return read(text, dialect) if read else text


def _limit(text: str, dialect: Dialect) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        _unless_rejected(f"limit: an integer expected, got {text[:80]!r}", "bad_limit", dialect)
    limit = int(text)
    if limit < 0:
        _unless_rejected("limit: 1 to 100 expected, got a negative", "limit_negative", dialect)
    if limit == 0 and dialect["limit_zero"] != "empty":
        _unless_rejected("limit: 1 to 100 expected, got 0", "limit_zero", dialect)
    if limit > _LARGEST_LIMIT and dialect["over_limit"] == "rejected":
        raise Rejected("bge/dialect/over_limit", f"limit: at most 100 expected, got {limit}")
    return min(limit, _LARGEST_LIMIT)


def _sort_direction(text: str, dialect: Dialect) -> str:
    word = text.lower() if dialect["sort_direction_case"] == "folded" else text
    if word not in ("asc", "desc"):
        detail = f"sort_direction: asc or desc expected, got {text[:80]!r}"
        _unless_rejected(detail, "bad_sort_direction", dialect)
    return word


def _boolean(text: str, dialect: Dialect) -> bool:
    match dialect["boolean_spelling"]:
        case "only_true":
            return text == "true"
        case "strict":
            value = _STRICT.get(text)
        case _:
            value = _LENIENT.get(text.lower())
    if value is None:
        detail = f"duplicate_enabled: true or false expected, got {text[:80]!r}"
        raise Rejected("bge/dialect/boolean_spelling", detail)
    return value


def _unless_rejected(detail: str, point: str, dialect: Dialect) -> NoReturn:
    """Take an odd value for an absent one, or reject the call, as the point says."""
    if dialect[point] == "rejected":
        raise Rejected(f"bge/dialect/{point}", detail)
    raise _Absent


_READERS: Mapping[str, Callable[[str, Dialect], Any]] = {
    "limit": _limit,
    "sort_direction": _sort_direction,
    "duplicate_enabled": _boolean,
}
