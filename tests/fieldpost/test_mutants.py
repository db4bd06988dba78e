"""Each fault of what fieldpost's files say is found by the check of its own rule."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from streamproof.contracts.verdict import Verdict
from streamproof.mockserver import domain
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.faults import Fault, switch_on
from streamproof.mockserver.store import DEFAULT_SPACE
from tests.fieldpost.test_declared import FOLDER, FULL, judged, verdicts
from tests.kill.cells import Job, Scope, meet
from tests.kill.gates import complaints
from tests.kill.servers import good, nulls

FAULTS = {fault.name: fault for fault in domain.faults(str(FOLDER))}


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(MockConfig((str(FOLDER),)))


@pytest.fixture
def broken(app: Flask, request: pytest.FixtureRequest) -> Iterator[tuple[Flask, Fault]]:
    """The mock with a fault."""
    store, fault = app.extensions["store"], FAULTS[request.param]
    store.reset(DEFAULT_SPACE)
    switch_on(store.space(DEFAULT_SPACE), (fault,))
    yield app, fault
    switch_on(store.space(DEFAULT_SPACE), ())


def test_every_rule_has_a_fault() -> None:
    assert {fault.rule for fault in FAULTS.values()} == {rule.id for rule in FULL.rulebook}


def test_every_rule_of_a_law_has_a_gross_fault_and_a_subtle_one() -> None:
    faults = [fault.rule for fault in FAULTS.values()]
    assert all(faults.count(rule.id) >= 2 for rule in FULL.rulebook if rule.law is not None)


def test_no_rule_is_kept_by_a_server_that_does_nothing() -> None:
    met = [meet(Job(server, Scope.SUITE, (1,))) for server in (good(FULL), *nulls(FULL))]
    assert list(complaints(met)) == []


@pytest.mark.parametrize("broken", FAULTS, indirect=True)
def test_a_fault_is_found_by_its_rule(broken: tuple[Flask, Fault]) -> None:
    app, fault = broken
    run = judged(FULL, app, (fault.rule,))
    assert verdicts(run, Verdict.FAILED) == {fault.rule}, fault.says
