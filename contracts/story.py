"""Steps as command lines that tell their whole story again, on a target where it begins anew.

What the server named itself (ids, cursors, times) is another one there: the line whose answer
names it puts it into a variable, and later lines take it from there. What was sent at once is
sent at once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final
from urllib.parse import unquote

from streamproof.contracts import shell
from streamproof.contracts.transcript import curl, signer
from streamproof.contracts.values import parse
from streamproof.contracts.wire import Outcome, Request

_LEAST: Final = 6  # characters of a name; what is shorter is the same by chance
_DEEPEST: Final = 6  # levels of an answer in which names are looked for
_LOCATION: Final = "location"

Place = tuple[str | int, ...]  # of a value in an answer: from member to member


@dataclass(slots=True)
class Named:
    """What the server named: by value the variable for it, and by step what it has to find."""

    variables: dict[str, str] = field(default_factory=dict)
    to_find: dict[int, dict[str, Place]] = field(default_factory=dict)


def commands(
    steps: Sequence[Outcome], api: str, base_url: str, known: Collection[str] = ()
) -> list[str]:
    """Command lines (of bash) for the steps, one for those of a race.

    `known` are values that both sides have from elsewhere: fixtures.
    """
    names = named(steps, {*known})
    found: list[str] = []
    for race, group in groupby(enumerate(steps), lambda pair: pair[1].race):
        if race is not None:
            racers = [outcome for _, outcome in group]
            found.append(_at_once(racers, api, base_url, names.variables))
            continue
        for at, outcome in group:
            line = curl(outcome, api, base_url, names.variables)
            found.append(_finding(line, names.to_find.get(at, {})))
    return found


def _at_once(racers: Sequence[Outcome], api: str, base_url: str, names: dict[str, str]) -> str:
    """All in one line. What takes time, a signature, is made before any is sent."""
    made, sent = [], []
    for at, outcome in enumerate(racers, 1):
        command, form = signer(outcome, api, names), f"FORM_{at}"
        made += [f"{form}=$({command}); "] if command else []
        sent.append(curl(outcome, api, base_url, names, form) + " &")
    return "".join(made) + " ".join([*sent, "wait"])


def named(steps: Sequence[Outcome], ours: set[str]) -> Named:
    """What the server named in these steps and later ones take from there; `ours` grows."""
    names, told = Named(), dict[str, tuple[int, Place]]()
    for at, outcome in enumerate(steps):
        for value in set(_values(outcome.request)):
            if value in names.variables:
                continue
            if value in told and value not in ours:
                first, place = told[value]
                last = next((str(p) for p in reversed(place) if isinstance(p, str)), "value")
                label = "".join(c if c.isalnum() and c.isascii() else "_" for c in last).upper()
                name = f"{label}_{len(names.variables) + 1}"
                names.variables[value] = name
                names.to_find.setdefault(first, {})[name] = place
            else:
                ours.add(value)
        if outcome.race is None:  # of a race nobody knows which answer comes first
            for place, value in said(outcome):
                told.setdefault(value, (at, place))
    return names


def _values(request: Request) -> Iterator[str]:
    """The values in a request that may be names."""
    texts = [unquote(part) for part in request.path.split("/")]
    texts += [value for _, value in (*request.query, *(request.form or ()))]
    if request.body:
        texts.append(request.body.decode("utf-8", "replace"))
    for text in texts:
        yield from (part for part in (text, *text.split(",")) if len(part) >= _LEAST)
        if text[:1] in ("{", "["):
            try:
                yield from (value for _, value in _leaves(parse(text.encode()).value))
            except (ValueError, UnicodeError):
                continue


def said(outcome: Outcome) -> Iterator[tuple[Place, str]]:
    """What an answer names, and where."""
    yield from _leaves(outcome.data)
    last = outcome.headers.get(_LOCATION, "").rstrip("/").rpartition("/")[2]
    if len(last) >= _LEAST and unquote(last) == last:
        yield (_LOCATION,), last


def _leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    match value:
        case dict() if len(place) < _DEEPEST:
            for name, member in value.items():
                yield from _leaves(member, (*place, name))
        case list() if len(place) < _DEEPEST:
            for at, member in enumerate(value):
                yield from _leaves(member, (*place, at))
        case str() if len(value) >= _LEAST:
            yield place, value
        case int() if not isinstance(value, bool) and len(str(value)) >= _LEAST:
            yield place, str(value)


def _finding(line: str, places: dict[str, Place]) -> str:
    """The command line that also puts what its answer names into variables."""
    if not places:
        return line
    code = ["import json, re, sys", "t = sys.stdin.buffer.read().decode()"]
    code.append("print(t, file=sys.stderr)")
    if any(place != (_LOCATION,) for place in places.values()):
        code.append('d = json.loads(re.split("\\r?\\n\\r?\\n", t, maxsplit=1)[1])')
    for place in places.values():
        if place == (_LOCATION,):
            code.append('print(re.search("(?im)^location:.*/([^/\\s]+)/?\\s*$", t)[1])')
        else:
            code.append(f"print(d{''.join(f'[{json.dumps(step)}]' for step in place)})")
    python = f"python3 -c {shell.word('; '.join(code))}"
    if len(places) == 1:
        return f"{next(iter(places))}=$({line} | {python})"
    reads = "; ".join(f"read -r {name}" for name in places)
    return f"{{ {reads}; }} < <({line} | {python})"
