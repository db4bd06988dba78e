"""junit.xml is XML whatever a target answers, and has what a pipeline shows and sorts by."""

import re
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

from streamproof.contracts.report.junit import junit
from streamproof.contracts.run import Options, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from tests.contracts.runs import (
    ALL_HELD,
    CRASHED,
    FAILING,
    RULES,
    UNTESTED,
    broken,
    make_run,
    outcome,
)

# XML 1.0, Char: all else must not stand in a document, not even as a reference
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def test_junit_has_a_case_for_every_rule() -> None:
    run = make_run({**ALL_HELD, "shop/list/ordered": broken(outcome(body=b"\x00\x1b[2J]]>&<"))})
    suite = ElementTree.fromstring(junit(run))
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert list(cases) == [r.id for r in RULES]
    assert cases["shop/create/unique"].get("classname") == "streamproof.shop.create"
    assert [each.tag for each in cases["shop/create/unique"]] == ["properties", "system-out"]
    assert all(case.get("time") for case in cases.values())
    told = cases["shop/list/ordered"].find("failure")
    assert told is not None
    assert told.get("message") == "expected [a, b]; got [b, a]"
    assert r"GET /things -> 200 \x00\x1b[2J]]>&<" in (told.text or "")
    assert "curl -sS" in (told.text or "")
    assert cases["shop/list/paged"].find("skipped") is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("6", "1", "1")


def test_a_case_of_junit_has_what_a_pipeline_sorts_by() -> None:
    suite = ElementTree.fromstring(junit(FAILING, "zh"))
    case = next(c for c in suite.iter("testcase") if c.get("name") == "shop/list/ordered")
    assert case.get("time") == "0.000"
    told = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert told == {
        "statement": "…",
        "level": "documented",
        "verdict": "failed",
        "source": "things.md › List › order",
        "requests": "0",
        "examples": "3",
        "fingerprint": FAILING.rulings[0].fingerprint,
        "evidence": "evidence/shop.list.ordered.har",
    }
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "期望 [a, b]；实际 [b, a]"


def test_a_fault_of_the_suite_is_an_error_in_junit() -> None:
    error = ElementTree.fromstring(junit(CRASHED)).find(".//error")
    assert error is not None
    assert error.text == "Trace\nOh"


def test_a_case_tells_its_witnesses_and_a_suite_what_the_screen_told() -> None:
    suite = ElementTree.fromstring(junit(UNTESTED))
    logs = {case.get("name"): case.findtext("system-out") for case in suite.iter("testcase")}
    assert logs["shop/create/unique"] == "witnesses: seen: two keys"
    told = suite.findtext("system-out") or ""
    assert told.startswith("shop at http://shop.example/v1: INCONCLUSIVE")
    assert "replay: the same command with --seed 17 --run-id abcdefgh" in told


def test_what_xml_forbids_stands_in_no_report_whatever_a_target_answers() -> None:
    odd = rb'"name":"\u0000\u001b\ud800\ufffe' + "\ufffe\uffff\x7f\u2028".encode()
    mock, spec = create_app(MockConfig(apis=("dotide",))), api.load("dotide")

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        def bare(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            return start(status, [h for h in headers if h[0].lower() != "content-length"])

        return [b"".join(mock.wsgi_app(environ, bare)).replace(b'"name":"', odd)]

    transport = WsgiTransport(app, "http://localhost/v1/demo")
    target = Target(spec, transport, spec.fixtures["credentials"], spec.fixtures)
    text = junit(run(target, Options(Selection(("dotide/create/echo",)), 1)))
    failure = ElementTree.fromstring(text).find(".//failure")
    assert failure is not None
    assert r"\ud800" in (failure.text or "")
    assert not FORBIDDEN.search(text)
