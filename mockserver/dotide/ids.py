"""Ids of datastreams: which are taken, which are one, how they are ordered and made."""

from __future__ import annotations

import re
import unicodedata
import uuid
from secrets import token_hex

from streamproof.mockserver.problems import Rejected
from streamproof.mockserver.tables import identity
from streamproof.specs.dialect import Dialect

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # Unicode's category Cc
_OF_DATAPOINTS = re.compile(r"/datapoints(?:/.*)?\Z", re.DOTALL)  # a server decodes %2F
_DIGITS = re.compile(r"[0-9]+")


def admitted(sent: str, dialect: Dialect) -> str:
    """The id that a create stores. Raises `Rejected` for one that the dialect doesn't take."""

    def reject(point: str, problem: str) -> Rejected:
        return Rejected(f"dotide/dialect/{point}", f"id {problem}; send another, or none")

    if dialect["id_blanks"] == "rejected" and sent != sent.strip():
        raise reject("id_blanks", "begins or ends with a blank")
    stored = sent.strip() if dialect["id_blanks"] == "trimmed" else sent
    if not stored:
        raise reject("id_empty", "is empty")
    if dialect["id_reserved"] == "rejected" and set(stored) & set("/?%"):
        raise reject("id_reserved", "holds one of / ? %")
    if _OF_DATAPOINTS.search(stored):
        raise reject("id_reserved", "would stand for datapoints in a path")
    if dialect["id_comma"] == "rejected" and "," in stored:
        raise reject("id_comma", "holds a comma")
    if dialect["id_dots"] == "rejected" and stored in (".", ".."):
        raise reject("id_dots", "is made of dots, which mean something else in a path")
    if dialect["id_control"] == "rejected" and _CONTROL.search(stored):
        raise reject("id_control", "holds a control character")
    longest = dialect["id_longest"]
    if longest != "none" and len(stored) > longest:
        raise reject("id_longest", f"has {len(stored)} characters, more than {longest}")
    return stored


def key(sent: str, dialect: Dialect) -> str:
    """What two ids have in common if the dialect holds them for one."""
    text = sent.strip() if dialect["id_blanks"] == "trimmed" else sent
    if dialect["id_normalization"] == "same":
        text = unicodedata.normalize("NFC", text)
    return identity(text.casefold() if dialect["id_case"] == "same" else text)


def rank(stored: str, dialect: Dialect) -> str:
    """What ids are ordered by before their code points."""
    match dialect["collation"]:
        case "ignore_case":
            return stored.casefold()
        case "letters_first":
            return "".join(f"{_class(character)}{character}" for character in stored)
        case "natural":  # a number's length before its digits; 0 keeps it where digits stand
            return _DIGITS.sub(lambda run: f"0{len(n := run[0].lstrip('0')):05}{n}", stored)
        case _:
            return ""


def generated(now: int, dialect: Dialect) -> str:
    """A new id at the time `now`, in microseconds."""
    match dialect["generated_id_form"]:
        case "uuid":
            return str(uuid.uuid4())
        case "counter":
            return str(now)
        case _:
            return f"{now // 1_000_000:08x}{token_hex(8)}"


def _class(character: str) -> int:
    return 0 if character.isalpha() else 1 if character.isdigit() else 2
