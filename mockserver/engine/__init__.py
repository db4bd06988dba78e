"""The domain of an API that has no code of its own: what its files say, and no more.

With a resources.yaml its operations keep a state; those that belong to no resource, and all
without one, validate and answer by examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import MetaData

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.domain import Perform
from streamproof.mockserver.engine import answers, tables
from streamproof.mockserver.engine.authentication import authenticate
from streamproof.mockserver.engine.keepers import Keeper
from streamproof.mockserver.engine.naming import rule_of
from streamproof.mockserver.engine.state import State
from streamproof.mockserver.parsing import Unreadable, readable
from streamproof.mockserver.problems import Rejected
from streamproof.specs.api import Api
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Listing


class Engine:
    """A `Domain`, made of an API's files."""

    def __init__(self, api: Api) -> None:
        made = tables.build(api)
        keepers = {name: Keeper(api, resource, made) for name, resource in api.resources.items()}
        kept: dict[str, Perform] = {}
        for keeper in keepers.values():
            kept |= keeper.performs
        self.OPERATIONS: Mapping[str, Perform] = {
            op.id: kept.get(op.id) or _by_example(api, op) for op in api.operations.values()
        }
        self.metadata: MetaData = made.metadata
        lists = (resource.listing for resource in api.resources.values())
        self._lists = {listing.operation: listing for listing in lists if listing is not None}
        self._refusals = answers.Refusals(api)
        state = State(api, made, keepers)
        self.STATE, self.seed, self.state = state.keys, state.fill, state.told
        self.authenticate = authenticate

    def adapt(self, context: Context, call: Call) -> Mapping[str, Any]:
        """The arguments as sent, where they may stand beside each other."""
        if not readable(call.operation):
            return call.without_body
        sent = call.arguments
        if call.operation.id in self._lists:
            _check_company(context.api, call.operation, self._lists[call.operation.id], sent)
        return sent

    def unreadable(self, context: Context, call: Call, fault: Unreadable) -> Rejected:
        """The rejection of a query that is no UTF-8, or of a body that isn't what it should be."""
        body = call.operation.body
        if body is not None and fault.part != "query":
            for at in (f"{body.pointer}/type", f"{body.pointer}/allOf/0/type"):
                if rule := context.api.rulebook.by_pointer(at, call.operation.id):
                    return Rejected(rule.id, str(fault))
        return Rejected(f"{context.api.name}/{call.operation.id}/malformed", str(fault))

    def grant(self, _context: Context, answer: Answer) -> Answer:
        """An accepted answer is sent as it is."""
        return answer

    def refuse(self, context: Context, rejection: Rejected) -> Answer:
        """A rejection as the operation describes it."""
        return self._refusals.answer(context.operation, rejection)


def _by_example(api: Api, operation: Operation) -> Perform:
    form = answers.accepted(api, operation, whole=True)
    return lambda _context, _arguments: form.answer(form.body)


def _check_company(
    api: Api, operation: Operation, listing: Listing, sent: Mapping[str, Any]
) -> None:
    """Raise `Rejected` unless there is exactly one of those of which there has to be, and all
    others stand beside those that they need."""
    given = [name for name in listing.exactly_one if name in sent]
    if listing.exactly_one and len(given) != 1:
        names, got = " and ".join(listing.exactly_one), " and ".join(given) or "none"
        detail = f"exactly one of {names} expected, got {got}"
        law = "one-of/both" if given else "one-of/neither"
        raise Rejected(rule_of(api, operation, law, "exactly-one"), detail)
    for needed, others in listing.only_with.items():
        for name in others:
            if name in sent and needed not in sent:
                detail = f"{name} stands beside {needed} only; leave it out"
                slug = f"{name}-only-with-{needed}"
                raise Rejected(rule_of(api, operation, "one-of/only-with", slug, name), detail)
