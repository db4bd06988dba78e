"""A namespace of the fixtures that isn't the app's is told as that, and blames no rule."""

from __future__ import annotations

import pytest

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import HttpTransport
from streamproof.contracts.verdict import Headline, Verdict
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from streamproof.specs import api

BGE = api.load("bge")


def judged(config: MockConfig, namespace: str) -> Run:
    fixtures = {**BGE.fixtures, "namespace": namespace}
    with serve_in_thread(config) as served:
        target = Target(BGE, HttpTransport(served.url), BGE.fixtures["credentials"], fixtures)
        only = ("bge/write/found-by-range", "bge/range/caller-namespace")
        return run(target, Options(Selection(only), seed=1, run_id="abcdefgh", max_examples=3))


def test_a_namespace_that_isnt_the_apps() -> None:
    quiet = MockConfig(dialects={"bge": {"unknown_namespace_in_range": "empty"}})
    seen = judged(quiet, "ANOTHER")
    assert seen.headline is Headline.INCONCLUSIVE
    assert seen.ended == (
        "what this app writes stands in the namespace BGE_DEVELOPER_PLATFORM, not in ANOTHER;"
        " give BGE_DEVELOPER_PLATFORM in fixtures.namespace"
    )


@pytest.mark.parametrize("fault", ["bge/range/caller-namespace.other"])
def test_a_server_that_shows_another_one_is_blamed(fault: str) -> None:
    seen = judged(MockConfig(faults=(fault,)), BGE.fixtures["namespace"])
    failed = [r.rule.id for r in seen.rulings if r.verdict is Verdict.FAILED]
    assert failed == ["bge/range/caller-namespace"]
