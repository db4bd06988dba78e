"""Turns: requests go side by side, and a race goes alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Lets any number go together, or one alone, who isn't kept waiting by ever new ones."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._going, self._waiting, self._alone = 0, 0, False

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._change:
            self._change.wait_for(lambda: not self._alone and not self._waiting)
            self._going += 1
        try:
            yield
        finally:
            with self._change:
                self._going -= 1
                self._change.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._change:
            self._waiting += 1
            try:
                self._change.wait_for(lambda: not self._alone and not self._going)
            finally:
                self._waiting -= 1
            self._alone = True
        try:
            yield
        finally:
            with self._change:
                self._alone = False
                self._change.notify_all()
