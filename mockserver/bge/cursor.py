"""`next_page`: where a page ended, and of which query.

A position is that of the page's last record, so that records written later neither repeat nor
hide one (an offset would). A cursor is opaque, bound to its query by a digest; it is no secret,
and the server keeps nothing of it.
"""

from __future__ import annotations

import hashlib
import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

Form = Literal["text", "number"]

_DIGEST_BITS = 20  # leaves 33 bits of a JSON number's 53 to the sequence
_DIGESTS = 1 << _DIGEST_BITS
_LAYOUT = struct.Struct(">qqII")  # sequence, newest, digest, checksum


class NotACursor(ValueError):
    """A text that no page gave out."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """`sequence` is that of the page's last record, `digest` stands for the query, `newest` is
    the last sequence at the time of the first page (0 where the form has no room for it)."""

    sequence: int
    digest: int
    newest: int = 0


def digest(query: Mapping[str, object]) -> int:
    """20 bits that stand for the arguments that a page and the next must share."""
    canonical = json.dumps(query, sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.blake2b(canonical.encode()).digest(), "big") % _DIGESTS


def write(cursor: Cursor, form: Form) -> str | int:
    """The JSON value of a cursor."""
    if form == "number":
        return cursor.sequence * _DIGESTS + cursor.digest
    fields = (cursor.sequence, cursor.newest, cursor.digest)
    packed = _LAYOUT.pack(*fields, crc32(repr(fields).encode()))
    return urlsafe_b64encode(packed).decode().rstrip("=")


def read(text: str, form: Form) -> Cursor:
    """The cursor that a form's field writes. Raises `NotACursor`."""
    try:
        if form == "number":
            cursor = Cursor(*divmod(int(text[:20]), _DIGESTS))
        else:
            packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            sequence, newest, query, _ = _LAYOUT.unpack(packed)
            cursor = Cursor(sequence, query, newest)
    except (ValueError, struct.error):
        raise NotACursor(_NONE) from None
    if str(write(cursor, form)) != text or not 0 <= cursor.sequence < 1 << 63:
        raise NotACursor(_NONE)  # the checksum is wrong, or the spelling is not ours
    return cursor


_NONE = "was given out by no page; send next_page as it stood in the page before"
