"""Verdicts: what the findings mean for each rule, and for the whole run. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from streamproof.contracts.finding import Finding, blockers, fingerprint
from streamproof.contracts.waivers import NONE, Waiver, Waivers
from streamproof.specs.rulebook import Rule, Rulebook


class Verdict(Enum):
    """What a run says of one rule."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    NOT_TESTED = "not_tested"
    NOT_APPLICABLE = "not_applicable"
    HARNESS_ERROR = "harness_error"


class Headline(Enum):
    """What a run says of a target; the value is the wording, `exit_code` the command's."""

    HARNESS_ERROR = "harness error"
    DOES_NOT_CONFORM = "does not conform"
    INCONCLUSIVE = "inconclusive"
    CONFORMS_WITH_WAIVERS = "conforms with waivers"
    CONFORMS = "conforms"

    @property
    def exit_code(self) -> int:
        return {"harness error": 4, "does not conform": 1, "inconclusive": 3}.get(self.value, 0)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict on one rule, with one sentence that says why.

    `blocked_by` names the rules that don't hold and without which this one can't be judged.
    `waiver` is the one that covers the failure.
    """

    rule: Rule
    verdict: Verdict
    message: str
    finding: Finding
    blocked_by: tuple[str, ...] = ()
    waiver: Waiver | None = None

    @property
    def broken(self) -> bool:
        """Whether the rule doesn't hold, be it waived or not."""
        return self.verdict in (Verdict.FAILED, Verdict.WAIVED)

    @property
    def fingerprint(self) -> str | None:
        """What names its failure in other runs too, whatever their ids and times."""
        return fingerprint(self.rule.id, self.finding) if self.broken else None


NO_CHECK = "no check yet"


def rule_on_all(
    rules: Iterable[Rule],
    findings: Mapping[str, Finding],
    rulebook: Rulebook,
    fixtures: Collection[str] = (),
    lacks: Collection[str] = (),
    waivers: Waivers = NONE,
) -> tuple[Ruling, ...]:
    """A ruling for every rule, in their order. `fixtures` are the keys at hand.

    A rule is not blamed for what a rule that it depends on explains.
    """
    waived = covered(findings, waivers)

    def ruling(rule: Rule) -> Ruling:
        blocked_by = blockers(rule.id, rulebook, findings, waived)
        found = _rule_on(rule, findings.get(rule.id), blocked_by, fixtures, lacks)
        if found.verdict is not Verdict.FAILED:
            return found
        if waiver := waived.get(rule.id):
            told = f"waived until {waiver.expires} ({waiver.reason}): {found.message}"
            return replace(found, verdict=Verdict.WAIVED, message=told, waiver=waiver)
        behind = blockers(rule.id, rulebook, findings)
        told = f"{found.message}; it was judged although {', '.join(behind)} is waived"
        return replace(found, message=told) if behind else found

    return tuple(map(ruling, rules))


def covered(findings: Mapping[str, Finding], waivers: Waivers) -> dict[str, Waiver]:
    """The rules whose failure a waiver covers."""
    found = {rule_id: waivers.covering(rule_id, each) for rule_id, each in findings.items()}
    return {rule_id: waiver for rule_id, waiver in found.items() if waiver is not None}


def _rule_on(
    rule: Rule,
    finding: Finding | None,
    blocked_by: tuple[str, ...],
    fixtures: Collection[str],
    lacks: Collection[str],
) -> Ruling:
    """The verdict on one rule; `finding` is None when no check ran."""
    absent = [need for need in rule.needs if need in lacks]
    if absent:
        message = f"the target declares that it lacks {', '.join(absent)}"
        return Ruling(rule, Verdict.NOT_APPLICABLE, message, Finding(()))
    unfilled = [need for need in rule.needs if need not in fixtures]
    if unfilled:
        keys = ", ".join(f"fixtures.{need}" for need in unfilled)
        return Ruling(rule, Verdict.NOT_TESTED, f"set {keys} for the target", Finding(()))
    if finding is None:
        return Ruling(rule, Verdict.NOT_TESTED, NO_CHECK, Finding(()))
    if finding.crash:
        last = finding.crash.strip().splitlines()[-1]
        return Ruling(rule, Verdict.HARNESS_ERROR, f"the check itself failed: {last}", finding)
    if blocked_by:
        message = f"can't be judged, because {', '.join(blocked_by)} does not hold"
        return Ruling(rule, Verdict.NOT_TESTED, message, finding, blocked_by)
    if finding.mismatch is not None:
        message = f"expected {finding.mismatch.expected}; got {finding.mismatch.actual}"
        message += f" ({finding.hint})" if finding.hint else ""
        return Ruling(rule, Verdict.FAILED, message, finding)
    if finding.missing or not finding.examples:
        return Ruling(rule, Verdict.NOT_TESTED, _what_was_missing(finding), finding)
    return Ruling(rule, Verdict.PASSED, "", finding)


def _what_was_missing(finding: Finding) -> str:
    """Why a check that ran proves nothing: what kept it from judging, or what it never saw."""
    if finding.unmet and not finding.examples:
        return f"nothing could be judged: {finding.unmet}"
    why = f" ({finding.unmet})" if finding.unmet else ""
    return f"never seen: {', '.join(finding.missing)}{why}"


def headline(rulings: Collection[Ruling], complete: bool, waivers_sound: bool = True) -> Headline:
    """The first of them that applies; `complete` is false when the run ended early,
    `waivers_sound` when a waiver has to be mended."""
    verdicts = {ruling.verdict for ruling in rulings}
    if Verdict.HARNESS_ERROR in verdicts:
        return Headline.HARNESS_ERROR
    if Verdict.FAILED in verdicts or not waivers_sound:
        return Headline.DOES_NOT_CONFORM
    untested = any(r.verdict is Verdict.NOT_TESTED and r.rule.level.is_documented for r in rulings)
    if not complete or untested or not verdicts & {Verdict.PASSED, Verdict.WAIVED}:
        return Headline.INCONCLUSIVE
    return Headline.CONFORMS_WITH_WAIVERS if Verdict.WAIVED in verdicts else Headline.CONFORMS
