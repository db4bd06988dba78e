"""What the user of a mock has to mend before it can serve, in one line each."""

from __future__ import annotations


class UnusableConfig(ValueError):
    """Two things are asked for that don't go together."""


class UnusableDatabase(Exception):
    """A data base can't serve as a store. The message doesn't hold the password."""
