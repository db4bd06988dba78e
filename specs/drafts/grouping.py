"""Operations by the collections whose paths they are on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from streamproof.specs.openapi import Described, snake
from streamproof.specs.operation import Operation

VARIABLE: Final = re.compile(r"{([^{}]+)}(?:\.json)?")


@dataclass(slots=True)
class Group:
    """The operations around one collection, by method: on its own path, and on that of one thing
    in it, which `variable` names."""

    path: str
    whole: dict[str, Operation] = field(default_factory=dict)
    single: dict[str, Operation] = field(default_factory=dict)
    variable: str | None = None


def grouped(described: Described) -> dict[str, Group]:
    """By the path of the collection, whatever its variables are called."""
    groups: dict[str, Group] = {}
    for operation in described.operations.values():
        path = operation.path.rstrip("/")
        around, _, last = path.rpartition("/")
        thing = VARIABLE.fullmatch(last)
        if thing is None:
            group = groups.setdefault(place_of(path), Group(path))
            group.whole.setdefault(operation.method, operation)
        elif around:
            group = groups.setdefault(place_of(around), Group(around))
            group.single.setdefault(operation.method, operation)
            group.variable = group.variable or thing[1]
    return groups


def place_of(path: str) -> str:
    return re.sub(r"{[^{}]*}", "{}", path).removesuffix(".json")


def named(places: Mapping[str, Any]) -> dict[str, str]:
    """A name for each: the last word of its path, with those before it where two have one."""
    names: dict[str, str] = {}
    for place in sorted(places, key=lambda each: each.count("/")):
        said = [snake(word) for word in place.split("/") if word and "{}" not in word]
        longer = ("_".join(said[-count:]) for count in range(1, len(said) + 1))
        spelled = [each if each[:1].isalpha() else f"r_{each}" for each in longer]
        spelled.append(f"{spelled[-1] if spelled else 'things'}_{len(names)}")
        names[place] = next(each for each in spelled if each not in names.values())
    return names
