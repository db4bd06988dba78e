"""The observers of Dotide: how each silent point of dialect.yaml is seen."""

from __future__ import annotations

from typing import Final

from streamproof.contracts.dotide import (
    calls,
    seen_answers,
    seen_datapoints,
    seen_fields,
    seen_ids,
    seen_lists,
    seen_tokens,
    seen_updates,
)
from streamproof.contracts.observations import Observer

OBSERVERS: Final[tuple[Observer, ...]] = (
    *seen_lists.OBSERVERS,
    *seen_ids.OBSERVERS,
    *seen_fields.OBSERVERS,
    *seen_updates.OBSERVERS,
    *seen_answers.OBSERVERS,
    *seen_tokens.OBSERVERS,
    *seen_datapoints.OBSERVERS,
)

# What a target that keeps nothing answers shows no choice.
READY: Final = calls.ready
