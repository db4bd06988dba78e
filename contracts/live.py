"""Care for a live target: what the run made, written down before it is made, and its removal."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from streamproof.contracts.client import Client
from streamproof.contracts.wire import Outcome, Request


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How the objects of an API come and go.

    `will_create` reads the key of the object that a request may create, `did_create` the keys of
    those that an outcome shows as created (where the server names them). `remove` deletes by
    key: True when the object is gone, None when it never was there, False when it is left.
    Without `remove` what was made can't be taken away.
    """

    will_create: Callable[[Request], str | None]
    did_create: Callable[[Outcome], Collection[str]]
    remove: Callable[[Client, str], bool | None] | None


@dataclass(frozen=True, slots=True)
class CleanUp:
    """How the removal went, in objects."""

    created: int = 0
    deleted: int = 0
    left: int = 0


@dataclass(slots=True)
class Journal:
    """What a run creates, in order; kept in a file too when one is given, a JSON line an entry.

    A key is written before its creation is sent, so that nothing made is ever unknown.
    """

    run_id: str
    file: Path | None = None
    keys: dict[str, bool] = field(default_factory=dict)  # key -> whether seen created
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note(self, key: str, *, created: bool) -> None:
        """Note a key before its creation (`created` false), or when it was seen created."""
        with self._lock:
            if key not in self.keys and self.file is not None:
                with self.file.open("a", encoding="utf-8", errors="backslashreplace") as lines:
                    entry = {"run_id": self.run_id, "key": key}
                    lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self.keys[key] = self.keys.get(key, False) or created

    def forget(self, key: str) -> None:
        """Drop a key whose creation never reached the target."""
        with self._lock:
            if self.keys.get(key) is False:
                del self.keys[key]


def attach(journal: Journal, client: Client, lifecycle: Lifecycle) -> None:
    """Keep `journal` while `client` sends."""

    def before(request: Request) -> None:
        key = lifecycle.will_create(request)
        if key is not None:
            journal.note(key, created=False)

    def after(outcome: Outcome) -> None:
        if not outcome.sent:
            key = lifecycle.will_create(outcome.request)
            if key is not None:
                journal.forget(key)
        elif outcome.accepted or (outcome.answered and outcome.trouble):
            for key in lifecycle.did_create(outcome):
                journal.note(key, created=True)

    client.before.append(before)
    client.after.append(after)


def clean_up(journal: Journal, client: Client, lifecycle: Lifecycle) -> CleanUp:
    """Remove what the journal holds, last made first, whatever single removals do.

    An interruption leaves the rest, and counts it as left.
    """
    if lifecycle.remove is None:
        made = sum(journal.keys.values())
        return CleanUp(created=made, left=made)
    created = deleted = left = 0
    interrupted = False
    for key in list(reversed(journal.keys)):
        try:
            gone = False if interrupted else lifecycle.remove(client, key)
        except KeyboardInterrupt:
            gone, interrupted = False, True
        except Exception:  # a broken target must not keep the rest from being removed
            gone = False
        if gone is None and not journal.keys[key]:
            continue
        created += 1
        deleted += gone is not False
        left += gone is False
    return CleanUp(created, deleted, left)
