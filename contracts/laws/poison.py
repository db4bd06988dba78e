"""Poison: what a server may take, and what then breaks whoever reads it, the server itself first.

Such a value is sent only where it can't be stored, or where it can be taken away again.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

_DEEPEST: Final = 32  # levels that every encoder has room for
_UNWELCOME: Final = re.compile("[\0\ud800-\udfff]")
_LARGEST: Final = 2**63  # some encoders of JSON write no larger integer


def may_poison(value: Any) -> bool:
    """Whether `value`, once stored, may keep somebody from reading it again.

    Deep nesting exhausts encoders that recurse; half a surrogate pair has no form in UTF-8, and
    U+0000 none in many a store; a number beyond a double comes back as Infinity, which is no JSON;
    large integers fit no word.
    """
    level, depth = [value], 0
    while level:
        inside: list[Any] = []
        for each in level:
            match each:
                case bool():
                    pass
                case int() if abs(each) >= _LARGEST:
                    return True
                case float() if not math.isfinite(each):
                    return True
                case str() if _UNWELCOME.search(each):
                    return True
                case dict():
                    inside += [*each, *each.values()]
                case list():
                    inside += each
        level, depth = inside, depth + 1
        if depth > _DEEPEST:
            return True
    return False
