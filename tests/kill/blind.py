"""What became of the faults that were written from the rulebooks alone."""

from __future__ import annotations

from collections.abc import Mapping

WRITTEN = 137
SURVIVED: Mapping[str, str] = {
    "bge/any/data-element-described.of-the-first": "Withdrawn: the fixtures tell of the first "
    "data element only, so nobody could see that others show its name.",
    "bge/any/stream-ids-unique.one-for-all-entities": "The check compared records of one entity.",
    "bge/bind/agrees-with-range.another-joins": "The check looked at its own records only.",
    "bge/range/minimal-call.limit-required": "The check began with a range of this very kind, to "
    "see its records, and gave up.",
    "bge/range/pages-end.empty-pages": "What the check reads was looked for in walks that have to "
    "end, so it gave up.",
    "bge/retrieve/as-in-range.other-mask": "The check wrote no year alone, so all masks were full.",
    "bge/write/concurrent-retry.locked": "Where no race stored anything, the check held that "
    "records don't show; now one that is written alone has to.",
    "bge/write/duplicate-not-stored.third-stored": "The check wrote twice, and never thrice.",
    "bge/write/other-time-no-duplicate.same-year": "The fault also refused what is permitted, "
    "which its rule says nothing of; so no check could prepare anything.",
    "bge/write/text-kept.composed": "The check wrote no text that has a composed form.",
    "dotide/create/example-accepted.no-blank-in-a-name": "What the check prepared had a blank in "
    "its name, too.",
    "dotide/read/status.zoned-only": "Alone, the check read without a zone.",
    "dotide/update/id-stays.of-the-body": "The check looked at reads, and not at the answer.",
    "dotide/update/name.lower-case": "The check sent no capitals.",
    "dotide/update/status.accepted": "No check updated the tags alone.",
    "dotide/update/tags-replaced.fewer-refused": "The check hardly ever sent some of the old tags.",
    "dotide/update/tags-replaced.none-is-nothing": "Withdrawn: that an empty array clears the "
    "tags is not said.",
    "dotide/update/tz.updated-at-in-utc": "The check looked at `created_at` only.",
}
