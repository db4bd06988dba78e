"""The requests of a failure once more, in their order, on a target that may be the same.

So that nothing meets what the recorded run made, or anybody else's: names of that run are
replaced by those of a new one, dates that records are written at move by some days, and what the
server named is taken from its new answers. Where a new answer doesn't name it, or a call may
change what this run didn't make, nothing more is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from streamproof.contracts.auth import Auth, Secret, unspelled
from streamproof.contracts.client import Client
from streamproof.contracts.evidence import Evidence
from streamproof.contracts.live import Lifecycle
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.names import Names
from streamproof.contracts.races import at_once
from streamproof.contracts.story import Place, named, said
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs.errors import SpecError

_DAY = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d)(?=[T ]\d\d:\d\d)")

Change = Callable[[str], str]


@dataclass(slots=True)
class Again:
    """One sending of `evidence`. `names` are the new run's; `known` are the values that both
    sides have from elsewhere: fixtures. Raises `SpecError` where it can't be sent to this target.
    """

    evidence: Evidence
    client: Client
    lifecycle: Lifecycle
    names: Names
    fixtures: Mapping[str, Any]
    known: frozenset[str] = frozenset()
    _clients: dict[str, Client] = field(init=False)
    _auths: list[Auth | None] = field(init=False)
    _change: Change = field(init=False)
    _to_find: dict[int, dict[Place, str]] = field(init=False)
    _found: dict[str, str] = field(init=False, default_factory=dict)  # old values, and new

    def __post_init__(self) -> None:
        steps = self.evidence.steps
        self._clients = self._places()
        self._auths = [self._auth(number, step) for number, step in enumerate(steps, 1)]
        self._change = _renamed(Names(self.evidence.run_id), self.names, self._days())
        story = named(steps, {*self.known})
        values = {name: value for value, name in story.variables.items()}
        self._to_find = {
            at: {place: values[name] for name, place in places.items()}
            for at, places in story.to_find.items()
        }

    def send(self) -> Iterator[tuple[Outcome, Outcome]]:
        """Each recorded step beside what came of it now. Raises `RunEnded`."""
        numbered = enumerate(self.evidence.steps)
        for race, group in groupby(numbered, lambda pair: pair[1].race):
            steps = list(group)
            if race is not None:
                client = self._clients[steps[0][1].url]
                sent = at_once(client, [self._ours(step.request) for _, step in steps])
                yield from zip((step for _, step in steps), sent, strict=False)
                continue
            for at, step in steps:
                client = self._clients[step.url]
                now = client.send(self._ours(step.request), self._auths[at], watched=False)
                yield step, now
                self._find(at, now)

    # -- before anything is sent ---------------------------------------------------------------

    def _places(self) -> dict[str, Client]:
        """The client for each base URL that was asked."""
        recorded, here = self.evidence.target, self.client
        found = {recorded: here}
        others = self.lifecycle.others(here, self.fixtures)
        for base in dict.fromkeys(step.url for step in self.evidence.steps):
            if base in found:
                continue
            path = urlsplit(base).path
            if urlsplit(recorded).path != urlsplit(here.transport.url).path:
                fault = f"asks {path}, beside {recorded}; give --url with the path of that"
                raise SpecError(self.evidence.rule, "", fault)
            there = here.at(path, here.credentials)
            known = {other.transport.url: other for other in others}
            found[base] = known.get(there.transport.url, there)
        return found

    def _auth(self, number: int, step: Outcome) -> Auth | None:
        if step.auth is None:
            return None
        own = {f"STREAMPROOF_{key.upper()}": v for key, v in self.client.credentials.items()}
        there = self._clients[step.url].credentials
        theirs = {} if there is self.client.credentials else there
        own |= {f"STREAMPROOF_OTHER_{key.upper()}": value for key, value in theirs.items()}
        try:
            found = {key: Secret(unspelled(proof, own)) for key, proof in step.proofs.items()}
        except KeyError as fault:
            key = str(fault.args[0]).removeprefix("STREAMPROOF_").lower()
            told = f"step {number} was sent with {key}, which this target has none of"
            raise SpecError(self.evidence.rule, "", told) from None
        return Auth(step.auth, found)

    def _days(self) -> int:
        """By how many days dates move: within their year, and where records may be written."""
        if "time_span" not in self.fixtures:
            return 0
        first, last = (date.fromisoformat(str(day)[:10]) for day in self.fixtures["time_span"])
        texts = (v for step in self.evidence.steps for _, v in step.request.form or ())
        days = sorted({day for text in texts for day in map(_date, _DAY.findall(text)) if day})
        days = [day for day in days if first <= day <= last]
        if not days:
            return 0
        back = max(first - days[0], date(days[0].year, 1, 1) - days[0]).days
        on = min(last - days[-1], date(days[-1].year, 12, 31) - days[-1]).days
        choices = [days for days in range(back, on + 1) if days]
        return choices[self.names.number(len(choices))] if choices else 0

    # -- while it goes on ----------------------------------------------------------------------

    def _ours(self, recorded: Request) -> Request:
        """The request anew. Raises `RunEnded` for one that may change what this run didn't make:
        evidence may be anybody's, and of a run whose server gave out short ids."""
        request, operation = self._anew(recorded), recorded.operation
        if operation.safe and request.method == operation.method:
            return request
        parts = map(re.escape, re.split(r"\{[^}]*\}", operation.path))
        found = re.fullmatch("([^/]*)".join(parts), request.path)
        if found is None or request.method != operation.method:
            raise RunEnded(f"{request.method} {request.path} is no call of {operation.id}")
        for value in map(unquote, found.groups()):
            made = value in self._found.values() or any(s in value for s in self.names.stems)
            if value and not made:
                told = f"{request.method} {request.path} may change what this run didn't make"
                raise RunEnded(told)
        return request

    def _anew(self, request: Request) -> Request:
        def change(text: str) -> str:
            return self._change(_replaced(text, self._found))

        in_path = {quote(old, safe=""): quote(new, safe="") for old, new in self._found.items()}
        body = request.body
        if body is not None:
            body = change(body.decode("utf-8", "surrogateescape")).encode(
                "utf-8", "surrogateescape"
            )
        form = request.form
        return replace(
            request,
            path=self._change(_replaced(request.path, in_path)),
            query=tuple((name, change(value)) for name, value in request.query),
            headers=tuple((name, change(value)) for name, value in request.headers),
            form=None if form is None else tuple((name, change(value)) for name, value in form),
            body=body,
            altered=tuple((n, None if v is None else change(v)) for n, v in request.altered),
        )

    def _find(self, at: int, outcome: Outcome) -> None:
        """What the server names anew, in the place where it did before."""
        told = dict(said(outcome))
        for place, old in self._to_find.get(at, {}).items():
            if place not in told:
                where = ".".join(map(str, place))
                raise RunEnded(f"the answer names no {where}, which the next requests are about")
            self._found[old] = told[place]


def _replaced(text: str, values: Mapping[str, str]) -> str:
    if not values:
        return text
    known = sorted(map(re.escape, values), key=len, reverse=True)
    return re.sub("|".join(known), lambda found: values[found[0]], text)


def _renamed(old: Names, new: Names, days: int) -> Change:
    """Gives a text the new run's names and dates."""
    names = dict(zip(old.stems, new.stems, strict=True))

    def moved(found: re.Match[str]) -> str:
        day = _date(found[1])
        return found[1] if day is None else (day + timedelta(days)).isoformat()

    def change(text: str) -> str:
        text = _replaced(text, names)
        return _DAY.sub(moved, text) if days else text

    return change


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
