"""Defaults: leaving an argument out is the same as giving its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from streamproof.contracts.check import Trial

Show = Callable[[Trial, Mapping[str, Any]], Any]


def absent_is_default(trial: Trial, show: Show, name: str, default: Any) -> None:
    """What a call shows without `name` equals what it shows with ``name=default``.

    `show(trial, extra)` makes a call of its own with the extra arguments and gives what depends
    on the argument, nothing else.
    """
    explicit = show(trial, {name: default})
    absent = show(trial, {})
    trial.equal(absent, explicit, f"without {name}, as with {name}={default}", reason="default")
    trial.witness("both calls, accepted")
