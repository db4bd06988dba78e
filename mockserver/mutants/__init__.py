"""Faults that follow from what a folder's files say: one family a module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamproof.mockserver.faults import Fault
    from streamproof.specs.api import Api


def faults(api: Api) -> Iterator[Fault]:
    """The faults of every rule of an API: of what its openapi.yaml declares, of laws, and
    of sequences."""
    from streamproof.mockserver.mutants import keywords, laws, sequences

    yield from keywords.faults(api)
    yield from laws.faults(api)
    yield from sequences.faults(api)
