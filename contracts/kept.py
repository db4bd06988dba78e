"""What the checks of a run share: made once, by whoever needs it first, while others wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from streamproof.contracts.names import Names
from streamproof.contracts.strands import Strand, current
from streamproof.contracts.wire import Outcome

Build = Callable[..., Any]
Made = tuple[Any, Sequence[Outcome]]  # and the steps that it took


class Kept:
    """Things by the function that makes them. `kind` keeps those of two sorts apart."""

    def __init__(self, kind: str = "") -> None:
        self._kind = kind
        self._made: dict[Build, Made] = {}
        self._strands: dict[Build, Strand] = {}
        self._makers: dict[Build, threading.RLock] = {}
        self._lock = threading.Lock()

    def of(self, build: Build, make: Callable[[], Made], names: Names) -> Made:
        """What `make` makes of `build`, at the first call that it doesn't raise; each later one
        is given the same."""
        with self._lock:
            maker = self._makers.setdefault(build, threading.RLock())
        with maker:
            if build not in self._made:
                self._make(build, make, names)
            user, strand = current(), self._strands[build]
            if user is not None and user is not strand:
                user.used[strand] = None
            return self._made[build]

    def _make(self, build: Build, make: Callable[[], Made], names: Names) -> None:
        user = current()
        if build not in self._strands:
            place = names.places.of((self._kind, build), f"{self._kind} {_name(build)}")
            self._strands[build] = Strand(place)
        strand = self._strands[build]
        if user is not None:
            strand.steps, strand.since = user.steps, len(user.steps)
            strand.beside = user.beside
        with strand.entered():
            made = make()
        strand.steps = []
        self._made[build] = made

    def among(self, builds: Collection[Build]) -> dict[Build, Any]:
        """What there is of `builds`."""
        return {build: self._made[build][0] for build in builds if build in self._made}

    def copy(self, kind: str) -> Kept:
        """The same things; what is made from now on is each one's own."""
        other = Kept(kind)
        other._made, other._strands = dict(self._made), dict(self._strands)
        return other

    def forget(self) -> None:
        """Make everything anew on its next use."""
        self._made.clear()


def _name(build: Build) -> str:
    """What names a function or an object that is called, in every process alike."""
    owner: Any = getattr(build, "__self__", build)
    function = build if hasattr(build, "__qualname__") else type(build)
    told = [function.__module__, function.__qualname__]
    if is_dataclass(owner):
        values = (getattr(owner, each.name) for each in fields(owner))
        told += [str(value) for value in values if isinstance(value, str | int)]
    return " ".join(told)
