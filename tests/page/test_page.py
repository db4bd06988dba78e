"""report.html says all, needs nothing else, and is safe whatever a target answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproof.contracts.finding import Finding
from streamproof.contracts.report import page as pages
from streamproof.contracts.report.document import document
from streamproof.contracts.report.lang import WORDS, sentence
from streamproof.contracts.report.page import page, visible
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Headline, Verdict
from streamproof.specs.dialect import Choice, DialectSpec, Point
from tests.contracts.runs import (
    ALL_HELD,
    CONFORMING,
    CRASHED,
    CREATE,
    FAILING,
    HOPELESS,
    SECRET,
    UNCHECKED,
    UNREACHABLE,
    UNTESTED,
    broken,
    make_run,
    outcome,
)
from tests.contracts.test_waivers import TODAY, waived, waiver
from tests.page.browser import Browser, browser

HOSTILE = (
    "</pre></script><script>document.title='broken'</script>"
    "<img src=x onerror=\"document.title='broken'\">'\"`&amp;{{ 7*7 }}"
    "\u2028\u2029\u202egnp.exe\u2066\u200b\x1b[2J\x00\ud800"
)


class Reader(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def hostile(text: str, **more: Any) -> Run:
    """A run in which the target has a say in everything that it may have a say in."""
    echo = outcome(CREATE, body=text.encode("utf-8", "replace"), sent=b'"x"')
    echo = replace(echo, headers={"x-note": text.replace("\x00", ""), "location": text})
    findings = {
        **ALL_HELD,
        "shop/list/ordered": broken(echo, expected=text, actual=text),
        "shop/create/status": Finding((), unmet=text),
        "shop/any/json": Finding((), crash=f"Trace\n{text}!"),
    }
    return make_run(findings, ended=text, **more)


# -- what it says ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "run", [CONFORMING, FAILING, UNREACHABLE, UNTESTED, UNCHECKED, CRASHED, HOPELESS]
)
def test_every_run_makes_a_whole_page(run: Run) -> None:
    found = Reader(page(run))
    assert found.open == []
    assert [e["id"] for e in found.all("details") if e.get("class") == "rule"] == [
        ruling.rule.id for ruling in run.rulings
    ]
    for text in (run.api.name, run.url, str(run.seed), run.run_id, *WORDS[run.headline.value]):
        assert text in found.text
    ids = [e["id"] for _, e in found.elements if e.get("id")]
    assert len(ids) == len(set(ids))
    links = [e["href"] for e in found.all("a")]
    assert {link.removeprefix("#") for link in links if link and link[0] == "#"} <= {*ids}


def test_a_failure_is_told_whole() -> None:
    found = Reader(page(FAILING))
    for text in (
        "Rule list/ordered holds.",
        "things.md › List › order",
        "called create once, list once",
        "[a, b]",
        "POST http://shop.example/v1/things\nAuthorization: Basic ***",
        'curl -sSi -X GET -u "$STREAMPROOF_BASIC" http://shop.example/v1/things',
        "evidence/shop.list.ordered.har",
    ):
        assert text in found.text
    assert "#shop/list/paged" in [e["href"] for e in found.all("a")]  # what it blocks
    last = [e for e in found.all("details") if "open" in e]
    assert len(last) == 2  # the failure, and the step that decides


def test_what_decides_is_marked() -> None:
    body = json.dumps([{"id": f"thing-{n}"} for n in range(9)]).encode()
    run = make_run({**ALL_HELD, "shop/list/ordered": broken(outcome(body=body), actual="thing-7")})
    assert page(run).count("<mark>thing-7</mark>") == 1


def test_json_is_laid_out_and_each_token_stays() -> None:
    text = '{"a":[1.0,{},"x, {y}"],"a":1e400,"b":[]}'
    laid_out = pages._laid_out(text)
    assert laid_out.splitlines()[:3] == ["{", '  "a": [', "    1.0,"]
    assert "".join(laid_out.split()) == "".join(text.split())


def test_waivers_are_told() -> None:
    run = waived(waiver(owner="store team"), waiver("shop/create/status"))
    text = Reader(page(run)).text
    assert "until the new store is there" in text
    assert "the rule holds now; take the entry out" in text
    assert "规则现已成立；请删去此项" in text
    assert str(TODAY + timedelta(30)) in text


def test_observations_are_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    choices = (Choice(409, "conflict", "冲突"), Choice(422, "not valid", "无效"))
    point = Point("taken", "Which status?", "哪个状态码？", choices, 409, "", "")
    run = replace(
        FAILING, api=replace(FAILING.api, dialect=DialectSpec(MappingProxyType({"taken": point})))
    )
    seen = {"point": "taken", "choice": 422, "why": "", "consistent": False, "evidence": HOSTILE}
    seen["archive"] = "evidence/shop.dialect.taken.har"
    unseen = {**seen, "choice": None, "consistent": True, "why": "nobody knows"}
    told = {**document(run), "observations": [seen, unseen]}
    monkeypatch.setattr(pages, "document", lambda _run: told)
    text = page(run)
    assert "<script>document" not in text
    for part in (
        "Which status?",
        "哪个状态码？",
        "422",
        "not valid",
        "无效",
        "not always",
        "nobody knows",
    ):
        assert part in Reader(text).text
    assert 'href="evidence/shop.dialect.taken.har"' in text


def test_every_word_of_a_verdict_has_two_languages() -> None:
    for name in (*(v.value for v in Verdict), *(h.value for h in Headline)):
        assert name in WORDS
    assert all(en and zh for en, zh in WORDS.values())


@pytest.mark.parametrize(
    "run", [FAILING, UNREACHABLE, UNCHECKED, UNTESTED, CRASHED, waived(waiver(days=-1))]
)
def test_sentences_of_the_suite_are_told_in_chinese(run: Run) -> None:
    told = [ruling.message for ruling in run.rulings if ruling.message]
    told += [account.mend for account in run.waivers]
    assert told
    for text in told:
        assert sentence(text, "zh") != text
        assert sentence(text, "en") == text


# -- hostile text ------------------------------------------------------------------------------


def test_what_a_target_sends_stays_text() -> None:
    plain = Reader(page(hostile("x")))
    found = Reader(page(hostile(HOSTILE)))
    assert [tag for tag, _ in found.elements if tag != "mark"] == [
        tag for tag, _ in plain.elements if tag != "mark"
    ]
    assert not [e for _, e in found.elements if any(name.startswith("on") for name in e)]
    assert all(char.isprintable() or char in "\n\t" for char in page(hostile(HOSTILE)))
    assert r"\u202egnp.exe\u2066\u200b" in found.text


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), max_size=80))
def test_whatever_a_target_sends_the_page_is_whole(text: str) -> None:
    found = Reader(page(hostile(text)))
    assert found.open == []
    assert len(found.all("script")) == len(found.all("style")) == 1


def test_no_secret_is_in_it() -> None:
    assert SECRET not in page(hostile(f"you are {SECRET}", url=f"http://x/{SECRET}"))


def test_large_answers_are_cut_behind_what_decides() -> None:
    body = json.dumps([f"row{n:07}" for n in range(100_000)]).encode()
    steps = [outcome(body=body).kept() for _ in range(7)]
    found = broken(*[replace(s, status=200 + n) for n, s in enumerate(steps)], actual="row0090000")
    text = page(make_run({**ALL_HELD, "shop/list/ordered": found}))
    assert len(text) < 1_000_000
    assert "<mark>row0090000</mark>" in text
    assert "the evidence has it whole" in text


def test_nothing_but_its_own_script_may_run_and_nothing_is_loaded() -> None:
    found = Reader(page(FAILING))
    (policy,) = [e["content"] for e in found.all("meta") if "http-equiv" in e]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not any("src" in e for _, e in found.elements)
    assert not any("style" in e for _, e in found.elements)
    assert [e["href"] for e in found.all("link")] == ["data:,"]


def test_what_is_unseen_is_shown() -> None:
    assert visible("a\u202eb\u2028\x00\ud800\n\tc") == "a\\u202eb\\u2028\\x00\\ud800\n\tc"


# -- in a browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def shown(run: Run, folder: Path, lang: Any = "en") -> Path:
    file = folder / "report.html"
    file.write_text(page(run, lang), "utf-8")
    return file


VISIBLE_RULES = (
    "return [...document.querySelectorAll('.rule')].filter(r => r.offsetHeight).map(r => r.id)"
)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_a_desk_and_a_phone_by_day_and_night(
    chromium: Browser, tmp_path: Path, width: int, dark: bool
) -> None:
    chromium.open(shown(hostile(HOSTILE * 5), tmp_path), width, dark)
    chromium.run("document.getElementById('open').click()")
    assert chromium.run("return document.documentElement.scrollWidth") <= width
    colour = chromium.run("return getComputedStyle(document.body).backgroundColor")
    assert colour == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
    assert chromium.run("return document.title") == "shop: harness error · streamproof"
    assert chromium.run("return performance.getEntriesByType('resource').length") == 0
    assert chromium.complaints == []


def test_rules_are_filtered_by_verdict_level_and_text(chromium: Browser, tmp_path: Path) -> None:
    chromium.open(shown(FAILING, tmp_path))

    def choose(name: str, value: str) -> list[str]:
        chromium.run(
            f"const e = document.getElementById('{name}'); e.value = '{value}';"
            "e.dispatchEvent(new Event('input'))"
        )
        found: list[str] = chromium.run(VISIBLE_RULES)
        assert chromium.run("return +document.getElementById('count').value") == len(found)
        return found

    assert choose("verdict", "failed") == ["shop/list/ordered"]
    assert len(choose("verdict", "")) == 6
    assert choose("level", "implied") == ["shop/create/unique"]
    choose("level", "")
    assert choose("text", "HOLDS filtered") == ["shop/list/filtered"]
    chromium.run("location.hash = '#shop/list/paged'")  # a link leads to a rule that is hidden
    chromium.open(shown(FAILING, tmp_path), fragment="#shop/list/paged")
    assert chromium.run("return document.getElementById('shop/list/paged').open")


def test_its_language_changes_at_once(chromium: Browser, tmp_path: Path) -> None:
    def text() -> str:
        found: str = chromium.run("return document.body.innerText")
        return found

    chromium.open(shown(FAILING, tmp_path))
    assert "DOES NOT CONFORM" in text()
    assert "不符合" not in text()
    chromium.run("document.getElementById('language').click()")
    assert "不符合" in text()
    assert "DOES NOT CONFORM" not in text()
    chromium.open(shown(FAILING, tmp_path, "zh"))
    assert "无法判断，因为 shop/list/ordered 不成立" in text()


def test_it_can_be_used_by_keyboard(chromium: Browser, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    chromium.open(shown(FAILING, tmp_path))
    chromium.driver.switch_to.active_element.send_keys("/")
    assert chromium.run("return document.activeElement.id") == "text"
    chromium.driver.switch_to.active_element.send_keys("unique")
    assert chromium.run(VISIBLE_RULES) == ["shop/create/unique"]
    chromium.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert len(chromium.run(VISIBLE_RULES)) == 6
    chromium.run("document.querySelector('[id=\"shop/any/json\"] > summary').focus()")
    chromium.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert chromium.run("return document.getElementById('shop/any/json').open")


def test_it_prints_whole_failures(chromium: Browser, tmp_path: Path) -> None:
    chromium.open(shown(FAILING, tmp_path))
    folded = "return document.querySelectorAll('[data-verdict=failed] details:not([open])').length"
    assert chromium.run(folded) == 1
    chromium.run("dispatchEvent(new Event('beforeprint'))")
    assert chromium.run(folded) == 0
    chromium.run("dispatchEvent(new Event('afterprint'))")
    assert chromium.run(folded) == 1
    assert chromium.driver.print_page()
