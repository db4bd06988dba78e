"""What the suite has to judge an API by: its own code, or else what its files alone give.

An API's own modules win (`checks.py`, `probes.py` of its home). A rule that they
leave is judged by the law that it names, which all APIs share, or in a folder by the keyword of
openapi.yaml to which it points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from streamproof.contracts import credentials, shapes
from streamproof.contracts.check import Check
from streamproof.contracts.client import Client
from streamproof.contracts.drivers import collection, good
from streamproof.contracts.law import Law
from streamproof.contracts.laws import (
    calls,
    cursors,
    defaults,
    duplicates,
    filters,
    keys,
    life,
    lists,
    logs,
    newest,
    one_of,
    orders,
    pages,
    times,
    windows,
)
from streamproof.contracts.laws.malformed import no_server_error
from streamproof.contracts.live import Lifecycle
from streamproof.contracts.models.sequences import sequences
from streamproof.contracts.names import is_name
from streamproof.contracts.preflight import Probes
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs.api import Api
from streamproof.specs.declared import SEQUENCES
from streamproof.specs.resources import Deed

_FAMILIES: Final = (
    *(calls, life, keys, times, lists),
    *(cursors, defaults, duplicates, filters, logs),
    *(newest, one_of, orders, pages, windows),
)
LAWS: Final[Mapping[str, Law]] = {law.name: law for family in _FAMILIES for law in family.LAWS}
# law -> the deed that it shows to be accepted; None: that of its facet
_PROMISING: Final[Mapping[str, Deed | None]] = {
    "calls/minimal": None,
    "lists/shows-made": None,
    "life/read-as-made": "read",
    "life/update-shown": "update",
}
# law -> what the canary may find that breaks it
_ALARMS: Final[Mapping[str | None, str]] = {
    "life/read-as-made": "foreign",
    "life/read-after-removal": "kept",
}
_STAYS: Final = Lifecycle(lambda _request: None, lambda _outcome: (), remove=None)


def checks_of(api: Api) -> tuple[Sequence[Check], Lifecycle]:
    """The checks of an API and the life of its objects."""
    own = api.home.part("contracts", "checks")
    written: Sequence[Check] = () if own is None else own.CHECKS
    rules = {check.rule for check in written}
    ours = own is not None and api.home.ours
    bound = (*_of_laws(api), *_played(api)) if ours else _declared(api)
    life = own.LIFECYCLE if own is not None and ours else _lifecycle(api)
    return (*written, *(check for check in bound if check.rule not in rules)), life


def promises_of(api: Api) -> Mapping[str, Sequence[str]]:
    """The rules that say that good calls are accepted, by operation: an API's own, or those that
    its laws become."""
    own = api.home.part("contracts", "checks")
    if own is not None and api.home.ours:
        promises: Mapping[str, Sequence[str]] = own.PROMISES
        return promises
    found: dict[str, Sequence[str]] = {}
    for rule in api.rulebook:
        if rule.facet is None or rule.law is None or rule.law not in _PROMISING:
            continue
        facet, deed = rule.facet, _PROMISING[rule.law]
        found[facet.operation if deed is None else facet.resource.operations[deed]] = (rule.id,)
    return {**found, **getattr(own, "PROMISES", {})}


def sequences_of(api: Api) -> Check | None:
    """The check that plays sequences of calls of an API; None where it has none."""
    checks, _ = checks_of(api)
    return next((each for each in checks if each.rule == f"{api.name}/{SEQUENCES}"), None)


def probes_of(api: Api) -> Probes:
    """The reads by which a target shows whether it is reached."""
    own = api.home.part("contracts", "probes")
    if own is not None:
        probes: Probes = own.PROBES
        return probes
    return Probes(partial(_reads, api), lambda _client, _fixtures: iter(()), _no_write)


def _declared(api: Api) -> Iterator[Check]:
    """A check for every rule that an API's files give: of a keyword, of a law, of credentials."""
    plain = good.calls(api)
    yield from shapes.generated(api, plain, {}, partial(good.without_rivals, api))
    if f"{api.name}/any/no-server-error" in api.rulebook.rules:
        reads = {name: plain[name] for name in plain if api.operations[name].method in good.SAFE}
        yield no_server_error(f"{api.name}/any/no-server-error", reads, (), {})
    yield from credentials.declared(api, plain)
    yield from _of_laws(api)
    yield from _played(api)


def _played(api: Api) -> Iterator[Check]:
    """A check for the rule on sequences of calls, where there is one."""
    if (played := sequences(api)) is not None:
        yield played


def _of_laws(api: Api) -> Iterator[Check]:
    """A check for every rule that names a law."""
    for rule in api.rulebook:
        if rule.law is not None and rule.law in LAWS:
            yield LAWS[rule.law].check(api, rule)


def _lifecycle(api: Api) -> Lifecycle:
    """How things of the collections that can be made and removed come and go."""
    made = {
        kind.resource.operations["create"]: kind
        for kind in collection.collections(api).values()
        if "delete" in kind.resource.operations
    }
    if not made:
        return _STAYS
    signed = [kind for kind in made.values() if kind.signs]
    first = next(iter(signed or made.values()))

    def did_create(outcome: Outcome) -> tuple[str, ...]:
        kind = made.get(outcome.request.operation.id)
        key = None if kind is None else kind.key_of(outcome)
        return () if kind is None or key is None else (f"{kind.resource.name}/{key}",)

    def will_create(request: Request) -> str | None:
        kind = made.get(request.operation.id)
        key = None if kind is None else kind.key_in(request)
        if kind is None or key is None or not is_name(key):
            return None  # one that breaks a keyword: if it is taken, the answer tells
        return f"{kind.resource.name}/{key}"

    def where(key: str) -> tuple[collection.Collection, str]:
        name, _, own = key.partition("/")
        found = next((each for each in made.values() if each.resource.name == name), None)
        return (first, key) if found is None else (found, own)  # bare where no answer told it

    def remove(client: Client, key: str) -> bool | None:
        kind, own = where(key)
        return kind.remove(client, own)

    def look(client: Client, key: str) -> Outcome:
        kind, own = where(key)
        return kind.look(client, own)

    if not all("read" in kind.resource.operations for kind in made.values()):
        return Lifecycle(will_create, did_create, remove)
    named = (r for r in api.rulebook if r.facet and r.facet.resource.name == first.resource.name)
    alarms = {_ALARMS[r.law]: r.id for r in named if r.law in _ALARMS}
    return Lifecycle(
        will_create,
        did_create,
        remove,
        look,
        create=first.create if signed else None,
        alarms=alarms,
    )


def _reads(api: Api, client: Client, _fixtures: Mapping[str, Any]) -> Sequence[Request]:
    """Reads without a key first: the likeliest to be accepted."""
    safe = [op for op in api.operations.values() if op.method in good.SAFE]
    safe.sort(key=lambda op: (len(op.required), op.path))
    return tuple(client.request(op.id, **good.required(api, op)) for op in safe[:2])


def _no_write(*_: Any) -> Iterator[Any]:
    return iter(())
