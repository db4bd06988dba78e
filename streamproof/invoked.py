"""How this command is called, so that what it prints as the next one runs as it stands."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

_NAME = "streamproof"


def command() -> str:
    """`streamproof` where a shell finds this one by that name; else its path, as it was given, or
    the module. ``make demo`` calls one that no shell knows."""
    found, given = shutil.which(_NAME), Path(sys.argv[0])
    by_name = given.name == _NAME
    if found is not None:
        file = Path(found).resolve()
        if file.parent == _beside() or (by_name and file == given.resolve()):
            return _NAME
    if by_name:
        return shlex.quote(str(given))
    return shlex.join([sys.executable, "-m", _NAME])


def _beside() -> Path:
    """The folder of the commands that belong to this Python."""
    return Path(sys.executable).parent.resolve()
