"""Words of a shell (bash): a text or bytes such that a command gets them as they are.

All of a word is printable ASCII, so that no console, file or mail changes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

_SAFE: Final = re.compile(rb"[A-Za-z0-9@%+=:,./_-]+")
_PRINTABLE: Final = re.compile(rb"[ -~]*")
_LONG: Final = 200  # octets from which on a text is looked through for repetition
_REPEATED: Final = re.compile(rb"(.{1,40}?)\1{49,}", re.DOTALL)


def quoted(text: str) -> str:
    """`text` as it stands between double quotes."""
    return re.sub(r'(["$`\\])', r"\\\1", text)


def word(text: str | bytes, names: Mapping[str, str] = {}) -> str:
    """`text` as one word, in which each of `names`, by its value, stands as a variable."""
    octets = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    known = [re.escape(name.encode("utf-8", "surrogatepass")) for name in names]
    known.sort(key=lambda name: -len(name))
    parts = re.split(rb"(" + b"|".join(known) + rb")", octets) if known else [octets]
    shown = [
        f'"${{{names[part.decode("utf-8", "surrogatepass")]}}}"' if at % 2 else _piece(part)
        for at, part in enumerate(parts)
        if part
    ]
    return "".join(shown) or "''"


def file(octets: bytes) -> str | None:
    """A word that names a file with these octets, where they are none that a word can hold: NUL,
    or too many. None where a word will do."""
    if b"\0" not in octets and len(octets) < _MOST:
        return None
    return f"<(python3 -c {_piece(f'import sys; sys.stdout.buffer.write({_python(octets)})')})"


_MOST: Final = 100_000  # octets of an argument; Linux takes 131,072


def _piece(octets: bytes | str) -> str:
    if isinstance(octets, str):
        octets = octets.encode()
    if len(octets) >= _LONG and _REPEATED.search(octets) and b"\0" not in octets:
        code = f"import sys; sys.stdout.buffer.write({_python(octets)})"
        return f'"$(python3 -c {_piece(code)})"' if octets[-1:] != b"\n" else _escaped(octets)
    if _SAFE.fullmatch(octets):
        return octets.decode()
    if _PRINTABLE.fullmatch(octets):
        return "'" + octets.decode().replace("'", "'\\''") + "'"
    return _escaped(octets)


def _escaped(octets: bytes) -> str:
    return "$'" + "".join(map(_octet, octets)) + "'"


def _octet(octet: int) -> str:
    if octet in b"'\\":
        return "\\" + chr(octet)
    return chr(octet) if 32 <= octet < 127 else f"\\x{octet:02x}"


def _python(octets: bytes) -> str:
    """An expression of Python for `octets`, in double quotes only."""
    return " + ".join(_runs(octets))


def _runs(octets: bytes) -> Iterator[str]:
    at = 0
    for run in _REPEATED.finditer(octets):
        if octets[at : run.start()]:
            yield _literal(octets[at : run.start()])
        yield f"{_literal(run[1])} * {len(run[0]) // len(run[1])}"
        at = run.end()
    if octets[at:]:
        yield _literal(octets[at:])


def _literal(octets: bytes) -> str:
    text = "".join(
        f"\\x{octet:02x}" if octet in b"'\"\\" or not 32 <= octet < 127 else chr(octet)
        for octet in octets
    )
    return f'b"{text}"'
