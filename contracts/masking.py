"""What no report, journal or terminal may show: secrets, in whatever spelling they come back.

A server may echo what it was sent, and a gateway, an encoder or an error page may spell it anew:
escaped for a URL, for HTML or JSON, in hexadecimal digits, or in base64, alone or within a text
of its own. All of these are found without knowing which it was.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import quote

MASK: Final = "***"
_LEAST: Final = 3  # characters; a shorter value is no secret, and stands in many a word
_SECRET: Final = 6  # characters of a secret that is masked wherever it stands
_NO_WORD: Final = 8  # and of a `Word` that is
_TOLD: Final = 4  # characters of a secret that a shortened message may show
_OPENS: Final = r"""(?<=["'=:&?/,;<>(\[{])"""
_CLOSES: Final = r"""(?=["'&,;<>)\]}]|$)"""


class Word(str):
    """What may be a secret, and may be a word like any other: the value of a header."""

    __slots__ = ()


def secrets(values: Iterable[str]) -> tuple[str, ...]:
    """What must not be shown of `values`: each, and of ``name:secret`` the secret alone."""
    found = {part: type(value) for value in values for part in (value, value.partition(":")[2])}
    long = sorted((part for part in found if len(part) >= _LEAST), key=len, reverse=True)
    return tuple(Word(part) if found[part] is Word else part for part in long)


def redacted(text: str, hidden: Iterable[str]) -> str:
    """`text` with every secret of `hidden` masked, also one that a shortened message cuts off
    (``s3cr…``).

    A short one, or a header's that is a plain word, is masked only where it stands by itself
    between signs, as in ``"prod"`` or ``env=prod``.
    """
    for secret in hidden:
        if len(secret) < (_NO_WORD if isinstance(secret, Word) else _SECRET) or (
            isinstance(secret, Word) and secret.isalpha()
        ):
            text = _alone(str(secret)).sub(MASK, text)
            continue
        pattern, beginnings = _anywhere(str(secret))
        text = pattern.sub(MASK, text)
        if "…" in text:
            for beginning in beginnings:
                for length in range(len(beginning) - 1, _TOLD - 1, -1):
                    text = text.replace(f"{beginning[:length]}…", f"{MASK}…")
    return text


@lru_cache(maxsize=64)
def _alone(secret: str) -> re.Pattern[str]:
    escaped = "".join(map(_character, secret))
    return re.compile(f"{_OPENS}{escaped}{_CLOSES}|^{escaped}$")


@lru_cache(maxsize=64)
def _anywhere(secret: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """What finds a secret in any spelling, and the spellings whose beginnings give it away."""
    codes = [code for code in _base64(secret.encode()) if len(code) >= _SECRET]
    packed = ["".join(map(_sign, code)) + "={0,2}" for code in codes]
    found = ["".join(map(_character, secret)), secret.encode().hex(), *packed]
    plain = (secret, quote(secret, safe=""), html.escape(secret), json.dumps(secret)[1:-1])
    beginnings = (*plain, *codes, *(code.translate(_URL_SAFE) for code in codes))
    return re.compile("|".join(found), re.IGNORECASE), tuple(dict.fromkeys(beginnings))


_URL_SAFE: Final = str.maketrans("+/", "-_")


def _sign(sign: str) -> str:
    """A sign of base64 in both alphabets, and as a URL escapes it."""
    return {"+": "(?:[+-]|%2B)", "/": r"(?:\\*/|_|%2F)"}.get(sign, sign)


def _base64(secret: bytes) -> Iterator[str]:
    """The signs that the base64 of any text has where `secret` stands in it, by the three places
    at which it may begin; those that depend on what is around it are left out."""
    for before in range(3):
        signs = base64.b64encode(bytes(before) + secret).decode()
        yield signs[-(-8 * before // 6) : 8 * (before + len(secret)) // 6]


def _character(character: str) -> str:
    """All ways in which escapes spell a character, also those that were escaped twice."""
    octets = character.encode("utf-8", "surrogatepass")
    units = character.encode("utf-16-be", "surrogatepass").hex()
    number = ord(character)
    ways = [
        rf"\\*{re.escape(character)}" if character in "/\"'\\" else re.escape(character),
        "".join(f"%(?:25)*{octet:02x}" for octet in octets),
        "".join(rf"\\+x{octet:02x}" for octet in octets),
        "".join(rf"\\+u{units[at : at + 4]}" for at in range(0, len(units), 4)),
        rf"&(?:amp;)*#0*(?:{number}|x0*{number:x});",
    ]
    named = html.escape(character)
    if named != character:
        ways.append(f"&(?:amp;)*{named[1:]}")
    if character == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"
