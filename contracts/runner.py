"""Runs checks against a target and notes what each rule showed; judges nothing itself."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from streamproof.contracts.abreast import NotBeside, one_by_one, side_by_side
from streamproof.contracts.check import Broken, Check, Mismatch, Trial, Unmet
from streamproof.contracts.client import Client
from streamproof.contracts.examination import Effort, Examination, nothing_but_the_seed
from streamproof.contracts.finding import Finding, blockers
from streamproof.contracts.kept import Kept
from streamproof.contracts.names import Names
from streamproof.contracts.steady import seen_twice
from streamproof.contracts.strands import MAIN, Strand, current
from streamproof.contracts.verdict import covered
from streamproof.contracts.waivers import NONE, Waivers
from streamproof.contracts.wire import Outcome
from streamproof.specs.declared import SEQUENCES as MODEL
from streamproof.specs.rulebook import Rulebook

JUDGED = "a judged answer"  # the witness of a watching check
_ROOM = 16 * 1024 * 1024  # octets of packed answers that one transcript keeps
_MORE = 3  # times the examples of a check, for one that a sequence gives reason to ask again
_FEWEST = 12  # sequences: the first few of a seed are but short ones
_ANEW = 3  # how often sequences are begun anew after one that does not fail again
_LONG = 4  # an example of a sequence takes as many requests as some examples of a check


class Runner:
    """One run. `findings`, by rule id, grow while it goes; `ended` says why it stopped early.

    `shared` and `learnt` are what its checks have made and found out (see `Trial`). Checks may go
    side by side. What each shows is taken account of in the order of the rules, as if they had
    gone one after another.
    """

    def __init__(
        self,
        client: Client,
        rulebook: Rulebook,
        names: Names,
        fixtures: Mapping[str, Any],
        effort: Effort,
        progress: Callable[[str, int, int], None] = lambda _rule, _done, _total: None,
        promises: Mapping[str, Sequence[str]] | None = None,
        waivers: Waivers = NONE,
    ) -> None:
        self._promises, self._waivers = promises or {}, waivers
        self.ended: str | None = None
        self.findings: dict[str, Finding] = {}
        self._client, self._rulebook, self._names = client, rulebook, names
        self._fixtures, self._effort, self._progress = fixtures, effort, progress
        self._main = Strand()
        self._places = {rule: MAIN + i for i, rule in enumerate(rulebook.rules, 1)}
        self._heard: set[Strand] = set()
        self.shared, self.learnt = Kept(), Kept("learnt")
        self._checks: Mapping[str, Check] = {}

    def run(self, checks: Sequence[Check], jobs: int = 1) -> dict[str, Finding]:
        """Run `checks` so that each comes after those of the rules that its own depends on,
        as many as `jobs` side by side.

        Then sequences of calls, for what no check found; then the checks that come last of all.
        """
        order = {rule.id: i for i, rule in enumerate(self._rulebook.in_dependency_order())}
        ready = sorted(checks, key=lambda check: order[check.rule])
        findings = self.findings = {
            c.rule: Finding((*c.witnesses, JUDGED) if c.watch else c.witnesses) for c in ready
        }
        watching = [check for check in ready if check.watch]
        self._client.watchers.append(lambda outcome: self._watch(watching, outcome))
        self._client.after.append(self._note)
        model = f"{self._client.api.name}/{MODEL}"
        self._checks = {check.rule: check for check in ready}
        first = [check for check in ready if not check.last and check.rule != model]
        self._main.findings = findings
        with nothing_but_the_seed(), self._main.entered():
            self._examine_all(first, 0, jobs, self._checks.get(model))
            last = [check for check in ready if check.last]
            self._examine_all(last, len(ready) - len(last))
        return findings

    def _examine_all(
        self,
        checks: Sequence[Check],
        done: int,
        jobs: int = 1,
        played: Check | None = None,
    ) -> None:
        """Examine `checks`, in their order, after as many as `done`; then what is `played`."""
        tasks = _Examinations(self, checks, done, self._needs(checks), played)
        if jobs == 1:
            one_by_one(tasks)
        else:
            side_by_side(tasks, jobs)

    def abandon(self) -> None:
        """End the examinations that are under way with their next request."""
        self._client.meter.stop.ask()

    def tell(self, what: str, done: int) -> None:
        self._progress(what, done, len(self.findings))

    def worth(self, check: Check) -> bool:
        """Whether a rule is still to be judged, by what is known."""
        found = self.findings[check.rule]
        known = self.ended or found.mismatch or found.crash
        return not (known or self._blocked(check))

    def _blocked(self, check: Check) -> bool:
        return bool(blockers(check.rule, self._rulebook, self.findings, self._waived))

    def _needs(self, checks: Sequence[Check]) -> list[frozenset[int]]:
        """By check the numbers of those whose rules its own depends on, at any remove."""
        numbers = {check.rule: number for number, check in enumerate(checks)}
        beneath: dict[str, frozenset[str]] = {}
        for rule in self._rulebook.in_dependency_order():
            needed = rule.depends_on
            beneath[rule.id] = frozenset(needed).union(*(beneath[each] for each in needed))
        return [
            frozenset(numbers[rule] for rule in beneath[check.rule] & numbers.keys())
            for check in checks
        ]

    @property
    def _waived(self) -> Collection[str]:
        return covered(self.findings, self._waivers)

    def play(self, played: Check, beside: bool) -> Strand:
        """Play sequences of calls. Beside others they are believed only where they find nothing:
        what they find is news or not by what all others showed. Raises `NotBeside` then."""
        if beside:
            return self._play_beside(played)
        self.tell(played.rule, len(self.findings))
        self._examine_model(played)
        return self._main

    def _play_beside(self, played: Check) -> Strand:
        def quiet(trial: Trial) -> None:
            try:
                played.run(trial)
            except Broken:
                raise NotBeside from None

        finding, strand = Finding(played.witnesses), Strand(MAIN, beside=True)
        begun, meter = time.monotonic(), self._client.meter
        name, effort = _turn(played.rule, 0), self._effort_to_play
        with strand.entered():
            examination = Examination(
                name, quiet, finding, self._trial, meter, effort, self._elsewhere
            )
            examination.run()
        if examination.alone or finding.crash:
            raise NotBeside
        self.ended = self.ended or examination.ended
        finding.requests, finding.took_s = strand.requests, time.monotonic() - begun
        strand.findings[played.rule] = finding
        return strand

    def settle_play(self, played: Check, strand: Strand | None) -> None:
        """Take account of what sequences showed, as of what a check did."""
        if strand is self._main:  # what was found stands already where it belongs
            self._hear_shared(strand)
        else:
            self.settle(played, strand)

    @property
    def _effort_to_play(self) -> Effort:
        effort = self._effort
        return replace(
            effort,
            max_examples=max(_FEWEST, effort.max_examples),
            shrink_requests=_LONG * effort.shrink_requests,
        )

    def _examine_model(self, check: Check) -> None:
        """Compare sequences of calls with what the model says that they leave.

        One that contradicts it, and does so again under other names, is evidence against the
        rules that speak of what differs: those are judged again. What none of their checks finds
        is the failure of the model's own rule.
        """

        def news(trial: Trial) -> None:
            try:
                check.run(trial)
            except Broken as broken:
                if rule := self._known(broken.mismatch):
                    known[rule] = None
                    raise Unmet(f"explained by {rule}: {broken}") from None
                raise

        known: dict[str, None] = {}
        finding, meter = self.findings[check.rule], self._client.meter
        effort = self._effort_to_play
        before, begun = meter.requests, time.monotonic()
        for turn in range(_ANEW):
            name = _turn(check.rule, turn)
            examination = Examination(
                name, news, finding, self._trial, meter, effort, self._elsewhere
            )
            examination.run()
            again = finding.mismatch is not None and examination.again()
            self.ended = self.ended or examination.ended
            if again:
                self._attribute(finding)
            if finding.mismatch is None or again:
                break
            told = f"expected {finding.mismatch.expected}; got {finding.mismatch.actual}"
            finding.excuse(f"seen in one sequence of calls, and not when it was sent again: {told}")
            if self.ended:
                break
        if known and finding.mismatch is None:  # sequences went wrong, if for a reason
            finding.examples, finding.owed = 0, tuple(known)
        finding.requests += meter.requests - before
        finding.took_s += time.monotonic() - begun

    def _attribute(self, finding: Finding) -> None:
        """Judge again the rules that a failure by a sequence may break. If one of their own checks
        fails now, it is told as that of the first, and nobody else's."""
        assert finding.mismatch is not None
        rules = finding.mismatch.rules
        asked: list[str] = []
        for rule in rules:
            if rule not in self._checks or self.ended:
                continue
            found = self._examine_again(self._checks[rule])
            asked.append(rule)
            if found.mismatch is not None:
                others = [other for other in rules if other != rule]
                found.hint = _told(finding, others)
                self.findings[rule] = found
                finding.excuse(f"what a sequence of calls shows is explained by {rule}")
                finding.owed = (rule,)
                return
        unasked = [rule for rule in rules if rule not in asked]
        finding.hint = _unattributed(finding, asked, unasked)

    def _examine_again(self, check: Check) -> Finding:
        """What more examples, and others, of a check show."""
        found, meter, before = (
            Finding(check.witnesses),
            self._client.meter,
            self.findings[check.rule],
        )
        effort = replace(self._effort, max_examples=_MORE * self._effort.max_examples)
        examination = Examination(
            f"{check.rule} again", check.run, found, self._trial, meter, effort, self._elsewhere
        )
        spent = meter.requests
        examination.run()
        self.ended = self.ended or examination.ended
        found.requests = before.requests + meter.requests - spent
        return found

    def _known(self, mismatch: Mismatch) -> str | None:
        """A rule that is known not to hold, and that may be the reason of a mismatch."""
        for rule in mismatch.rules:
            if rule in self.findings and self.findings[rule].mismatch is not None:
                return rule
            if behind := blockers(rule, self._rulebook, self.findings):
                return behind[0]
        return None

    def _elsewhere(self, mismatch: Mismatch, steps: Sequence[Outcome]) -> None:
        """Keep what a check came upon that breaks the rule of another, where that is news; for
        now it is for its strand to tell."""
        strand, blamed = self._strand, mismatch.rules[0]
        if strand is self._main:
            self._keep_elsewhere(mismatch, steps)
        elif strand.place == self._places.get(blamed):
            strand.findings[blamed].keep(mismatch, steps)
        else:
            strand.elsewhere.append((mismatch, tuple(steps)))

    def _keep_elsewhere(self, mismatch: Mismatch, steps: Sequence[Outcome]) -> None:
        if not self._explained(mismatch):
            self.findings[mismatch.rules[0]].keep(mismatch, steps)

    def _explained(self, mismatch: Mismatch) -> bool:
        """Whether a mismatch is no news: the rule isn't judged, or another that is known not to
        hold may be the reason."""
        blamed = mismatch.rules[0]
        return (
            blamed not in self.findings
            or any(
                rule in self.findings and self.findings[rule].mismatch for rule in mismatch.rules
            )
            or bool(blockers(blamed, self._rulebook, self.findings))
        )

    def examine(self, check: Check, beside: bool) -> Strand:
        """What a check shows. Raises `NotBeside`."""
        strand = Strand(self._places[check.rule], beside)
        finding = strand.findings[check.rule] = Finding(self.findings[check.rule].needed)
        run = seen_twice(check.run) if self._client.reads_only else check.run
        begun, meter = time.monotonic(), self._client.meter
        with strand.entered():
            examination = Examination(
                check.rule, run, finding, self._trial, meter, self._effort, self._elsewhere
            )
            examination.run()
        if examination.alone:
            raise NotBeside
        self.ended = self.ended or examination.ended
        finding.requests = strand.requests
        finding.took_s = time.monotonic() - begun
        return strand

    def settle(self, check: Check, strand: Strand | None) -> None:
        """Take account of what a check showed, unless what those before it showed would have kept
        it from being examined. What is shared is the expense of the first that needed it."""
        known = self.findings[check.rule]
        if strand is None:
            known.unmet = self.ended or known.unmet
        elif not (known.mismatch or known.crash) and not self._blocked(check):
            own = strand.findings.pop(check.rule)
            own.seen |= known.seen
            self.findings[check.rule] = own
            own.requests += self._hear_shared(strand)
            self._hear(strand)

    def _hear_shared(self, strand: Strand) -> int:
        """Take account of what is shared and was used for the first time: the requests of it."""
        requests = 0
        for shared in strand.used:
            if shared not in self._heard:
                self._heard.add(shared)
                requests += shared.requests + self._hear_shared(shared)
                self._hear(shared)
        return requests

    def _hear(self, strand: Strand) -> None:
        """Take account of what a strand saw of the rules of others."""
        for rule, found in strand.findings.items():
            self.findings[rule].add(found)
        for mismatch, steps in strand.elsewhere:
            self._keep_elsewhere(mismatch, steps)

    @property
    def _strand(self) -> Strand:
        return current() or self._main

    def _note(self, outcome: Outcome) -> None:
        """Add a step to the transcript, its whole answer only as long as there is room."""
        strand, kept = self._strand, outcome.kept()
        if kept.packed is not None:
            strand.packed += len(kept.packed)
            if strand.packed > _ROOM:
                kept = replace(kept, packed=None)
        strand.steps.append(kept)

    def _trial(self, draw: Callable[[Any], Any]) -> Trial:
        strand = self._strand
        strand.steps.clear()
        strand.packed = 0
        return Trial(
            self._client,
            self._names,
            self._fixtures,
            draw,
            strand.steps,
            self.shared,
            promises=self._promises,
            learnt=self.learnt,
        )

    def _watch(self, checks: Sequence[Check], outcome: Outcome) -> None:
        """Let every watching check judge an answer; its own faults are its own."""
        strand = self._strand
        for check in checks:
            finding = strand.findings.setdefault(check.rule, Finding(()))
            if check.watch is None or finding.mismatch is not None:
                continue
            try:
                judged = check.watch(outcome)
            except Exception:
                finding.crash = traceback.format_exc()
                continue
            if isinstance(judged, Mismatch):
                finding.keep(judged, strand.steps[strand.since :])
            elif judged:
                finding.seen.add(JUDGED)


