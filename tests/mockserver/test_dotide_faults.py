"""Every fault of dotide is about a rule, and breaks nothing down.

That each shows is for the kill matrix.
"""

from __future__ import annotations

import re
from random import Random

import pytest

from streamproof.mockserver import domain
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.faults import UnknownFaultError
from streamproof.specs import api
from tests.mockserver.dotide_http import basic, dotide
from tests.mockserver.nasty import attempts

FAULTS = domain.faults("dotide")
RACES = {
    "dotide/create/race-one-winner.all-win",
    "dotide/create/race-stores-winner.last-one-stored",
}  # need several calls at once: test_serve.py
BREAKS_DOWN = {each.name for each in FAULTS if each.rule == "dotide/any/no-server-error"}
SIX = {"dotide/list/pages.off-by-one", "dotide/create/status.other", *RACES}


def test_names_are_those_of_rules_and_every_fault_says_what_it_does() -> None:
    names = [each.name for each in FAULTS]
    assert len(set(names)) == len(names)
    assert set(names) >= SIX
    spec = api.load("dotide")
    for each in FAULTS:
        assert each.rule in spec.rulebook.rules, each.name
        assert each.operation in {"any", *spec.operations}
        assert re.fullmatch(r"[A-Z].*\.", each.says), each.name


def test_an_unknown_fault_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownFaultError, match=r"did you mean dotide/create/status\.other\?"):
        MockConfig(apis=("dotide",), faults=("dotide/create/status.othr",))


@pytest.mark.parametrize("name", sorted({each.name for each in FAULTS} - BREAKS_DOWN))
def test_no_fault_is_the_cause_of_a_server_error(name: str) -> None:
    client = dotide(name).app.test_client()
    for attempt in attempts("dotide", Random(7), 25):
        if attempt.is_http:
            answer = client.open(
                attempt.target, method=attempt.method, headers=attempt.headers, data=attempt.body
            )
            assert answer.status_code < 500, str(attempt)


def test_a_call_stays_as_it_was_sent() -> None:
    """Faults look into it when it has been answered."""
    demo = dotide("dotide/read/status.zoned-only")
    demo.create("x")
    by_header = basic() | {"Timezone": "Asia/Tokyo"}
    assert demo.send("GET", "/datastreams/x", by_header).status_code == 200
    assert demo.send("GET", "/datastreams/x?tz=Asia/Tokyo").status_code == 203
