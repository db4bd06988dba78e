"""The observers of bge: how silent points of dialect.yaml are seen, a module for each idea.

What is written can't be deleted, so they look at one series: that of the run, or in a probe one of
its own. Points that only more records show are dear: a probe looks at them.
"""

from __future__ import annotations

from typing import Final

from streamproof.contracts.bge import (
    seen_answers,
    seen_arguments,
    seen_arrival,
    seen_pages,
    seen_times,
    seen_walks,
    seen_writes,
)
from streamproof.contracts.bge.seeing import whole_series
from streamproof.contracts.observations import Observer

OBSERVERS: Final[tuple[Observer, ...]] = (
    *seen_answers.OBSERVERS,
    *seen_arguments.OBSERVERS,
    *seen_walks.OBSERVERS,
    *seen_arrival.OBSERVERS,
    *seen_pages.OBSERVERS,
    *seen_times.OBSERVERS,
    *seen_writes.OBSERVERS,
)

# Where no series can be written and read back, nothing shows a choice.
READY: Final = whole_series
