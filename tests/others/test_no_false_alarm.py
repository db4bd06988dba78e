"""No rule fails on a service that keeps the document, whatever it chose where that is silent.

Here each character meets one seed with few examples, several at once, for they mostly wait;
`python -m tests.others` runs twenty seeds in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.others.trials import CASES, Case, glanced

Glances = Mapping[Case, Future[tuple[list[str], float]]]


@pytest.fixture(scope="module")
def glances() -> Iterator[Glances]:
    with ProcessPoolExecutor(4, get_context("spawn")) as processes:
        yield {case: processes.submit(glanced, case) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_is_said_against(case: Case, glances: Glances) -> None:
    alarms, passed = glances[case].result()
    assert alarms == []
    assert passed > 0.9  # silence alone would prove nothing
