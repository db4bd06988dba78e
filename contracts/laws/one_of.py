"""Exactly one of two arguments: either alone is accepted, neither and both are rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.wire import Outcome

EACH_ALONE = "each alone, accepted"


def neither_is_rejected(
    trial: Trial, call: Callable[..., Outcome], alternatives: Mapping[str, Any]
) -> None:
    """A call with none of the alternatives is rejected, where each alone is accepted."""
    _each_alone(trial, call, alternatives)
    trial.rejected(call(), f"a call with neither {' nor '.join(alternatives)}")


def both_are_rejected(
    trial: Trial, call: Callable[..., Outcome], alternatives: Mapping[str, Any]
) -> None:
    """A call with all the alternatives is rejected, where each alone is accepted."""
    _each_alone(trial, call, alternatives)
    trial.rejected(call(**alternatives), f"a call with both {' and '.join(alternatives)}")


def _each_alone(
    trial: Trial, call: Callable[..., Outcome], alternatives: Mapping[str, Any]
) -> None:
    for name, value in alternatives.items():
        trial.given(call(**{name: value}), f"a call with {name} alone")
    trial.witness(EACH_ALONE)
