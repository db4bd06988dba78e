"""Servers that were written apart from the mock and break one rule: that rule is told, not those
that the suite needed on its way to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.bge.servers import BGE, check, verdicts
from tests.others.bge_characters import Character
from tests.others.bge_forms import Record
from tests.others.bge_pages import Form, within
from tests.others.bge_server import Bge


class AnyTime(Bge):
    """Takes any record of an entity and a data element for a duplicate, whatever its time."""

    def _key(self, item: Any) -> tuple[Any, ...]:
        return super()._key(item)[:2]


class ByCreateTime(Bge):
    """Compares bounds with the time at which a record was written."""

    def _within(self, records: Sequence[Record], form: Form) -> list[Record]:
        as_created = [replace(r, moment=replace(r.moment, at=r.created)) for r in records]
        inside = {record.id for record in within(as_created, form, self.character)}
        return [record for record in records if record.id in inside]


class ForgetsEntity(Bge):
    """Shows the records of all entities on every page but the first."""

    def _of(self, form: Form, element: str, entity: str | None) -> list[Record]:
        if "next_page" not in form:
            return super()._of(form, element, entity)
        return [record for record in self._visible() if record.element == element]


class InMilliseconds(Bge):
    """Keeps microseconds and shows milliseconds."""

    def _show(self, record: Record) -> dict[str, Any]:
        shown = super()._show(record)
        time = shown["stream_generate_time"]
        return {**shown, "stream_generate_time": f"{time[:23]}000{time[26:]}"}


YEARS = Character("years", spellings=())
SENTENCES = {
    AnyTime: ("write/other-time-no-duplicate",),
    ByCreateTime: ("range/end-inclusive", "range/start-excludes-earlier"),
    ForgetsEntity: ("range/pages-keep-arguments",),
    InMilliseconds: ("range/shown-time-found",),
}


@pytest.mark.parametrize(
    ("server", "character"),
    [
        (AnyTime, Character("rejects")),
        (AnyTime, Character("answers the older", duplicate="older")),
        (AnyTime, YEARS),
        (ByCreateTime, Character("friendly")),
        (ByCreateTime, YEARS),
        (ForgetsEntity, Character("friendly")),
        (InMilliseconds, Character("friendly")),
    ],
    ids=lambda each: each.name if isinstance(each, Character) else each.__name__,
)
def test_what_a_server_breaks_is_told_by_its_own_rule(
    server: type[Bge], character: Character
) -> None:
    only = ("bge/range/*", "bge/write/*", "bge/retrieve/*", "bge/batch_write/good-*")
    found = verdicts(check(server(character, BGE.fixtures), *only, max_examples=4))
    failed = {rule for rule, verdict in found.items() if verdict == "failed"}
    assert failed == {f"bge/{sentence}" for sentence in SENTENCES[server]}
    assert sum(verdict == "passed" for verdict in found.values()) > 0.8 * len(found)
