"""The one error of a specification, a dialect file or fixtures that can't be used."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches


class SpecError(Exception):
    """A file that people write is broken: names the file, the entry in it and the fault."""

    def __init__(self, file: str, entry: str, fault: str) -> None:
        super().__init__(f"{file}: {entry}: {fault}" if entry else f"{file}: {fault}")
        self.file, self.entry, self.fault = file, entry, fault


def meant(name: str, known: Collection[str], otherwise: str = "") -> str:
    """How to mend a name that isn't known: the one that it is nearly, or `otherwise`, by default
    all that there are."""
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else otherwise or f"there are {', '.join(known)}"
