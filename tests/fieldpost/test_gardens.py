"""A file in OpenAPI 3.0, written as vendors do: its mock gives no cause for an alarm."""

from __future__ import annotations

from streamproof.contracts.run import Options, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Verdict
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from tests.fieldpost.test_declared import verdicts
from tests.mockserver.engine.conftest import GARDENS


def test_a_good_server_of_it_fails_nothing() -> None:
    spec = api.load(str(GARDENS))
    app = create_app(MockConfig((str(GARDENS),)))
    credentials = dict(spec.fixtures["credentials"])

    judged = run(
        Target(spec, WsgiTransport(app, "http://localhost/api/acme"), credentials, {}),
        Options(seed=1, run_id="gardens", max_examples=4),
    )

    assert not verdicts(judged, Verdict.FAILED, Verdict.HARNESS_ERROR)
    passed = verdicts(judged, Verdict.PASSED)
    assert passed >= {
        "gardens/weather/unit-enum",
        "gardens/add_garden/tags-items-type",
        "gardens/change_garden/shape",  # of a thing that was made, whatever its path calls it
    }
    assert "gardens/report/shape" not in spec.rulebook.rules  # text is judged by no schema
    assert judged.cleanup.left == 0
