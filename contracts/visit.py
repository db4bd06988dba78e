"""A visit to a target, outside a run of checks: what it makes is journaled, and then removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamproof.contracts.bind import checks_of
from streamproof.contracts.cleanup import Progress, clean_up
from streamproof.contracts.client import Client
from streamproof.contracts.live import CleanUp, Journal, Ledger
from streamproof.contracts.masking import redacted, secrets
from streamproof.contracts.meter import Limits, Meter
from streamproof.contracts.names import Names
from streamproof.contracts.run import Options, Target
from streamproof.contracts.stop import Stop

_ENDING = "ending: what was made is removed (Ctrl-C once more, and it stays on the target)"


@dataclass(slots=True)
class Visit:
    """The client of a visit, and the names that it gives; `hidden` is what no report may show.
    `made` tells, once the visit is over, what it made and what became of that."""

    client: Client
    names: Names
    hidden: tuple[str, ...] = field(repr=False)
    made: CleanUp = field(default_factory=CleanUp)


@contextmanager
def visit(
    target: Target, options: Options, progress: Progress, stop: Stop | None
) -> Iterator[Visit]:
    """A visit for the time of the block; it cleans up whatever ends it.

    Of `options` count the run id, the rate, the number of requests and the journals.
    """
    api, names = target.api, Names(options.run_id)
    hidden = secrets((*target.credentials.values(), *target.secrets))
    meter = Meter(Limits(options.max_requests, None, options.rate), stop or Stop(notice=_ENDING))
    meter.stop.notice = _ENDING
    _, lifecycle = checks_of(api)
    journal = Journal(
        names.run_id,
        api.name,
        redacted(target.transport.url, hidden),
        options.journals,
        lambda text: redacted(text, hidden),
    )
    ledger = Ledger(journal, lifecycle, options.run_id is not None)
    client = Client(api, target.transport, target.credentials, meter, ledger=ledger)
    target.transport.bound(meter.horizon)
    here = Visit(client, names, hidden)
    try:
        yield here
    finally:
        client.after.clear()
        meter.for_clean_up(None)
        client.ledger = None
        here.made = clean_up(journal, lifecycle, meter, names, progress)
