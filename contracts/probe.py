"""A probe: looks at every silent point of a target, and at nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from streamproof.contracts.bind import checks_of, probes_of
from streamproof.contracts.cleanup import Progress
from streamproof.contracts.client import Client
from streamproof.contracts.live import CleanUp
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.observations import Observation, Observing
from streamproof.contracts.run import Options, Target
from streamproof.contracts.stop import Stop
from streamproof.contracts.visit import visit
from streamproof.contracts.wire import Outcome


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe saw, and when it `started`; `unreachable` says why it could look at nothing,
    empty if it could."""

    run_id: str
    started: datetime
    observations: tuple[Observation, ...]
    requests: int
    cleanup: CleanUp
    unreachable: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)


def observe_all(
    target: Target,
    options: Options | None = None,
    progress: Progress = lambda _what, _done, _total: None,
    stop: Stop | None = None,
    points: Collection[str] | None = None,
) -> Probed:
    """Look at every silent point of `target`, or at `points`, however dear, and clean up.

    Of `options` count the run id, the rate, the number of requests and the journals.
    """
    options = options or Options()
    lifecycle = checks_of(target.api)[1]
    observed: tuple[Observation, ...] = ()
    given_out: dict[str, None] = {}

    def note_secrets(outcome: Outcome) -> None:
        given_out.update(dict.fromkeys(lifecycle.secrets(outcome)))

    unreachable, started = "", datetime.now(UTC)
    with visit(target, options, progress, stop) as here:
        try:
            unreachable = _trouble(here.client, target)
            if not unreachable:
                dear = target.api.dialect.points.keys()
                observing = Observing(
                    here.client, here.names, target.fixtures, dear, progress, hear=note_secrets
                )
                observed = observing.all(points)
        except KeyboardInterrupt:
            unreachable = "interrupted"
    return Probed(
        here.names.run_id,
        started,
        observed,
        here.client.meter.requests,
        here.made,
        unreachable,
        (*here.hidden, *given_out),
    )


def _trouble(client: Client, target: Target) -> str:
    """Why no call of the API can be made there; empty where one is accepted or judged."""
    told = "the API has no call that only reads"
    try:
        for request in probes_of(target.api).reads(client, target.fixtures):
            outcome = client.send(request)
            if outcome.accepted:
                return ""
            told = f"{request.method} {request.target}: {outcome}"
    except RunEnded as end:
        return str(end)
    return told
