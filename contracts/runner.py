"""Runs checks against a target and notes what each rule showed; judges nothing itself."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streamproof.contracts.check import Check, Mismatch, Trial
from streamproof.contracts.client import Client
from streamproof.contracts.examination import Effort, Examination, nothing_but_the_seed
from streamproof.contracts.finding import Finding, blockers
from streamproof.contracts.names import Names
from streamproof.contracts.wire import Outcome
from streamproof.specs.rulebook import Rulebook

JUDGED = "a judged answer"  # the witness of a watching check


class Runner:
    """One run. `findings`, by rule id, grow while it goes; `ended` says why it stopped early."""

    def __init__(
        self,
        client: Client,
        rulebook: Rulebook,
        names: Names,
        fixtures: Mapping[str, Any],
        effort: Effort,
        progress: Callable[[str, int, int], None] = lambda _rule, _done, _total: None,
    ) -> None:
        self.ended: str | None = None
        self.findings: dict[str, Finding] = {}
        self._client, self._rulebook, self._names = client, rulebook, names
        self._fixtures, self._effort, self._progress = fixtures, effort, progress
        self._transcript: list[Outcome] = []
        self._shared: dict[Any, Any] = {}

    def run(self, checks: Sequence[Check]) -> dict[str, Finding]:
        """Run `checks` so that each comes after those of the rules that its own depends on."""
        order = {rule.id: i for i, rule in enumerate(self._rulebook.in_dependency_order())}
        ready = sorted(checks, key=lambda check: order[check.rule])
        findings = self.findings = {
            c.rule: Finding((*c.witnesses, JUDGED) if c.watch else c.witnesses) for c in ready
        }
        watching = [check for check in ready if check.watch]
        self._client.watchers.append(lambda outcome: self._watch(watching, outcome))
        self._client.after.append(self._transcript.append)
        with nothing_but_the_seed():
            for done, check in enumerate(ready):
                self._progress(check.rule, done, len(ready))
                if self.ended:
                    findings[check.rule].unmet = self.ended
                elif not blockers(check.rule, self._rulebook, findings):
                    self._examine(check)
        return findings

    def _examine(self, check: Check) -> None:
        finding, meter = self.findings[check.rule], self._client.meter
        before = meter.requests
        examination = Examination(check, finding, self._trial, meter, self._effort)
        examination.run()
        self.ended = examination.ended
        finding.requests += meter.requests - before

    def _trial(self, draw: Callable[[Any], Any]) -> Trial:
        self._transcript.clear()
        return Trial(
            self._client, self._names, self._fixtures, draw, self._transcript, self._shared
        )

    def _watch(self, checks: Sequence[Check], outcome: Outcome) -> None:
        """Let every watching check judge an answer; its own faults are its own."""
        for check in checks:
            finding = self.findings[check.rule]
            if check.watch is None or finding.mismatch is not None:
                continue
            try:
                judged = check.watch(outcome)
            except Exception:
                finding.crash = traceback.format_exc()
                continue
            if isinstance(judged, Mismatch):
                finding.keep(judged, self._transcript)
            elif judged:
                finding.seen.add(JUDGED)
