"""Files of waivers: what people write, what is drafted for them, and what a run makes of it."""

import json
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from streamproof.contracts.report.document import document
from streamproof.contracts.run import Run
from streamproof.contracts.waivers import Waiver
from streamproof.specs import api
from streamproof.specs.api import read_json
from streamproof.specs.errors import SpecError
from streamproof.specs.schema import check_file
from streamproof.waiver_draft import draft
from streamproof.waivers import SCHEMA, read_waivers
from tests.contracts.runs import CONFORMING, FAILING, broken, make_run, outcome
from tests.contracts.test_waivers import waived, waiver
from tests.test_cli import DOTIDE, mock, streamproof, url_of

TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(30)
GOOD = f"""
[[waivers]]
rule = "dotide/list/pages"
fingerprint = "0123456789ab"
reason = "the gateway cuts pages"
expires = {SOON}
owner = "store team"
ticket = "SHOP-7"

[[waivers]]
rule = "bge/range/page-size"
reason = "so wanted"
expires = "{SOON}"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "waivers.toml"
    file.write_text(text, "utf-8")
    return file


def test_a_file_is_read(tmp_path: Path) -> None:
    found = read_waivers(written(tmp_path, GOOD))
    assert found.waivers == (
        Waiver(
            "dotide/list/pages",
            "the gateway cuts pages",
            SOON,
            "0123456789ab",
            "store team",
            "SHOP-7",
        ),
        Waiver("bge/range/page-size", "so wanted", SOON),
    )
    assert found.today == TODAY
    assert read_waivers(written(tmp_path, "")).waivers == ()


def entry(**changed: Any) -> str:
    members = {"rule": '"dotide/list/pages"', "reason": '"known"', "expires": str(SOON), **changed}
    lines = [f"{name} = {value}" for name, value in members.items() if value is not None]
    return "\n".join(["[[waivers]]", *lines]) + "\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (entry(reason=None), "waivers.0.reason: is missing; say why the deviation is accepted"),
        (entry(reason='" "'), "waivers.0.reason: .*; say why the deviation is accepted"),
        (entry(expires=None), "waivers.0.expires: is missing; the last day"),
        (entry(expires='"soon"'), "waivers.0.expires: .*; the last day"),
        (entry(expires='"2026-02-30"'), "waivers.0.expires: 2026-02-30 is no day of the calendar"),
        (entry(expires=f"{SOON}T12:00:00"), "waivers.0.expires: .*; the last day"),
        (entry(expires=str(TODAY + timedelta(181))), "is too far away; at most 180 days"),
        (entry(rule='"dotide/list/*"'), "waivers.0.rule: .*; the id of one rule"),
        (entry(fingerprint='"0123"'), "waivers.0.fingerprint: .*12 hexadecimal digits"),
        (entry(ticket="7"), "waivers.0.ticket: .*; where it is followed up"),
        (entry(rules='"x"'), "waivers.0.rules: no such entry; did you mean rule?"),
        (entry() * 2, "waivers.1: dotide/list/pages is waived twice"),
        ("[waivers]\nrule = 'x'", r"waivers: .*; write \[\[waivers\]\] above each"),
        ("waivers = ['x']", r"waivers.0: .*; write \[\[waivers\]\] above each"),
        ("[[waiver]]", "waiver: no such entry; did you mean waivers?"),
        ("[[waivers]", "is no TOML"),
    ],
)
def test_what_is_wrong_is_one_clear_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SpecError, match=told) as fault:
        read_waivers(written(tmp_path, text))
    assert "\n" not in str(fault.value)


def test_the_published_schema_says_the_same(tmp_path: Path) -> None:
    content = tomllib.loads(GOOD)
    for each in content["waivers"]:
        each["expires"] = str(each["expires"])
    check_file(content, read_json(SCHEMA), "waivers.toml")
    with pytest.raises(SpecError):
        check_file({"waivers": [{"rule": "a/b/c"}]}, read_json(SCHEMA), "waivers.toml")


# -- drafts ------------------------------------------------------------------------------------


def drafted(run: Run) -> str:
    return draft(document(run), date(2026, 11, 28))


def test_a_draft_has_all_but_the_reason(tmp_path: Path) -> None:
    text = drafted(FAILING)
    (found,) = tomllib.loads(text)["waivers"]
    assert found == {
        "rule": "shop/list/ordered",
        "fingerprint": FAILING.rulings[0].fingerprint,
        "reason": "",
        "expires": date(2027, 2, 26),
    }
    assert "# Rule list/ordered holds." in text
    with pytest.raises(SpecError, match="say why the deviation is accepted"):
        read_waivers(written(tmp_path, text))
    read_waivers(written(tmp_path, text.replace('reason = ""', 'reason = "known"')))


def test_a_draft_keeps_the_waivers_that_are_of_use() -> None:
    kept = waiver(fingerprint=None, owner="me \x7f\n\\", ticket="店")
    run = waived(kept, waiver("shop/create/status"), unique=broken(outcome()))
    found = tomllib.loads(drafted(run))["waivers"]
    assert [each["rule"] for each in found] == ["shop/list/ordered", "shop/create/unique"]
    assert Waiver(**found[0]) == kept


def test_whatever_a_target_sent_a_draft_is_toml() -> None:
    actual = 'a"\r\n\x00\u2028\ud800 ]] = \\'
    run = make_run({"shop/list/ordered": broken(outcome(), actual=actual)})
    assert len(tomllib.loads(drafted(run))["waivers"]) == 1


def test_where_nothing_fails_there_is_nothing_to_waive(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(document(CONFORMING)), "utf-8")
    done = streamproof("waive", str(tmp_path))
    assert done.returncode == 0
    assert tomllib.loads(done.stdout) == {}
    assert "there is nothing to waive" in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "is no report of a run"),
        ('{"schema_version": 99}', "schema_version: 99 is none that this streamproof reads"),
        ('{"schema_version": 1}', "suite_version"),
        ("[", "is no JSON"),
    ],
)
def test_what_is_no_report_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "report.json"
    file.write_text(text, "utf-8")
    done = streamproof("waive", str(file))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert told in done.stderr


# -- the real commands -------------------------------------------------------------------------


def test_a_failure_is_waived_from_one_run_to_the_next(tmp_path: Path) -> None:
    rule = "dotide/create/status"
    with mock("dotide", "--fault", f"{rule}.other") as (_, banner):
        basic = api.load("dotide").fixtures["credentials"]["basic"]
        command = ("check", "dotide", "--url", f"{url_of(banner)}/v1/demo", "--basic", basic)
        chosen = ("--only", rule, "--report-dir", str(tmp_path))
        assert streamproof(*command, *chosen).returncode == 1
        text = streamproof("waive", str(tmp_path)).stdout
        file = written(tmp_path, text.replace('reason = ""', 'reason = "known"'))
        done = streamproof(*command, *chosen, "--waivers", str(file))
        assert done.returncode == 0
        assert (
            "CONFORMS WITH WAIVERS: 0 of 1 rule holds, 1 is waived" in done.stdout.splitlines()[0]
        )
        report = json.loads((tmp_path / "report.json").read_text("utf-8"))
        assert report["headline"] == "conforms with waivers"
        assert report["rules"][0]["waiver"]["reason"] == "known"


def test_a_bad_file_ends_a_command_before_it_begins(tmp_path: Path) -> None:
    file = written(tmp_path, "[[waivers]]")
    url = ("--url", "http://127.0.0.1:9/v1/demo")
    done = streamproof("check", "dotide", *url, *DOTIDE, "--waivers", str(file))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "waivers.0.rule: is missing; the id of one rule" in done.stderr
