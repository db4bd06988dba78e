"""Operators of the bge platform: what each chose where stream.md leaves a choice.

Every field of `Character` says why the choice is free; the defaults are the friendliest service's.
`CHARACTERS` are those that the suite has to get on with, several odd choices in each.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from tests.others import numbers
from tests.others.numbers import Writer

ISO = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z")
LOCAL = ("%Y-%m", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")

# How a rejection is told, by its reason: HTTP status and code. Any 4xx will do, and so will any
# code but 0 with a status below 400.
IN_ENVELOPE = {"argument": (200, 400), "signature": (200, 401), "unknown": (200, 404)} | {
    "duplicate": (200, 409),
    "method": (405, 405),
    "busy": (503, 503),
}


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Character:
    """One operator's choices.

    Words in `refuses` name what is turned down though the document doesn't forbid it: over-limit
    (a limit above 100; else clamped), bad-limit (zero or no number), bad-bound and bad-direction
    (else as absent), backwards (start after end), empty-text (an empty optional field),
    unknown-field, replay (of a nonce), clock (a timestamp off by over 300 s), no-match (a range
    that finds nothing), scalar-data (no object or array), nul-data (a NUL in it), empty-batch,
    long-batch (else the items beyond 100 fail), item (a batch with a malformed item; else the item
    fails), upper (a boolean in upper case), unknown-element (on write).
    """

    name: str
    bare: bool = False  # the client takes an answer without envelope as the data
    extra: Callable[[], Mapping[str, Any]] = dict  # no answer is said to be closed, or to repeat
    number: Writer = numbers.python  # how JSON spells one is its language's choice (RFC 8259, 6)
    omits: frozenset[str] = frozenset()  # members printed null or empty, and left out when they are
    write_status: int = 200  # the document names no status
    rejections: Mapping[str, tuple[int, int]] = field(default_factory=lambda: IN_ENVELOPE)
    problem: str = "envelope"  # or text: the body of a 4xx is not described
    spellings: tuple[str, ...] = ISO + LOCAL  # the document shows a year; where others are is lost
    digits: int = 6  # of a second, that are kept
    written_zone_h: int = 8  # zone of a time finer than a year without offset: not said
    bound_zone_h: int = 8  # ... and of a bound finer than a year
    year_ends: str = "first"  # or last: the instant that a year is as `end_time`
    zone_shown: str = "utc8"  # or written or utc: offset of a time that states one
    same: str = "instant"  # or text: when two spellings are one generate time
    ties: str = "written"  # or id, or asked (it hangs on the arguments): order among equal times
    mirrored: bool = True  # whether desc turns ties round too
    unknown_in_range: str = "rejected"  # or empty
    default_limit: int = 50
    largest_page: int = 100  # a page may be shorter than `limit`
    ragged: bool = False  # every second page is cut by half
    ends: str = "exact"  # or full (a full page is followed), or empty: which page is the last
    cursor: str = "after"  # text; or offset or page, which are integers
    count: str = "page"  # or all: one printed page can't tell
    duplicate: str = "rejected"  # or older: the id of the record that is there
    equal_items: str = "first"  # or last or none: which of two in one batch is stored
    tells_bad_item: bool = True  # whether a malformed item is repeated in its answer: not said
    text_in_item: str = "kept"  # or parsed: data given as text inside a batch
    merged_numbers: bool = False  # 1.0 becomes 1: one number in JSON
    new_id: Callable[[], str] = lambda: str(uuid.uuid1())  # the form is not said
    refuses: frozenset[str] = frozenset()
    lag_s: float = 0.0  # until a read sees a write: nothing says at once
    uneven: bool = False  # each record takes a time of its own, at most `lag_s`
    replicas: bool = False  # every second read lags, the others don't
    clock_s: float = 0.0  # how far its clock is ahead: two clocks never agree
    latency_s: float = 0.0
    race: str = "queue"  # equal writes at once: they queue, or first wins, or maybe none does (503)
    wait_s: float = 0.0  # between check and insert
    company: bool = False  # others write meanwhile, and earlier runs left records


NUMBERS = count(10**9)


def extra() -> Mapping[str, Any]:
    return {"href": None, "pagination": {}, "trace": {"id": uuid.uuid4().hex, "result": []}}


BARE = Character(
    "bare",
    bare=True,
    extra=extra,
    rejections={
        "argument": (422, 0),
        "signature": (403, 0),
        "unknown": (410, 0),
        "duplicate": (404, 0),
        "method": (404, 0),
        "busy": (503, 0),
    },
    problem="text",
    spellings=ISO,
    digits=0,
    bound_zone_h=0,
    year_ends="last",
    zone_shown="utc",
    ties="asked",
    mirrored=False,
    unknown_in_range="empty",
    default_limit=3,
    largest_page=5,
    ragged=True,
    ends="empty",
    cursor="offset",
    count="all",
    duplicate="older",
    equal_items="last",
    tells_bad_item=False,
    new_id=lambda: str(next(NUMBERS)),
)

STRICT = Character(
    "strict",
    rejections=dict.fromkeys(("argument", "unknown", "duplicate"), (200, 40001))
    | {"signature": (401, 1), "method": (404, -1), "busy": (503, -1)},
    spellings=("%Y-%m-%d %H:%M:%S",),
    digits=0,
    written_zone_h=0,
    bound_zone_h=0,
    ties="id",
    write_status=201,
    clock_s=60,
    default_limit=3,
    ends="full",
    cursor="page",
    equal_items="none",
    text_in_item="parsed",
    new_id=lambda: uuid.uuid4().hex,
    refuses=words(
        "over-limit bad-limit bad-bound bad-direction backwards empty-text unknown-field replay"
        " clock no-match scalar-data nul-data empty-batch long-batch item upper unknown-element"
    ),
)

LAGGING = Character(
    "lagging",
    rejections=dict.fromkeys(IN_ENVELOPE, (400, -3)) | {"busy": (503, -3)},
    spellings=("%Y-%m-%dT%H:%M:%S%z",),
    zone_shown="written",
    same="text",
    unknown_in_range="empty",
    default_limit=10,
    largest_page=30,
    ends="full",
    duplicate="older",
    merged_numbers=True,
    lag_s=0.3,
    uneven=True,
    race="first",
    wait_s=0.002,
    company=True,
)

REPLICATED = replace(LAGGING, name="replicated", uneven=False, replicas=True, same="instant")

YEARLY = Character(
    "yearly",
    extra=extra,
    rejections=dict.fromkeys(IN_ENVELOPE, (200, -1)) | {"busy": (503, -1)},
    spellings=(),
    year_ends="last",
    ties="id",
    mirrored=False,
    largest_page=5,
    cursor="offset",
    count="all",
    text_in_item="parsed",
    refuses=words("unknown-element item"),
)

ANNUAL = Character(
    "annual",
    spellings=(),
    zone_shown="utc",
    ties="asked",
    default_limit=3,
    ends="full",
    count="all",
    duplicate="older",
    refuses=words("bad-bound backwards no-match"),
)

DAILY = Character(
    "daily",
    spellings=("%Y-%m-%d",),
    bound_zone_h=0,
    ragged=True,
    unknown_in_range="empty",
    largest_page=7,
    same="text",
    refuses=words("bad-bound no-match"),
)

# Without an offset: read in one zone in writes, and in another in bounds.
NAIVE = Character(
    "naive",
    bare=True,
    spellings=("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"),
    digits=0,
    bound_zone_h=0,
    ends="empty",
    duplicate="older",
    equal_items="last",
)

BUSY = Character(
    "busy",
    digits=3,
    ragged=True,
    ends="full",
    zone_shown="written",
    unknown_in_range="empty",
    count="all",
    refuses=words("unknown-element"),
    latency_s=0.02,
    race="none",
    wait_s=0.003,
    company=True,
)

ECMASCRIPT = Character("ecmascript", number=numbers.ecmascript, merged_numbers=True)

JSONB = Character(
    "jsonb",
    number=numbers.jsonb,
    omits=words("next_page message stream_id"),
    refuses=words("nul-data"),
    text_in_item="parsed",
)

GO = Character(
    "go",
    number=numbers.go,
    merged_numbers=True,
    bare=True,
    omits=words("next_page message stream_id data_element_description"),
)

CHARACTERS = (
    BARE,
    STRICT,
    LAGGING,
    REPLICATED,
    YEARLY,
    ANNUAL,
    DAILY,
    NAIVE,
    BUSY,
    ECMASCRIPT,
    JSONB,
    GO,
)
