"""What can go over the wire as it was written: headers, credentials, numbers of seconds.

Each function gives what is wrong with a value and how to mend it, or None. None shows the value,
which may be a secret.
"""

from __future__ import annotations

import re
import string
import unicodedata

_TOKEN = frozenset(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~")  # RFC 9110, 5.6.2
_FRAMING = ("content-length", "transfer-encoding", "connection", "host")
_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")  # RFC 3986, 2


def unlike_text(value: str) -> str | None:
    """Control characters, which a shell or a file adds unseen: a line break at the end, say."""
    for at, char in enumerate(value):
        if unicodedata.category(char) == "Cc":
            what = "a line break" if char in "\r\n" else f"the control character U+{ord(char):04X}"
            end = not value[at:].strip()
            return f"{'ends with' if end else 'holds'} {what}; give it without"
        if unicodedata.category(char) == "Cs":
            return "holds bytes that are no UTF-8"
    return None


def unlike_url(value: str) -> str | None:
    """A URL with what has to be percent-encoded in it."""
    if fault := unlike_text(value):
        return fault
    wrong = next((char for char in value if not _URL.fullmatch(char)), None)
    if wrong is None:
        return None
    if wrong.isspace():
        return "holds a blank; write %20 for one that belongs to it"
    if wrong.isascii():
        return f"holds {wrong}, which no URL has; write %{ord(wrong):02X}"
    return f"holds {wrong}; percent-encode a path, and write a host in ASCII (xn--…)"


def unlike_header(name: str, value: str, taken: bool) -> str | None:
    """A header that can't be sent, or would not be alone; `taken` says that the credentials go
    into Authorization."""
    wrong = next((char for char in name if char not in _TOKEN), None)
    if wrong is not None or not name:
        what = "a blank" if wrong == " " else "a character that no header's name has"
        return f"the name holds {what}" if name else "the name is empty"
    if name.lower() in _FRAMING:
        return "the suite sets it itself; leave it out"
    if taken and name.lower() == "authorization":
        return "the credentials go there; leave it out"
    return unlike_text(value) or _not_ascii(value)


def unlike_basic(value: str) -> str | None:
    if fault := unlike_text(value):
        return fault
    name, colon, _ = value.partition(":")
    return None if name and colon else "ID:SECRET expected, with a colon between them"


def unlike_key(value: str) -> str | None:
    """A key that a header or a cookie has to carry."""
    return unlike_text(value) or _not_ascii(value)


def unlike_bearer(value: str) -> str | None:
    if fault := unlike_text(value):
        return fault
    if any(char.isspace() for char in value):
        return "holds a blank; a token has none"
    return _not_ascii(value)


def _not_ascii(value: str) -> str | None:
    return None if value.isascii() else "holds characters beyond ASCII, which a header can't carry"
