"""A twin: a mock told the same as a target, and compared answer by answer.

What is told are the suite's sequences of calls (`sequences.py`) and its checks. Nothing is judged
but likeness, so a target may break rules, as long as its twin breaks them alike.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final
from urllib.parse import urlsplit

from hypothesis import strategies as st

from streamproof.contracts.bind import checks_of, promises_of, sequences_of
from streamproof.contracts.check import Broken, Check, Mismatch, Trial
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
_SEQUENCES_AN_EXAMPLE: Final = 10  # for so many sequences each check has one example
_ODD: Final = ("", "0", "1", "-1", "1.5", "x", " ", "null", "2020-01-01", "Asia/Tokyo")
Raise = Callable[[Mapping[str, Value]], AbstractContextManager[Target]]
"""A mock in a dialect, of which what differs from the default is given."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What came of it: `compared` answers in `sequences` and `checks`. `difference` is the first,
    `steps` the target's answers that led there; `ended` says why nothing more could be compared."""

    seed: int
    run_id: str
    url: str
    sequences: int
    checks: int
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
    with visit(target, options, progress, stop) as here:
        listener = _Listener(here.client, _Twin(target.transport.url, twin))
        telling = _Telling(target, here.client, here.names, listener, options, seed)
        here.client.after += [telling.note, listener.hear]  # which may raise
        with nothing_but_the_seed():
            telling.all(progress)
    found = telling.found
    return Likeness(
        seed=seed,
        run_id=here.names.run_id,
        url=target.transport.url,
        sequences=telling.sequences,
        checks=telling.checks,
        compared=listener.compared,
        difference=found.mismatch.actual if found.mismatch is not None else None,
        steps=found.steps,
        ended=telling.ended or (None if listener.compared else telling.unmet),
        cleanup=here.made,
        secrets=here.hidden,
    )


def explanations(
    found: Likeness, api: Api, learnt: Mapping[str, Value], mock: Raise
) -> tuple[tuple[str, Value], ...] | None:
    """The silent points, each with the choice, by which a twin would have answered as the target
    did in the steps of a difference; None where the same twin does so, too, when it is asked
    again. Nothing is sent to the target."""
    points = []
    with mock(learnt) as same:
        if _is_alike(found, same):
            return None
    for point in api.dialect.points.values():
        for choice in point.choices:
            if choice.value == learnt.get(point.name, point.default):
                continue
            with mock({**learnt, point.name: choice.value}) as other:
                if _is_alike(found, other):
                    points.append((point.name, choice.value))
    return tuple(points)


def _is_alike(found: Likeness, twin: Target) -> bool:
    """Whether the twin answers all steps as the target did."""
    other = _Twin(found.url, twin)
    return all(
        other.difference(step) is None
        for step in found.steps
        if step.answered and step.status not in _AWAY and other.knows(step)
    )


class _Twin:
    """The twin of what is at `url`, and of its neighbour at the same server."""

    def __init__(self, url: str, twin: Target) -> None:
        self._mirror = Mirror(twin.api)
        self._client = Client(twin.api, twin.transport, twin.credentials)
        self._url, self._neighbours = url, dict[str, Client]()

    def knows(self, first: Outcome) -> bool:
        """Whether it was at the target or at its neighbour that this was told."""
        return first.url.rpartition("/")[0] == self._url.rpartition("/")[0]

    def difference(self, first: Outcome) -> str | None:
        """How the twin answers otherwise than the target did."""
        client, name = self._client, first.url.rpartition("/")[2]
        if first.url != self._url:
            if name not in self._neighbours:
                above = urlsplit(client.transport.url).path.rpartition("/")[0]
                self._neighbours[name] = client.at(f"{above}/{name}", client.credentials)
            client = self._neighbours[name]
        request = self._mirror.translated(first.request)
        return self._mirror.difference(
            first, client.send_raw(request, self._mirror.proof(first.by))
        )


