"""A check is a value: the rule that it judges, what it does, and what it must have seen.

A check's function takes a `Trial`, acts through ``trial.client``, and says what it expects with
the verbs of the trial. All matching and all wording stand here, so that failures look alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar, cast

from hypothesis.strategies import SearchStrategy

from streamproof.contracts.client import Client
from streamproof.contracts.kept import Kept
from streamproof.contracts.names import Names
from streamproof.contracts.values import difference, double, same
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import brief, shown

T = TypeVar("T")

_LONGEST_NAME = 200  # characters of an id in a message
_ANEW = 5  # how often something is built until no call leaves in doubt what was made

NOT_ACCEPTED = "not-accepted"  # the reason of a call refused that has to be taken
UNREADABLE = "unreadable"  # the reason of an answer that is no JSON, or nothing

Watch = Callable[[Outcome], "Mismatch | bool"]


@dataclass(frozen=True, slots=True)
class Check:
    """How one rule is judged.

    `run` is called once, or with generated data as often as the run allows when it draws any.
    `witnesses` name what must have been seen for a pass. `watch` judges every answer that any
    check receives: a `Mismatch` breaks the rule, True is the witness "a judged answer".
    `reads` is true when what is there already is enough for it, so that a run that only reads has
    it too, as far as calls go that change nothing. `last` puts the check behind all others, for it
    sends what may do harm if it can't be taken away again.
    """

    rule: str
    run: Callable[[Trial], None]
    witnesses: tuple[str, ...] = ()
    watch: Watch | None = None
    reads: bool = False
    last: bool = False


def check(
    rule: str,
    *witnesses: str,
    watch: Watch | None = None,
    reads: bool = False,
    last: bool = False,
) -> Callable[[Callable[[Trial], None]], Check]:
    """The function below, whose docstring states the rule, is how `rule` is judged."""
    return lambda run: Check(rule, run, witnesses, watch, reads, last)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What was expected and what came instead.

    `reason` is a short constant in kebab case: the same fault has the same reason whatever the
    ids and times of the run. `rules` are those that it may break, the likeliest first, where it
    was found by a sequence of calls; a check breaks its own rule.
    """

    reason: str
    expected: str
    actual: str
    rules: tuple[str, ...] = ()


class Broken(Exception):
    """The target broke the rule."""

    def __init__(self, mismatch: Mismatch) -> None:
        super().__init__(f"{mismatch.expected}; {mismatch.actual}")
        self.mismatch = mismatch


class Unmet(Exception):
    """What the check needs before it can judge did not come about; says what was missing.

    `owed` are the rules that promise it: where one of them fails, that is the reason. `broken`,
    where it is set, is how the first rule of its own was seen to fail here, by `steps`.
    """

    def __init__(self, missing: str, *owed: str, broken: Mismatch | None = None) -> None:
        super().__init__(missing)
        self.owed = owed if broken is None else broken.rules
        self.broken = broken
        self.steps: Sequence[Outcome] | None = None


class Unavailable(Unmet):
    """The target didn't judge a call: it may the next time."""


