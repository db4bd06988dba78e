"""Parts of one check that need nothing of each other: side by side where checks go so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from streamproof.contracts.check import Trial
from streamproof.contracts.strands import Strand, current

T = TypeVar("T")


def parts(trial: Trial, name: str, every: Iterable[Callable[[Trial], T]]) -> Iterator[T]:
    """What each of `every` gives, or raises, in their order; its steps are then the trial's.

    Each goes when it is asked for; but where no other check goes beside this one, and as many as
    `jobs` may, so many do at once, with names of their own and steps that begin with the trial's.
    `name` says whose parts they are.
    """
    user, jobs = current(), trial.client.meter.jobs
    if user is None or user.beside or jobs == 1:
        for part in every:
            yield part(trial)
        return

    def act(part: Callable[[Trial], T], strand: Strand) -> T:
        with strand.entered():
            return part(replace(trial, transcript=strand.steps))

    begun: list[tuple[Strand, Future[T]]] = []
    with ThreadPoolExecutor(jobs) as threads:
        for number, part in enumerate(every):
            place = trial.names.places.of((name, number), f"{name} {number}")
            strand = Strand(place, steps=[*trial.transcript])
            begun.append((strand, threads.submit(act, part, strand)))
    for strand, _ in begun:
        user.join(strand)
    for strand, result in begun:
        trial.transcript[:] = strand.steps
        yield result.result()