@dataclass(slots=True)
class _Listener:
    """Tells the twin whatever the target is told. A read that is behind is asked for again.

    The two are `apart` where nobody knows what the target was told: after a race, and where a
    call that may write got no answer. Nothing is compared then until they are told anew.
    """

    target: Client
    twin: _Twin
    compared: int = 0
    apart: bool = False
    reads: dict[str, Request] = field(default_factory=dict)  # accepted in this sequence
    asking: bool = False

    def hear(self, outcome: Outcome) -> None:
        """Raises `Broken` at a difference."""
        if self.asking or not self.twin.knows(outcome):
            return
        safe = outcome.request.operation.safe
        if outcome.race is not None or not outcome.answered or outcome.status in _AWAY:
            self.apart = self.apart or not safe
        if self.apart or not outcome.answered or outcome.status in _AWAY:
            return
        told = self._differs(outcome)
        if told is None:
            if safe and outcome.accepted:
                self.reads.setdefault(outcome.request.operation.id, outcome.request)
            return
        if safe:
            for pause_s in _PAUSES_S:
                self.target.meter.pause(pause_s)
                if self._differs(self._again(outcome)) is None:
                    return
        alike = f"the answer to {outcome.request.operation.id} is that of the twin"
        raise Broken(Mismatch(DIFFERS, alike, f"{outcome.request.operation.id}: {told}"))

    def _differs(self, outcome: Outcome) -> str | None:
        self.compared += 1
        return self.twin.difference(outcome)

    def _again(self, outcome: Outcome) -> Outcome:
        self.asking = True
        place = self.target
        if outcome.url != place.transport.url:
            place = place.at(urlsplit(outcome.url).path, place.credentials)
        try:
            return place.send_raw(outcome.request, outcome.by)
        finally:
            self.asking = False


@dataclass(slots=True)
class _Telling:
    """Tells all that there is to tell, until the two differ (`found`) or it has `ended`."""

    target: Target
    client: Client
    names: Names
    listener: _Listener
    options: Options
    seed: int
    found: Finding = field(default_factory=lambda: Finding(()))
    sequences: int = 0
    checks: int = 0
    ended: str | None = None
    unmet: str | None = None
    _transcript: list[Outcome] = field(default_factory=list)
    _shared: Kept = field(default_factory=Kept)
    _learnt: Kept = field(default_factory=lambda: Kept("learnt"))

    def all(self, progress: Progress) -> None:
        """Raises `RuntimeError` for a fault of the suite."""
        played = sequences_of(self.target.api)
        checks = [*_checks(self.target)]
        progress("sequences", 0, len(checks) + 1)
        if played is not None:
            self.sequences = self._tell("twin", _sequence(played, self.listener), self._effort())
        for at, check in enumerate(checks, 1):
            if self.found.mismatch is not None or self.ended is not None:
                return
            progress(check.rule, at, len(checks) + 1)
            effort = self._effort(_SEQUENCES_AN_EXAMPLE)
            self.checks += bool(self._tell(f"twin {check.rule}", _quiet(check.run), effort))

    def note(self, outcome: Outcome) -> None:
        if not self.listener.asking:
            self._transcript.append(outcome)

    def _effort(self, share: int = 1) -> Effort:
        few = -(-self.options.max_examples // share)
        return Effort(self.seed, few, self.options.shrink_requests)

    def _tell(self, name: str, play: Callable[[Trial], None], effort: Effort) -> int:
        """The examples of it that were told, whole."""

        def told(trial: Trial) -> None:
            self.listener.apart = False
            try:
                play(trial)
            finally:
                if self.listener.apart:  # the twin doesn't have what was made meanwhile
                    self._shared.forget()

        finding = Finding(())
        examination = Examination(
            name, told, finding, self._trial, self.client.meter, effort, lambda _found, _steps: None
        )
        examination.run()
        if finding.crash is not None:
            raise RuntimeError(finding.crash)
        if finding.mismatch is not None:
            self.found = finding
        self.ended, self.unmet = examination.ended, finding.unmet
        return finding.examples

    def _trial(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Trial:
        self._transcript.clear()
        promises = promises_of(self.target.api)
        return Trial(
            self.client, self.names, self.target.fixtures, draw, self._transcript, self._shared,
            promises=promises, learnt=self._learnt,
        )  # fmt: skip


def _checks(target: Target) -> Iterator[Check]:
    """The checks that can be made there, but for those that may do harm, which come last in a
    run; in the order of the rules."""
    rulebook = target.api.rulebook
    order = {rule: at for at, rule in enumerate(rulebook.rules)}
    there = {key for key, value in target.fixtures.items() if value} | {*rulebook.parts}
    there -= {*target.lacks}
    for check in sorted(checks_of(target.api)[0], key=lambda check: order[check.rule]):
        if not check.last and {*rulebook.rules[check.rule].needs} <= there:
            yield check


def _quiet(run: Callable[[Trial], None]) -> Callable[[Trial], None]:
    """The same calls; what matters is whether the twin is told from the target by them."""

    def play(trial: Trial) -> None:
        try:
            run(trial)
        except Broken as broken:  # a rule that the target breaks, and the twin alike
            if broken.mismatch.reason == DIFFERS:
                raise

    return play


def _sequence(played: Check, listener: _Listener) -> Callable[[Trial], None]:
    """A sequence of calls, and then some of its reads with an argument changed."""
    run = _quiet(played.run)

    def play(trial: Trial) -> None:
        listener.reads.clear()
        run(trial)
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
