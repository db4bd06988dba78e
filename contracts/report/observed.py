"""How a target settles silent points, for a terminal and as a dialect file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rich.text import Text

from streamproof.contracts.observations import Observation, same
from streamproof.contracts.report.lang import Lang, word
from streamproof.contracts.report.words import cut, safe
from streamproof.contracts.run import Run
from streamproof.specs.api import Api
from streamproof.specs.dialect import Point
from streamproof.specs.wording import printable, shown

_WIDTH = 160


def told(run: Run, lang: Lang = "en") -> Text:
    """What a run observed, a line each."""
    title = Text(word("observations", lang), "bold")
    if not run.observations:
        return Text("\n").join([title, Text(word("no observations", lang))])
    rows = table(run.api, run.observations, run.secrets, lang)
    return Text("\n").join([title, *map(Text, rows)])


def table(
    api: Api, observations: Sequence[Observation], secrets: Sequence[str], lang: Lang = "en"
) -> Iterator[str]:
    """A line for each silent point: its name, and the choice in words or why none was seen; those
    that were seen come first."""
    width = max((len(each.point) for each in observations), default=0)
    for each in sorted(observations, key=lambda each: not each.seen):
        text = _line(api.dialect.points[each.point], each, lang)
        yield cut(f"  {each.point:{width}}  {safe(text, secrets)}", _WIDTH)


def _line(point: Point, seen: Observation, lang: Lang) -> str:
    if not seen.seen:
        return f"— {seen.why}"
    meaning = _meaning(point, seen, lang)
    always = "" if seen.consistent else f"({word('inconsistent', lang)}) "
    return f"{_plain(seen)} {always}{meaning}".strip()


def _plain(seen: Observation) -> str:
    return seen.choice if isinstance(seen.choice, str) else shown(seen.choice)


def _meaning(point: Point, seen: Observation, lang: Lang) -> str:
    choice = next((c for c in point.choices if same(c.value, seen.choice)), None)
    return "" if choice is None else choice.zh if lang == "zh" else choice.en


def toml(
    api: Api, observations: Sequence[Observation], about: Sequence[str], secrets: Sequence[str]
) -> str:
    """A dialect file: what was seen, with question, choice and evidence as comments. A point that
    wasn't seen is a comment altogether, and so is one that the mock settles one way only."""
    lines = [*(f"# {safe(line, secrets)}" for line in about), "", f"[{api.name}]"]
    for each in observations:
        lines += ["", *_entry(api.dialect.points[each.point], each, secrets)]
    return "\n".join(lines) + "\n"


def _entry(point: Point, seen: Observation, secrets: Sequence[str]) -> Iterator[str]:
    yield f"# {printable(point.en)}"
    yield f"# {printable(point.zh)}"
    if seen.seen:
        for lang in ("en", "zh"):
            if meaning := _meaning(point, seen, lang):
                yield f"#   {printable(meaning)}"
        if not seen.consistent:
            yield "#   Not always: it was seen otherwise when it was looked at again."
    for line in seen.evidence.split("\n") if seen.evidence else ():
        yield f"#   {safe(line, secrets)}"
    if not seen.seen:
        yield f"# {point.name}: not seen: {safe(seen.why, secrets)}"
        return
    entry = f"{point.name} = {json.dumps(seen.choice, ensure_ascii=False)}"
    if beyond(point, seen):
        yield f"# {entry}  (the mock offers {shown(point.default)} only)"
    else:
        yield entry


def beyond(point: Point, seen: Observation) -> bool:
    """Whether a target makes a choice that the mock doesn't offer."""
    return seen.seen and not point.mock and not same(seen.choice, point.default)
