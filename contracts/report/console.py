"""What a person reads: a first screen that says it all, and the failures in full.

Both are `rich` texts: the same words with colour on a terminal and, as ``str(text)`` or in a
pipe, without. Print them with ``soft_wrap=True``, so that a command line stays one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from rich.text import Text

import streamproof
from streamproof.contracts import transcript
from streamproof.contracts.cleanup import NO_CALL
from streamproof.contracts.report.failure import failure_of
from streamproof.contracts.report.headline import (
    UNJUDGED,
    WIDTH,
    because,
    by_reason,
    fitted,
    those,
    unsound,
    variables,
)
from streamproof.contracts.report.words import clean, cut, some
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Headline, Ruling, Verdict
from streamproof.specs.rulebook import Level
from streamproof.specs.wording import printable

IN_FULL = 5  # failures, and reasons for not testing, that are told whole
_LEFT = 3  # objects left that are named; report.json has them all
_STEPS, _CURLS = 6, 3  # lines of a long failure that are shown; report.json has them all
_WHOLE = 3000  # characters of command lines that are shown whole
_LONGEST_COMMAND = 5000  # characters; part of a command is none
_COLOURS = {
    Headline.HARNESS_ERROR: "bold magenta",
    Headline.DOES_NOT_CONFORM: "bold red",
    Headline.INCONCLUSIVE: "bold yellow",
    Headline.CONFORMS_WITH_WAIVERS: "bold green",
    Headline.CONFORMS: "bold green",
}


def summary(run: Run, report_dir: str | None = None) -> Text:
    """The first screen, under 25 lines: the headline, what does not hold, what was not tested
    and why, and what to do next. `report_dir` is where `files.write` put its files.
    """
    lines = [
        _headline(run),
        Text(_facts(run), "dim"),
        *_counts(run),
        *_failed(run),
        *_waived(run),
        *_unjudged(run),
        Text(_cleanup(run)),
        Text(f"replay: the same command with --seed {run.seed} --run-id {run.run_id}"),
        Text(f"report: {_files(report_dir)}"),
        Text.assemble("next: ", (_next(run), "bold")),
    ]
    return _lines(lines)


def details(run: Run) -> Text:
    """Each failure in full, up to `IN_FULL`; then by their ids all others that did not pass."""
    failed = those(run, Verdict.FAILED)
    blocks = [_lines(_failure(run, ruling)) for ruling in failed[:IN_FULL]]
    if names := variables(run, "\n".join(block.plain for block in blocks)):
        blocks.append(Text(f"Export your credentials first: {', '.join(names)}."))
    if failed[IN_FULL:]:
        blocks.append(Text.assemble(("FAILED TOO ", "red"), _ids(failed[IN_FULL:])))
    for ruling in those(run, Verdict.HARNESS_ERROR):
        trace = clean(run, ruling.finding.crash or "").splitlines()
        title = Text(f"HARNESS ERROR {ruling.rule.id}", "magenta")
        blocks.append(_lines([title, *(Text(f"  {printable(line)}") for line in trace)]))
    reasons = [found for found in by_reason(run) if found[0] is not Verdict.HARNESS_ERROR]
    if run.refused is not None:  # of a target that takes nothing the first screen says it all
        reasons = []
    for verdict, message, rulings in reasons[:IN_FULL]:
        blocks.append(_reason(verdict, message, rulings).append(f"\n  {_ids(rulings)}", "none"))
    if reasons[IN_FULL:]:
        others = len(reasons) - IN_FULL
        blocks.append(Text(f"… and {others} more reasons: report.json has them", "yellow"))
    return Text("\n\n").join(blocks)


def _lines(lines: Iterable[Text]) -> Text:
    return Text("\n").join(lines)


# -- the headline ------------------------------------------------------------------------------


def _headline(run: Run) -> Text:
    selected, total = len(run.rulings), len(run.api.rulebook.rules)
    narrowed = f" ({selected} of {total} rules selected)" if run.selection.narrowed else ""
    return Text.assemble(
        f"{run.api.name} at {printable(clean(run, run.url))}: ",
        (run.headline.value.upper(), _COLOURS[run.headline]),
        f": {because(run)}{narrowed}",
    )


# -- the lines below it ------------------------------------------------------------------------


def _facts(run: Run) -> str:
    return (
        f"suite {streamproof.__version__} · rules {run.api.version}, sha256 {run.api.sha256[:8]}…"
        f" · seed {run.seed} · run id {run.run_id}"
        f" · {run.duration_s:.1f} s · {run.requests} requests"
    )


def _counts(run: Run) -> Iterator[Text]:
    """A line an operation: how many rules of each level hold, and the other verdicts."""
    if not (those(run, Verdict.PASSED) or those(run, Verdict.FAILED)):
        return
    operations = list(dict.fromkeys(ruling.rule.operation for ruling in run.rulings))
    width = max(len("rules that hold"), *map(len, operations))
    levels = [level for level in Level if any(r.rule.level is level for r in run.rulings)]
    columns = "".join(level.value.rjust(12) for level in levels)
    yield Text("rules that hold".ljust(width) + columns, "dim")
    for operation in operations:
        rulings = [r for r in run.rulings if r.rule.operation == operation]
        yield _row(operation.ljust(width), rulings, levels)
    yield _row("all".ljust(width), run.rulings, levels)


def _row(name: str, rulings: Sequence[Ruling], levels: Sequence[Level]) -> Text:
    row = Text(name)
    for level in levels:
        verdicts = [r.verdict for r in rulings if r.rule.level is level]
        held = f"{verdicts.count(Verdict.PASSED)}/{len(verdicts)}" if verdicts else "-"
        row.append(held.rjust(12))
    others = [
        (sum(r.verdict is verdict for r in rulings), verdict)
        for verdict in (Verdict.FAILED, Verdict.WAIVED, *UNJUDGED)
    ]
    told = ", ".join(f"{count} {_name(verdict)}" for count, verdict in others if count)
    return row.append(f"   {told}" if told else "", "red" if others[0][0] else "yellow")


def _failed(run: Run) -> Iterator[Text]:
    failed = those(run, Verdict.FAILED)
    for ruling in failed[:IN_FULL]:
        statement = cut(ruling.rule.en, WIDTH)
        yield Text.assemble(("FAILED ", "red"), (ruling.rule.id, "bold"), f"  {statement}")
    if failed[IN_FULL:]:
        rest = [_short(ruling) for ruling in failed[IN_FULL:]]
        yield Text.assemble(("FAILED ", "red"), f"and {len(rest)} more: {some(rest, 4)}")


def _waived(run: Run, most: int = 3) -> Iterator[Text]:
    """The waivers that have to be mended, a line each; then the failures that are waived."""
    unusable = unsound(run)
    for account in unusable[:most]:
        which = printable(clean(run, account.waiver.rule))
        state = f"WAIVER {account.state.value.upper()} "
        yield Text.assemble((state, "red"), (which, "bold"), f": {printable(account.mend)}")
    if unusable[most:]:
        yield Text(f"and {len(unusable) - most} more waivers: report.json has them", "red")
    if waived := those(run, Verdict.WAIVED):
        names = some([_short(ruling) for ruling in waived], 4)
        until = min(ruling.waiver.expires for ruling in waived if ruling.waiver)
        yield Text.assemble(
            (f"WAIVED {len(waived)}", "yellow"), f", the first until {until}: {names}"
        )


def _unjudged(run: Run, most: int = 3) -> Iterator[Text]:
    """What was not tested, by its reason, the most frequent first: a line each."""
    reasons = list(by_reason(run))
    for verdict, message, rulings in reasons[:most]:
        names = some([_short(ruling) for ruling in rulings], 4)
        yield _reason(verdict, cut(message, WIDTH // 2), rulings).append(f" ({names})")
    if reasons[most:]:
        count = sum(len(rulings) for _, _, rulings in reasons[most:])
        yield Text(f"and {count} more, for {len(reasons) - most} other reasons", "yellow")


def _reason(verdict: Verdict, message: str, rulings: Sequence[Ruling]) -> Text:
    return Text.assemble((f"{_name(verdict).upper()} {len(rulings)}", "yellow"), f": {message}")


def _cleanup(run: Run) -> str:
    made = run.cleanup
    told = f"clean-up: {made.created} created, {made.deleted} deleted, {made.left} left"
    if made.unsure:
        told += f", {made.unsure} more may be there"
    if not made.remaining:
        return told
    names = some([cut(printable(clean(run, left.key)), 40) for left in made.remaining], _LEFT)
    return f"{told}: {names} ({cut(printable(clean(run, made.remaining[0].why)), 80)})"


def _files(report_dir: str | None) -> str:
    if report_dir is None:
        return "not kept; --report-dir DIR writes report.html, report.json and more"
    return ", ".join(str(PurePath(report_dir, name)) for name in ("report.html", "report.json"))


def _next(run: Run) -> str:
    """The command that helps most."""
    judged = [*those(run, Verdict.HARNESS_ERROR), *those(run, Verdict.FAILED)]
    if run.headline in (Headline.CONFORMS, Headline.CONFORMS_WITH_WAIVERS):
        return "the same command with --ci and --report-dir DIR, in your pipeline"
    if judged:
        return f"streamproof rules {judged[0].rule.id}"
    if unsound(run):
        return f"mend {run.waivers_file}, then the same command again"
    if run.ended and any(left.why != NO_CALL for left in run.cleanup.remaining):
        return (
            f"streamproof sweep {run.api.name}, with the flags of this target: it removes the rest"
        )
    if run.refused is not None:
        again = transcript.curl(run.refused, run.api.name, run.url)
        names = variables(run, again)
        set_first = f"with {', '.join(names)} exported: " if names else ""
        return f"{set_first}{printable(clean(run, again))}"
    if run.ended and not those(run, Verdict.PASSED):
        return f"curl -sS -i {printable(clean(run, run.url))}"
    if run.ended:
        return "the same command again, with more to spend where it set limits"
    untested = those(run, Verdict.NOT_TESTED)
    return " ".join(["streamproof rules", *(r.rule.id for r in untested[:1])])


# -- one failure -------------------------------------------------------------------------------


def _failure(run: Run, ruling: Ruling) -> Iterator[Text]:
    rule, failure = ruling.rule, failure_of(run, ruling)
    yield Text.assemble(("FAILED ", "red"), (rule.id, "bold"), f" ({rule.level.value})")
    yield Text(f"  {rule.en}")
    yield _labelled("source", "; ".join(map(str, rule.sources)))
    if failure is None:
        return
    yield _labelled("did", failure.did)
    yield _labelled("expected", failure.expected)
    yield _labelled("actual", failure.actual)
    first = max(0, len(failure.steps) - _STEPS)
    while first and failure.steps[first].race and failure.steps[first - 1].race:
        first -= 1  # a race stands whole
    shown = [fitted(step, f"{n} ") for n, step in enumerate(failure.steps[first:], first + 1)]
    if first:
        shown[:1] = [f"… {first + 1} steps before these"]
    for label, line in zip(("steps", *[""] * len(shown)), shown, strict=False):
        yield _labelled(label, line)
    whole = sum(map(len, failure.curl)) <= _WHOLE
    commands = failure.curl if whole else failure.curl[-_CURLS:]
    more = len(failure.curl) - len(commands)
    before = [f"… {more} command lines before these: report.json and junit.xml have them all"]
    lines = (*(before if more else ()), *commands)
    for label, command in zip(("repeat", *[""] * len(lines)), lines, strict=False):
        yield _labelled(label, command, longest=_LONGEST_COMMAND)


def _labelled(label: str, text: str, longest: int = WIDTH) -> Text:
    return Text.assemble((f"  {label:<9} ", "dim"), cut(printable(text), longest))


# -- rulings -----------------------------------------------------------------------------------


def _ids(rulings: Sequence[Ruling]) -> str:
    return ", ".join(ruling.rule.id for ruling in rulings)


def _name(verdict: Verdict) -> str:
    return verdict.value.replace("_", " ")


def _short(ruling: Ruling) -> str:
    """The rule's id without the API, which the headline names."""
    return ruling.rule.id.partition("/")[2]
