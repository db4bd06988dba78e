"""Arguments as a call sends them -> arguments as the operations take them.

Everything here is a silent point of dialect.yaml: each is asked where it matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from streamproof.mockserver import encodings, parsing
from streamproof.mockserver.call import Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide import fields, times
from streamproof.mockserver.dotide.authentication import reach
from streamproof.mockserver.dotide.points import rejected
from streamproof.mockserver.parsing import Unreadable
from streamproof.specs.dialect import Dialect

MOST = 2**62  # rows; more than there are, and less than a data base's integers end at
_WRITES = ("create", "update")
_TOKEN_WRITES = ("create_token", "update_token")
_TOKEN = "access_token"


def adapt(context: Context, call: Call) -> dict[str, Any]:
    """The arguments of a call in the forms that the specification knows.

    Raises `Rejected` and `Unreadable`. A list comes out with whole numbers for limit and offset.
    """
    dialect = context.dialect
    found = dict(call.without_body)
    if call.request.query_fields:
        found |= _repeated(call, dialect)
        _check_parameters(call, dialect)
    if call.operation.id in _WRITES:
        sent = _body(call, dialect)
        found = fields.adapt(call.operation, sent, call.merged(sent), dialect)
    elif call.operation.id in _TOKEN_WRITES:
        found = call.merged(_body(call, dialect))
    elif call.operation.id == "create_datapoints":
        found = {"sent": _points(call, dialect), **found}
    if call.operation.id == "list":
        found = {**_filters(found, dialect), "reach": reach(context, call)}
    if "limit" in call.operation.arguments:
        found = _page(found, dialect)
    return _zoned(call, found, dialect)


def _body(call: Call, dialect: Dialect) -> Mapping[str, Any]:
    """The fields of a write's body. Raises `Unreadable` for a body that is no JSON."""
    if not call.request.body:
        _check_empty(dialect)
        return {}
    try:
        return _of_json(call, dialect).fields
    except Unreadable as fault:
        if fault.part == "object" and dialect["non_object_body"] == "as_empty":
            return {}
        raise


def _points(call: Call, dialect: Dialect) -> Any:
    """The JSON of a body that is an array or an object, or what a fault put into its place. Raises
    `Unreadable`."""
    if "sent" in call.changes:
        return call.changes["sent"]
    if not call.request.body:
        _check_empty(dialect)
        return {}
    return parsing.read_json(_of_json(call, dialect).request.body, "body")


def _check_empty(dialect: Dialect) -> None:
    if dialect["empty_body"] == "rejected":
        raise rejected("empty_body", "the body is missing; send a JSON object")


def _of_json(call: Call, dialect: Dialect) -> Call:
    """The call with its body decoded, which says that it is JSON, or needn't say so."""
    body = encodings.plain(call.request, dialect, "dotide")
    if body is not call.request.body:
        call = replace(call, request=replace(call.request, body=body))
    media_type = (call.request.header("Content-Type") or "").partition(";")[0].strip().lower()
    point = "other_content_type" if media_type else "missing_content_type"
    is_json = media_type == "application/json" or media_type.endswith("+json")
    if not is_json and dialect[point] == "rejected":
        raise rejected(point, "Content-Type is not JSON; send application/json", 415)
    return call


def _repeated(call: Call, dialect: Dialect) -> dict[str, Any]:
    """The parameters that are sent more than once, each with the value that counts."""
    sent = call.request.query_fields
    names = [name for name, _ in sent]
    schemas = {p.name: p.schema for p in call.operation.parameters if p.place == "query"}
    repeated = {name for name in names if name in schemas and names.count(name) > 1}
    if repeated and dialect["repeated_parameter"] == "rejected":
        name = min(repeated)
        raise rejected("repeated_parameter", f"{name} is sent more than once; send one value")
    if dialect["repeated_parameter"] == "first":
        return {}
    last = dict(sent)
    return {name: parsing.typed(last[name], schemas[name]) for name in repeated}


def _check_parameters(call: Call, dialect: Dialect) -> None:
    known = {p.name for p in call.operation.parameters} | {_TOKEN}
    for name, _ in call.request.query_fields:
        if name == "tz" and call.operation.id in _WRITES:
            if dialect["tz_in_query"] == "rejected":
                raise rejected("tz_in_query", "tz stands in the query; send it in the body")
        elif name not in known and dialect["unknown_parameters"] == "rejected":
            raise rejected("unknown_parameters", f"{name} is no parameter; leave it out")


def _filters(found: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    for name in ("ids", "tags"):
        if name in found and not any(found[name].split(",")):
            match dialect[f"empty_{name}"]:
                case "rejected":
                    raise rejected(f"empty_{name}", f"{name} is empty; name some, or leave it out")
                case "everything":
                    del found[name]
    return found


def _page(found: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    limit = _whole("limit", found.pop("limit", None), dialect)
    offset = _whole("offset", found.pop("offset", None), dialect)
    if offset is not None and limit is None:
        match dialect["offset_without_limit"]:
            case "rejected":
                raise rejected("offset_without_limit", "offset comes without limit; send both")
            case "ignored":
                offset = None
    return found | {"limit": _served(limit, dialect), "offset": offset or 0}


def _whole(name: str, sent: Any, dialect: Dialect) -> int | None:
    """A limit or offset that counts, or None where there is none."""
    if sent is None:
        return None
    number = int(sent) if isinstance(sent, int) or _is_integral(sent) else None
    if number is None:
        kind = "malformed"
    elif number < 0:
        kind = "negative"
    elif number == 0:
        kind = "zero"
    else:
        return min(number, MOST)
    match dialect[f"{name}_{kind}"]:
        case "rejected":
            raise rejected(f"{name}_{kind}", f"{name} is {sent!r}; send a whole number from 1 on")
        case "ignored":
            return None
        case _:  # empty, first_page
            return 0


def _is_integral(sent: Any) -> bool:
    return isinstance(sent, float) and sent.is_integer()


def _served(limit: int | None, dialect: Dialect) -> int:
    """How many rows a list may have."""
    largest = MOST if dialect["largest_limit"] == "none" else dialect["largest_limit"]
    if limit is None:
        asked: int = MOST if dialect["default_limit"] == "none" else dialect["default_limit"]
        return min(asked, largest)
    if dialect["over_largest_limit"] == "rejected":
        # 500 is the printed example; a server that refuses large limits has a largest one
        bound = max(largest, 500) if largest < MOST else 1000
        if limit > bound:
            raise rejected("over_largest_limit", f"limit is {limit}; send at most {bound}")
    return min(limit, largest)


def _zoned(call: Call, found: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Settle `tz`: the argument, the header, the query of a write; nothing leaves the default."""
    header = found.pop("Timezone", None)
    if header is None and call.request.mount.startswith("/v2/"):
        header = call.request.header("Time-Zone")
    if header is not None and ("tz" not in found or dialect["tz_against_header"] == "header"):
        found["tz"] = header
    if "tz" not in found and call.operation.id in _WRITES and dialect["tz_in_query"] == "applied":
        in_query = parsing.first_of_each(call.request.query_fields)
        found |= {"tz": in_query["tz"]} if "tz" in in_query else {}
    if found.get("tz") == "" and dialect["empty_tz"] == "ignored":
        del found["tz"]
    if "tz" in found and not times.is_zone(found["tz"]):
        match dialect["unknown_tz"]:
            case "rejected":
                detail = f"tz: {found['tz']!r} is no zone; send an Olson name such as Asia/Shanghai"
                raise rejected("unknown_tz", detail)
            case "utc":
                found["tz"] = "UTC"
            case _:
                del found["tz"]
    return found
