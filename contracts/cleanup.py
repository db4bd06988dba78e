"""The removal of what a run made: with patience, last made first, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from time import monotonic

from streamproof.contracts.check import Unmet
from streamproof.contracts.live import CleanUp, Entry, Journal, Left, Lifecycle, State
from streamproof.contracts.meter import Meter, RunEnded
from streamproof.contracts.names import Names

STEP = "clean-up"  # what progress is told of it
PATIENCE_S = 40.0  # without any removal, where the target doesn't answer or is busy
_AGAIN = 2  # more tries, where it answers and keeps what it was to remove
_PAUSES_S = (0.5, 1.0, 2.0, 4.0)  # between tries; the last one from then on
_FEWEST, _TIMES = 4, 2  # removals at once, and for each job: they are short, and judge nothing
CHUNK = 50  # keys that one call is asked about
_NOT_OURS = "the target gave out this id as new; what it shows doesn't carry the run's mark"
NO_CALL = "no call removes it"
_NO_URL = "its id is too long for a URL"

Progress = Callable[[str, int, int], None]


class Fate(Enum):
    """What became of an object that was to be removed."""

    GONE = "gone"
    NEVER = "never there"
    LEFT = "left"  # the target judged, and keeps it
    FOREIGN = "not ours"
    UNANSWERED = "unanswered"


@dataclass(slots=True)
class CleaningUp:
    """One removal of what `journal` holds. `meter` bounds it, and ends it when told to."""

    journal: Journal
    lifecycle: Lifecycle
    meter: Meter
    names: Names
    progress: Progress = lambda _step, _done, _total: None
    _why: dict[int, str] = field(default_factory=dict)  # by the identity of an entry

    def run(self) -> CleanUp:
        """Remove, whatever single removals do; what can't be removed is named."""
        if self.lifecycle.remove is None:
            made = [e for e in self.journal.entries.values() if e.state is State.MADE]
            stays = tuple(Left(e.key, e.url, NO_CALL) for e in made)
            return CleanUp(created=len(made), left=len(made), remaining=stays)
        entries = self._worth_asking()
        fates = self._removed(entries)
        there = [e for e in entries if e.state is State.MADE or fates[id(e)] in _WAS_THERE]
        left = [e for e in there if fates[id(e)] not in (Fate.GONE, Fate.NEVER)]
        unsure = [e for e in entries if e not in there and fates[id(e)] is Fate.UNANSWERED]
        stay = set(map(id, (*left, *unsure)))
        for entry in self.journal.entries.values():
            if id(entry) not in stay:
                self.journal.gone(entry)
        return CleanUp(
            created=len(there),
            deleted=len(there) - len(left),
            left=len(left),
            unsure=len(unsure),
            remaining=tuple(
                Left(e.key, e.url, self._why.get(id(e), "nobody answered"))
                for e in (*left, *unsure)
            ),
        )

    # -- what is to be removed ---------------------------------------------------------------

    def _worth_asking(self) -> list[Entry]:
        """The entries, last made first, and those whose creation was refused only if they are
        there nevertheless; and what nobody told of, but carries the run's mark."""
        entries = list(reversed(self.journal.entries.values()))
        self._add_marked(entries)
        refused = [entry for entry in entries if entry.state is State.REFUSED]
        there = set(map(id, self._there(refused)))
        return [e for e in entries if e.state is not State.REFUSED or id(e) in there]

    def _there(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Those of `entries` that the target may have."""
        for _, group in groupby(sorted(entries, key=lambda e: e.url), lambda e: e.url):
            here = list(group)
            for first in range(0, len(here), CHUNK):
                some = here[first : first + CHUNK]
                try:
                    if self.lifecycle.present is None:
                        raise Unmet("a call that tells what is there")
                    found = set(self.lifecycle.present(some[0].client, [e.key for e in some]))
                except (Unmet, RunEnded):
                    yield from some
                else:
                    yield from (entry for entry in some if entry.key in found)

    def _add_marked(self, entries: list[Entry]) -> None:
        """Add what carries the run's mark and stands nowhere in the journal: its creation was
        answered by nobody, under an id that nobody told."""
        known = {(entry.url, entry.key) for entry in entries}
        clients = {entry.url: entry.client for entry in entries}
        for client in clients.values() if self.lifecycle.marked is not None else ():
            try:
                rows = list(self.lifecycle.marked(client, self.names.run_id))  # type: ignore[misc]
            except (Unmet, RunEnded):
                continue
            for key, shown in rows:
                place = client.transport.url, key
                if place not in known and (self.names.owns(key) or self.names.carries(shown)):
                    entries.insert(0, Entry(key, client, State.MADE))

    # -- removing ----------------------------------------------------------------------------

    def _removed(self, entries: Sequence[Entry]) -> dict[int, Fate]:
        """Try to remove all, again and again while that may help."""
        fates = dict.fromkeys(map(id, entries), Fate.UNANSWERED)
        waiting, tries, again = list(entries), 0, _AGAIN
        patience_s = PATIENCE_S if self.meter.answered else 0.0  # nobody ever was there
        patient_until = monotonic() + patience_s
        while waiting:
            before = len(waiting)
            fates |= self._tried(waiting, len(entries))
            waiting = [e for e in waiting if fates[id(e)] in (Fate.LEFT, Fate.UNANSWERED)]
            unanswered = any(fates[id(entry)] is Fate.UNANSWERED for entry in waiting)
            if len(waiting) < before:
                patient_until, tries = monotonic() + patience_s, 0
            elif not unanswered:
                again -= 1
            if self._over or (monotonic() > patient_until if unanswered else again < 0):
                break
            if waiting:
                self.meter.pause(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)])
                self.meter.for_clean_up(self.meter.limits.deadline)
                tries += 1
        return fates

    @property
    def _over(self) -> bool:
        deadline = self.meter.limits.deadline
        told = self.meter.stop.count >= self.meter.stops
        return told or (deadline is not None and monotonic() >= deadline)

    def _tried(self, entries: Sequence[Entry], total: int) -> dict[int, Fate]:
        """One try for each, side by side where the rate allows."""
        done = total - len(entries)
        self._tell(done, total)
        fates = {}
        with ThreadPoolExecutor(self.meter.abreast(_threads(self.meter.jobs))) as threads:
            for entry, fate in zip(entries, threads.map(self._try, entries), strict=True):
                fates[id(entry)] = fate
                done += fate not in (Fate.LEFT, Fate.UNANSWERED)
                self._tell(done, total)
        return fates

    def _tell(self, done: int, total: int) -> None:
        self.meter.stop.notice = (
            f"{STEP}: {done} of {total} objects removed so far;"
            f" once more, and {total - done} stay on the target"
        )
        self.progress(STEP, done, total)

    def _try(self, entry: Entry) -> Fate:
        remove = self.lifecycle.remove
        assert remove is not None
        try:
            if not entry.whole:
                return self._because(entry, Fate.FOREIGN, _NO_URL)
            if not self.names.owns(entry.key):
                strange = self._strange(entry)
                if strange is not None:
                    return strange
            gone = remove(entry.client, entry.key)
        except (Unmet, RunEnded) as fault:
            return self._because(entry, Fate.UNANSWERED, str(fault))
        except Exception as fault:  # a broken target must not keep the rest from being removed
            return self._because(entry, Fate.LEFT, f"{type(fault).__name__}: {fault}")
        if gone is None:
            return Fate.NEVER
        return Fate.GONE if gone else self._because(entry, Fate.LEFT, "the target keeps it")

    def _strange(self, entry: Entry) -> Fate | None:
        """None if an object that the run didn't name carries its mark and so may be removed."""
        if self.lifecycle.look is None:
            return self._because(entry, Fate.FOREIGN, _NOT_OURS)
        outcome = self.lifecycle.look(entry.client, entry.key)
        if outcome.unavailable:
            raise Unmet(str(outcome))
        if outcome.rejected:
            return Fate.NEVER
        if outcome.accepted and self.names.carries(outcome.payload):
            return None
        return self._because(entry, Fate.FOREIGN, _NOT_OURS)

    def _because(self, entry: Entry, fate: Fate, why: str) -> Fate:
        self._why[id(entry)] = why
        return fate


def _threads(jobs: int) -> int:
    return max(_FEWEST, _TIMES * jobs)


_WAS_THERE = (Fate.GONE, Fate.LEFT, Fate.FOREIGN)


def clean_up(
    journal: Journal,
    lifecycle: Lifecycle,
    meter: Meter,
    names: Names,
    progress: Progress = lambda _step, _done, _total: None,
) -> CleanUp:
    """Remove what `journal` holds, within what `meter` admits."""
    return CleaningUp(journal, lifecycle, meter, names, progress).run()
