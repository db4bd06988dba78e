"""Which rules speak of what differs: by their law, or by what rules.yaml says of them (`seen_as`).

None of them is accused by this: each is judged again by its own check, and tells what that finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamproof.contracts.check import Mismatch
from streamproof.contracts.models.difference import Difference
from streamproof.specs.api import Api
from streamproof.specs.resources import Resource
from streamproof.specs.rulebook import Rule

_OF_ARGUMENTS: Final = frozenset(("filters", "windows", "newest"))


def mismatch(api: Api, difference: Difference) -> Mismatch:
    """A difference, with the rules that it may break."""
    rules = tuple(rule.id for rule in candidates(api, difference))
    return Mismatch(difference.kind, difference.expected, difference.actual, rules)


def candidates(api: Api, difference: Difference) -> Iterator[Rule]:
    """The rules that speak of what differs, in the rulebook's order."""
    resource = api.resources[difference.resource]
    for rule in api.rulebook:
        if difference.kind in rule.seen_as and _concerns(rule, resource, difference.arguments):
            yield rule


def _concerns(rule: Rule, resource: Resource, arguments: frozenset[str]) -> bool:
    if rule.facet is None or rule.law is None:
        listing = () if resource.listing is None else (resource.listing.operation,)
        return rule.operation in ("any", *resource.operations.values(), *listing)
    of_argument = rule.law.partition("/")[0] in _OF_ARGUMENTS and rule.facet.name
    return rule.facet.resource.name == resource.name and (
        not of_argument or rule.facet.name in arguments
    )
