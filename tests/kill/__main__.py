"""``python -m tests.kill``: the matrix in full, and docs/kill-matrix.md from it.

Each row is kept in a file as soon as it was met. With arguments, such as ``'dotide/update/*'``, the
rows of those names are met anew; the page is made of all, if all have been met.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from streamproof.specs import api
from tests.kill import servers
from tests.kill.cells import Job, Met, Scope, meet
from tests.kill.gates import complaints
from tests.kill.page import page

PAGE = Path(__file__).parents[2] / "docs" / "kill-matrix.md"
KEPT = Path(__file__).parents[2] / ".kill-matrix.pickle"
SEEDS = tuple(range(1, 21))
_COMBINED = 20  # dialects with all silent points drawn together
_PROCESSES = 4 * (os.cpu_count() or 1)  # some rows mostly wait for what they wrote to show


def jobs() -> Iterator[Job]:
    """Every row of the matrix, by API."""
    for spec in map(api.load, api.names()):
        yield from (Job(servers.good(spec), Scope.SUITE, (seed,)) for seed in SEEDS)
        yield from (Job(each, Scope.SUITE, (1,)) for each in servers.dialects(spec, _COMBINED))
        yield from (Job(each, Scope.SUITE, (1,)) for each in servers.nulls(spec))
        for each in servers.faulty(spec):
            yield Job(each, Scope.SUITE, (1,))
            yield Job(each, Scope.OWN_RULE, SEEDS)


def main(patterns: list[str]) -> int:
    """Meet the rows on all processors; write the page; 1 if a gate is shut."""
    rows = list(jobs())
    kept = {each.job: each for each in _kept()} if patterns else {}
    todo = [
        job
        for job in rows
        if not patterns or any(fnmatchcase(job.server.name, pattern) for pattern in patterns)
    ]
    console = Console(stderr=True)
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[at]}"),
    )
    with (
        multiprocessing.Pool(_PROCESSES) as pool,
        Progress(*columns, console=console, transient=True) as bar,
    ):
        task = bar.add_task("", total=len(todo), at="")
        KEPT.write_bytes(b"".join(pickle.dumps(kept[job]) for job in kept if job not in todo))
        for done in pool.imap_unordered(meet, todo):
            kept[done.job] = done
            with KEPT.open("ab") as file:
                pickle.dump(done, file)
            bar.update(task, advance=1, at=done.job.server.name)
            own = [job for job in rows if job.server == done.job.server]
            for complaint in (
                complaints(map(kept.__getitem__, own)) if kept.keys() >= {*own} else ()
            ):
                console.print(complaint, markup=False, highlight=False, soft_wrap=True)
    met = [kept[job] for job in rows if job in kept]
    shut = list(complaints(met))
    if len(met) == len(rows):
        PAGE.write_text(page(met), encoding="utf-8")
    console.print(f"{len(shut)} complaints" if shut else "all gates open")
    return bool(shut)


def _kept() -> Iterator[Met]:
    """The rows that were met before."""
    with suppress(FileNotFoundError, EOFError), KEPT.open("rb") as file:
        while True:
            yield pickle.load(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
