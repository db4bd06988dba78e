"""The page of a pipeline's job: short, and nobody's markup but ours."""

import pytest

from streamproof.contracts.report.markdown import markdown
from streamproof.contracts.run import Run
from tests.contracts.runs import (
    ALL_HELD,
    CONFORMING,
    CRASHED,
    FAILING,
    HOPELESS,
    SECRET,
    UNCHECKED,
    UNREACHABLE,
    broken,
    make_run,
    outcome,
)
from tests.contracts.test_waivers import waived, waiver


def test_it_says_what_the_first_screen_says() -> None:
    assert markdown(FAILING) == "\n".join(
        (
            "## shop: does not conform",
            "",
            "http://shop.example/v1: 1 of 6 rules does not hold",
            "",
            "| level | passed | failed | not tested |",
            "| --- | ---: | ---: | ---: |",
            "| documented | 2 | 1 | 1 |",
            "| implied | 1 | 0 | 0 |",
            "| linked | 1 | 0 | 0 |",
            "",
            "### What does not hold",
            "",
            "- `shop/list/ordered` Rule list/ordered holds. (keeps from being judged: 1)<br>"
            "expected \\[a, b\\]; got \\[b, a\\]",
            "",
            "replay: the same command with `--seed 17 --run-id abcdefgh`",
            "",
        )
    )


@pytest.mark.parametrize("run", [CONFORMING, CRASHED, HOPELESS, UNCHECKED, UNREACHABLE])
def test_every_run_has_a_page_in_two_languages(run: Run) -> None:
    assert markdown(run).startswith(f"## shop: {run.headline.value}\n")
    assert markdown(run, "zh") != markdown(run)


def test_a_waiver_of_no_use_is_told() -> None:
    run = waived(waiver(), waiver("shop/create/status"))
    assert "- `shop/create/status` stale: the rule holds now; take the entry out" in markdown(run)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<img src=x onerror=alert(1)>", r"&lt;img src=x onerror=alert\(1\)\>"),
        ("[a](javascript:b)", r"\[a\]\(javascript:b\)"),
        ("@everyone #1", r"\@everyone \#1"),
        ("a | b\n# c `d`", r"a \| b\\n\# c \`d\`"),
        (f"you are {SECRET}", r"you are \*\*\*"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
    ],
)
def test_what_a_target_sends_is_no_markup(text: str, told: str) -> None:
    run = make_run({**ALL_HELD, "shop/list/ordered": broken(outcome(), actual=text)})
    (line,) = (line for line in markdown(run).splitlines() if "expected" in line)
    assert line.endswith(f"got {told}")
