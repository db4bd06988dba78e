"""Operators of the dotide service: what each chose where datastream.cn.md leaves a choice.

Every field of `Character` says why the choice is free; the defaults are the friendliest service's.
`CHARACTERS` are those that the suite has to get on with, several odd choices in each.
"""

from __future__ import annotations

import base64
import random
import re
import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

STATUSES: Mapping[str, int] = {
    "hidden": 404,  # bad credentials: a linked page says so, and no character changes it
    "unknown": 404,
    "gone": 404,
    "taken": 409,
    "invalid": 422,
    "malformed": 400,
    "media": 415,
    "method": 405,
    "large": 413,
    "busy": 503,
}


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def escaped(text: str) -> str:
    return quote(text, safe="")


def same(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Character:
    """One operator's choices.

    Words in `refuses` name what is turned down though the document doesn't forbid it: bare-create
    and partial-put (a body without name, tags or properties: which are required is not said),
    null, empty-body, structure (a property that is no scalar), marks (in ids), control (characters,
    in any text), odd-tag (empty, or with a comma), zero (as limit or offset), offset-alone,
    over-500 (as limit), empty-filter, media, put-id, put-type, delete-unknown, reborn (an id once
    deleted), query (parameters that the document lacks).
    """

    name: str
    fraction: int = 3  # digits of a second: ISO 8601 takes any number of them
    offset: str = "colon"  # or zulu (Z for zero) or compact (+0800): all are ISO 8601
    location: str = "http://{host}{path}"  # RFC 9110 lets it be relative; the host is not said
    escape: Callable[[str], str] = (
        escaped  # RFC 3986 leaves some marks free, and the hex digits' case
    )
    default_limit: int | None = None  # the document names no default
    largest_limit: int | None = None  # nor a largest; 500 has to be accepted, not served in full
    collate: Callable[[str], Any] = same  # "alphabetical" doesn't say how, beyond one alphabet
    fold: Callable[[str], str] = same  # when two texts are one id or one tag is not said
    tags_order: Callable[[Sequence[str]], list[str]] = list  # a list of tags works as a set
    tag_kept: Callable[[str], str] = same  # nor whether a tag's case is kept
    id_kept: Callable[[str], str] = same  # ... or how an id's letters are composed
    longest_id: int = 255  # the document names no limit
    largest_body: int = 65536  # nor one for bodies
    row_properties: str = "properties"  # the printed list says `attributes`
    absent: str = "null"  # or empty or omitted: no example shows a field without a value
    empty_is_absent: bool = False  # "", [] and {} show so too: no example shows an empty one
    extra: Callable[[], Mapping[str, Any]] = dict  # no answer is said to be closed, or to repeat
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex[:24]  # the form is not said
    put: str = "merge"  # or replace: what a partial body does is not said
    put_properties: str = "replace"  # or merge: neither is this
    put_type: str = "ignored"  # or applied: `type` is no argument of an update
    unchanged_moves: bool = True  # whether an update that changes nothing is one is not said
    wrong_type: str = "refused"  # or coerced or ignored
    unknown_fields: str = "dropped"  # or kept or refused
    whole_numbers: type = int  # or float: 1 and 1.0 are one number
    not_object: str = "refused"  # or empty: a JSON body that is no object
    bad_number: str = "refused"  # or ignored: a limit or offset that is no count
    unknown_zone: str | None = None  # the zone taken for an unknown name; None refuses it
    zone_first: str = "tz"  # or header, when they differ
    refuses: frozenset[str] = frozenset()
    statuses: Mapping[str, int] = field(default_factory=dict)  # which 4xx says no is not said
    problem: str = "message"  # or text or nothing: form of a refusal's body
    open_reads: bool = False  # a public data base: anyone may read it
    race: str = "queue"  # creates of one id at once: they queue, or first wins, or maybe none does
    wait_s: float = 0.0  # between check and insert
    latency_s: float = 0.0
    clock_s: float = 0.0  # how far its clock is ahead: times are those of the server's
    company: bool = False  # others write to the data base meanwhile


def case_blind(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def natural(text: str) -> Any:
    """Runs of digits compare as numbers, and stand before letters."""
    runs = re.findall(r"\d+|\D+", text)
    return [(0, int(run), "") if run.isdecimal() else (1, 0, run) for run in runs]


def any_order(tags: Sequence[str]) -> list[str]:
    return random.sample(tags, len(tags))


def letters_first(text: str) -> Any:
    return [(not char.isalpha(), not char.isdigit(), char) for char in text]


OLD = Character(
    "old",
    fraction=0,
    offset="zulu",
    location="{path}",
    escape=lambda text: re.sub("%..", lambda mark: mark[0].lower(), escaped(text)),
    default_limit=3,
    largest_limit=5,
    collate=case_blind,
    tags_order=sorted,
    row_properties="attributes",
    absent="omitted",
    empty_is_absent=True,
    put="replace",
    refuses=words("reborn delete-unknown empty-body zero"),
    statuses={"taken": 400, "invalid": 400, "unknown": 400, "gone": 410},
    problem="nothing",
    clock_s=-3600,
)

STRICT = Character(
    "strict",
    fraction=6,
    offset="compact",
    location="https://eu-3.dotide.example/gateway{path}",
    longest_id=40,
    largest_body=2048,
    collate=natural,
    unknown_fields="refused",
    unchanged_moves=False,
    refuses=words(
        "bare-create partial-put null empty-body structure marks control odd-tag zero"
        " offset-alone over-500 empty-filter media put-id put-type delete-unknown query"
    ),
    statuses=dict.fromkeys(("taken", "invalid", "malformed", "media", "method", "large"), 403),
    problem="text",
)

LENIENT = Character(
    "lenient",
    location="//cdn.example:8443{path}?from=create#top",
    escape=lambda text: quote(text, safe="!$&'()*+,;=:@"),
    tags_order=any_order,
    default_limit=20,
    fold=case_blind,
    collate=case_blind,
    absent="empty",
    extra=lambda: {"owner": {"id": 7, "tags": ["x"]}, "message": "ok", "served": uuid.uuid4().hex},
    new_id=lambda: base64.b64encode(uuid.uuid4().bytes).decode(),
    tag_kept=str.lower,
    id_kept=lambda text: unicodedata.normalize("NFC", text),
    whole_numbers=float,
    put_properties="merge",
    put_type="applied",
    wrong_type="coerced",
    unknown_fields="kept",
    not_object="empty",
    bad_number="ignored",
    unknown_zone="UTC",
    zone_first="header",
    statuses={"taken": 422, "malformed": 422, "unknown": 404, "gone": 404},
    open_reads=True,
    race="first",
    wait_s=0.002,
)

BUSY = Character(
    "busy",
    collate=letters_first,
    default_limit=100,
    wrong_type="ignored",
    statuses={"busy": 503},
    race="none",
    wait_s=0.003,
    latency_s=0.02,
    company=True,
)

CHARACTERS = (OLD, STRICT, LENIENT, BUSY)
