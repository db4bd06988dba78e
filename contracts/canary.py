"""The canary: one object made, read and removed before all else.

A target that can't remove what it makes, or that gives out ids of other people's objects as new
ones, is told so while there is one object at most.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus

from streamproof.contracts.check import NOT_ACCEPTED, Mismatch, Unmet
from streamproof.contracts.client import Client
from streamproof.contracts.live import Lifecycle
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.names import Names
from streamproof.contracts.wire import Outcome

_TRIES = 3  # to remove it, where nobody judges
_PAUSE_S = 1.0  # between them
_GONE_WITHIN_S = 2.0  # what a removal may take to show
_NOT_OFFERED = (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why nothing more may be made on a target. `mismatch`, where a rule is broken by it, names
    the rule; `steps` led there."""

    why: str
    mismatch: Mismatch | None
    steps: tuple[Outcome, ...]


def canary(client: Client, lifecycle: Lifecycle, names: Names) -> Alarm | None:
    """Make one object and remove it, first under a name of ours, then under one of the target's.

    None where nothing speaks against making more: also where nothing could be made, which the
    checks will tell.
    """
    steps: list[Outcome] = []
    client.after.append(steps.append)
    try:
        return _Canary(client, lifecycle, names, steps).alarm()
    except RunEnded:
        return None  # whoever asks next is told the same
    finally:
        client.after.remove(steps.append)


@dataclass(slots=True)
class _Canary:
    client: Client
    lifecycle: Lifecycle
    names: Names
    steps: list[Outcome]

    def alarm(self) -> Alarm | None:
        key = self.names.letters()
        made = self._made(key)
        if made is None:
            return None
        shown = self._shows_mark(made)
        if made != key and shown is False and not self.names.owns(made):
            return self._foreign(made)
        alarm = self._removed(made, shown is True)
        if alarm is not None or shown is not True:
            return alarm  # what reads don't show they can't show of others either
        self.steps.clear()
        made = self._made(None)
        if made is None:
            return None
        shown = self._shows_mark(made)
        if shown is False and not self.names.owns(made) and not self._is_marked(made):
            return self._foreign(made)
        return self._removed(made, shown is True) if shown is not None else None

    def _made(self, key: str | None) -> str | None:
        """The key of a new object, None where none was made or nobody names it."""
        assert self.lifecycle.create is not None
        name, mark = self.names.letters(), self.names.mark
        outcome = self.lifecycle.create(self.client, key, name, mark)
        if not outcome.accepted:
            return None
        return next(iter(self.lifecycle.did_create(outcome)), key)

    def _shows_mark(self, key: str) -> bool | None:
        """Whether a read shows our mark; None where it shows nothing."""
        assert self.lifecycle.look is not None
        outcome = self.lifecycle.look(self.client, key)
        return self.names.carries(outcome.payload) if outcome.accepted else None

    def _is_marked(self, key: str) -> bool:
        """Whether the target lists an object among those with our mark."""
        if self.lifecycle.marked is None:
            return False
        try:
            return key in {k for k, _ in self.lifecycle.marked(self.client, self.names.run_id)}
        except Unmet:
            return False

    def _removed(self, key: str, shown: bool) -> Alarm | None:
        """Remove it; an alarm if that can't be done, or was said to be done and wasn't."""
        assert self.lifecycle.remove is not None
        gone: bool | None = False
        for attempt in range(_TRIES):
            try:
                gone = self.lifecycle.remove(self.client, key)
                break
            except Unmet as fault:
                if attempt == _TRIES - 1:
                    return self._alarm(f"the first object made could not be removed: {fault}")
                self.client.meter.pause(_PAUSE_S)
        if gone is False:
            return self._undeletable()
        if shown and self._stays(key):
            return self._alarm(
                "the target says that it deletes, and keeps what was deleted",
                "kept",
                Mismatch("still-there", "a deleted object is gone", f"{key} is read and listed"),
            )
        return None

    def _stays(self, key: str) -> bool:
        """Whether a removed object is still read, and listed, once it had time to go."""
        present, until = self.lifecycle.present, time.monotonic() + _GONE_WITHIN_S
        while self._shows_mark(key):
            try:
                if present is not None and key not in present(self.client, [key]):
                    return False  # one of the two is wrong: a rule will tell of it
            except Unmet:
                return False
            if time.monotonic() > until:
                return True
            self.client.meter.pause(0.2)
        return False

    def _undeletable(self) -> Alarm:
        asked = [step for step in self.steps if step.request.method == "DELETE"]
        first = asked[0] if asked else self.steps[-1]
        if first.status not in _NOT_OFFERED or first.auth is None:
            why = f"these credentials may create, but not delete, so nothing more is made: {first}"
            return self._alarm(why)
        expected = f"delete by {first.auth.name} is accepted"
        return self._alarm(
            f"the target can't delete, so nothing more is made: {first}",
            f"delete by {first.auth.name}",
            Mismatch(NOT_ACCEPTED, expected, str(first)),
        )

    def _foreign(self, key: str) -> Alarm:
        expected = "what was made carries the tag and the name that it was made with"
        actual = f"under the id {key:.80} stands an object without them"
        return self._alarm(
            f"the target gives out an id of somebody else's object as new ({key:.80}),"
            " so nothing more is made",
            "foreign",
            Mismatch("somebody-elses", expected, actual),
        )

    def _alarm(self, why: str, kind: str = "", mismatch: Mismatch | None = None) -> Alarm:
        rule = self.lifecycle.alarms.get(kind)
        if mismatch is None or rule is None:
            return Alarm(why, None, tuple(self.steps))
        told = Mismatch(mismatch.reason, mismatch.expected, mismatch.actual, (rule,))
        return Alarm(why, told, tuple(self.steps))
