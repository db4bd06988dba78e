"""What earlier runs left on a target: found by their journals and by their marks, and removed.

Nothing else is touched: a key out of a journal that is no name of its run, like one that a list
shows, has to carry the run's mark when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from streamproof.contracts.bind import checks_of
from streamproof.contracts.check import Unmet
from streamproof.contracts.cleanup import CHUNK, Progress, clean_up
from streamproof.contracts.client import Client
from streamproof.contracts.live import CleanUp, Journal, Lifecycle, State
from streamproof.contracts.meter import Limits, Meter
from streamproof.contracts.names import Names, run_ids
from streamproof.contracts.run import Target
from streamproof.contracts.stop import Stop


@dataclass(frozen=True, slots=True)
class Found:
    """An object that a run left: where, and of which run."""

    run_id: str
    key: str
    url: str


class Sweep:
    """A look at one target, and the removal of what it found."""

    def __init__(self, target: Target, rate: float | None = None, stop: Stop | None = None) -> None:
        self.meter = Meter(Limits(rate=rate), stop or Stop())
        self.client = Client(target.api, target.transport, target.credentials, self.meter)
        self.lifecycle: Lifecycle = checks_of(target.api)[1]
        target.transport.bound(self.meter.horizon)
        self._places = {target.transport.url: self.client}
        for there in self.lifecycle.others(self.client, target.fixtures):
            self._places[there.transport.url] = there

    @property
    def removes(self) -> bool:
        return self.lifecycle.remove is not None

    @property
    def urls(self) -> frozenset[str]:
        """The places that the target's configuration leads to."""
        return frozenset(self._places)

    def here(self, found: Iterable[Found]) -> list[Found]:
        """Those that the target's configuration leads to, less those that a list shows gone."""
        by_place: dict[str, list[Found]] = {}
        for each in found:
            if each.url in self._places:
                by_place.setdefault(each.url, []).append(each)
        return [each for url, some in by_place.items() for each in self._there(url, some)]

    def _there(self, url: str, found: list[Found]) -> Iterator[Found]:
        for first in range(0, len(found), CHUNK):
            some = found[first : first + CHUNK]
            try:
                if self.lifecycle.present is None:
                    raise Unmet("a call that tells what is there")
                keys = self.lifecycle.present(self._places[url], [each.key for each in some])
            except Unmet:
                yield from some
            else:
                yield from (each for each in some if each.key in keys)

    def marked(self, only: str | None = None) -> Iterator[Found]:
        """What a look through the target's lists shows of any run, or of one. Raises `Unmet`
        where they can't be read."""
        names = None if only is None else Names(only)
        for url, client in self._places.items() if self.lifecycle.marked else ():
            assert self.lifecycle.marked is not None
            for key, shown in self.lifecycle.marked(client, None):
                if names is None:
                    runs = run_ids(key, shown)[:1]
                else:
                    runs = [names.run_id] if names.owns(key) or names.carries(shown) else []
                yield from (Found(run_id, key, url) for run_id in runs)

    def remove(self, found: Iterable[Found], progress: Progress) -> CleanUp:
        """Remove what was found, run by run."""
        self.meter.for_clean_up()
        only_these = replace(self.lifecycle, marked=None)
        by_run: dict[str, list[Found]] = {}
        for each in found:
            by_run.setdefault(each.run_id, []).append(each)
        total = CleanUp()
        for run_id, objects in by_run.items():
            journal = Journal(run_id)
            for each in objects:
                journal.note(self._places[each.url], each.key, State.ASKED)
            done = clean_up(journal, only_these, self.meter, Names(run_id), progress)
            total = CleanUp(
                total.created + done.created,
                total.deleted + done.deleted,
                total.left + done.left,
                total.unsure + done.unsure,
                total.remaining + done.remaining,
            )
        return total
