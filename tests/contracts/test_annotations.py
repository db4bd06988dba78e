"""Annotations for GitHub: a line each, which no text can leave."""

from pathlib import Path

from streamproof.config import read_target
from streamproof.contracts.report.annotations import errors
from streamproof.judge import described_at
from tests.contracts.runs import ALL_HELD, CONFORMING, FAILING, SECRET, broken, make_run, outcome
from tests.contracts.test_waivers import waived, waiver

TARGETS = """
[targets.other]
api = "dotide"
url = "http://127.0.0.1:1/v1/demo"
basic = "a:b"

[targets.staging]
api = "dotide"
url = "http://127.0.0.1:1/v1/demo"
basic = "a:b"
"""


def test_a_failure_is_shown_where_the_target_is_described() -> None:
    assert list(errors(FAILING, ("streamproof.toml", 7))) == [
        "::error title=shop/list/ordered,file=streamproof.toml,line=7::expected [a, b]; got [b, a]"
    ]
    (line,) = errors(FAILING, None, "zh")
    assert line == "::error title=shop/list/ordered::期望 [a, b]；实际 [b, a]"
    assert list(errors(CONFORMING, None)) == []


def test_a_waiver_of_no_use_is_shown() -> None:
    run = waived(waiver(), waiver("shop/create/status"))
    assert list(errors(run, None)) == [
        "::error title=shop/create/status::the rule holds now; take the entry out"
    ]


def test_what_a_target_sends_makes_no_command_of_its_own() -> None:
    text = f"100%\n::set-env name=PATH::x\r{SECRET}"
    run = make_run({**ALL_HELD, "shop/list/ordered": broken(outcome(), actual=text)})
    (line,) = errors(run, ("a,b:c.toml", 1))
    assert line.startswith("::error title=shop/list/ordered,file=a%2Cb%3Ac.toml,line=1::expected")
    assert line.endswith(r"got 100%25\n::set-env name=PATH::x\r***")


def test_the_place_of_a_target_is_its_table(tmp_path: Path) -> None:
    file = tmp_path / "streamproof.toml"
    file.write_text(TARGETS, "utf-8")
    assert described_at(read_target(file, "staging")) == (str(file), 7)
