"""`streamproof diff` of two probes: what a target has come to choose otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streamproof.config import read_dialects
from streamproof.contracts.live import CleanUp
from streamproof.contracts.observations import Observation
from streamproof.contracts.probe import Probed
from streamproof.contracts.report.record import record
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from streamproof.probe_diff import Drift, Looked, Record, compare, told
from streamproof.specs import api as apis
from streamproof.specs.dialect import Value
from streamproof.specs.errors import SpecError
from tests.test_cli import streamproof

DOTIDE = apis.load("dotide")
ABOUT = {
    "suite_version": "1",
    "spec": {"version": "2026-10", "sha256": "ab" * 32},
    "api": "dotide",
    "target": "http://a.example/v1/demo",
    "started": "2026-11-28T08:00:00+00:00",
}
SEEN, OTHERWISE, SELDOM = Looked("empty"), Looked("rejected"), Looked("empty", always=False)
HIDDEN, ODD = Looked(why="too many streams"), Looked(why="none of the choices: 418", odd=True)


def drift(was: Looked | None, now: Looked | None) -> Drift:
    """What became of one point."""
    sides = ({} if each is None else {"limit_zero": each} for each in (was, now))
    old, new = (Record(ABOUT, points) for points in sides)
    return compare(old, new)


@pytest.mark.parametrize(
    ("was", "now", "told_as"),
    [
        (SEEN, OTHERWISE, '"empty" -> "rejected"'),
        (Looked(1), Looked(True), "1 -> true"),
        (SEEN, SELDOM, '"empty" -> "empty", not always'),
        (SEEN, ODD, '"empty" -> none of the choices: 418'),
    ],
)
def test_another_choice_is_a_change(was: Looked, now: Looked, told_as: str) -> None:
    assert drift(was, now) == Drift(changed={"limit_zero": told_as})


@pytest.mark.parametrize("same", [SEEN, SELDOM, HIDDEN, ODD])
def test_what_stays_is_none(same: Looked) -> None:
    assert drift(same, same) == Drift()


def test_the_words_for_what_nobody_thought_of_may_vary() -> None:
    assert drift(ODD, Looked(why="none of the choices: 419", odd=True)) == Drift()


def test_what_shows_only_once_is_no_change() -> None:
    appeared, gone = drift(HIDDEN, SEEN), drift(SEEN, HIDDEN)
    assert appeared == Drift(newly_seen={"limit_zero": 'not seen: too many streams -> "empty"'})
    assert gone == Drift(no_longer_seen={"limit_zero": '"empty" -> not seen: too many streams'})


def test_a_point_that_only_one_of_them_knows_is_told() -> None:
    assert drift(None, SEEN) == Drift(not_in_both={"limit_zero": 'not looked at in OLD; "empty"'})
    assert [*drift(SEEN, None).not_in_both.values()] == ['not looked at in NEW; "empty"']


def test_what_else_makes_two_probes_differ_is_told() -> None:
    since = {**ABOUT, "suite_version": "2", "target": "http://b.example\x1b[2J"}
    old, new = Record(ABOUT, {"limit_zero": SEEN}), Record(since, {"limit_zero": SEEN})
    assert [*told(compare(old, new), old, new)] == [
        "dotide: http://a.example/v1/demo (2026-11-28T08:00:00+00:00)"
        " -> http://b.example\\x1b[2J (2026-11-28T08:00:00+00:00)",
        "the suite changed: 1 -> 2",
        "no choice changed; 1 as before",
    ]


# -- the real commands ---------------------------------------------------------------------------


def probed(tmp_path: Path, name: str, choices: Mapping[str, Value]) -> Path:
    """What `streamproof probe -o` writes of a mock that chooses so, over HTTP."""
    file = tmp_path / name
    with serve_in_thread(MockConfig(("dotide",), dialects={"dotide": choices})) as server:
        at = ("--url", f"{server.url}/v1/demo", "--basic", "demo-client:demo-secret")
        done = streamproof("probe", "dotide", *at, "--lang", "en", "-o", str(file))
    assert done.returncode == 0, done.stderr
    return file


def test_what_a_vendor_changed_without_a_word_is_found(tmp_path: Path) -> None:
    old = probed(tmp_path, "old.toml", {"limit_zero": "ignored"})
    new = probed(tmp_path, "new.toml", {"limit_zero": "rejected", "duplicate_id_status": 422})

    done = streamproof("diff", str(old), str(new))

    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    changed = lines[lines.index("CHANGED 2") + 1 :][:2]
    assert {*changed} == {
        '  limit_zero  "ignored" -> "rejected"',
        "  duplicate_id_status  409 -> 422",
    }
    assert lines[-1].startswith("choices changed; ")
    assert streamproof("diff", str(old), str(old)).returncode == 0


def test_a_record_holds_what_a_dialect_can_not(tmp_path: Path) -> None:
    """What the mock doesn't choose, what was seen at times, and why the rest wasn't."""
    point = next(point for point in DOTIDE.dialect.points.values() if not point.mock)
    beyond = next(c.value for c in point.choices if c.value != point.default)
    seen = (
        Observation(point.name, seen=True, choice=beyond),
        Observation("limit_zero", seen=True, choice="empty", consistent=False),
        Observation("limit_negative", seen=False, why='status 418 "teapot"', odd=True),
        Observation("default_limit", seen=False, why="all of 101 streams are listed"),
    )
    old, new = (
        written(tmp_path, name, part) for name, part in (("old.toml", seen[:2]), ("b.toml", seen))
    )

    done = streamproof("diff", str(old), str(new))

    assert read_dialects(new) == {"dotide": {"limit_zero": "empty"}}
    assert (done.returncode, done.stdout.splitlines()[1:]) == (
        0,
        [
            "NOT IN BOTH 2",
            "  default_limit  not looked at in OLD; not seen: all of 101 streams are listed",
            '  limit_negative  not looked at in OLD; status 418 "teapot"',
            "no choice changed; 2 as before",
        ],
    )


def written(tmp_path: Path, name: str, seen: tuple[Observation, ...]) -> Path:
    probe = Probed("abcdefgh", datetime(2026, 11, 28, tzinfo=UTC), seen, 3, CleanUp())
    file = tmp_path / name
    file.write_text(record(DOTIDE, "http://a.example/v1/demo", probe), "utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        ('[dotide]\nlimit_zero = "empty"\n', "_probe: no such table; `streamproof probe -o FILE`"),
        ("[_probe]\nschema_version = 7\n", "schema_version: 7 is none that this streamproof reads"),
        ("[_probe]\nschema_version = 1\n", "_probe: "),
        ("_probe = 3\n", "_probe: "),
        ("[", "is no TOML"),
    ],
)
def test_what_is_no_record_of_a_probe_is_one_clear_line(
    tmp_path: Path, text: str, told_as: str
) -> None:
    good = written(tmp_path, "good.toml", (Observation("limit_zero", seen=True, choice="empty"),))
    bad = tmp_path / "bad.toml"
    bad.write_text(text, "utf-8")

    done = streamproof("diff", str(good), str(bad))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "bad.toml" in done.stderr
    assert told_as in done.stderr


def test_a_probe_and_a_report_are_not_compared(tmp_path: Path) -> None:
    file = written(tmp_path, "new.toml", ())

    done = streamproof("diff", str(tmp_path), str(file))

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is what a probe wrote, and" in done.stderr
    assert "give two of a kind" in done.stderr


def test_probes_of_two_apis_are_not_compared() -> None:
    with pytest.raises(SpecError, match="is of bge, and OLD of dotide; give two of one API"):
        compare(Record(ABOUT, {}), Record({**ABOUT, "api": "bge"}, {}))
