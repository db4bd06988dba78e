"""Failures in full, for a terminal or a log, and the names that the first screen leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from streamproof.contracts.report.console import (
    NAMED,
    REASONS,
    for_it,
    ids,
    left,
    lines_of,
    reason_line,
    verdict_name,
)
from streamproof.contracts.report.failure import failure_of
from streamproof.contracts.report.headline import (
    IN_FULL,
    WIDTH,
    blocked_by,
    causes,
    first_causes,
    fitted,
    judged,
    reasons,
    those,
    variables,
)
from streamproof.contracts.report.lang import Lang, sentence, word
from streamproof.contracts.report.words import clean, cut
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Ruling, Verdict
from streamproof.specs.wording import printable

_STEPS, _CURLS = 6, 3  # lines of a long failure that are shown; report.json has them all
_WHOLE = 3000  # characters of command lines that are shown whole
_LONGEST_COMMAND = 5000  # characters; part of a command is none


def details(run: Run, lang: Lang = "en") -> Text:
    """Each failure in full, up to `IN_FULL`; then by their ids those that the first screen leaves
    out."""
    failed = causes(run)
    blocks = [lines_of(_failure(run, ruling, lang)) for ruling in failed[:IN_FULL]]
    if names := variables(run, "\n".join(block.plain for block in blocks)):
        blocks.append(Text(f"{word('export first', lang)} {', '.join(names)}."))
    if failed[IN_FULL:]:
        title = "FAILED TOO " if lang == "en" else "另有失败 "
        blocks.append(Text.assemble((title, "red"), ids(failed[IN_FULL:])))
    for ruling in those(run, Verdict.HARNESS_ERROR):
        trace = clean(run, ruling.finding.crash or "").splitlines()
        title = f"{verdict_name(ruling.verdict, lang)} {ruling.rule.id}"
        blocks.append(
            lines_of([Text(title, "magenta"), *(Text(f"  {printable(line)}") for line in trace)])
        )
    for ruling in first_causes(run):
        if len(blocked := blocked_by(run, ruling)) > NAMED:
            told = for_it(blocked, lang)
            blocks.append(Text(f"{ruling.rule.id}: {told}\n  {ids(blocked)}", "yellow"))
    whole = [found for found in reasons(run) if found[0] is not Verdict.HARNESS_ERROR]
    more = [found for n, found in enumerate(whole) if n >= REASONS or len(found[2]) > NAMED]
    if not judged(run):  # its first screen has the reason, and a hundred ids add nothing
        more = []
    for verdict, message, rulings in more[:IN_FULL]:
        line = reason_line(verdict, message, rulings, lang)
        blocks.append(line.append(f"\n  {ids(rulings)}", "none"))
    if more[IN_FULL:]:
        others = len(more) - IN_FULL
        rest = f"… and {others} more reasons: report.json has them"
        blocks.append(
            Text(rest if lang == "en" else f"…另有 {others} 种原因，见 report.json", "yellow")
        )
    return Text("\n\n").join(blocks)


# -- one failure -------------------------------------------------------------------------------


def _failure(run: Run, ruling: Ruling, lang: Lang) -> Iterator[Text]:
    rule, failure = ruling.rule, failure_of(run, ruling)
    title, level = f"{verdict_name(Verdict.FAILED, lang)} ", word(rule.level.value, lang)
    yield Text.assemble((title, "red"), (rule.id, "bold"), f" ({level})")
    yield Text(f"  {rule.zh if lang == 'zh' else rule.en}")
    yield _labelled(word("source", lang), "; ".join(map(str, rule.sources)))
    if failure is None:
        return
    yield _labelled(word("did", lang), sentence(failure.did, lang))
    yield _labelled(word("expected", lang), failure.expected)
    yield _labelled(word("actual", lang), failure.actual)
    first = max(0, len(failure.steps) - _STEPS)
    while first and failure.steps[first].race and failure.steps[first - 1].race:
        first -= 1  # a race stands whole
    shown = [fitted(step, f"{n} ") for n, step in enumerate(failure.steps[first:], first + 1)]
    if first:
        before = f"… {first + 1} steps before these"
        shown[:1] = [before if lang == "en" else f"…之前还有 {first + 1} 步"]
    for label, line in zip((word("steps", lang), *[""] * len(shown)), shown, strict=False):
        yield _labelled(label, line)
    whole = sum(map(len, failure.curl)) <= _WHOLE
    commands = failure.curl if whole else failure.curl[-_CURLS:]
    more = len(failure.curl) - len(commands)
    left = f"… {more} command lines before these: report.json and junit.xml have them all"
    if lang == "zh":
        left = f"…之前还有 {more} 行命令，全部见 report.json 和 junit.xml"
    lines = (*((left,) if more else ()), *commands)
    for label, command in zip((word("repeat", lang), *[""] * len(lines)), lines, strict=False):
        yield _labelled(label, command, longest=_LONGEST_COMMAND)


def _labelled(label: str, text: str, longest: int = WIDTH) -> Text:
    return Text.assemble((f"  {left(label, 9)} ", "dim"), cut(printable(text), longest))
