"""A twin: a mock told the same as a target, in random sequences, and compared answer by answer.

What the sequences are and how they wait is the suite's (`sequences.py`); here nothing is judged
but likeness, so a target may break rules, as long as its twin breaks them alike.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final

from hypothesis import strategies as st

from streamproof.contracts.bind import promises_of, sequences_of
from streamproof.contracts.check import Broken, Mismatch, Trial
from streamproof.contracts.cleanup import Progress
from streamproof.contracts.client import Client
from streamproof.contracts.examination import Effort, Examination, nothing_but_the_seed
from streamproof.contracts.finding import Finding
from streamproof.contracts.kept import Kept
from streamproof.contracts.live import CleanUp
from streamproof.contracts.mirror import Mirror
from streamproof.contracts.names import Names
from streamproof.contracts.run import Options, Target
from streamproof.contracts.stop import Stop
from streamproof.contracts.visit import visit
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs.api import Api
from streamproof.specs.dialect import Value

DIFFERS: Final = "twin-differs"
_PAUSES_S: Final = (0.05, 0.2, 1.0)  # what a read may be behind
_AWAY: Final = (429, 503)
_ODD: Final = ("", "0", "1", "-1", "1.5", "x", " ", "null", "2020-01-01", "Asia/Tokyo")
Raise = Callable[[Mapping[str, Value]], AbstractContextManager[Target]]
"""A mock in a dialect, of which what differs from the default is given."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What came of it: `compared` answers in `sequences`. `difference` is the first, `steps` the
    target's answers that led there; `ended` says why nothing more could be compared."""

    seed: int
    run_id: str
    sequences: int
    compared: int
    difference: str | None
    steps: tuple[Outcome, ...] = field(repr=False)
    ended: str | None
    cleanup: CleanUp
    secrets: tuple[str, ...] = field(repr=False)


def compare(
    target: Target,
    twin: Target,
    options: Options,
    progress: Progress = lambda _rule, _done, _total: None,
    stop: Stop | None = None,
) -> Likeness:
    """Tell both the same, until they differ. What was made on `target` is removed."""
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    finding = Finding(())
    with visit(target, options, progress, stop) as here:
        listener = _Listener(here.client, _client(twin))
        here.client.after.append(listener.hear)
        with nothing_but_the_seed():
            progress("sequences", 0, 1)
            ended = _examine(listener, here.names, target, options, seed, finding)
    if finding.crash is not None:
        raise RuntimeError(finding.crash)
    return Likeness(
        seed=seed,
        run_id=here.names.run_id,
        sequences=finding.examples,
        compared=listener.compared,
        difference=finding.mismatch.actual if finding.mismatch is not None else None,
        steps=finding.steps,
        ended=ended or (None if listener.compared else finding.unmet),
        cleanup=here.made,
        secrets=here.hidden,
    )


def explanations(
    steps: Sequence[Outcome], api: Api, learnt: Mapping[str, Value], mock: Raise
) -> tuple[tuple[str, Value], ...] | None:
    """The silent points, each with the choice, by which a twin would have answered as the target
    did in `steps`; None where the same twin does so, too, when it is asked again. Nothing is sent
    to the target."""
    found = []
    with mock(learnt) as same:
        if _is_alike(steps, same):
            return None
    for point in api.dialect.points.values():
        for choice in point.choices:
            if choice.value == learnt.get(point.name, point.default):
                continue
            with mock({**learnt, point.name: choice.value}) as other:
                if _is_alike(steps, other):
                    found.append((point.name, choice.value))
    return tuple(found)


def _is_alike(steps: Sequence[Outcome], twin: Target) -> bool:
    mirror, client = Mirror(twin.api), _client(twin)
    return all(
        mirror.difference(step, client.send_raw(mirror.translated(step.request))) is None
        for step in steps
        if step.answered and step.status not in _AWAY
    )


def _client(twin: Target) -> Client:
    return Client(twin.api, twin.transport, twin.credentials)


