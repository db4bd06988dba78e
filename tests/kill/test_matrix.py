"""The matrix in small: a fault in twelve meets the checks of its own rule, once."""

from __future__ import annotations

import pytest

from streamproof.specs import api
from tests.kill import servers
from tests.kill.cells import Job, Scope, meet
from tests.kill.gates import complaints, survives
from tests.kill.servers import Server

APIS = [api.load(name) for name in api.names()]
FAULTY = [each for spec in APIS for each in servers.faulty(spec)]
SAMPLE = FAULTY[::12]  # all of them take minutes: `make kill-matrix`
BYSTANDERS = [each for spec in APIS for each in (servers.good(spec), *servers.nulls(spec))]


def named(server: Server) -> str:
    return f"{server.api}: {server.name}"


@pytest.mark.parametrize("server", SAMPLE, ids=named)
def test_a_fault_is_found_by_the_checks_of_its_rule(server: Server) -> None:
    met = [meet(Job(server, Scope.OWN_RULE, (1,)))]
    if survives(met):  # perhaps it is seen in company only
        met.append(meet(Job(server, Scope.SUITE, (1,))))
    assert list(complaints(met)) == []


@pytest.mark.parametrize("server", BYSTANDERS, ids=named)
def test_no_rule_is_broken_by_a_good_server_and_none_kept_by_a_null_one(server: Server) -> None:
    assert list(complaints([meet(Job(server, Scope.SUITE, (1,)))])) == []


@pytest.mark.parametrize("spec", APIS, ids=lambda spec: spec.name)
def test_every_rule_has_a_fault(spec: api.Api) -> None:
    broken = {servers.fault_of(server).rule for server in servers.faulty(spec)}
    assert broken == set(spec.rulebook.rules)
