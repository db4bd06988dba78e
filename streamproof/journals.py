"""The journals of runs, kept where the system keeps the state of programs: what each one created,
until it is all removed again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_state_path


def folder() -> Path:
    return user_state_path("streamproof", appauthor=False) / "journals"


def new(api: str) -> Path | None:
    """A file for the journal of a run; None where the system lets us keep nothing."""
    try:
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    if not os.access(folder(), os.W_OK | os.X_OK):
        return None
    return folder() / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{api}-{os.getpid()}.jsonl"


@dataclass(frozen=True, slots=True)
class Kept:
    """A journal that a run has left. `objects` are pairs of key and URL, in order, less those
    that are gone."""

    file: Path
    run_id: str
    api: str
    target: str
    started: str
    objects: tuple[tuple[str, str], ...]


def kept(api: str) -> Iterator[Kept]:
    """The journals of earlier runs against targets of an API, the oldest first."""
    return (journal for journal, runs in _all(api) if not runs)


def under_way(api: str) -> set[str]:
    """The ids of the runs that are still at it."""
    return {journal.run_id for journal, runs in _all(api) if runs}


def _all(api: str) -> Iterator[tuple[Kept, bool]]:
    """The journals, and whether their runs are still at it."""
    for file in sorted(folder().glob(f"*-{api}-*.jsonl")):
        found = _read(file)
        if found is not None:
            yield found, _runs(int(file.stem.rpartition("-")[2]))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's now
        return False
    return process != os.getpid()


def _read(file: Path) -> Kept | None:
    """A journal, as far as it was written: the last line may be half."""
    objects: dict[tuple[str, str], None] = {}
    head: dict[str, Any] = {}
    for line in file.read_text("utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if "run_id" in entry:
            head = entry
        elif entry.get("gone"):
            objects.pop((entry["key"], entry["url"]), None)
        else:
            objects[entry["key"], entry["url"]] = None
    if not head:
        return None
    run_id, api, target, started = (
        str(head.get(name, "")) for name in ("run_id", "api", "target", "started")
    )
    return Kept(file, run_id, api, target, started, tuple(objects))