@dataclass(slots=True)
class _Listener:
    """Tells the twin whatever the target is told. A read that is behind is asked for again."""

    target: Client
    twin: Client
    compared: int = 0
    mirror: Mirror = field(init=False)
    reads: dict[str, Request] = field(default_factory=dict)  # accepted in this sequence
    asking: bool = False

    def __post_init__(self) -> None:
        self.mirror = Mirror(self.target.api)

    def hear(self, outcome: Outcome) -> None:
        """Raises `Broken` at a difference."""
        if self.asking or not outcome.answered or outcome.status in _AWAY:
            return
        told = self._differs(outcome)
        safe = outcome.request.operation.safe
        if told is None:
            if safe and outcome.accepted:
                self.reads.setdefault(outcome.request.operation.id, outcome.request)
            return
        if safe:
            for pause_s in _PAUSES_S:
                self.target.meter.pause(pause_s)
                if self._differs(self._again(outcome.request)) is None:
                    return
        alike = f"the answer to {outcome.request.operation.id} is that of the twin"
        raise Broken(Mismatch(DIFFERS, alike, f"{outcome.request.operation.id}: {told}"))

    def _differs(self, outcome: Outcome) -> str | None:
        self.compared += 1
        second = self.twin.send_raw(self.mirror.translated(outcome.request))
        return self.mirror.difference(outcome, second)

    def _again(self, request: Request) -> Outcome:
        self.asking = True
        try:
            return self.target.send_raw(request)
        finally:
            self.asking = False


def _play(api: Api, listener: _Listener) -> Callable[[Trial], None]:
    """What is told: a sequence of calls, and then one of its reads with an argument changed."""
    played = sequences_of(api)

    def play(trial: Trial) -> None:
        trial.require(played, "sequences: resources.yaml says of nothing how it is made and shown")
        assert played is not None
        listener.reads.clear()
        try:
            played.run(trial)
        except Broken as broken:  # a rule that the target breaks, and the twin alike
            if broken.mismatch.reason == DIFFERS:
                raise
            return
        for request in _odd(trial, listener.reads.values()):
            trial.client.send(request, watched=False)

    return play


def _odd(trial: Trial, reads: Iterable[Request]) -> Iterator[Request]:
    """Reads with one argument another than it was, added, or left out, in several ways."""
    changed = [
        (request, name)
        for request in reads
        for name in sorted(request.operation.arguments)
        if request.operation.locate(name) in ("query", "body")
    ]
    some = st.lists(st.sampled_from(range(len(changed))), min_size=1, max_size=3, unique=True)
    drawn = [changed[at] for at in trial.draw(some)] if changed else []
    for (request, name), text in product(drawn, (None, *_ODD)):
        more = () if text is None else ((name, text),)
        if request.form is None:
            rest = tuple(pair for pair in request.query if pair[0] != name)
            yield replace(request, query=(*rest, *more))
        else:
            rest = tuple(pair for pair in request.form if pair[0] != name)
            yield replace(request, form=(*rest, *more))


def _examine(
    listener: _Listener,
    names: Names,
    target: Target,
    options: Options,
    seed: int,
    finding: Finding,
) -> str | None:
    """Play until the two differ; why the run is over, if it is."""
    transcript: list[Outcome] = []
    shared, learnt = Kept(), Kept("learnt")
    client = listener.target

    def note(outcome: Outcome) -> None:
        if not listener.asking:
            transcript.append(outcome)

    def trial(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Trial:
        transcript.clear()
        return Trial(
            client, names, target.fixtures, draw, transcript, shared,
            promises=promises_of(target.api), learnt=learnt,
        )  # fmt: skip

    client.after.insert(0, note)  # before the listener, which may raise
    effort = Effort(seed, options.max_examples, options.shrink_requests)
    examination = Examination(
        "twin",
        _play(target.api, listener),
        finding,
        trial,
        client.meter,
        effort,
        lambda _found, _steps: None,
    )
    try:
        examination.run()
    finally:
        client.after.remove(note)
    return examination.ended
