"""Who calls: rules that a security scheme of openapi.yaml declares for every operation under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from streamproof.contracts.auth import Auth
from streamproof.contracts.check import Check, Trial, Unavailable, Unmet
from streamproof.contracts.shapes import Arguments
from streamproof.specs.api import Api
from streamproof.specs.declared import NO_CREDENTIALS, wrong_credential
from streamproof.specs.operation import Operation

TWIN: Final = "the same call with good credentials, accepted"


def declared(api: Api, calls: Mapping[str, Arguments]) -> Iterator[Check]:
    """The checks of those rules that the rulebook of `api` has. Only reads are called: what gets
    in that shouldn't changes nothing."""
    reads = [op for op in api.operations.values() if op.method == "GET" and op.security]
    if f"{api.name}/{NO_CREDENTIALS}" in api.rulebook.rules:
        nobody = lambda _trial, _operation: None  # noqa: E731
        yield Check(
            f"{api.name}/{NO_CREDENTIALS}",
            _refused(reads, calls, nobody, "without credentials"),
            (TWIN,),
            reads=True,
        )
    for scheme in api.schemes.values():
        rule = f"{api.name}/{wrong_credential(scheme.name)}"
        if rule in api.rulebook.rules:
            under = [op for op in reads if scheme.name in op.security]

            def wrong(trial: Trial, _operation: Operation, name: str = scheme.name) -> Auth | None:
                auth = trial.client.auths.get(name)
                trial.require(auth is not None, f"the credentials of {name}")
                assert auth is not None
                return auth.holding(**dict.fromkeys(auth.scheme.credentials, trial.names.letters()))

            yield Check(
                rule,
                _refused(under, calls, wrong, f"with a wrong {scheme.name}"),
                (TWIN,),
                reads=True,
            )


def _refused(
    operations: list[Operation],
    calls: Mapping[str, Arguments],
    other: Callable[[Trial, Operation], Any],
    how: str,
) -> Callable[[Trial], None]:
    def run(trial: Trial) -> None:
        """A good call is accepted, and refused with other credentials."""
        unmet = Unmet("a read that needs credentials")
        for operation in operations:
            arguments = calls[operation.id](trial)
            try:
                outcome = trial.client.call(operation.id, **arguments)
                trial.given(outcome, f"{operation.given} with good credentials")
            except Unavailable:
                raise
            except Unmet as fault:  # a key that isn't there, say; others may be
                unmet = fault
                continue
            trial.witness(TWIN)
            auth = other(trial, operation)
            refused = trial.client.call(operation.id, auth, **arguments)
            trial.rejected(refused, f"{operation.given} {how}")
        if TWIN not in trial.seen:
            raise unmet

    return run
