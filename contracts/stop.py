"""Being told to end: a flag that a signal sets and that the run reads between its requests.

An exception out of a signal handler may come anywhere, in a finalizer or a callback too, where
Python swallows it. A flag comes nowhere and is not lost.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

IN_FLIGHT_S = 2.0  # what a request that is under way is given once a run is told to end


@dataclass(slots=True)
class Stop:
    """How often a run was told to end, and when last (`time.monotonic()`).

    `notice` is what whoever tells it so is answered at once: what happens next.
    """

    count: int = 0
    at: float = 0.0
    notice: str = "ending"

    def ask(self) -> None:
        """Tell the run to end. Takes no lock, so that a signal handler may call it."""
        self.at = time.monotonic()
        self.count += 1
