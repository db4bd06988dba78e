"""What has to hold of the matrix. Pure: from what was met to complaints, one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from streamproof.contracts.verdict import Verdict
from tests.kill.cells import Met, Scope
from tests.kill.servers import Kind, Server, fault_of

ENOUGH = 0.95  # of the seeds in which a fault has to be found: 19 of 20


def complaints(met: Iterable[Met]) -> Iterator[str]:
    """All that is wrong with what was met."""
    everything = list(met)
    for each in everything:
        for complaint in _GATES[each.job.server.kind](each):
            yield f"{_named(each.job.server)} {complaint}"
    faulty = [each for each in everything if each.job.server.kind is Kind.FAULT]
    for name in dict.fromkeys(each.job.server.name for each in faulty):
        own = [each for each in faulty if each.job.server.name == name]
        if survives(own):
            yield f"{_named(own[0].job.server)} survives: {'; '.join(map(_told, own))}"


def kills(met: Met) -> int:
    """The seeds in which a fault's own rule failed."""
    rule = fault_of(met.job.server).rule
    return sum(cells[rule].verdict is Verdict.FAILED for cells in met.cells)


def survives(met: Iterable[Met]) -> bool:
    """Whether a fault is found too seldom.

    The checks of its own rule have to find it. Some can't when they are alone: a check that
    watches the answers to others' calls, or one without a call that is accepted. Then the whole
    suite has to.
    """
    found = {each.job.scope: (kills(each), len(each.cells)) for each in met}
    own, seeds = found.get(Scope.OWN_RULE, (0, 0))
    whole, _ = found.get(Scope.SUITE, (0, 0))
    return own < ENOUGH * seeds if own else not whole


def unrelated(met: Met) -> dict[str, str]:
    """The rules that a fault is not declared to break, and that failed."""
    fault = fault_of(met.job.server)
    known = {fault.rule, *fault.also_fails}
    return {r: c.message for r, c in met.by(Verdict.FAILED).items() if r not in known}


def _clean(met: Met) -> Iterator[str]:
    """A server that keeps the rules breaks none."""
    yield from _no_crash(met)
    for rule, cell in met.by(Verdict.FAILED).items():
        yield f"is blamed for {rule}: {cell.message}"


def _hopeless(met: Met) -> Iterator[str]:
    """A server that does nothing keeps no rule."""
    yield from _no_crash(met)
    for rule in met.by(Verdict.PASSED):
        yield f"passes {rule}"


def _pure(met: Met) -> Iterator[str]:
    """A fault breaks no rule that it isn't declared to break, and all that it is."""
    yield from _no_crash(met)
    for rule, message in unrelated(met).items():
        yield f"breaks {rule} too: {message}"
    if met.job.scope is Scope.SUITE:
        for rule in fault_of(met.job.server).also_fails.keys() - met.by(Verdict.FAILED).keys():
            yield f"is declared to break {rule} too, and doesn't"


def _no_crash(met: Met) -> Iterator[str]:
    for rule, cell in met.by(Verdict.HARNESS_ERROR).items():
        yield f"makes the check of {rule} crash: {cell.message}"


def _named(server: Server) -> str:
    return f"{server.name} ({server.api})"


def _told(met: Met) -> str:
    last = met.cells[-1][fault_of(met.job.server).rule]
    seeds = f"{kills(met)} of {len(met.cells)} seeds"
    return f"found in {seeds} by {met.job.scope.value} ({last.verdict.value}: {last.message})"


_GATES: Mapping[Kind, Callable[[Met], Iterator[str]]] = {
    Kind.GOOD: _clean,
    Kind.DIALECT: _clean,
    Kind.NULL: _hopeless,
    Kind.FAULT: _pure,
}
