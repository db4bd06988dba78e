"""The rule that a rejected call broke, by its id."""

from __future__ import annotations

from streamproof.specs.api import Api
from streamproof.specs.operation import Operation


def rule_of(api: Api, operation: Operation, law: str, slug: str, about: str = "") -> str:
    """The rule of a law under an operation, where it has one for what the call is `about`; or else
    a name for what no rule says."""
    rule = api.rulebook.by_law(operation.id, law, about=about)
    return f"{api.name}/{operation.id}/{slug}" if rule is None else rule.id