@dataclass(slots=True)
class Trial:
    """One example of a check: the client to act with, data to draw, and the verbs to judge.

    `shared` keeps what examples build once and then only read (see `once`), `learnt` what they find
    out (see `learn`). `used` holds the builders whose work this example goes by. `promises` name,
    by operation, the rules that say that good calls of it are accepted. Where the trial is
    `hurried`, an example has failed and this one is to make it smaller: it needn't wait long.
    """

    client: Client
    names: Names
    fixtures: Mapping[str, Any]
    draw_from: Callable[[SearchStrategy[Any]], Any]
    transcript: list[Outcome]
    shared: Kept = field(default_factory=Kept)
    seen: set[str] = field(default_factory=set)
    promises: Mapping[str, Sequence[str]] = field(default_factory=dict)
    learnt: Kept = field(default_factory=lambda: Kept("learnt"))
    used: set[Callable[[Trial], Any]] = field(default_factory=set)
    hurried: bool = False

    @property
    def reads_only(self) -> bool:
        """Whether nothing may be written, so that what is there has to do."""
        return self.client.reads_only

    def draw(self, strategy: SearchStrategy[T]) -> T:
        """A generated value; hypothesis shrinks it when the example fails."""
        value: T = self.draw_from(strategy)
        return value

    def once(self, build: Callable[[Trial], T]) -> T:
        """What `build` makes, made on first use in the run; its steps join every transcript.

        `build` draws nothing. If it raises `Unmet`, so does every later use. Where nothing may be
        written it finds something instead, which others may change (see `steady`).
        """
        self.used.add(build)
        made, steps = self._first_use(lambda trial: trial._beyond_doubt(build), build, self.shared)
        known = set(map(id, self.transcript))  # steps that another use has brought already
        self.transcript.extend(step for step in steps if id(step) not in known)
        if isinstance(made, Unmet):
            raise made
        return made

    def learn(self, build: Callable[[Trial], T]) -> T:
        """What `build` finds out, as in `once`, with its steps left out of every transcript:
        how a target likes to be asked is no part of what goes wrong later."""
        made, _ = self._first_use(build, build, self.learnt)
        if isinstance(made, Unmet):
            raise made
        return made

    def _beyond_doubt(self, build: Callable[[Trial], T]) -> T:
        """What `build` makes, anew while a call of it leaves in doubt what it made."""
        start = len(self.transcript)
        for _ in range(_ANEW):
            made = build(self)
            if not any(step.doubtful for step in self.transcript[start:]):
                break
            del self.transcript[start:]
        else:
            raise Unavailable("calls that no 503 leaves in doubt")
        return made

    def _first_use(
        self, make: Callable[[Trial], T], build: Callable[[Trial], T], kept: Kept
    ) -> tuple[T | Unmet, Sequence[Outcome]]:
        """What `make` made, kept as that of `build`, or why it couldn't, and the steps of
        it, not in the transcript."""

        def first() -> tuple[T | Unmet, Sequence[Outcome]]:
            start = len(self.transcript)
            made: T | Unmet
            try:
                made = make(self)
            except Unavailable:
                raise
            except Unmet as fault:
                if any(step.doubtful for step in self.transcript[start:]):
                    raise Unavailable(str(fault)) from None
                made = fault
                fault.steps = fault.steps or tuple(self.transcript[start:])
            steps = tuple(self.transcript[start:])
            del self.transcript[start:]
            return made, steps

        return kept.of(build, first, self.names)

    def afresh(self) -> None:
        """Forget the steps so far: what follows is an attempt of its own."""
        self.transcript.clear()

    def witness(self, *names: str) -> None:
        """Note that what makes a pass mean something was seen."""
        self.seen.update(names)

    # -- what a check takes for granted ------------------------------------------------------

    def given(self, outcome: Outcome, what: str) -> Any:
        """The payload of a call that another rule answers for. Raises `Unmet` if not accepted."""
        self.judged(outcome, what)
        if not outcome.accepted:
            if outcome.doubtful:
                raise Unavailable(f"{what}, after a 503: {outcome}")
            self._nothing_left_over(outcome, what)
            owed = self.promises.get(outcome.request.operation.id, ())
            raise Unmet(f"{what}: {outcome}", *owed)
        return outcome.payload

    def refused(self, outcome: Outcome, what: str, *rules: str) -> None:
        """Raise `Unmet` unless the call was rejected, which `rules` answer for."""
        self.judged(outcome, what)
        self._no_server_error(outcome, what)
        self.require(outcome.rejected, f"{what}, rejected: {outcome}", *rules)

    def granted(self, outcome: Outcome, what: str) -> bool:
        """Whether a call was accepted that may be rejected. Raises `Unmet` if it was neither."""
        self.judged(outcome, what)
        self.require(outcome.accepted or outcome.rejected, f"{what}, a yes or a no: {outcome}")
        return outcome.accepted

    def judged(self, outcome: Outcome, what: str) -> None:
        """Raise `Unmet` for a call that nobody judged: no answer, throttled, a gateway's; and for
        an answer that says neither yes nor no: a redirect, a 2xx without a readable body."""
        if outcome.unavailable:
            raise Unavailable(f"{what}: {outcome}")
        if outcome.status is not None and 300 <= outcome.status < 400:
            raise Unmet(f"{what}: neither accepted nor rejected, but redirected: {outcome}")
        if outcome.unreadable:
            self.promised(
                False,
                f"{self.client.api.name}/{outcome.request.operation.id}/shape",
                UNREADABLE,
                expected=f"{what}: an answer that can be read",
                actual=str(outcome),
            )

    def promised(
        self, condition: object, rule: str, reason: str, *, expected: str, actual: str
    ) -> None:
        """Raise `Unmet` unless the condition holds, which `rule` says in so many words: then it
        is that rule that is broken, whichever check came upon it."""
        if not condition:
            broken = Mismatch(reason, expected, actual, (rule,))
            raise Unmet(f"expected {expected}; got {actual}", broken=broken)

    def require(self, condition: object, missing: str, *rules: str) -> None:
        """Raise `Unmet` unless the condition holds, which `rules` answer for, if any do."""
        if not condition:
            raise Unmet(missing, *rules)

    def _nothing_left_over(self, outcome: Outcome, what: str) -> None:
        """Names are the same in each run of an id: what one left is in the next one's way."""
        ledger = self.client.ledger
        if ledger is not None and ledger.left_over(self.client, outcome):
            raise Unmet(f"{what}: left from an earlier run with this run id: {outcome}")

    def _no_server_error(self, outcome: Outcome, what: str) -> None:
        """That bad input is answered by no server error is the sentence of a rule of its own."""
        self.promised(
            outcome.status is None or outcome.status < 500,
            f"{self.client.api.name}/any/no-server-error",
            "server-error",
            expected=f"{what} is answered below 500",
            actual=str(outcome),
        )

    # -- what a check judges -----------------------------------------------------------------

    def fail(self, reason: str, *, expected: str, actual: str) -> NoReturn:
        raise Broken(Mismatch(reason, expected, actual))

    def accepted(self, outcome: Outcome, what: str) -> Any:
        """The payload; it breaks the rule if the target rejected what it has to take."""
        self.judged(outcome, what)
        if not outcome.accepted:
            self._nothing_left_over(outcome, what)
            self.fail(NOT_ACCEPTED, expected=f"{what} is accepted", actual=str(outcome))
        return outcome.payload

    def rejected(self, outcome: Outcome, what: str) -> None:
        """It breaks the rule if the target took what it has to reject.

        A server error is not a rejection, but breaks a rule of its own: `Unmet` here.
        """
        self.judged(outcome, what)
        self._no_server_error(outcome, what)
        if outcome.accepted:
            self.fail("accepted", expected=f"{what} is rejected", actual=str(outcome))
        self.require(outcome.rejected, f"{what}: neither accepted nor rejected, {outcome}")

    def equal(self, actual: object, expected: object, what: str, *, reason: str) -> None:
        if not same(actual, expected):
            at, actual, expected = difference(actual, expected)
            where = f"{what}, at {at}" if at else what
            self.fail(
                reason,
                expected=f"{where}: {_number(expected, actual)}",
                actual=f"{where}: {_number(actual, expected)}",
            )

    def holds(self, condition: object, reason: str, *, expected: str, actual: str) -> None:
        if not condition:
            self.fail(reason, expected=expected, actual=actual)

    def contains(self, whole: Collection[Any], part: Collection[Any], what: str) -> None:
        """Every member of `part` stands in `whole`."""
        lost = [member for member in part if member not in whole]
        if lost:
            self.fail(
                "lost",
                expected=f"{what}: all {len(part)} of {_some(part)}",
                actual=f"without {_some(lost)}",
            )

    def lacks(self, whole: Collection[Any], strangers: Collection[Any], what: str) -> None:
        """No member of `strangers` stands in `whole`."""
        found = [member for member in strangers if member in whole]
        if found:
            self.fail(
                "intruder",
                expected=f"{what}: none of {_some(strangers)}",
                actual=f"{_some(found)} among {len(whole)}",
            )

    def no_repeats(self, members: Collection[Any], what: str) -> None:
        listed = list(members)
        twice = [m for i, m in enumerate(listed) if m in listed[:i]]
        if twice:
            self.fail(
                "repeated",
                expected=f"{what}: each once",
                actual=f"{_some(twice)} more than once among {len(listed)}",
            )


def _number(value: object, other: object) -> str:
    """A value in a message; of two numbers in two spellings both as doubles too."""
    if {type(value), type(other)} == {int, float}:
        return f"{shown(value)}, the number {double(cast(float, value))!r}"
    return shown(value)


def _some(members: Collection[Any]) -> str:
    """The first few members of a collection, in a message."""
    first = ", ".join(_named(member) for member in list(members)[:6])
    return f"[{first}{', …' if len(members) > 6 else ''}]"


def _named(member: object) -> str:
    return brief(member, _LONGEST_NAME) if isinstance(member, str) else shown(member)
