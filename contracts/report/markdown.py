"""A run as Markdown, for the page that a pipeline keeps of a job."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from streamproof.contracts.report.headline import because, blocked_by, causes, reasons, unsound
from streamproof.contracts.report.lang import Lang, sentence, word
from streamproof.contracts.report.words import clean, cut
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Ruling, Verdict
from streamproof.specs.wording import printable

_MOST = 50  # failures, and reasons; report.json has them all
_LONGEST = 500  # characters of what a target has a say in
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|~>@-])")


def markdown(run: Run, lang: Lang = "en") -> str:
    """The first screen as GitHub's Markdown; text of others is no markup, and no mention."""
    return "\n".join(_lines(run, lang)) + "\n"


def _lines(run: Run, lang: Lang) -> Iterator[str]:
    headline = word(run.headline.value, lang)
    yield f"## {run.api.name}: {headline}"
    yield ""
    yield f"{_plain(run, run.url)}: {_plain(run, because(run, lang))}"
    yield ""
    verdicts = [v for v in Verdict if any(r.verdict is v for r in run.rulings)]
    levels = list(dict.fromkeys(ruling.rule.level for ruling in run.rulings))
    yield _row([word("level", lang), *(word(v.value, lang) for v in verdicts)])
    yield _row(["---", *("---:" for _ in verdicts)])
    for level in levels:
        counts = Counter(r.verdict for r in run.rulings if r.rule.level is level)
        yield _row([word(level.value, lang), *(str(counts[v]) for v in verdicts)])
    yield from _section(word("causes", lang), (_cause(run, r, lang) for r in causes(run)[:_MOST]))
    yield from _section(
        word("waivers", lang),
        (
            f"`{_code(a.waiver.rule)}` {word(a.state.value, lang)}: "
            f"{_plain(run, sentence(a.mend, lang))}"
            for a in unsound(run)
        ),
    )
    yield from _section(
        word("untested", lang),
        (
            f"{len(rulings)} {word(verdict.value, lang)}: {_plain(run, sentence(message, lang))}"
            for verdict, message, rulings in reasons(run)[:_MOST]
        ),
    )
    yield ""
    yield f"{word('replay', lang)} `--seed {run.seed} --run-id {run.run_id}`"


def _cause(run: Run, ruling: Ruling, lang: Lang) -> str:
    rule, behind = ruling.rule, len(blocked_by(run, ruling))
    statement = _escaped(rule.zh if lang == "zh" else rule.en)
    blocks = f" ({word('blocks', lang)}: {behind})" if behind else ""
    told = _plain(run, sentence(ruling.message, lang))
    return f"`{rule.id}` {statement}{blocks}<br>{told}"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    items = [f"- {line}" for line in lines]
    if items:
        yield from ("", f"### {title}", "", *items)


def _plain(run: Run, text: str) -> str:
    return _escaped(cut(printable(clean(run, text)), _LONGEST))


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text).replace("&", "&amp;").replace("<", "&lt;")


def _code(text: str) -> str:
    return printable(text).replace("`", "'")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
