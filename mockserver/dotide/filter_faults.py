"""Lists that find too little or too much: one function and one sentence each."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import refused, tags
from streamproof.mockserver.dotide.list_faults import items, rearranged
from streamproof.mockserver.faults import Proceed, fault

_PRINTED_LIMIT = 500
_LATE_S = 0.03


@fault("dotide/list/example-accepted.smaller-limits-only")
def _smaller_only(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a `limit` of 500."""
    printed = call.arguments.get("limit") == _PRINTED_LIMIT
    return refused(proceed, call, context) if printed else proceed(call)


@fault("dotide/list/example-accepted.one-tag-only")
def _one_tag_only(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a `limit` of 500 beside several tags."""
    printed = call.arguments.get("limit") == _PRINTED_LIMIT and len(items(call, "tags")) > 1
    return refused(proceed, call, context) if printed else proceed(call)


@fault("dotide/list/shows-created.newest-missing")
def _newest_missing(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Leaves the datastream that was created last out of every list."""
    everything = proceed(call.changed(ids=ABSENT, tags=ABSENT, limit=ABSENT, offset=ABSENT))
    rows = everything.body if everything.accepted else []
    newest = max((row["created_at"] for row in rows), default=None)
    return rearranged(
        proceed, call, lambda rows: [row for row in rows if row["created_at"] != newest]
    )


@fault("dotide/list/shows-created.a-moment-late", on="any")
def _a_moment_late(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Leaves a datastream out of lists for 30 milliseconds after its create."""
    born: dict[str, float] = context.space.scratch.setdefault("dotide/list/shows-created", {})
    if call.operation.id == "list":
        late = time.monotonic() - _LATE_S
        return rearranged(
            proceed, call, lambda rows: [row for row in rows if born.get(row["id"], 0) < late]
        )
    answer = proceed(call)
    if call.operation.id == "create" and answer.accepted:
        born[answer.body["id"]] = time.monotonic()
    return answer


@fault("dotide/list/ids-only.part-of-an-id")
def _part_of_an_id(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists also datastreams whose ids hold a named id somewhere."""
    named = items(call, "ids")
    if not named:
        return proceed(call)
    return rearranged(
        proceed,
        call.changed(ids=ABSENT),
        lambda rows: [row for row in rows if any(each in row["id"] for each in named)],
    )


@fault("dotide/list/ids-all.two-at-most")
def _two_at_most(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Looks at the first two of several ids."""
    named = items(call, "ids")
    return proceed(call.changed(ids=",".join(named[:2])) if len(named) > 2 else call)


@fault("dotide/list/tags-all.first-tag-only")
def _first_tag_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Looks for a single asked tag among the first tags of datastreams only."""
    wanted = items(call, "tags")
    if len(wanted) != 1:
        return proceed(call)
    return rearranged(proceed, call, lambda rows: [row for row in rows if tags(row)[:1] == wanted])


@fault("dotide/list/tags-whole.ends-alike")
def _ends_alike(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes a tag that ends with the asked one for it."""
    wanted = items(call, "tags")
    if not wanted:
        return proceed(call)

    def carries(row: dict[str, Any]) -> bool:
        return all(any(tag.endswith(each) for tag in tags(row)) for each in wanted)

    return rearranged(
        proceed, call.changed(tags=ABSENT), lambda rows: [row for row in rows if carries(row)]
    )


@fault("dotide/list/ids-with-tags.ids-ignored")
def _ids_ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of `ids` beside `tags`."""
    return proceed(call.changed(ids=ABSENT) if items(call, "tags") else call)


@fault("dotide/list/ids-with-tags-all.one-lost")
def _one_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Leaves the last datastream out when `ids` and `tags` are both sent."""
    if not (items(call, "ids") and items(call, "tags")):
        return proceed(call)
    return rearranged(proceed, call, lambda rows: rows[:-1])


@fault("dotide/list/ids-with-tags-all.nothing")
def _nothing(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists nothing when `ids` and `tags` are both sent."""
    answer = proceed(call)
    both = items(call, "ids") and items(call, "tags")
    return replace(answer, body=[]) if both and answer.accepted else answer
