"""junit.xml: one test case a rule, for the pipelines that read nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from streamproof.contracts.report import har
from streamproof.contracts.report.console import findings
from streamproof.contracts.report.failure import failure_of
from streamproof.contracts.report.lang import Lang, sentence, word
from streamproof.contracts.report.words import clean
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Ruling, Verdict
from streamproof.specs.wording import printable

_SKIPPED = (Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE, Verdict.WAIVED)


def junit(run: Run, lang: Lang = "en") -> str:
    """A run as JUnit XML, its sentences in `lang`.

    A rule that was not tested or is waived is skipped: the exit code counts it. A waiver that has
    to be mended is a failure of its own.
    """
    counts = Counter(ruling.verdict for ruling in run.rulings)
    unsound = [account for account in run.waivers if not account.state.sound]
    suite = Element(
        "testsuite",
        name=f"streamproof.{run.api.name}",
        tests=str(len(run.rulings) + len(unsound)),
        failures=str(counts[Verdict.FAILED] + len(unsound)),
        errors=str(counts[Verdict.HARNESS_ERROR]),
        skipped=str(sum(counts[verdict] for verdict in _SKIPPED)),
        time=f"{run.duration_s:.3f}",
        timestamp=run.started.astimezone(UTC).isoformat(timespec="seconds"),
    )
    properties = SubElement(suite, "properties")
    for name, value in (
        ("target", printable(clean(run, run.url))),
        ("headline", run.headline.value),
        ("seed", str(run.seed)),
        ("run_id", run.run_id),
    ):
        SubElement(properties, "property", name=name, value=value)
    for ruling in run.rulings:
        _case(suite, run, ruling, lang)
    for account in unsound:
        name = printable(clean(run, account.waiver.rule))
        classname = f"streamproof.{run.api.name}.waivers"
        case = SubElement(suite, "testcase", classname=classname, name=name, time="0.000")
        told = printable(clean(run, f"this waiver is {account.state.value}: {account.mend}"))
        SubElement(case, "failure", message=told, type=account.state.value)
    SubElement(suite, "system-out").text = "\n".join(
        printable(line.plain) for line in findings(run, lang)
    )
    indent(suite)
    return tostring(suite, encoding="unicode") + "\n"


def _case(suite: Element, run: Run, ruling: Ruling, lang: Lang) -> None:
    rule = ruling.rule
    classname = f"streamproof.{run.api.name}.{rule.operation}"
    took = f"{ruling.finding.took_s:.3f}"
    case = SubElement(suite, "testcase", classname=classname, name=rule.id, time=took)
    properties = SubElement(case, "properties")
    for name, value in _facts(ruling, lang):
        SubElement(properties, "property", name=name, value=printable(value))
    message = sentence(printable(clean(run, ruling.message)), lang)
    match ruling.verdict:
        case Verdict.FAILED:
            element = SubElement(case, "failure", message=message, type="failed")
            element.text = "\n".join(account(run, ruling, lang))
        case Verdict.HARNESS_ERROR:
            element = SubElement(case, "error", message=message, type="harness_error")
            trace = clean(run, ruling.finding.crash or "").splitlines()
            element.text = "\n".join(map(printable, trace))
        case Verdict.NOT_TESTED | Verdict.NOT_APPLICABLE:
            SubElement(case, "skipped", message=message)
        case Verdict.WAIVED:
            element = SubElement(case, "skipped", message=message, type="waived")
            element.text = "\n".join(account(run, ruling, lang))
    if log := list(_log(ruling, lang)):
        SubElement(case, "system-out").text = "\n".join(map(printable, log))


def _facts(ruling: Ruling, lang: Lang) -> Iterator[tuple[str, str]]:
    """What a pipeline may sort and search by."""
    rule, finding = ruling.rule, ruling.finding
    yield "statement", rule.zh if lang == "zh" else rule.en
    yield "level", rule.level.value
    yield "verdict", ruling.verdict.value
    yield "source", "; ".join(map(str, rule.sources))
    yield "requests", str(finding.requests)
    yield "examples", str(finding.examples)
    if ruling.blocked_by:
        yield "blocked_by", ", ".join(ruling.blocked_by)
    if ruling.fingerprint is not None:
        yield "fingerprint", ruling.fingerprint
        yield "evidence", har.name(rule.id)
    if ruling.waiver is not None:
        yield "waived_until", ruling.waiver.expires.isoformat()


def _log(ruling: Ruling, lang: Lang) -> Iterator[str]:
    """What the run saw of a rule that makes its verdict mean something."""
    finding = ruling.finding
    for name in finding.needed:
        found = "seen" if name in finding.seen else "missing"
        yield f"{word('witnesses', lang)}: {word(found, lang)}: {name}"


def account(run: Run, ruling: Ruling, lang: Lang = "en") -> list[str]:
    """The whole failure, a line a fact."""
    failure = failure_of(run, ruling)
    rule = ruling.rule
    sources = "; ".join(map(str, rule.sources))
    lines = [rule.zh if lang == "zh" else rule.en, f"{word('source', lang)}: {sources}"]
    if failure is not None:
        lines += [
            f"{word('did', lang)}: {sentence(failure.did, lang)}",
            f"{word('expected', lang)}: {failure.expected}",
            f"{word('actual', lang)}: {failure.actual}",
            *(f"{number}. {step}" for number, step in enumerate(failure.steps, 1)),
            *failure.curl,
        ]
    return [printable(line) for line in lines]
