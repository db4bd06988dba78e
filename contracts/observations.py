"""What a target chooses where the documents are silent, seen by asking it.

Each silent point has one function that looks, beside which `observe` names the point. It gives
the choice that it sees, or raises `Unmet` with the reason why none can be seen: it never guesses.
An API's observers stand in `observations.py` of its home, as ``OBSERVERS``; ``UNSEEN`` gives the
reasons for points that have none, and ``READY``, where it is there, raises `Unmet` for a target
that shows nothing, whatever it answers.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from streamproof.contracts.abreast import NotBeside
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.client import Client, WouldWrite
from streamproof.contracts.kept import Kept
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.names import Names
from streamproof.contracts.strands import Strand, current
from streamproof.contracts.wire import Outcome
from streamproof.specs.api import Api
from streamproof.specs.dialect import Point, Value
from streamproof.specs.errors import SpecError
from streamproof.specs.wording import brief, printable, shown

LOOKS = 2  # at each point; a target that answers otherwise the second time is inconsistent
_STEPS = 3  # calls of a look, its last ones, that are its evidence
_LONGEST = 120  # characters of a body in evidence
NOT_YET = "no observer yet"
_DEAR = "looking costs more than a run spends on it; `streamproof probe` looks"

Look = Callable[[Trial], Value]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Observer:
    """How one silent point is seen. A `dear` one is left to a probe."""

    point: str
    look: Look
    dear: bool = False


def observe(point: str, *, dear: bool = False) -> Callable[[Look], Observer]:
    """The function below, whose docstring says how, sees the silent point ``api/point``."""
    name = point.partition("/")[2]
    return lambda look: Observer(name, look, dear)


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one silent point.

    `seen` is false where nothing showed it, and `why` says the reason then; `choice` means nothing
    there; with `odd`, that what was seen is none of the choices. `crash` is a fault of the
    observer. `evidence` are the calls of the look, `steps` the same whole; of both looks where the
    second showed another choice.
    """

    point: str
    seen: bool
    choice: Value = None
    consistent: bool = True
    why: str = ""
    evidence: str = ""
    steps: tuple[Outcome, ...] = field(default=(), repr=False)
    odd: bool = False
    crash: str = ""


class OtherChoice(Unmet):
    """What was seen is none of the choices."""

    def __init__(self, what: object) -> None:
        told = what if isinstance(what, str) else shown(what)
        super().__init__(f"none of the choices: {told}")


