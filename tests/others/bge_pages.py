"""Windows, order and pages of the second bge platform's range call. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from tests.others.bge_characters import Character
from tests.others.bge_forms import Record, Rejected, bound

Form = Mapping[str, str]


def within(records: Sequence[Record], form: Form, c: Character) -> list[Record]:
    """Those that the call's bounds let in, both edges included."""
    start = bound(form["start_time"], c, end=False) if "start_time" in form else None
    end = bound(form["end_time"], c, end=True) if "end_time" in form else None
    if start and end and start > end and "backwards" in c.refuses:
        raise Rejected("argument")
    return [
        record
        for record in records
        if (start is None or record.moment.at >= start) and (end is None or record.moment.at <= end)
    ]


def ordered(records: Sequence[Record], form: Form, c: Character) -> list[Record]:
    """`records`, which come as they were written, in the asked order of generate time."""
    direction = form.get("sort_direction", "desc")
    if direction not in ("asc", "desc"):
        if "bad-direction" in c.refuses:
            raise Rejected("argument")
        direction = "desc"
    ties = sorted(records, key=lambda record: record.id) if c.ties == "id" else list(records)
    if c.ties == "asked":
        asked = sorted(item for item in form.items() if item[0] in ("limit", "biosample_id"))
        random.Random(str(asked)).shuffle(ties)
    if c.mirrored:
        ascending = sorted(ties, key=lambda record: record.moment.at)
        return ascending if direction == "asc" else ascending[::-1]
    return sorted(ties, key=lambda record: record.moment.at, reverse=direction == "desc")


def page_of(
    found: Sequence[Record], form: Form, c: Character
) -> tuple[Sequence[Record], str | int | None]:
    """The page that the call asks for, and the cursor of the next one."""
    size = min(_limit(form, c), c.largest_page)
    begin = _begin(form.get("next_page"), found, size, c)
    page = found[begin : begin + ((size + 1) // 2 if c.ragged and begin % 2 else size)]
    end = begin + len(page)
    follows = {
        "exact": end < len(found),
        "full": end < len(found) or len(page) == size,
        "empty": bool(page),
    }[c.ends]
    if not follows:
        return page, None
    cursors: dict[str, str | int] = {"after": page[-1].id, "offset": end, "page": end // size + 1}
    return page, cursors[c.cursor]


def _limit(form: Form, c: Character) -> int:
    text = form.get("limit")
    if text is None:
        return c.default_limit
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        if "bad-limit" in c.refuses:
            raise Rejected("argument")
        return c.default_limit
    if int(text) > 100 and "over-limit" in c.refuses:
        raise Rejected("argument")
    return min(int(text), 100)


def _begin(cursor: str | None, found: Sequence[Record], size: int, c: Character) -> int:
    """Where the page starts that `cursor` stands for."""
    if cursor is None:
        return 0
    if c.cursor == "after":
        for at, record in enumerate(found):
            if record.id == cursor:
                return at + 1
        raise Rejected("argument")
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10 and int(cursor)):
        raise Rejected("argument")
    return int(cursor) if c.cursor == "offset" else (int(cursor) - 1) * size
