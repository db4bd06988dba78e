"""Evidence is whole, an archive that others can read, and holds no secret."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import pytest

from streamproof.contracts.observations import Observation
from streamproof.contracts.report.files import write
from streamproof.contracts.report.har import files as archives
from streamproof.contracts.report.har import har
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import rule_on_all
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from streamproof.specs.dialect import Choice, DialectSpec, Point
from streamproof.specs.schema import check_file
from tests.contracts.har_format import HAR
from tests.contracts.runs import ALL_HELD, CREATE, SECRET, broken, make_run, outcome, rule, shop


def archive(run: Run) -> dict[str, Any]:
    """The evidence of the first failure, seen to be HAR as it is written."""
    ruling = next(ruling for ruling in run.rulings if ruling.broken)
    text = json.dumps(har(run, ruling), ensure_ascii=False)
    written = json.loads(text.encode("utf-8", "backslashreplace"))
    check_file(written, HAR, "evidence")
    log: dict[str, Any] = written["log"]
    return log


def of(*steps: Any) -> dict[str, Any]:
    return archive(make_run({**ALL_HELD, "shop/list/ordered": broken(*steps)}))


def test_an_exchange_is_told_whole() -> None:
    log = of(outcome(CREATE, b'{"id": "b"}', b'{"id":"b"}', 201))
    [entry] = log["entries"]
    sent, got = entry["request"], entry["response"]
    assert (sent["method"], sent["url"]) == ("POST", "http://shop.example/v1/things")
    assert sent["headers"] == [{"name": "Authorization", "value": "Basic ***", "_proof": True}]
    assert sent["postData"] == {"mimeType": "", "text": '{"id":"b"}'}
    assert (got["status"], got["statusText"]) == (201, "Created")
    assert got["content"]["text"] == '{"id": "b"}'
    assert log["_expected"] == "[a, b]"


def test_a_large_answer_is_whole() -> None:
    body = json.dumps([f"row{n}" for n in range(100_000)])
    content = of(outcome(body=body.encode()).kept())["entries"][0]["response"]["content"]
    assert (content["size"], content["text"]) == (len(body), body)


def test_what_there_was_no_room_for_is_told() -> None:
    cut = replace(outcome(body=b"x" * 50_000).kept(), packed=None)
    content = of(cut)["entries"][0]["response"]["content"]
    assert (content["size"], len(content["text"])) == (50_000, 16 * 1024)
    assert content["comment"] == "its first 16,384 octets: there was no room for more"


def test_what_is_no_text_is_in_base64() -> None:
    content = of(outcome(body=b"\xff\x00\xfe"))["entries"][0]["response"]["content"]
    assert content["encoding"] == "base64"
    assert base64.b64decode(content["text"]) == b"\xff\x00\xfe"


def test_no_answer_is_told() -> None:
    lost = replace(outcome(), status=None, body=b"", trouble="connection reset")
    response = of(lost)["entries"][0]["response"]
    assert (response["status"], response["comment"]) == (0, "connection reset")


@pytest.mark.parametrize(
    "echo",
    [
        SECRET.encode(),
        base64.b64encode(f"shop:{SECRET}".encode()),
        SECRET.encode("utf-16"),
        b"\xff" + SECRET.encode(),
        b"\xff" + SECRET.encode("utf-16-be"),
        SECRET.replace("-", "%2D").encode(),
    ],
)
def test_no_secret_that_comes_back_is_in_it(echo: bytes) -> None:
    log = of(outcome(body=echo, sent=echo))
    for part in (
        log["entries"][0]["request"]["postData"],
        log["entries"][0]["response"]["content"],
    ):
        coded = "base64" in (part.get("encoding"), part.get("_encoding"))
        octets = base64.b64decode(part["text"]) if coded else part["text"].encode()
        assert echo.removeprefix(b"\xff").removeprefix(b"\xff\xfe") not in octets
        assert b"***" in octets


def test_what_was_observed_is_an_archive_beside_the_report(tmp_path: Path) -> None:
    choices = (Choice(409, "conflict", "冲突"), Choice(422, "not valid", "无效"))
    point = Point("taken", "Which status?", "哪个状态码？", choices, 409, "", "")
    look = outcome(CREATE, b"taken", f"by {SECRET}".encode(), 409)
    seen = Observation("taken", True, 409, steps=(look, look))
    run = make_run(ALL_HELD, observations=(seen, Observation("unasked", False, why="dear")))
    points = DialectSpec(
        MappingProxyType({"taken": point, "unasked": replace(point, name="unasked")})
    )
    files = write(replace(run, api=replace(run.api, dialect=points)), tmp_path)
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))["observations"]
    assert [each["archive"] for each in told] == ["evidence/shop.dialect.taken.har", None]
    [written] = [json.loads(file.read_text("utf-8")) for file in files if file.suffix == ".har"]
    check_file(written, HAR, "evidence")
    assert [entry["response"]["status"] for entry in written["log"]["entries"]] == [409, 409]
    assert (written["log"]["comment"], written["log"]["_choice"]) == (
        "shop/dialect/taken: Which status?",
        409,
    )
    assert SECRET not in json.dumps(written)


def test_a_pinned_point_that_fails_is_told_as_a_failure_where_it_was_observed() -> None:
    seen = Observation("over_limit", True, "rejected", steps=(outcome(),))
    pinned = rule("dialect/over_limit")
    rulings = rule_on_all([pinned], {pinned.id: broken(outcome())}, shop([pinned]).rulebook)
    run = replace(make_run({}), rulings=rulings, observations=(seen,))
    point = Point("over_limit", "?", "？", (), "rejected", "", "")
    api_of = replace(run.api, dialect=DialectSpec(MappingProxyType({"over_limit": point})))
    [(at, written)] = archives(replace(run, api=api_of)).items()
    assert at == "evidence/shop.dialect.over_limit.har"
    assert written["log"]["_expected"] == "[a, b]"


# -- whole runs --------------------------------------------------------------------------------


def judged(name: str, fault: str, *only: str) -> Run:
    """A run against the mock with a fault, by the credentials of its fixtures."""
    spec = api.load(name)
    base = {"dotide": "/v1/demo", "bge": "/openbge"}[name]
    app = create_app(MockConfig(apis=(name,), faults=(fault,)))
    target = Target(
        spec,
        WsgiTransport(app, f"http://localhost{base if name == 'dotide' else ''}"),
        spec.fixtures["credentials"],
        spec.fixtures,
    )
    return run(target, Options(Selection(only), 1))


def test_a_failure_of_dotide_is_an_archive(tmp_path: Path) -> None:
    rule = "dotide/list/pages"
    done = judged("dotide", f"{rule}.off-by-one", rule)
    log = archive(done)
    steps = next(r for r in done.rulings if r.broken).finding.steps
    assert len(log["entries"]) == len(steps)
    assert {entry["_operation"] for entry in log["entries"]} == {"create", "list"}
    files = {file.name: file.read_text("utf-8") for file in write(done, tmp_path)}
    assert json.loads(files["report.json"])["rules"][0]["failure"]["evidence"] == (
        "evidence/dotide.list.pages.har"
    )
    secret = api.load("dotide").fixtures["credentials"]["basic"].partition(":")[2]
    for text in files.values():
        assert secret not in text
        assert base64.b64encode(f"demo-client:{secret}".encode()).decode() not in text


def test_a_signed_form_of_bge_is_masked_where_it_is_signed(tmp_path: Path) -> None:
    rule = "bge/range/sort-desc"
    done = judged("bge", f"{rule}.ascending", rule)
    log = archive(done)
    params = log["entries"][-1]["request"]["postData"]["params"]
    masked = {param["name"]: param["value"] for param in params if param.get("_proof")}
    assert masked == dict.fromkeys(("app_key", "signature_nonce", "timestamp", "sign"), "***")
    signatures = {mark for r in done.rulings for s in r.finding.steps for mark in s.marks}
    assert signatures
    for file in write(done, tmp_path):
        text = file.read_text("utf-8")
        assert not any(mark in text for mark in signatures)


def test_a_signature_that_comes_back_stands_in_no_report(tmp_path: Path) -> None:
    def echo(environ: dict[str, Any], start: Any) -> list[bytes]:
        sent = environ["wsgi.input"].read().decode()
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"code": 0, "msg": "", "data": {"result": sent}}).encode()]

    bge = api.load("bge")
    transport = WsgiTransport(echo, "http://localhost")
    target = Target(bge, transport, bge.fixtures["credentials"], bge.fixtures)
    done = run(target, Options(Selection(("bge/*/shape",)), 1))
    steps = [step for r in done.rulings if r.broken for step in r.finding.steps]
    marks = {mark for step in steps for mark in step.marks}
    assert marks
    assert any(quote(mark, safe="").encode() in step.body for step in steps for mark in step.marks)
    for file in write(done, tmp_path):
        text = file.read_text("utf-8")
        assert not any(mark in text or quote(mark, safe="") in text for mark in marks)
