"""What Ctrl-C, a cancelled job and a closed terminal do to a command.

Three ways, one after another: until a command says otherwise it ends at once, for it has done
nothing yet; a run of the suite is told by a flag; everything else gets `KeyboardInterrupt`.
Imports next to nothing: it has to be there before all else.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamproof.contracts.stop import Stop

INTERRUPTED = 130  # as a shell says of a command that Ctrl-C ended
_LAST = 3  # asked so often, a run ends where it stands


def end_at_once() -> None:
    """From now on the process ends without a word. An exception might come in the middle of an
    import, and be lost or leave a traceback."""

    def end(_number: int, _frame: FrameType | None) -> None:
        os._exit(INTERRUPTED)

    _handle(end)


def interrupt() -> None:
    """From now on Ctrl-C and a cancelled job are `KeyboardInterrupt`, and the end of a terminal is
    what the system makes of it."""
    before = _handle(signal.default_int_handler)
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up in before:
        signal.signal(hang_up, signal.SIG_DFL)


@contextmanager
def heeded(stop: Stop) -> Iterator[None]:
    """Inside the block `stop` is asked, and its notice is printed at once; in the main thread,
    the only one that signals reach."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(_number: int, _frame: FrameType | None) -> None:
        notice = stop.notice
        stop.ask()
        if stop.count >= _LAST:
            os._exit(INTERRUPTED)
        with suppress(OSError):  # a terminal that is gone
            os.write(2, f"\n{notice}\n".encode())

    before = _handle(ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _handle(handler: signal._HANDLER) -> dict[int, signal._HANDLER]:
    """Set `handler` for all of them; gives those that were there before.

    A signal that is ignored stays so: nohup wants it.
    """
    before: dict[int, signal._HANDLER] = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # not every system has all
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, handler)
    return before