@dataclass(frozen=True, slots=True)
class _Examinations:
    """The examinations of `checks`, after as many as `done`, and of what is `played` last of them,
    though begun first."""

    runner: Runner
    checks: Sequence[Check]
    done: int
    needed: Sequence[frozenset[int]]
    played: Check | None

    @property
    def needs(self) -> Sequence[frozenset[int]]:
        return self.needed if self.played is None else [*self.needed, frozenset()]

    @property
    def early(self) -> Sequence[int]:
        play = [] if self.played is None else [len(self.checks)]
        return [*play, *range(len(self.checks))]

    def worth(self, task: int) -> bool:
        if play := self._play(task):
            return self.runner.worth(play)
        return self.runner.worth(self.checks[task])

    def begin(self, task: int) -> None:
        if self._play(task) is None:
            self.runner.tell(self.checks[task].rule, self.done + task)

    def work(self, task: int, *, beside: bool) -> Strand:
        if play := self._play(task):
            return self.runner.play(play, beside)
        return self.runner.examine(self.checks[task], beside)

    def spoils(self, result: Strand) -> bool:
        return any(found.mismatch is not None for found in result.findings.values())

    def abandon(self) -> None:
        self.runner.abandon()

    def settle(self, task: int, result: Strand | None) -> None:
        if play := self._play(task):
            self.runner.settle_play(play, result)
        else:
            self.runner.settle(self.checks[task], result)

    def _play(self, task: int) -> Check | None:
        return self.played if task == len(self.checks) else None


def _turn(rule: str, turn: int) -> str:
    """The name by which the seed settles what is played."""
    return f"{rule} {turn}"


def _told(finding: Finding, others: Sequence[str]) -> str:
    """How a failure came to light by a sequence, and which rules it may break beside its own."""
    told = f"found by a sequence of {len(finding.steps)} calls"
    return f"{told}; it may also be {', '.join(others)}" if others else told


def _unattributed(finding: Finding, asked: Sequence[str], unasked: Sequence[str]) -> str:
    """How a failure came to light by a sequence, and which rules it may break, `asked` or not."""
    told = f"found by a sequence of {len(finding.steps)} calls"
    if asked:
        told += f"; judged again, none of {', '.join(asked)} failed"
    if unasked:
        told += f"; it may be one that was not judged in this run: {', '.join(unasked)}"
    return told
