"""Lists that break a rule: one function and one sentence each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import tags
from streamproof.mockserver.faults import Proceed, fault

Rows = list[dict[str, Any]]


@fault("dotide/list/past-the-end.last-row")
def _past_the_end(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers an offset past the end with the last row."""
    answer = proceed(call)
    if not (_whole(call, "offset") and answer.accepted and not answer.body):
        return answer
    whole = _whole_list(proceed, call)
    return replace(whole, body=whole.body[-1:])


@fault("dotide/list/filters-before-pages.page-first")
def _page_first(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Cuts the page out of all datastreams, and filters it then."""
    everything = proceed(call.changed(ids=ABSENT, tags=ABSENT))
    matching = _whole_list(proceed, call)
    if not (everything.accepted and matching.accepted):
        return proceed(call)
    known = {row["id"] for row in matching.body}
    return replace(everything, body=[row for row in everything.body if row["id"] in known])


@fault("dotide/list/ascending-by-id.descending")
def _descending(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists in descending order of id."""
    return rearranged(proceed, call, lambda rows: rows[::-1])


@fault("dotide/list/ascending-by-id.last-character-backwards")
def _last_character(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Puts ids that differ in their last character only the wrong way round."""

    def arrange(rows: Rows) -> Rows:
        return sorted(rows, key=lambda row: (row["id"][:-1], -ord(row["id"][-1])))

    return rearranged(proceed, call, arrange)


@fault("dotide/list/one-order.filtered-digits-last")
def _digits_last(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists ids that begin with a digit last when `ids` is sent."""
    if "ids" not in call.arguments:
        return proceed(call)
    return rearranged(
        proceed, call, lambda rows: sorted(rows, key=lambda row: row["id"][:1].isdigit())
    )


@fault("dotide/list/each-once.as-often-as-named")
def _as_often_as_named(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists a datastream as often as `ids` names it."""
    named = items(call, "ids")
    return rearranged(
        proceed, call, lambda rows: [r for r in rows for _ in range(named.count(r["id"]) or 1)]
    )


@fault("dotide/list/unknown-ids.nothing")
def _unknown_ids(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists nothing as soon as `ids` names one that doesn't exist."""
    named = set(items(call, "ids"))
    known = proceed(call.changed(tags=ABSENT, limit=ABSENT, offset=ABSENT))
    if named and known.accepted and len(known.body) < len(named):
        return replace(known, body=[])
    return proceed(call)


@fault("dotide/list/tags-only.third-one-ignored")
def _third_tag_ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of the third tag and those after it."""
    wanted = items(call, "tags")
    return proceed(call.changed(tags=",".join(wanted[:2])) if len(wanted) > 2 else call)


@fault("dotide/list/tags-whole.prefix")
def _tag_prefix(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes a tag that begins with the asked one for it."""
    wanted = items(call, "tags")
    if not wanted:
        return proceed(call)

    def carries(row: dict[str, Any]) -> bool:
        return all(any(tag.startswith(each) for tag in tags(row)) for each in wanted)

    return rearranged(
        proceed, call.changed(tags=ABSENT), lambda rows: [row for row in rows if carries(row)]
    )


@fault(
    "dotide/list/ids-with-tags.union",
    also_fails={"dotide/list/tags-with-ids": "A union keeps to neither of the two filters."},
)
def _union(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists what `ids` finds together with what `tags` finds."""
    named, wanted = items(call, "ids"), set(items(call, "tags"))
    if not (named and wanted):
        return proceed(call)
    return rearranged(
        proceed,
        call.changed(ids=ABSENT, tags=ABSENT),
        lambda rows: [row for row in rows if row["id"] in named or wanted <= set(tags(row))],
    )


@fault("dotide/list/tags-with-ids.tags-ignored")
def _tags_ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of `tags` beside `ids`."""
    return proceed(call.changed(tags=ABSENT) if items(call, "ids") else call)


@fault("dotide/list/untagged.hidden")
def _untagged_hidden(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Leaves out datastreams without tags."""
    return rearranged(proceed, call, lambda rows: [row for row in rows if tags(row)])


@fault("dotide/list/shows-latest.first-seen")
def _first_seen(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows every datastream as the first list that held it did."""
    seen = context.space.scratch.setdefault("dotide/list/shows-latest", {})
    answer = proceed(call)
    if not answer.accepted:
        return answer
    rows = [seen.setdefault((row["id"], row["created_at"]), row) for row in answer.body]
    return replace(answer, body=rows)


@fault("dotide/list/changes-nothing.touches")
def _touches(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Updates, without a change, every datastream that it lists."""
    answer = proceed(call)
    for row in answer.body if answer.accepted else ():
        proceed(call.to(context.api.operations["update"], id=row["id"], name=row.get("name")))
    return answer


def rearranged(proceed: Proceed, call: Call, arrange: Callable[[Rows], Rows]) -> Answer:
    """The page of `call` cut out of the whole list as `arrange` leaves it."""
    answer, limit, offset = proceed(call), _whole(call, "limit"), _whole(call, "offset")
    if not answer.accepted or (not limit and "limit" in call.arguments):
        return answer
    whole = _whole_list(proceed, call)
    return replace(whole, body=arrange(whole.body)[offset:][: limit or None])


def _whole_list(proceed: Proceed, call: Call) -> Answer:
    return proceed(call.changed(limit=ABSENT, offset=ABSENT))


def _whole(call: Call, name: str) -> int:
    """A sensible limit or offset; 0 for none and for an odd one, which no fault is about."""
    sent = call.arguments.get(name)
    return sent if isinstance(sent, int) and sent > 0 else 0


def items(call: Call, name: str) -> list[str]:
    return [item for item in call.arguments.get(name, "").split(",") if item]
