"""Credentials that may read, but not write: how a target is configured, and no fault of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from streamproof.contracts.client import Client
from streamproof.contracts.finding import Finding
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.preflight import PATIENCE, Told, call_of, short
from streamproof.contracts.runner import JUDGED
from streamproof.contracts.wire import Outcome

_OWN = "$STREAMPROOF_"  # how a credential of the user's is spelled


@dataclass(slots=True)
class Permission:
    """What the calls of a run say of the right to write. A single accepted write shows it; the
    lack of it shows where reads are accepted and every write that credentials of ours send is
    refused for them: by one of `refusals`, as a status or as an envelope's code."""

    client: Client
    told_as: Told
    refusals: frozenset[int]
    first: Outcome | None = None  # the first write by credentials of ours
    _reads: bool = False
    _writes: bool = False
    _refused: int = 0

    def hear(self, outcome: Outcome) -> None:
        """Take note of a call. Raises `RunEnded` once enough writes were refused."""
        if outcome.url != self.client.transport.url:
            return
        if outcome.request.operation.safe:
            self._reads |= outcome.accepted
            return
        self._writes |= outcome.accepted
        if outcome.unavailable or not self._is_ours(outcome):
            return
        self.first = self.first or outcome
        self._refused += self.refuses(outcome)
        if self._refused >= PATIENCE and self.told is not None:
            raise RunEnded(self.told)

    @property
    def told(self) -> str | None:
        """That writing isn't permitted, as long as nothing else was seen."""
        first = self.first
        if self._writes or not self._reads or first is None or not self.refuses(first):
            return None
        keys = "" if first.auth is None else " and ".join(map(self.told_as, first.auth.credentials))
        return (
            f"the credentials of {keys} may read, but not write: {call_of(first)} is answered"
            f" {short(first)}; give some that may, or judge what reads show with --read-only"
        )

    def excuse(self, findings: Iterable[Finding]) -> None:
        """Blame no rule for it, and tell it where a rule could not be judged."""
        why = self.told
        for finding in findings if why is not None else ():
            if self._explains(finding):
                finding.excuse(str(why))
            elif finding.open and finding.crash is None:
                finding.unmet, finding.owed = why, ()

    def _explains(self, finding: Finding) -> bool:
        """Whether a failure comes of it. What a watch finds in an answer stands by itself."""
        steps = finding.steps[-1:] if JUDGED in finding.needed else finding.steps
        return any(map(self.refuses, steps))

    def refuses(self, outcome: Outcome) -> bool:
        """Whether this is a write that was refused for its credentials. A thing that isn't there
        is answered 404, too; so of calls that name one this tells nothing."""
        operation, envelope = outcome.request.operation, self.client.api.envelope
        if operation.safe or outcome.accepted:
            return False
        data = outcome.data if isinstance(outcome.data, dict) else {}
        code = None if envelope is None else data.get(envelope.code)
        if HTTPStatus.NOT_FOUND in (outcome.status, code) and "{" in operation.path:
            return False
        return outcome.status in self.refusals or code in self.refusals

    def _is_ours(self, outcome: Outcome) -> bool:
        proofs = outcome.proofs.values()
        return (
            bool(proofs) and all(p.startswith(_OWN) for p in proofs) and not outcome.request.altered
        )
