"""Care for a live target: what the run makes, written down before it is made, and where."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from streamproof.contracts.client import Client
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.wire import Outcome, Request

_LONGEST_KEY = 8192  # characters; no URL takes a longer one
_SHOWN = 200  # characters of such a key that are kept


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How the objects of an API come and go.

    `will_create` reads the key of the object that a request may create, `did_create` the keys of
    those that an outcome shows as created (where the server names them). `remove` deletes by
    key: True when the object is gone, None when it never was there, False when it is left; it
    raises `Unavailable` where nobody judged. Without `remove` what was made can't be taken away.
    `room` names the fixtures that only say where a run may write: one that only reads needs none.

    What an API can do beside is left None where it can't: `look` reads an object by its key.
    `present` tells which of some keys are there. `marked` lists what carries the mark of a run,
    by key with what shows it; without a run id that of any run. Both raise `Unmet` where the
    target doesn't let them tell. `create` makes an object that carries a run's mark, under a key
    or under one that the target makes up, with a name. `alarms` gives the rules that the canary
    may find broken, by what it finds. `elsewhere` is a client of another place, as one of the
    fixtures `other_places` tells of it. `secrets` are what an answer gave out that no report may
    show.
    """

    will_create: Callable[[Request], str | None]
    did_create: Callable[[Outcome], Collection[str]]
    remove: Callable[[Client, str], bool | None] | None
    look: Callable[[Client, str], Outcome] | None = None
    present: Callable[[Client, Sequence[str]], Collection[str]] | None = None
    marked: Callable[[Client, str | None], Iterable[tuple[str, Any]]] | None = None
    create: Callable[[Client, str | None, str, str], Outcome] | None = None
    alarms: Mapping[str, str] = field(default_factory=dict)
    other_places: tuple[str, ...] = ()
    elsewhere: Callable[[Client, Any], Client] | None = None
    room: tuple[str, ...] = ()
    secrets: Callable[[Outcome], Iterable[str]] = lambda _outcome: ()

    def others(self, client: Client, fixtures: Mapping[str, Any]) -> list[Client]:
        """Clients of the other places that `fixtures` tell of."""
        told = [fixtures[name] for name in self.other_places if name in fixtures]
        return [] if self.elsewhere is None else [self.elsewhere(client, one) for one in told]


class State(Enum):
    """What is known of an object; the later ones hold against the earlier."""

    REFUSED = 0  # its creation was refused, so only a broken target has it
    ASKED = 1  # its creation was sent, and nobody told what came of it
    MADE = 2


@dataclass(slots=True)
class Entry:
    """An object that the run has made or may have made; `client` is the way to where it is.

    `whole` is False where the key is too long to be kept, and no call could name it.
    """

    key: str
    client: Client
    state: State
    whole: bool = True

    @property
    def url(self) -> str:
        return self.client.transport.url


@dataclass(frozen=True, slots=True)
class Left:
    """An object that is still on the target, as far as is known, and why."""

    key: str
    url: str
    why: str


@dataclass(frozen=True, slots=True)
class CleanUp:
    """How the removal went, in objects.

    `remaining` names those left, and behind them, `unsure` of them, those whose creation nobody
    confirmed and of which nobody could be asked.
    """

    created: int = 0
    deleted: int = 0
    left: int = 0
    unsure: int = 0
    remaining: tuple[Left, ...] = ()


@dataclass(slots=True)
class Journal:
    """What a run creates, in order; kept in `files` too, a JSON line an entry.

    A key is written before its creation is sent, so that nothing made is ever unknown; where it
    can't be written, nothing more is made. `hide`
    masks secrets, which a target may put into the keys that it gives. The first line tells of
    the run; ``"gone": true`` stands in a later line of a key once its object is gone.
    """

    run_id: str
    api: str = ""
    target: str = ""
    files: tuple[Path, ...] = ()
    hide: Callable[[str], str] = str
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)  # by URL and key
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note(self, client: Client, key: str, state: State) -> None:
        """Note an object before its creation, or when more is known of it. Raises `RunEnded`
        where that can't be written down."""
        whole = len(key) <= _LONGEST_KEY
        key = key if whole else key[:_SHOWN] + "…"
        place = client.transport.url, key
        with self._lock:
            entry = self.entries.get(place)
            if entry is not None:
                entry.state = max(entry.state, state, key=lambda known: known.value)
                return
            try:
                self._write({"key": self.hide(key), "url": self.hide(client.transport.url)})
            except OSError as fault:
                if state is State.ASKED:
                    why = (
                        f"the journal can't be written ({fault.strerror}), so nothing more is made"
                    )
                    raise RunEnded(why) from None
            self.entries[place] = Entry(key, client, state, whole)

    def refused(self, client: Client, key: str) -> None:
        """Note that a creation was refused, if it is the first that is heard of it."""
        with self._lock:
            entry = self.entries.get((client.transport.url, key))
            if entry is not None and entry.state is State.ASKED:
                entry.state = State.REFUSED

    def forget(self, client: Client, key: str) -> None:
        """Drop a key whose creation never reached the target."""
        with self._lock:
            entry = self.entries.get((client.transport.url, key))
            if entry is not None and entry.state is State.ASKED:
                del self.entries[client.transport.url, key]

    def gone(self, entry: Entry) -> None:
        """Note that an object isn't there any more."""
        with self._lock, suppress(OSError):  # a sweep will see it
            self._write({"key": self.hide(entry.key), "url": self.hide(entry.url), "gone": True})

    def _write(self, line: Mapping[str, Any]) -> None:
        for file in self.files:
            new = not file.exists()
            with file.open("a", encoding="utf-8") as lines:
                if new:
                    file.chmod(0o600)
                    started = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
                    run = {"run_id": self.run_id, "api": self.api, "target": self.target}
                    lines.write(json.dumps({**run, "started": started}) + "\n")
                lines.write(json.dumps(line) + "\n")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Keeps a journal while clients send."""

    journal: Journal
    lifecycle: Lifecycle
    replayed: bool = False  # the run id was given, so an earlier run may have had it

    def left_over(self, client: Client, outcome: Outcome) -> bool:
        """Whether a create may have been refused for what an earlier run of this id has left."""
        key, look = self.lifecycle.will_create(outcome.request), self.lifecycle.look
        if not self.replayed or not outcome.rejected or key is None or look is None:
            return False
        entry = self.journal.entries.get((client.transport.url, key))
        ours = entry is not None and entry.state is State.MADE
        return not ours and look(client, key).accepted

    def before(self, client: Client, request: Request) -> None:
        key = self.lifecycle.will_create(request)
        if key is not None:
            self.journal.note(client, key, State.ASKED)

    def after(self, client: Client, outcome: Outcome) -> None:
        key = self.lifecycle.will_create(outcome.request)
        if not outcome.sent:
            if key is not None:
                self.journal.forget(client, key)
        elif outcome.accepted or (outcome.answered and outcome.trouble):
            for made in self.lifecycle.did_create(outcome):
                self.journal.note(client, made, State.MADE)
        elif key is not None and outcome.rejected:
            self.journal.refused(client, key)
        elif key is not None:
            self.journal.note(client, key, State.ASKED)
