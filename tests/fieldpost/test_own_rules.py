"""A folder with rules and checks of its own: those rules and no others, and its check wins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from streamproof.contracts.verdict import Headline, Verdict
from streamproof.specs import api
from streamproof.specs.api import Api
from tests.fieldpost.server import Fieldpost
from tests.fieldpost.test_declared import FOLDER, judged, verdicts

WHOLE = "fieldpost/list_readings/pages-whole"
EDGE = "fieldpost/list_readings/until-edge"
RULES = f"""
api: fieldpost
title: {{en: Device readings, zh: 设备读数}}
documents:
- {{id: document.md, title: Device readings, home: "", level: documented}}
rules:
- {{id: {WHOLE}, law: cursors/complete, sources: [document.md]}}
- {{id: {EDGE}, law: windows/end-edge, level: documented, sources: [document.md]}}
"""
CHECKS = f"""
from streamproof.contracts.check import Trial, check


@check("{EDGE}", "never seen")
def fails(trial: Trial) -> None:
    trial.fail("own", expected="what this folder says", actual="something else")


CHECKS = (fails,)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Api]:
    """Fieldpost with rules of its own, and these files beside them."""

    def load(**files: str) -> Api:
        there = copytree(FOLDER, tmp_path / "fieldpost")
        for name, text in {"rules.yaml": RULES, **files}.items():
            (there / name.replace("_", ".")).write_text(text, "utf-8")
        return api.load(str(there))

    return load


def test_its_rules_are_judged_by_their_laws_and_no_others(folder: Callable[..., Api]) -> None:
    run = judged(folder(), Fieldpost())

    assert run.headline is Headline.CONFORMS
    assert verdicts(run, Verdict.PASSED) == {WHOLE, EDGE}
    assert len(run.rulings) == 2


def test_a_check_of_its_own_wins_over_a_law(folder: Callable[..., Api]) -> None:
    run = judged(folder(checks_py=CHECKS), Fieldpost())

    assert verdicts(run, Verdict.FAILED) == {EDGE}
    assert verdicts(run, Verdict.PASSED) == {WHOLE}
