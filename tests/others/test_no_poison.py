"""Nothing stays behind that a service took and can't show, and no other rule is blamed for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streamproof.contracts.verdict import Verdict
from streamproof.specs import api
from tests.others import bge_characters, dotide_characters
from tests.others.swallowing import Spoil, SwallowingBge, SwallowingDotide, breaks, garbles, shows
from tests.others.trials import Case, alarms, judged

SPOILS: dict[str, Spoil] = {"breaks": breaks, "garbles": garbles}


def dotide() -> SwallowingDotide:
    fixtures = api.load("dotide").fixtures
    other = fixtures["other_database"]
    keys = {base["database"]: base["credentials"]["basic"] for base in (fixtures, other)}
    token = fixtures["credentials"]["access_token"]
    return SwallowingDotide(
        dotide_characters.Character("swallowing", parts=frozenset()), keys, token
    )


def bge() -> SwallowingBge:
    return SwallowingBge(bge_characters.Character("swallowing"), api.load("bge").fixtures)


MAKE: dict[str, Callable[[], SwallowingDotide | SwallowingBge]] = {"dotide": dotide, "bge": bge}
GUILTY = {"dotide": ["dotide/any/accepted-readable"], "bge": []}


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("name", MAKE)
def test_nothing_stays_and_nobody_else_is_blamed(name: str, spoil: str) -> None:
    """Dotide's is told, for there it can be deleted; nothing is sent that bge's would keep."""
    server = MAKE[name]()
    type(server).spoil = staticmethod(SPOILS[spoil])
    run = judged(Case(name, "swallowing"), server, seed=1, max_examples=4)
    failed = [ruling.rule.id for ruling in run.rulings if ruling.verdict is Verdict.FAILED]
    assert failed == GUILTY[name], [r.message for r in run.rulings if r.rule.id in failed]
    assert not server.stuck
    assert run.ended is None
    assert run.cleanup.left == (0 if name == "dotide" else run.cleanup.created)


@pytest.mark.parametrize("name", MAKE)
def test_a_service_that_bears_it_all_is_not_blamed(name: str) -> None:
    server = MAKE[name]()
    type(server).spoil = staticmethod(shows)
    run = judged(Case(name, "swallowing"), server, seed=1, max_examples=4)
    assert alarms(run) == []
    assert not server.stuck
