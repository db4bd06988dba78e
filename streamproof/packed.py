"""Long lists in little memory."""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, overload

LONG = 5_000  # members; also of each part


class Packed(Sequence[Any]):
    """A list of JSON values that is read seldom, and then from its start: in compressed parts."""

    def __init__(self, members: Sequence[Any]) -> None:
        self._length = len(members)
        parts = (members[at : at + LONG] for at in range(0, len(members), LONG))
        self._parts = [zlib.compress(marshal.dumps([*part]), 1) for part in parts]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        for part in self._parts:
            yield from marshal.loads(zlib.decompress(part))

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return list(islice(self, *at.indices(len(self))))
        return next(islice(self, range(len(self))[at], None))


def packed(value: Any) -> Any:
    """A value; a long list packed."""
    return Packed(value) if isinstance(value, list) and len(value) > LONG else value
