"""What a person reads: a first screen that says it all, and the failures in full.

Both are `rich` texts: the same words with colour on a terminal and, as ``str(text)`` or in a
pipe, without. `show` prints them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

import streamproof
from streamproof.contracts import transcript
from streamproof.contracts.cleanup import NO_CALL
from streamproof.contracts.report.headline import (
    UNJUDGED,
    because,
    blocked_by,
    causes,
    first_causes,
    reasons,
    those,
    unsound,
    variables,
)
from streamproof.contracts.report.lang import Lang, sentence, word
from streamproof.contracts.report.words import clean, cut, some
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Headline, Ruling, Verdict
from streamproof.specs.rulebook import Level
from streamproof.specs.wording import printable

_COLUMNS = 80  # of a terminal that is as narrow as they come
_SHORTEST = 12  # cells; a statement cut shorter tells nothing
REASONS = 3  # for not testing that the first screen tells
NAMED = 4  # rules in a row that it names
_COMMAND = re.compile(r"(?:^|\s)(?:curl|python) ")
_LEFT = 3  # objects left that are named; report.json has them all
_COLOURS = {
    Headline.HARNESS_ERROR: "bold magenta",
    Headline.DOES_NOT_CONFORM: "bold red",
    Headline.INCONCLUSIVE: "bold yellow",
    Headline.CONFORMS_WITH_WAIVERS: "bold green",
    Headline.CONFORMS: "bold green",
}


def summary(
    run: Run,
    report_dir: str | None = None,
    lang: Lang = "en",
    again: str | None = None,
    command: str = "streamproof",
) -> Text:
    """The first screen, under 25 lines of 80 columns: the headline, what does not hold, causes
    first, what was not tested and why, and what to do next. `report_dir` is where `files.write`
    put its files, `again` the command that began the run, where it holds no secret; `command` is
    how this program is called.
    """
    lines = [
        *findings(run, lang),
        Text(f"{word('report', lang)}: {_files(report_dir, lang)}"),
        Text.assemble(f"{word('next', lang)}: ", (_next(run, again, command), "bold")),
    ]
    return lines_of(lines)


def findings(run: Run, lang: Lang) -> list[Text]:
    """The lines of the first screen that are about the target, and how to run again."""
    return [
        _headline(run, lang),
        Text(_facts(run, lang), "dim"),
        *_counts(run, lang),
        *_failed(run, lang),
        *_waived(run, lang),
        *_unjudged(run, lang),
        Text(_cleanup(run, lang)),
        Text(f"{word('replay', lang)} --seed {run.seed} --run-id {run.run_id}"),
    ]


def show(screen: Console, text: Text) -> None:
    """Print a text: on a terminal broken between words, but command lines, which stay whole."""
    for line in text.split("\n", allow_blank=True):
        screen.print(line, soft_wrap=not screen.is_terminal or bool(_COMMAND.search(line.plain)))


def lines_of(lines: Iterable[Text]) -> Text:
    return Text("\n").join(lines)


# -- the headline ------------------------------------------------------------------------------


def _headline(run: Run, lang: Lang) -> Text:
    selected, total = len(run.rulings), len(run.api.rulebook.rules) + run.pinned
    narrowed = f" ({selected} of {total} rules selected)"
    if lang == "zh":
        narrowed = f"（共 {total} 条规则，选中 {selected} 条）"
    at = " at" if lang == "en" else "，目标"
    return Text.assemble(
        f"{run.api.name}{at} {printable(clean(run, run.url))}: ",
        (word(run.headline.value, lang).upper(), _COLOURS[run.headline]),
        f": {because(run, lang)}{narrowed if run.selection.narrowed else ''}",
    )


# -- the lines below it ------------------------------------------------------------------------


def _facts(run: Run, lang: Lang) -> str:
    return (
        f"{word('suite', lang)} {streamproof.__version__} · {word('rules', lang)} "
        f"{run.api.version}, sha256 {run.api.sha256[:8]}… · "
        f"{run.duration_s:.1f} s · {run.requests} {word('requests', lang)}"
    )


def _counts(run: Run, lang: Lang) -> Iterator[Text]:
    """How many rules of each level hold, and the other verdicts: of each operation about which
    there is more to say, and of all."""
    if not (those(run, Verdict.PASSED) or those(run, Verdict.FAILED)):
        return
    levels = [level for level in Level if any(r.rule.level is level for r in run.rulings)]
    rows = {
        operation: [r for r in run.rulings if r.rule.operation == operation]
        for operation in dict.fromkeys(ruling.rule.operation for ruling in run.rulings)
    }
    telling = {
        operation: rulings
        for operation, rulings in rows.items()
        if any(ruling.verdict is not Verdict.PASSED for ruling in rulings)
    }
    title, total = word("rules that hold", lang), word("all", lang)
    width = max(map(cell_len, (title, total, *(telling or rows))))
    head = "".join(_right(word(level.value, lang), 12) for level in levels)
    yield Text(left(title, width) + head, "dim")
    for operation, rulings in (telling or rows).items() if len(rows) > 1 else ():
        yield _row(left(operation, width), rulings, levels, lang)
    yield _row(left(total, width), run.rulings, levels, lang)


def left(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _row(name: str, rulings: Sequence[Ruling], levels: Sequence[Level], lang: Lang) -> Text:
    row = Text(name)
    for level in levels:
        verdicts = [r.verdict for r in rulings if r.rule.level is level]
        held = f"{verdicts.count(Verdict.PASSED)}/{len(verdicts)}" if verdicts else "-"
        row.append(held.rjust(12))
    others = [
        (sum(r.verdict is verdict for r in rulings), verdict)
        for verdict in (Verdict.FAILED, Verdict.WAIVED, *UNJUDGED)
    ]
    told = ", ".join(f"{count} {word(v.value, lang)}" for count, v in others if count)
    return row.append(f"   {told}" if told else "", "red" if others[0][0] else "yellow")


def for_it(blocked: Sequence[Ruling], lang: Lang) -> str:
    if lang == "zh":
        return f"因此有 {len(blocked)} 条无法判断"
    return f"{len(blocked)} can't be judged for it"


def _failed(run: Run, lang: Lang) -> Iterator[Text]:
    first = first_causes(run)
    for ruling in first:
        title = f"{verdict_name(ruling.verdict, lang)} "
        room = _COLUMNS - cell_len(f"{title}{ruling.rule.id}  ")
        statement = _fit(ruling.rule.zh if lang == "zh" else ruling.rule.en, room)
        yield Text.assemble((title, "red"), (ruling.rule.id, "bold"), f"  {statement}".rstrip())
        if behind := blocked_by(run, ruling):
            yield Text(f"  {for_it(behind, lang)}: {_names(behind)}", "yellow")
    if rest := causes(run)[len(first) :]:
        told = f"and {len(rest)} more" if lang == "en" else f"另有 {len(rest)} 条"
        title = f"{verdict_name(Verdict.FAILED, lang)} "
        yield Text.assemble((title, "red"), f"{told}: {_names(rest)}")


def _fit(text: str, width: int) -> str:
    """As much of a text as has room on a line."""
    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip()}…" if width > _SHORTEST else ""


def _names(rulings: Sequence[Ruling]) -> str:
    return some([_short(ruling) for ruling in rulings], NAMED)


def _waived(run: Run, lang: Lang, most: int = 3) -> Iterator[Text]:
    """The waivers that have to be mended, a line each; then the failures that are waived."""
    unusable = unsound(run)
    for account in unusable[:most]:
        which = printable(clean(run, account.waiver.rule))
        state = f"WAIVER {account.state.value.upper()} "
        if lang == "zh":
            state = f"豁免{word(account.state.value, lang)} "
        told = sentence(printable(account.mend), lang)
        yield Text.assemble((state, "red"), (which, "bold"), f": {told}")
    if unusable[most:]:
        left = f"and {len(unusable) - most} more waivers: report.json has them"
        if lang == "zh":
            left = f"另有 {len(unusable) - most} 项豁免，见 report.json"
        yield Text(left, "red")
    if waived := those(run, Verdict.WAIVED):
        until = min(ruling.waiver.expires for ruling in waived if ruling.waiver)
        first = f", the first until {until}" if lang == "en" else f"，最早于 {until} 到期"
        title = f"{verdict_name(Verdict.WAIVED, lang)} {len(waived)}"
        yield Text.assemble((title, "yellow"), f"{first}: {_names(waived)}")


def _unjudged(run: Run, lang: Lang) -> Iterator[Text]:
    """What was not tested, by its reason, the most frequent first: a line each."""
    found = reasons(run)
    for verdict, message, rulings in found[:REASONS]:
        told = cut(sentence(message, lang), _COLUMNS)
        yield reason_line(verdict, told, rulings, lang).append(f" ({_names(rulings)})")
    if found[REASONS:]:
        count = sum(len(rulings) for _, _, rulings in found[REASONS:])
        more = len(found) - REASONS
        left = f"and {count} more, for {more} other reasons"
        yield Text(left if lang == "en" else f"另有 {count} 条，出于其他 {more} 种原因", "yellow")


def reason_line(verdict: Verdict, message: str, rulings: Sequence[Ruling], lang: Lang) -> Text:
    title = f"{verdict_name(verdict, lang)} {len(rulings)}"
    return Text.assemble((title, "yellow"), f": {sentence(message, lang)}")


def _cleanup(run: Run, lang: Lang) -> str:
    made = run.cleanup
    told = f"clean-up: {made.created} created, {made.deleted} deleted, {made.left} left"
    if lang == "zh":
        told = f"清理：创建 {made.created}，删除 {made.deleted}，遗留 {made.left}"
    if made.unsure:
        unsure = f", {made.unsure} more may be there"
        told += unsure if lang == "en" else f"，另有 {made.unsure} 个可能存在"
    if not made.remaining:
        return told
    names = some([cut(printable(clean(run, left.key)), 40) for left in made.remaining], _LEFT)
    return f"{told}: {names} ({cut(printable(clean(run, made.remaining[0].why)), 80)})"


def _files(report_dir: str | None, lang: Lang) -> str:
    if report_dir is None:
        kept = "not kept; --report-dir DIR writes report.html, report.json and more"
        return kept if lang == "en" else "未保存；--report-dir DIR 写出 report.html、report.json 等"
    return ", ".join(str(PurePath(report_dir, name)) for name in ("report.html", "report.json"))


def _next(run: Run, again: str | None, command: str) -> str:
    """The command that helps most."""
    home = run.api.home
    rules = f"{command} rules" if home.ours else f"{command} rules {shlex.quote(home.key)}"
    judged = [*those(run, Verdict.HARNESS_ERROR), *causes(run)]
    if run.headline in (Headline.CONFORMS, Headline.CONFORMS_WITH_WAIVERS):
        if again is None:
            return f"{rules} {run.api.name}" if home.ours else rules
        more = ("--ci", "--report-dir streamproof-report")
        return " ".join([again, *(each for each in more if each.split()[0] not in again.split())])
    if judged:
        return f"{rules} {judged[0].rule.id}"
    if unsound(run):
        return f"mend {run.waivers_file}, then {again or 'the same command again'}"
    if run.ended and any(left.why != NO_CALL for left in run.cleanup.remaining):
        return f"{command} sweep {home.key}, with the flags of this target: it removes the rest"
    if run.refused is not None:
        first = transcript.curl(run.refused, run.api.name, run.url)
        names = variables(run, first)
        set_first = f"with {', '.join(names)} exported: " if names else ""
        return f"{set_first}{printable(clean(run, first))}"
    if run.ended and not those(run, Verdict.PASSED):
        return f"curl -sS -i {printable(clean(run, run.url))}"
    if run.ended:
        return again or "the same command again, with more to spend where it set limits"
    untested = those(run, Verdict.NOT_TESTED)
    return " ".join([rules, *(r.rule.id for r in untested[:1])])


# -- rulings -----------------------------------------------------------------------------------


def ids(rulings: Sequence[Ruling]) -> str:
    return ", ".join(ruling.rule.id for ruling in rulings)


def verdict_name(verdict: Verdict, lang: Lang) -> str:
    return word(verdict.value, lang).upper()


def _short(ruling: Ruling) -> str:
    """The rule's id without the API, which the headline names."""
    return ruling.rule.id.partition("/")[2]
