"""Which rules speak of what differs: those of the laws below, of the resource that shows it.

None of them is accused by this: each is judged again by its own check, and tells what that finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from streamproof.contracts.check import Mismatch
from streamproof.contracts.models.difference import Difference, Kind
from streamproof.specs.api import Api
from streamproof.specs.rulebook import Rule

_LEFT_ALONE: Final = (
    "life/others-unharmed",
    "life/removal-spares-others",
    "life/update-spares-others",
    "life/rejected-update",
    "keys/taken-unharmed",
    "lists/changes-nothing",
)
_OF_ARGUMENTS: Final = frozenset(("filters", "windows", "newest"))
_LAWS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "lost": ("life/read-as-made", "life/reborn", *_LEFT_ALONE),
    "ghost": (
        "life/read-after-removal",
        "life/rejected-makes-nothing",
        "calls/unknown",
        "life/removal-spares-others",
    ),
    "otherwise": (
        "life/read-as-made",
        "life/update-shown",
        "life/reborn",
        "keys/winner-stored",
        *_LEFT_ALONE,
    ),
    "answered-otherwise": ("life/answered-as-sent", "life/reborn", "logs/instant-kept"),
    "taken": ("keys/taken-rejected", "keys/one-winner"),
    "lost-row": (
        "lists/shows-made",
        "lists/as-read",
        "filters/every-match",
        "windows/start-edge",
        "windows/end-edge",
        "windows/between",
        "windows/respelled",
        "newest/last",
        "cursors/complete",
        "cursors/ties",
        "pages/by-offset",
        "duplicates/others-kept",
        "duplicates/permitted",
        *_LEFT_ALONE,
    ),
    "stray-row": (
        "life/listed-after-removal",
        "life/children-go-too",
        "life/rejected-makes-nothing",
        "lists/kept-apart",
        "lists/as-read",
        "filters/nothing-else",
        "windows/start-outside",
        "windows/end-outside",
        "windows/start-edge",
        "windows/end-edge",
        "windows/between",
        "newest/last",
        "logs/rejected-keeps-nothing",
        "duplicates/not-twice",
        "duplicates/respelled",
        "cursors/once",
        "cursors/ties",
    ),
    "other-row": (
        "lists/shows-made",
        "lists/as-read",
        "logs/instant-kept",
        "life/update-shown",
        "life/reborn",
        *_LEFT_ALONE,
    ),
    "repeated-row": ("lists/shows-made", "cursors/once", "cursors/ties", "pages/by-offset"),
    "disorder": ("orders/sorted", "orders/turned", "cursors/ordered"),
    "long-page": ("pages/at-most",),
}


def mismatch(api: Api, difference: Difference) -> Mismatch:
    """A difference, with the rules that it may break."""
    rules = tuple(rule.id for rule in candidates(api, difference))
    return Mismatch(difference.kind, difference.expected, difference.actual, rules)


def candidates(api: Api, difference: Difference) -> Iterator[Rule]:
    """The rules that speak of what differs, in the order of the table."""
    for law in _LAWS[difference.kind]:
        for rule in api.rulebook:
            if rule.law != law or rule.facet is None:
                continue
            named = law.partition("/")[0] not in _OF_ARGUMENTS
            if rule.facet.resource.name == difference.resource and (
                named or not rule.facet.name or rule.facet.name in difference.arguments
            ):
                yield rule
