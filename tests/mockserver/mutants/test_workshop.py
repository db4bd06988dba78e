"""Faults of laws that fieldpost has nothing for are found by the checks of their own rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Headline, Verdict
from streamproof.mockserver import domain
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.faults import Fault, switch_on
from streamproof.mockserver.store import DEFAULT_SPACE
from streamproof.specs import api
from streamproof.specs.laws import laws
from tests.fieldpost.test_declared import FULL, verdicts

FOLDER = Path(__file__).parent / "workshop"
WORKSHOP = api.load(str(FOLDER))
LAW = {rule.id: rule.law for rule in WORKSHOP.rulebook if rule.law is not None}
FAULTS = {fault.name: fault for fault in domain.faults(str(FOLDER)) if fault.rule in LAW}
# What is met in another way here than in fieldpost: keys of the server's, pages by offset and
# number, filters for several values, a window without its edges, cursors in a header, and
# duplicates that nothing permits.
OTHERWISE = (
    *("keys/new", "life/read-as-made", "lists/kept-apart", "duplicates/"),
    *("pages/", "filters/", "windows/", "cursors/"),
)


def is_new(fault: Fault) -> bool:
    law = str(LAW[fault.rule])
    return law.startswith(OTHERWISE) or law not in {rule.law for rule in FULL.rulebook}


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


def judged(app: Flask, only: tuple[str, ...] = ()) -> Run:
    credentials = dict(WORKSHOP.fixtures["credentials"])
    target = Target(WORKSHOP, WsgiTransport(app, "http://localhost/v1"), credentials, {})
    return run(target, Options(Selection(only), seed=1, run_id="workshop", max_examples=5))


def test_every_law_is_met_here_or_in_fieldpost() -> None:
    assert {*laws()} == {*LAW.values()} | {rule.law for rule in FULL.rulebook if rule.law}


def test_every_rule_of_a_law_has_a_gross_fault_and_a_subtle_one() -> None:
    faults = [fault.rule for fault in FAULTS.values()]
    assert all(faults.count(rule) >= 2 for rule in LAW)


def test_the_mock_without_faults_conforms(app: Flask) -> None:
    app.extensions["store"].reset(DEFAULT_SPACE)
    run = judged(app, tuple(LAW))
    assert run.headline is Headline.CONFORMS
    assert run.cleanup.left == 0


@pytest.mark.parametrize("broken", [n for n, f in FAULTS.items() if is_new(f)], indirect=True)
def test_a_fault_is_found_by_its_rule(broken: tuple[Flask, Fault]) -> None:
    app, fault = broken
    run = judged(app, (fault.rule,))
    assert verdicts(run, Verdict.FAILED) == {fault.rule}, fault.says
