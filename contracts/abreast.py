"""Tasks side by side, taken account of in their order: as if they had gone one after another."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class NotBeside(Exception):
    """A task that has to go by itself came upon others beside it."""


class Tasks(Protocol[Result]):
    """Tasks by their number. Only `work` is called from several threads."""

    @property
    def needs(self) -> Sequence[frozenset[int]]:
        """By task those, earlier ones, that have to be done before it."""
        ...

    @property
    def early(self) -> Sequence[int]:
        """All of them, those first that are to begin first where they may: for they take long."""
        ...

    def worth(self, task: int) -> bool:
        """Whether it is to be done, by what is settled so far."""
        ...

    def begin(self, task: int) -> None: ...

    def work(self, task: int, *, beside: bool) -> Result:
        """Do it, perhaps `beside` others. Raises `NotBeside`."""
        ...

    def spoils(self, result: Result) -> bool:
        """Whether those that need it may not be worth it."""
        ...

    def abandon(self) -> None:
        """End all that are under way soon."""
        ...

    def settle(self, task: int, result: Result | None) -> None:
        """Take account of what it came to, None if it wasn't done. Called in order."""
        ...


def one_by_one(tasks: Tasks[Result]) -> None:
    for task in range(len(tasks.needs)):
        _do(tasks, task)


def side_by_side(tasks: Tasks[Result], jobs: int) -> None:
    """Do `tasks`, so many at once. One that finds that it has to go by itself is done again when
    those before it are settled, and nothing goes beside it."""
    alone: set[int] = set()
    begun: set[int] = set()
    running: dict[Future[Result], int] = {}
    done: dict[int, Result] = {}
    needs = tasks.needs
    settled = 0

    def ready(task: int) -> bool:
        needed = [each for each in needs[task] if each >= settled]
        return (
            task >= settled
            and task not in begun
            and all(each in done and not tasks.spoils(done[each]) for each in needed)
        )

    def collect() -> None:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            task = running.pop(future)
            try:
                done[task] = future.result()
            except NotBeside:
                alone.add(task)

    with ThreadPoolExecutor(jobs) as threads:
        try:
            while settled < len(needs):
                if settled in done:
                    tasks.settle(settled, done.pop(settled))
                    settled += 1
                elif settled in alone and running:
                    collect()
                elif settled in alone or (settled not in begun and not tasks.worth(settled)):
                    _do(tasks, settled)
                    settled += 1
                else:
                    for task in tasks.early:
                        if len(running) < jobs and ready(task) and tasks.worth(task):
                            begun.add(task)
                            tasks.begin(task)
                            running[threads.submit(tasks.work, task, beside=True)] = task
                    collect()
        except BaseException:  # Ctrl-C, say: those that are under way are waited for
            tasks.abandon()
            raise


def _do(tasks: Tasks[Result], task: int) -> None:
    """One by itself, when all before it are settled."""
    result = None
    if tasks.worth(task):
        tasks.begin(task)
        result = tasks.work(task, beside=False)
    tasks.settle(task, result)
