"""Names of a run's own, so that runs never meet each other or anybody else's data.

Names are letters ``a-z`` of one length, or digits of one length: the only ids whose order the
documents settle (dotide, rule ascending by id; everything beyond is collation).
"""

from __future__ import annotations

import hashlib
import random
import re
import string

from streamproof.contracts.strands import Allotment, Places
from streamproof.specs.errors import SpecError
from streamproof.specs.wording import written

_LETTERS = string.ascii_lowercase
PREFIX = "sproof"
_COUNTER_WIDTH, _DIGITS = 5, 7


_NAME = re.compile(f"(?<![a-z]){PREFIX}([a-z]{{6,16}}?)[a-z]{{{_COUNTER_WIDTH}}}(?![a-z])")


def run_ids(*texts: object) -> list[str]:
    """The ids of the runs whose names stand in what a target shows."""
    return _NAME.findall(written(texts))


def numeral(name: str) -> str:
    """A name over a-z in digits."""
    number = 0
    for letter in name[-_COUNTER_WIDTH:]:
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    return f"{Names(run_ids(name)[0])._stem}{number:0{_DIGITS}}"


def is_name(key: str) -> bool:
    """Whether a key is made of a name of any run's."""
    return PREFIX in key.lower() or bool(re.match(f"9[0-9]{{{9 + _DIGITS}}}", key))


class Names:
    """The names of one run: the same run id gives each strand the same names in the same order.

    Without a run id eight random letters are one. Raises `SpecError` for another form. `strands`
    is how many checks there are at most; `places` says where what they share stands.
    """

    def __init__(self, run_id: str | None = None, strands: int = 1000) -> None:
        run_id = run_id or "".join(random.SystemRandom().choices(_LETTERS, k=8))
        if not re.fullmatch("[a-z]{6,16}", run_id):
            raise SpecError("--run-id", run_id, "6 to 16 letters a-z expected")
        self.run_id = run_id
        self.strands, self.places = strands, Places()
        self._numbers = Allotment(strands, room=1024, block=16)
        self._turns = Allotment(strands, room=64, block=16)

    @property
    def mark(self) -> str:
        """What every object of this run carries, where it can."""
        return f"own{self.run_id}"

    def owns(self, name: str) -> bool:
        """Whether a name is one of this run's, or made from one; in capitals, too, and behind the
        name of what it names."""
        return PREFIX + self.run_id in name.lower() or bool(
            re.search(f"(^|/){self._stem}[0-9]{{{_DIGITS}}}", name)
        )

    def carries(self, shown: object) -> bool:
        """Whether what a target shows of an object has this run's mark, or one of its names."""
        text = written(shown)
        return f'"{self.mark}"' in text or PREFIX + self.run_id in text.lower()

    def owned(self, shown: object) -> frozenset[str]:
        """The names of this run that stand in what is sent or shown, over a-z."""
        return frozenset(
            re.findall(f"{PREFIX}{self.run_id}[a-z]{{{_COUNTER_WIDTH}}}", written(shown))
        )

    def letters(self) -> str:
        """A new name over a-z; later names of a strand come later in order."""
        number, tail = self._numbers.take(), ""
        for _ in range(_COUNTER_WIDTH):
            number, digit = divmod(number, len(_LETTERS))
            tail = _LETTERS[digit] + tail
        return PREFIX + self.run_id + tail

    def digits(self) -> str:
        """A new name over 0-9; later names of a strand come later in order."""
        return f"{self._stem}{self._numbers.take():0{_DIGITS}}"

    def turn(self) -> int:
        """A new number, later ones of a strand greater: of those that count time."""
        return self._turns.take()

    @property
    def stems(self) -> tuple[str, ...]:
        """What all of its names are made of, in the same order for every run."""
        return self.run_id, self.run_id.upper(), self._stem

    @property
    def _stem(self) -> str:
        return str(9_000_000_000 + self.number(1_000_000_000))

    def number(self, below: int) -> int:
        """A number that the run id settles."""
        return int.from_bytes(hashlib.sha256(self.run_id.encode()).digest()[:8]) % below
