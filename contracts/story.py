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
_IN_LOCATION: Final = "(?im)^location:.*/([^/\\s]+)/?\\s*$"  # as Python has it in a program

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
            numbered = list(group)
            racers = [outcome for _, outcome in numbered]
            sought = [names.to_find.get(at, {}) for at, _ in numbered]
            found.append(_at_once(racers, api, base_url, names.variables, sought))
            continue
        for at, outcome in group:
            line = curl(outcome, api, base_url, names.variables)
            found.append(_finding(line, names.to_find.get(at, {})))
    return found


def _at_once(
    racers: Sequence[Outcome],
    api: str,
    base_url: str,
    names: dict[str, str],
    sought: Sequence[dict[str, Place]],
) -> str:
    """All in one line. What takes time, a signature, is made before any is sent. Where a later
    line takes a name out of the answers, they are kept until it is found."""
    kept = any(sought)
    made, sent = ["RACE=$(mktemp -d); "] if kept else [], []
    for at, outcome in enumerate(racers, 1):
        command, form = signer(outcome, api, names), f"FORM_{at}"
        made += [f"{form}=$({command}); "] if command else []
        to = f' > "$RACE/{at}"' if kept else ""
        sent.append(f"{curl(outcome, api, base_url, names, form)}{to} &")
    line = "".join(made) + " ".join([*sent, "wait"])
    if not kept:
        return line
    python = f"python3 -c {shell.word(_found_by_rank(racers, sought))}"
    names_found = [name for places in sought for name in places]
    found = _assigned(names_found, f'{python} "$RACE"/{{1..{len(racers)}}}')
    return f'{line}; {found}; rm -r "$RACE"'


def _found_by_rank(racers: Sequence[Outcome], sought: Sequence[dict[str, Place]]) -> str:
    """A program that reads the answers of a race, shows them, and finds names in them. Who wins
    is another one each time: so it isn't the same call's answer that is looked at, but of those
    that have the place the one that is as many-eth, or the last."""
    code = [
        "import json, re, sys",
        't = [open(f, "rb").read().decode() for f in sys.argv[1:]]',
        'print("\\n".join(t), file=sys.stderr)',
        'b = [re.split("\\r?\\n\\r?\\n", one, maxsplit=1)[-1] for one in t]',
        'd = [json.loads(one) for one in b if one[:1] in ("{", "[")]',
        "of = lambda v: dict(enumerate(v)) if type(v) is list else v if type(v) is dict else {}",
        "at = lambda v, p: at(of(v).get(p[0]), p[1:]) if p else v",
        'show = lambda f, n: print([*f, ""][min(n, max(0, len(f) - 1))])',
    ]
    for number, places in enumerate(sought):
        for place in places.values():
            rank = sum(place in dict(said(racer)) for racer in racers[:number])
            if place == (_LOCATION,):
                code.append(f'f = re.findall("{_IN_LOCATION}", "\\n".join(t))')
            else:
                told = json.dumps(list(place))
                code.append(f"f = [x for x in (at(v, {told}) for v in d) if x is not None]")
            code.append(f"show(f, {rank})")
    return "; ".join(code)


def named(steps: Sequence[Outcome], ours: set[str]) -> Named:
    """What the server named in these steps and later ones take from there; `ours` grows."""
    names, told = Named(), dict[str, tuple[int, Place]]()
    for race, group in groupby(enumerate(steps), lambda pair: pair[1].race):
        for numbered in [[*group]] if race is not None else ([one] for one in group):
            sent = [value for _, outcome in numbered for value in _values(outcome.request)]
            for value in dict.fromkeys(sent):
                if value in names.variables:
                    continue
                if value in told and value not in ours:
                    first, place = told[value]
                    name = f"{_label(place)}_{len(names.variables) + 1}"
                    names.variables[value] = name
                    names.to_find.setdefault(first, {})[name] = place
                else:
                    ours.add(value)
            for at, outcome in numbered:
                for place, value in said(outcome):
                    told.setdefault(value, (at, place))
    return names


def _label(place: Place) -> str:
    """What a shell calls a value from there."""
    last = next((str(step) for step in reversed(place) if isinstance(step, str)), "value")
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in last).upper()


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
            code.append(f'print(re.search("{_IN_LOCATION}", t)[1])')
        else:
            code.append(f"print(d{''.join(f'[{json.dumps(step)}]' for step in place)})")
    python = f"python3 -c {shell.word('; '.join(code))}"
    return _assigned([*places], f"{line} | {python}")


def _assigned(names: Sequence[str], command: str) -> str:
    """The lines that a command prints, each in a variable."""
    if len(names) == 1:
        return f"{names[0]}=$({command})"
    reads = "; ".join(f"read -r {name}" for name in names)
    return f"{{ {reads}; }} < <({command})"
