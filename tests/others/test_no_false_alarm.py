"""No rule fails on a service that keeps the document, whatever it chose where that is silent.

Here each character meets one seed with few examples, several at once, for they mostly wait;
`python -m tests.others` runs twenty seeds in full.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from streamproof.specs import api
from tests.others.trials import CASES, glanced


@pytest.mark.parametrize("name", api.names())
def test_nothing_is_said_against(name: str) -> None:
    cases = [case for case in CASES if case.api == name]
    with ProcessPoolExecutor(4, get_context("spawn")) as processes:
        glances = dict(zip(map(str, cases), processes.map(glanced, cases), strict=True))
    assert {case: alarms for case, (alarms, _) in glances.items() if alarms} == {}
    silent = {case: passed for case, (_, passed) in glances.items() if passed <= 0.9}
    assert silent == {}  # silence alone would prove nothing