class Observing:
    """Looks at the silent points of an API by `client`, which nothing else uses meanwhile.

    Observers that cost much look at the points in `dear` only. What is made on the target for
    them is in the client's ledger; `shared` and `learnt` are what a run has made and found out
    before (see `Trial`). `hear` hears every answer.
    """

    def __init__(
        self,
        client: Client,
        names: Names,
        fixtures: Mapping[str, Any],
        dear: Container[str] = (),
        progress: Progress = lambda _what, _done, _total: None,
        shared: Kept | None = None,
        learnt: Kept | None = None,
        hear: Callable[[Outcome], None] = lambda _outcome: None,
    ) -> None:
        self._client, self._names, self._fixtures = client, names, fixtures
        self._dear, self._progress, self._hear = dear, progress, hear
        self._main = Strand()
        self._learnt = (learnt or Kept("learnt")).copy("learnt")
        self._shared = [(shared or Kept()).copy(f"look {number}") for number in range(LOOKS)]
        self._ended: str | None = None

    def all(self, points: Collection[str] | None = None) -> tuple[Observation, ...]:
        """Every silent point, or those of `points`, in the order of dialect.yaml.

        A point that shows only where another is settled some way is looked at after that one; a
        dear one after others, so that it may go by what they have left there.
        """
        api = self._client.api
        chosen = [p for p in api.dialect.points.values() if points is None or p.name in points]
        observers = observers_of(api)

        def dear(point: Point) -> bool:
            observer = observers.get(point.name)
            return observer is not None and observer.dear

        order = sorted(chosen, key=dear)
        watchers, after = self._client.watchers, self._client.after
        self._client.watchers, self._client.after = [], [self._note, self._hear]
        found: dict[str, Observation] = {}
        last = [point for point in order if point.visible_when]
        try:
            with self._main.entered():
                for some in ([point for point in order if not point.visible_when], last):
                    beside = self._beside(some, observers, found)
                    for point in some:
                        told = f"{api.name}/dialect/{point.name}"
                        self._progress(told, len(found), len(chosen))
                        found[point.name] = beside.get(point.name) or self._one(
                            point, observers.get(point.name), found
                        )
        finally:
            self._client.watchers, self._client.after = watchers, after
        return tuple(found[point.name] for point in chosen)

    def _beside(
        self,
        points: Sequence[Point],
        observers: Mapping[str, Observer],
        found: Mapping[str, Observation],
    ) -> dict[str, Observation]:
        """What is seen of those that can be looked at side by side, if checks go so."""
        jobs = self._client.meter.jobs
        if jobs == 1:
            return {}

        def look(point: Point) -> Observation | None:
            name = f"look at {point.name}"
            with Strand(self._names.places.of(name, name), beside=True).entered():
                try:
                    return self._one(point, observers.get(point.name), found)
                except NotBeside:
                    return None

        with ThreadPoolExecutor(jobs) as threads:
            seen = zip(points, threads.map(look, points), strict=True)
            return {point.name: each for point, each in seen if each is not None}

    @property
    def _strand(self) -> Strand:
        return current() or self._main

    def _note(self, outcome: Outcome) -> None:
        self._strand.steps.append(outcome.kept())

    def _one(
        self, point: Point, observer: Observer | None, found: Mapping[str, Observation]
    ) -> Observation:
        if observer is None:
            return Observation(point.name, seen=False, why=_unseen(self._client.api, point))
        if observer.dear and point.name not in self._dear:
            why = f"{_DEAR} ({point.cost})" if point.cost else _DEAR
            return Observation(point.name, seen=False, why=why)
        if why := _hidden(point, found):
            return Observation(point.name, seen=False, why=why)
        if self._ended is not None:
            return Observation(point.name, seen=False, why=self._ended)
        first = self._look(point, observer, self._shared[0])
        for shared in self._shared[1:]:
            again = self._look(point, observer, shared)
            if first.seen and again.seen and not same(first.choice, again.choice):
                return replace(first, consistent=False, steps=(*first.steps, *again.steps))
            if not first.seen:
                first = again
        return first

    def _look(self, point: Point, observer: Observer, shared: Kept) -> Observation:
        """One look, by a trial of its own."""
        steps = self._strand.steps
        steps.clear()
        trial = Trial(
            self._client,
            self._names,
            self._fixtures,
            _nothing_drawn,
            steps,
            shared,
            learnt=self._learnt,
        )
        try:
            if (ready := _ready(self._client.api)) is not None:
                trial.learn(ready)
            choice = observer.look(trial)
            try:
                point.check(choice, "")
            except SpecError:
                raise OtherChoice(choice) from None
        except (Unmet, WouldWrite) as unmet:
            return self._seen(point, why=str(unmet), odd=isinstance(unmet, OtherChoice))
        except RunEnded as end:
            self._ended = str(end)
            return self._seen(point, why=str(end))
        except NotBeside:
            raise
        except Exception as fault:
            why = f"the observer itself failed: {type(fault).__name__}: {fault}"
            return self._seen(point, why=why, crash=traceback.format_exc())
        return self._seen(point, seen=True, choice=choice)

    def _seen(self, point: Point, *, seen: bool = False, **more: Any) -> Observation:
        steps = tuple(self._strand.steps)
        return Observation(point.name, seen, evidence=_evidence(steps), steps=steps, **more)


def observers_of(api: Api) -> Mapping[str, Observer]:
    """The observers of an API, by silent point."""
    own = api.home.part("contracts", "observations")
    observers: Sequence[Observer] = () if own is None else own.OBSERVERS
    return {observer.point: observer for observer in observers}


def _ready(api: Api) -> Callable[[Trial], None] | None:
    own = api.home.part("contracts", "observations")
    return getattr(own, "READY", None)


def _unseen(api: Api, point: Point) -> str:
    own = api.home.part("contracts", "observations")
    reasons: Mapping[str, str] = getattr(own, "UNSEEN", {})
    return reasons.get(point.name, NOT_YET)


def _evidence(steps: Sequence[Outcome]) -> str:
    """The last calls and what they were answered, a line each."""
    return "\n".join(_lines(steps[-_STEPS:]))


def _lines(steps: Sequence[Outcome]) -> Iterator[str]:
    for step in steps:
        request = step.request
        content = (request.content or b"").decode("utf-8", "replace")
        sent = " ".join(filter(None, (request.method, request.target, brief(content, _LONGEST))))
        if step.status is None:
            got = str(step)
        else:
            body = step.body.decode("utf-8", "replace")
            place = step.headers.get("location", "")
            told = f"Location: {place}" if place else ""
            got = " ".join(filter(None, (str(step.status), told, brief(body, _LONGEST))))
        yield printable(f"{sent} -> {got}")


def _hidden(point: Point, found: Mapping[str, Observation]) -> str:
    """Why a point can't be seen by how others are settled; empty if nothing is known against it."""
    for name, value in (point.visible_when or {}).items():
        other = found.get(name)
        if other is not None and other.seen and not same(other.choice, value):
            return f"it shows only where {name} is {shown(value)}, and here it is " + shown(
                other.choice
            )
    return ""


def same(first: Value, second: Value) -> bool:
    """Whether two choices are one; true is not 1."""
    return type(first) is type(second) and first == second


def _nothing_drawn(_strategy: Any) -> Any:
    raise TypeError("an observer draws nothing")
