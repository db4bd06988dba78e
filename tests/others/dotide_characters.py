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
    "denied": 404,  # good ones that lack the right
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
    deleted), query (parameters that the document lacks), bare-token (one without scopes),
    idle-scope (one that allows nothing, or nowhere), pairs (as datapoints), no-numbers (a summary
    or an interval of what are no numbers), delete-no-token (of one that isn't there).
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
    parts: frozenset[str] = frozenset({"access_tokens", "datapoints"})  # linked pages have both
    public_strict: bool = False  # bad credentials may shut out whom none would let in
    new_token: Callable[[], str] = lambda: uuid.uuid4().hex * 2  # only a wire fact says how long
    token_lists: str = "filtered"  # or rejected: what a narrow token's list is
    token_creates: str = "within_scope"  # or none or all: what a narrow token may create
    scope_absent: str = "empty"  # or omitted or null: no example shows a member without a value
    global_scope: str = "kept"  # or alone: ids and tags mean nothing where all is reached
    permissions_order: Callable[[Sequence[str]], list[str]] = list  # they work as a set
    tokens_order: Callable[[Any], Any] = lambda token: token.created  # of a list: none is said
    edges: str = "closed"  # or without_end or open: of a list's window
    delete_edges: str = "closed"  # and of a delete's
    same_instant: str = "replaced"  # or kept or rejected
    pairs: bool = False  # version 2 shows datapoints so
    point_grain_us: int = 1  # how finely times of datapoints are kept, in microseconds
    point_fraction: int = 3  # digits of a second that they show
    moves_stream: bool = False  # whether a datapoint counts as an update of its datastream
    read_by_instant: bool = False  # a call of version 2
    summary_of: str = "window"  # or page
    interval_unit: str = "milliseconds"  # or seconds: version 1's page
    interval_from: str = "clock"  # or window (its start) or first (datapoint): where spans begin
    interval_at: str = "begin"  # or end, middle or first (datapoint): the time of what is made
    options: Callable[[Mapping[str, str]], Mapping[str, Any]] = lambda query: {"options": query}
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
    refuses=words("reborn delete-unknown empty-body zero no-numbers"),
    statuses={"taken": 400, "invalid": 400, "unknown": 400, "gone": 410, "denied": 403},
    problem="nothing",
    clock_s=-3600,
    token_lists="rejected",
    token_creates="none",
    scope_absent="omitted",
    permissions_order=sorted,
    tokens_order=lambda token: token.text,
    edges="without_end",
    delete_edges="open",
    same_instant="rejected",
    point_grain_us=1_000_000,
    point_fraction=0,
    moves_stream=True,
    interval_unit="seconds",
    interval_from="first",
    interval_at="end",
    options=lambda query: {},
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
        " bare-token idle-scope pairs delete-no-token"
    ),
    statuses=dict.fromkeys(("taken", "invalid", "malformed", "media", "method", "large"), 403),
    problem="text",
    public_strict=True,
    new_token=lambda: f"tok_{uuid.uuid4().hex}.{uuid.uuid4().hex[:5]}",
    token_lists="rejected",
    global_scope="alone",
    edges="open",
    delete_edges="without_end",
    point_fraction=6,
    interval_from="window",
    interval_at="middle",
    options=lambda query: {"options": None, "summary": None},
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
    new_token=lambda: (uuid.uuid4().hex * 2).upper(),
    token_creates="all",
    scope_absent="null",
    permissions_order=any_order,
    same_instant="kept",
    pairs=True,
    moves_stream=True,
    read_by_instant=True,
    summary_of="page",
    interval_from="first",
    interval_at="first",
)

BUSY = Character(
    "busy",
    collate=letters_first,
    default_limit=100,
    wrong_type="ignored",
    statuses={"busy": 503, "denied": 403},
    race="none",
    wait_s=0.003,
    latency_s=0.02,
    company=True,
    tokens_order=lambda token: -token.created.timestamp(),
    delete_edges="without_end",
    point_grain_us=1000,
    read_by_instant=True,
    interval_from="window",
    options=lambda query: {"options": {"zone": None, "of": [*query]}, "next": None},
)

CHARACTERS = (OLD, STRICT, LENIENT, BUSY)
