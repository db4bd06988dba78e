"""Evidence sent again, and told as it goes on."""

from __future__ import annotations

import random
import string

import click

from streamproof import journals
from streamproof.contracts.again import Again
from streamproof.contracts.bind import checks_of
from streamproof.contracts.cleanup import clean_up
from streamproof.contracts.client import Client
from streamproof.contracts.evidence import Evidence
from streamproof.contracts.live import Journal, Ledger
from streamproof.contracts.masking import redacted, secrets
from streamproof.contracts.meter import Limits, Meter, RunEnded
from streamproof.contracts.names import Names
from streamproof.contracts.report.words import safe
from streamproof.contracts.run import Target, texts
from streamproof.contracts.stop import Stop
from streamproof.contracts.transcript import step
from streamproof.contracts.wire import Outcome
from streamproof.signals import heeded
from streamproof.specs.wording import brief

_LONGEST = 1000  # characters of an answer
_NOTICE = "ending: what was made is removed"


def resend(evidence: Evidence, target: Target, rate: float | None) -> bool:
    """Whether all could be sent. Raises `SpecError` before anything is."""
    hidden = secrets((*target.credentials.values(), *target.secrets))
    letters = random.SystemRandom().choices(string.ascii_lowercase, k=len(evidence.run_id))
    names, lifecycle = Names("".join(letters)), checks_of(target.api)[1]
    file = journals.new(target.api.name)
    journal = Journal(
        names.run_id,
        target.api.name,
        redacted(target.transport.url, hidden),
        () if file is None else (file,),
        lambda text: redacted(text, hidden),
    )
    stop = Stop(notice=_NOTICE)
    meter = Meter(Limits(rate=rate), stop)
    target.transport.bound(meter.horizon)
    ledger = Ledger(journal, lifecycle)
    client = Client(target.api, target.transport, target.credentials, meter, ledger=ledger)
    known = frozenset(texts(target.fixtures))
    again = Again(evidence, client, lifecycle, names, target.fixtures, known)

    def tell(text: str) -> None:
        click.echo(safe(text, hidden))

    tell(f"{evidence.rule} at {target.transport.url}, run {names.run_id}; was {evidence.run_id}")
    sent = fitting = 0
    ended = None
    with heeded(stop):
        try:
            for before, now in again.send():
                sent += 1
                fitting += before.status == now.status
                tell(f"{sent} {step(now)!s}".partition(" -> ")[0])
                tell(f"  recorded  {_answer(before)}")
                tell(f"  {'now' if before.status == now.status else 'NOW':<8}  {_answer(now)}")
        except RunEnded as end:
            ended = str(end)
        finally:
            meter.for_clean_up(None)
            client.ledger = None
            made = clean_up(journal, lifecycle, meter, names)
    if file is not None and not made.remaining:
        file.unlink(missing_ok=True)
    if ended:
        tell(f"ended early: {ended}")
    tell(
        f"{sent} of {len(evidence.steps)} sent, {fitting} answered with the recorded status; "
        f"{made.created} created, {made.deleted} deleted, {made.left} left"
    )
    return ended is None and sent == len(evidence.steps)


def _answer(outcome: Outcome) -> str:
    if outcome.status is None:
        return str(outcome)
    return f"{outcome.status} {brief(outcome.body.decode('utf-8', 'replace'), _LONGEST)}".rstrip()
