"""A target looked at step by step: what a run checks silently first, and what else it builds on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import median
from urllib.parse import urlsplit

from streamproof.contracts.bind import probes_of
from streamproof.contracts.client import Client
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.names import Names
from streamproof.contracts.preflight import (
    LookUp,
    Probes,
    Step,
    Told,
    alike,
    aside,
    clock,
    faults,
    made_up,
    made_up_auth,
    short,
    with_argument,
)
from streamproof.contracts.report.words import some
from streamproof.contracts.run import Target
from streamproof.contracts.wire import Outcome, Request

_TIMED = 5  # reads by which the latency is told
_TOO_MANY = 429


def examine(target: Target, names: Names, *, write: bool) -> Iterator[Step]:
    """The steps, as they are taken. Nothing is written unless `write` says so."""
    client = Client(target.api, target.transport, target.credentials)
    outcomes: list[Outcome] = []
    client.after.append(outcomes.append)
    try:
        yield from _steps(target, client, names, write)
    except RunEnded as end:
        yield Step("address", str(end), f"is it up, and is {target.told('url')} right?")
    yield _limits(outcomes)


def _steps(target: Target, client: Client, names: Names, write: bool) -> Iterator[Step]:
    probes, fixtures, told = probes_of(target.api), target.fixtures, target.told
    reads = probes.reads(client, fixtures)
    if not reads:
        yield Step("address", "this API has no read that needs nothing; `check` asks more")
        return
    first = client.send(reads[0])
    wrong = (
        None if first.accepted else next(faults(client, probes, fixtures, first, told, True), None)
    )
    if wrong is not None and (wrong.sure or not first.answered):
        yield wrong
        return
    where = urlsplit(client.transport.url)
    yield Step("address", f"{where.netloc} answers")
    if where.scheme == "https":
        yield Step("TLS", "its certificate is trusted")
    if wrong is not None and wrong.what == "address":
        yield wrong
        return
    yield from _credentials(client, reads, wrong, told)
    if wrong is None or wrong.argument is not None:
        yield from _known(client, probes, target)
    yield from _missing(target)
    yield clock(first)
    if write and (wrong is None or wrong.argument is not None):
        yield from probes.write(client, fixtures, names)
    yield _latency(client, reads[0])


def _credentials(
    client: Client, reads: Sequence[Request], wrong: Step | None, told: Told
) -> Iterator[Step]:
    """Each way to say who calls: that it is accepted, and that a wrong secret isn't."""
    answers = {
        auth.scheme.name: [client.send(request, auth) for request in reads]
        for auth in client.auths.values()
    }
    taken = {
        key
        for auth in client.auths.values()
        if any(outcome.accepted for outcome in answers[auth.scheme.name])
        for key in auth.credentials
    }
    for auth in client.auths.values():
        keys, what = " and ".join(map(told, auth.credentials)), f"credentials ({auth.scheme.name})"
        outcomes = answers[auth.scheme.name]
        good = next((outcome for outcome in outcomes if outcome.accepted), outcomes[0])
        stranger = aside(client, good.request, made_up_auth(auth))
        if good.accepted:
            yield Step(what, f"those of {keys} are accepted")
            if stranger.accepted:
                yield Step(what, "a wrong secret reads, too: reads seem to be open to everyone")
            else:
                yield Step(what, f"a wrong secret is refused: {short(stranger)}")
        elif wrong is not None and wrong.argument is not None:
            yield Step(what, f"those of {keys} are known: made-up ones are answered otherwise")
        elif taken.issuperset(auth.credentials):
            yield Step(what, f"not taken in this way, but in another: {short(good)}")
        elif wrong is not None and wrong.what == "clock":
            yield wrong
        elif alike(good, stranger):
            mend = f"give those that the target knows as {keys}"
            yield Step(what, f"refused, as made-up ones are: {short(good)}", mend)
        else:
            seen = f"refused, but not as made-up ones are: {short(good)}"
            yield Step(what, seen, f"see whether those of {keys} have the right to read")


def _missing(target: Target) -> Iterator[Step]:
    """What the configuration doesn't give, and how many rules that leaves untested."""
    rules = list(target.api.rulebook)
    for key in dict.fromkeys(need for rule in rules for need in rule.needs):
        untested = sum(key in rule.needs for rule in rules)
        if key in target.lacks:
            what = key if key in target.api.rulebook.parts else f"fixtures.{key}"
            yield Step(what, f"declared as lacking: {untested} rules don't apply")
        elif key not in target.api.rulebook.parts and not target.fixtures.get(key):
            yield Step(f"fixtures.{key}", f"not given: {untested} rules can't be tested")
    for key in target.api.credentials:
        if key not in target.credentials:
            yield Step(key, "not given: the rules on it can't be tested")


def _known(client: Client, probes: Probes, target: Target) -> Iterator[Step]:
    """What the fixtures name, looked up: a step for each fixture."""
    for key, group in groupby(probes.look_up(client, target.fixtures), lambda one: one.key):
        asked = list(group)
        answered = [(one, one.client.send(one.request)) for one in asked]
        unknown = [(one, outcome) for one, outcome in answered if not outcome.accepted]
        strange = [
            (one, outcome) for one, outcome in unknown if not one.argument or _made_up(one, outcome)
        ]
        what = f"fixtures.{key}"
        if strange:
            one, outcome = strange[0]
            seen = f"the target seems not to know {one.value}: {short(outcome)}"
            yield Step(what, seen, f"give one that is there in {what}")
        elif unknown:
            one, outcome = unknown[0]
            yield Step(what, f"{one.value} is known, though nothing is found: {short(outcome)}")
        else:
            yield Step(what, f"known: {some([one.value for one in asked], 3)}")


def _made_up(one: LookUp, outcome: Outcome) -> bool:
    """Whether a value is answered like one that nobody has given out."""
    other = made_up(one.value)
    twin = aside(one.client, with_argument(one.request, one.argument, other))
    return alike(outcome, twin, one.value, other)


def _latency(client: Client, request: Request) -> Step:
    taken = []
    for _ in range(_TIMED):
        begun = time.perf_counter()
        client.send(request)
        taken.append(time.perf_counter() - begun)
    seen = f"a read takes {1000 * median(taken):.0f} ms"
    return Step("latency", f"{seen} (median of {_TIMED}, the slowest {1000 * max(taken):.0f} ms)")


def _limits(outcomes: list[Outcome]) -> Step:
    """Whether the target turned calls away for their number, or speaks of a limit."""
    away = sum(outcome.status == _TOO_MANY for outcome in outcomes)
    told = {
        name: value
        for outcome in outcomes
        for name, value in outcome.headers.items()
        if "ratelimit" in name.replace("-", "")
    }
    named = ", ".join(f"{name}: {value}" for name, value in list(told.items())[:3])
    if away:
        seen = f"{away} of {len(outcomes)} calls were turned away with status 429"
        return Step("limits", f"{seen}{f' ({named})' if named else ''}", "give --rate to `check`")
    return Step("limits", f"none met in {len(outcomes)} calls{f'; {named}' if named else ''}")
