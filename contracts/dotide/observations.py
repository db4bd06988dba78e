"""The observers of Dotide: how each silent point of dialect.yaml is seen."""

from __future__ import annotations

from collections.abc import Mapping
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

UNSEEN: Final[Mapping[str, str]] = {
    "id_dots": "many HTTP clients and proxies take `..` out of a path, so a stream of that id could"
    " not be removed, and its removal might meet another",
}

# What a target that keeps nothing answers shows no choice.
READY: Final = calls.ready
