"""One API as it is served: its specification, its choices, and the pipeline for a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from streamproof.mockserver import domain
from streamproof.mockserver.call import Answer, Call, Request
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed, around, switched_on
from streamproof.mockserver.parsing import Unreadable, readable
from streamproof.mockserver.problems import Rejected
from streamproof.mockserver.store import Store
from streamproof.mockserver.timepiece import Clock
from streamproof.mockserver.validation import Validation
from streamproof.specs import api
from streamproof.specs.operation import Operation


class Service:
    """Serves the API at home at `key` as `config` says. Holds no state: that is the store's."""

    def __init__(self, key: str, config: MockConfig, clock: Clock) -> None:
        self.key = key
        self.api = api.load(key)
        self.dialect = config.dialect(key)
        self._domain = domain.load(key)
        self._fixtures = config.seeded(key)
        self._faults_at_start = config.found_faults()
        self._validations: Mapping[str, Validation] = {
            operation.id: Validation(
                self.api, operation if readable(operation) else replace(operation, body=None)
            )
            for operation in self.api.operations.values()
        }
        self._clock = clock
        self._config = config

    @property
    def fixtures(self) -> Mapping[str, Any]:
        """What the API holds and knows at its start, the user's seed data in place."""
        return self._fixtures

    @property
    def may_wait(self) -> bool:
        """Whether calls wait for each other on purpose: for faults, or to tell who lost a race."""
        races_tell = self.dialect.get("race_loser_status", "as_duplicate") != "as_duplicate"
        return races_tell or any(isinstance(each, Fault) for each in self._faults_at_start)

    def seed(
        self, connection: Connection, space: str, others: Mapping[str, Any] | None = None
    ) -> None:
        """Fill a new space with the fixtures, `others` in their place."""
        fixtures = {**self._fixtures, **(others or {})}
        self._domain.seed(connection, space, fixtures, self.dialect, self._clock())

    @property
    def state_keys(self) -> tuple[str, ...]:
        """The fixtures that tell what a space holds; none if its state has no such form."""
        return self._domain.STATE

    def state(self, connection: Connection, space: str) -> Mapping[str, Any]:
        """What a space holds, in the form of these fixtures."""
        return self._domain.state(connection, space, self._fixtures, self.dialect)

    def context(
        self,
        store: Store,
        space: str,
        request: Request | None = None,
        operation: Operation | None = None,
    ) -> Context:
        found = store.space(space)
        return Context(
            api=self.api,
            dialect=self.dialect,
            fixtures=self._fixtures,
            store=store,
            space=found,
            now=found.timepiece.over(self._clock),
            race_window_ms=self._config.race_window_ms,
            loopback=self._config.loopback,
            base_url=request.base_url if request else "",
            variables=request.variables if request else {},
            operation=operation,
        )

    def answer(self, store: Store, space: str, operation: Operation, request: Request) -> Answer:
        """The pipeline: the faults around a call that keeps every rule, the first outermost."""
        context = self.context(store, space, request, operation)

        proceed: Proceed = partial(self._keep_every_rule, context)
        faults = switched_on(context.space, self._faults_at_start)
        if faults:
            proceed = around(proceed, faults, context, operation)
        answer = proceed(Call(operation, request))
        return replace(answer, touched=(*context.touched,)) if context.touched else answer

    def refuse(self, context: Context, rejection: Rejected) -> Answer:
        """A rejection in the API's own form, with the rule that it names."""
        return replace(self._domain.refuse(context, rejection), rule=rejection.rule)

    def _keep_every_rule(self, context: Context, call: Call) -> Answer:
        if call.operation is not context.operation:  # a fault's own
            context = replace(context, operation=call.operation)
        try:
            self._domain.authenticate(context, call)
            adapted = self._domain.adapt(context, call)
            arguments = self._validations[call.operation.id].check(adapted)
            answer = self._domain.OPERATIONS[call.operation.id](context, arguments)
        except Unreadable as fault:
            return self.refuse(context, self._domain.unreadable(context, call, fault))
        except Rejected as rejection:
            return self.refuse(context, rejection)
        return self._domain.grant(context, answer)
