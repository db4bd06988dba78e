"""The gates shut: what they are there for is told, and nothing else."""

from __future__ import annotations

import pytest

from streamproof.contracts.verdict import Verdict
from streamproof.specs import api
from tests.kill.cells import Cell, Job, Met, Scope
from tests.kill.gates import complaints
from tests.kill.page import page
from tests.kill.servers import Kind, Server

FAULT = Server(Kind.FAULT, "dotide", "dotide/delete/empty-body.what-was-deleted")
GOOD = Server(Kind.GOOD, "dotide", "default dialect")
NULL = Server(Kind.NULL, "dotide", "echo")
OWN, ALSO, OTHER = "dotide/delete/empty-body", "dotide/delete/status", "dotide/list/status"
PASSED, FAILED = Cell(Verdict.PASSED, "", None), Cell(Verdict.FAILED, "expected …; got …", "status")
CRASHED = Cell(Verdict.HARNESS_ERROR, "the check itself failed", None)


def met(server: Server, *cells: Cell, scope: Scope = Scope.SUITE, seeds: int = 1) -> Met:
    """Seeds that all show these verdicts on the three rules."""
    row = dict(zip((OWN, ALSO, OTHER), cells, strict=True))
    return Met(Job(server, scope, tuple(range(seeds))), (row,) * seeds, 3, 0.1)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (met(FAULT, FAILED, FAILED, PASSED), None),
        (met(FAULT, PASSED, FAILED, PASSED), "survives"),
        (met(FAULT, FAILED, FAILED, FAILED), f"breaks {OTHER} too"),
        (met(FAULT, FAILED, PASSED, PASSED), f"is declared to break {ALSO} too, and doesn't"),
        (met(FAULT, FAILED, FAILED, CRASHED), f"makes the check of {OTHER} crash"),
        (met(GOOD, PASSED, PASSED, PASSED), None),
        (met(GOOD, PASSED, PASSED, FAILED), f"is blamed for {OTHER}"),
        (met(NULL, FAILED, FAILED, FAILED), None),
        (met(NULL, FAILED, FAILED, PASSED), f"passes {OTHER}"),
    ],
)
def test_a_gate_tells_what_shuts_it(seen: Met, told: str | None) -> None:
    found = list(complaints([seen]))
    assert len(found) == (told is not None)
    assert all(str(told) in complaint for complaint in found)


@pytest.mark.parametrize(("missed", "survives"), [(1, False), (2, True), (20, True)])
def test_a_fault_is_found_in_19_of_20_seeds(missed: int, survives: bool) -> None:
    row = [{OWN: FAILED}] * (20 - missed) + [{OWN: PASSED}] * missed
    own = Met(Job(FAULT, Scope.OWN_RULE, tuple(range(20))), tuple(row), 20, 1.0)
    assert ["survives" in told for told in complaints([own])] == [True] * survives


def test_what_is_seen_in_company_only_is_seen() -> None:
    alone = met(FAULT, PASSED, PASSED, PASSED, scope=Scope.OWN_RULE, seeds=20)
    assert list(complaints([alone, met(FAULT, FAILED, FAILED, PASSED)])) == []


def test_the_page_tells_of_every_fault() -> None:
    seen = [
        each
        for name in api.names()
        for server in [Server(Kind.FAULT, name, fault) for fault in _SOME[name]]
        for each in _twice(server)
    ]
    written = page(seen)
    assert "| survivors | 0 |" in written
    assert "| 20/20 | status |" in written
    assert "Few clients see a body behind a 204" in written


_SOME = {
    "bge": ["bge/write/retrievable.other-id"],
    "dotide": [FAULT.name],
}


def _twice(server: Server) -> list[Met]:
    row = {server.name.rpartition(".")[0]: FAILED, **({ALSO: FAILED} if server == FAULT else {})}
    return [
        Met(Job(server, Scope.SUITE, (1,)), (row,), 3, 0.1),
        Met(Job(server, Scope.OWN_RULE, tuple(range(20))), (row,) * 20, 3, 0.1),
    ]
