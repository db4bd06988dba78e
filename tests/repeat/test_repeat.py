"""The command lines of a failure, sent by bash to a fresh server, show the fault, and a server
without it shows none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamproof.mockserver import domain
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import RunningMock, serve_in_thread
from tests.repeat.script import begin, failure, seen

FAULTS = {
    "pages": "dotide/list/pages.off-by-one",
    "filters": "dotide/list/tags-only.any-of-them",
    "order": "dotide/list/ascending-by-id.descending",
    "uniqueness": "dotide/create/unique-id.other-type",
    "a key that the server makes up": "dotide/create/generated-id.not-its-own",
    "a race for a key": "dotide/create/race-one-winner.all-win",
    "a retry after a race": "dotide/create/race-retry.locked",
    "round trip": "dotide/read/as-created.last-tag-lost",
    "life cycle": "dotide/delete/not-readable.once-more",
    "zones": "dotide/list/tz.ignored",
    "no credentials": "dotide/any/no-credentials.anybody",
    "a wrong secret": "dotide/any/wrong-secret.let-in",
    "an unknown token": "dotide/any/unknown-token.forbidden",
    "a second data base": "dotide/any/other-database.let-in",
    "malformed credentials": "dotide/any/malformed-credentials.breaks-down",
    "no effect": "dotide/any/refused-without-effect.carried-out",
    "malformed input": "dotide/any/no-server-error.breaks-down",
    "text beyond ASCII": "dotide/create/utf8-id.shown-as-latin-1",
    "control characters": "dotide/any/odd-text-kept.ends-at-nul",
    "a value of great depth": "dotide/any/accepted-readable.deep-breaks-reads",
    "shape": "dotide/create/shape.wrapped",
    "cursors": "bge/range/pages-with-ties.ties-skipped",
    "windows": "bge/range/end-inclusive.edge-moved",
    "order by time": "bge/range/sort-desc.ascending",
    "duplicates": "bge/write/duplicate-keeps-older.data-replaced",
    "a record read by its id": "bge/write/year-mask.without-offset",
    "a batch": "bge/batch_write/answers-in-order.failed-last",
    "a wrong signature": "bge/any/wrong-signature-rejected.taken",
    "no signature": "bge/any/unsigned-rejected.taken",
    "an unknown key": "bge/any/unknown-key-rejected.taken",
    "a field changed after signing": "bge/any/changed-field-rejected.additions",
    "depth in a signed form": "bge/any/no-server-error.deep-data",
}


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningMock]:
    """A slow one, so that calls of a shell meet, too, when they race."""
    with serve_in_thread(MockConfig(race_window_ms=150)) as running:
        yield running


@pytest.mark.parametrize("law", FAULTS)
def test_command_lines_show_the_fault_where_it_is(law: str, mock: RunningMock) -> None:
    [fault] = [
        fault
        for name in ("dotide", "bge")
        for fault in domain.faults(name)
        if fault.name == FAULTS[law]
    ]
    told = failure(mock, fault)
    assert told.commands
    begin(mock, fault)
    faulty = seen(told)
    begin(mock)
    good = seen(told)
    begin(mock)
    assert seen(told) == good, "a good server shows the same each time"
    assert faulty != good
    assert all(command.isascii() and command.isprintable() for command in told.commands)
    assert max(map(len, told.commands)) < 5000
