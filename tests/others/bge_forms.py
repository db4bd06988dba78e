"""What the second bge platform takes, and how it shows a record. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.others.bge_characters import Character

UTC8 = timezone(timedelta(hours=8))


class Rejected(Exception):
    """The call, or an item of a batch, is refused; the text is a reason in `IN_ENVELOPE`."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it was sent, and as it is kept: an instant in the zone that it is shown in."""

    text: str
    at: datetime
    mask: str


@dataclass(frozen=True, slots=True)
class Record:
    """A stream record; `born` is when it was written, by a clock that never steps back."""

    id: str
    entity: str
    element: str
    moment: Moment
    data: Any
    created: datetime
    born: float


def moment(text: str, c: Character, zone_h: int = 8) -> Moment:
    """Read a generate time; `zone_h` is the zone of one that is finer than a year and states none.
    Raises `Rejected`."""
    if re.fullmatch("[0-9]{4}", text) and text != "0000":
        return Moment(
            text, datetime(int(text), 1, 1, tzinfo=UTC8), "1111-00-00T00:00:00.000000±1111"
        )
    for spelling in c.spellings:
        try:
            at = datetime.strptime(text, spelling)
        except ValueError:
            continue
        stated = at.tzinfo is not None
        at = at if stated else at.replace(tzinfo=timezone(timedelta(hours=zone_h)))
        at = at.replace(microsecond=at.microsecond // 10 ** (6 - c.digits) * 10 ** (6 - c.digits))
        shown_in = {"utc": UTC, "written": at.tzinfo, "utc8": UTC8}[c.zone_shown]
        try:
            return Moment(text, at.astimezone(shown_in), "1111-11-11T11:11:11.111111±1111")
        except OverflowError:
            break
    raise Rejected("argument")


def bound(text: str, c: Character, *, end: bool) -> datetime | None:
    """Read a bound; None is one that is passed over. Raises `Rejected`."""
    try:
        at = moment(text, c, c.bound_zone_h).at
    except Rejected:
        if "bad-bound" in c.refuses:
            raise
        return None
    if len(text) > 4:
        return at
    if end and c.year_ends == "last":
        return at.replace(month=12, day=31, hour=23, minute=59, second=59, microsecond=999999)
    return at


def parsed(text: str, c: Character) -> Any:
    """The JSON value in `text`. Raises `Rejected`."""

    def number(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise ValueError(digits)
        whole = c.merged_numbers and value.is_integer() and abs(value) <= 2**53
        return int(value) if whole else value

    def integer(digits: str) -> float:
        value = int(digits)
        return number(digits) if c.merged_numbers and abs(value) > 2**53 else value

    try:
        return json.loads(text, parse_float=number, parse_int=integer, parse_constant=number)
    except (ValueError, RecursionError):
        raise Rejected("argument") from None


def sound(item: Any, c: Character) -> bool:
    """Whether an item of a batch has all four arguments in their types, and a time that is one."""
    names = ("fundamental_entity_id", "data_element_id", "stream_generate_time")
    if not (isinstance(item, dict) and "stream_data" in item):
        return False
    if not all(isinstance(item.get(name), str) for name in names):
        return False
    try:
        moment(item["stream_generate_time"], c, c.written_zone_h)
    except Rejected:
        return False
    return True


def show_time(at: datetime) -> str:
    date, offset = at.isoformat(timespec="microseconds")[:26], at.strftime("%z")
    return f"{date}{offset}"


def without_empty(members: Mapping[str, Any], c: Character) -> dict[str, Any]:
    """The members of an answer but for those that this service leaves out when they are empty."""
    return {n: v for n, v in members.items() if n not in c.omits or v not in (None, "")}


def show(
    record: Record, namespace: str, element: Mapping[str, str], c: Character
) -> dict[str, Any]:
    """A record as range and retrieve answer it."""
    described = ("name", "description", "source_domain", "source_id")
    created = record.created.astimezone(UTC8)
    return {
        **c.extra(),
        "stream_id": record.id,
        "stream_generate_time": show_time(record.moment.at),
        "stream_generate_time_mask": record.moment.mask,
        "data_element": {
            **c.extra(),
            "data_element_id": record.element,
            **without_empty(
                {f"data_element_{name}": element.get(name, "") for name in described}, c
            ),
        },
        "stream_data": record.data,
        "stream_meta": {
            **c.extra(),
            "namespace": namespace,
            "fundamental_entity_id": record.entity,
        },
        "create_time": show_time(created if c.digits else created.replace(microsecond=0)),
        "data_type": 2,
    }


def show_item(
    item: Mapping[str, Any], stream_id: str | None, fault: str, namespace: str, c: Character
) -> dict[str, Any]:
    """The answer to one item of a batch: stored as `stream_id`, or not, for the reason `fault`."""
    try:
        time = show_time(moment(str(item.get("stream_generate_time")), c, c.written_zone_h).at)
    except Rejected:
        time = ""
    stream = {
        **c.extra(),
        "stream_meta": {
            "namespace": namespace,
            "fundamental_entity_id": item.get("fundamental_entity_id"),
        },
        "stream_generate_time": time,
        **without_empty({"stream_id": stream_id}, c),
        "data_element": {"data_element_id": item.get("data_element_id")},
    }
    told = without_empty({"message": fault}, c)
    return {**c.extra(), "is_succeed": not fault, **told, "stream": stream}
