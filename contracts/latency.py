"""How slow a target is, and so how many checks are to wait for it side by side."""

from __future__ import annotations

from typing import Final

from streamproof.contracts.client import Client
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.wire import Outcome

MOST: Final = 8
_QUICK_S: Final = 0.01  # an answer that one check after another may wait for: it is mostly work


def jobs_for(client: Client, first: Outcome | None) -> int:
    """One where the target is in this process or answers at once, and one more for each such time
    that it takes. `first` is what the first call was answered, which took as long as connecting
    too; so where that was slow the same is asked again."""
    if first is None or isinstance(client.transport, WsgiTransport):
        return 1
    took_s = first.took_s
    if took_s >= _QUICK_S and first.accepted:
        try:
            took_s = min(took_s, client.send(first.request).took_s)
        except RunEnded:
            return 1
    return min(MOST, 1 + int(took_s / _QUICK_S))
