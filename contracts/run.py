"""One run of the suite against one target: from a target's description to a `Run`, all facts in."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from streamproof.contracts.accounts import Account, accounts
from streamproof.contracts.bind import checks_of, probes_of, promises_of
from streamproof.contracts.canary import Alarm, canary
from streamproof.contracts.check import Check
from streamproof.contracts.cleanup import Progress, clean_up
from streamproof.contracts.client import Client
from streamproof.contracts.examination import Effort
from streamproof.contracts.finding import Finding
from streamproof.contracts.latency import jobs_for
from streamproof.contracts.live import CleanUp, Journal, Ledger
from streamproof.contracts.masking import redacted, secrets
from streamproof.contracts.meter import Limits, Meter
from streamproof.contracts.names import Names
from streamproof.contracts.observations import Observation, Observing
from streamproof.contracts.permission import Permission
from streamproof.contracts.pins import NO_PINS, Pins, rule_on_pins
from streamproof.contracts.preflight import Told, answers_to_its_name, suspect
from streamproof.contracts.runner import Runner
from streamproof.contracts.stop import Stop
from streamproof.contracts.transport import Transport
from streamproof.contracts.verdict import Headline, Ruling, headline, rule_on_all
from streamproof.contracts.waivers import NONE, Waivers
from streamproof.contracts.wire import Outcome
from streamproof.specs.api import Api
from streamproof.specs.errors import SpecError, meant
from streamproof.specs.rulebook import Level, Rule

_LONGEST_RESERVE_S = 60.0  # of a budget, for the clean-up
_ENDING = (
    "ending: the request under way is given two seconds, then what was made is removed"
    " (Ctrl-C once more, and it stays on the target)"
)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be checked. `lacks` names fixture keys.

    `secrets` are what no report may show beside the credentials: values of headers, say. `told`
    gives the name that a key has where its user wrote it.
    """

    api: Api
    transport: Transport
    credentials: Mapping[str, str] = field(repr=False)
    fixtures: Mapping[str, Any] = field(default_factory=dict, repr=False)
    lacks: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    told: Told = str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules are judged: id patterns (any of them), the lowest level, reading only."""

    only: tuple[str, ...] = ()
    level: Level = Level.LINKED
    read_only: bool = False

    def takes(self, rule: Rule, check: Check | None) -> bool:
        return (
            (not self.only or any(fnmatchcase(rule.id, pattern) for pattern in self.only))
            and self.level.includes(rule.level)
            and not (self.read_only and (check is None or not check.reads))
        )

    @property
    def narrowed(self) -> bool:
        return self != Selection()


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes; seed and run id are drawn when they are None. Times in seconds.

    `shrink_requests` is what making a failing example small may cost. `budget_s` holds for the
    clean-up too. `journals` are the files of what was created, `waivers` the deviations that are
    accepted. As many as `jobs` checks go side by side; None leaves it to how slow the target is. A
    whole run that writes looks at the silent points too where it is to `observe`; `pins` are looked
    at in any run that selects them.
    """

    selection: Selection = Selection()
    seed: int | None = None
    run_id: str | None = None
    max_examples: int = 20
    shrink_requests: int = 200
    rate: float | None = None
    budget_s: float | None = None
    max_requests: int | None = None
    jobs: int | None = None
    journals: tuple[Path, ...] = ()
    waivers: Waivers = NONE
    observe: bool = False
    pins: Pins = NO_PINS


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that a report tells. `rulings` hold the selected rules, in the document's order;
    `ended` says why a run stopped early. `refused` is what the first call was answered if no call
    was accepted at all, or `accepted` ones were answered with nothing of the API; `known` are the
    texts in the fixtures, `waivers` what became of each waiver in `waivers_file`. `observations`
    are of the silent points that the run looked at, `pinned` the rules that pins made."""

    api: Api
    url: str
    selection: Selection
    seed: int
    run_id: str
    started: datetime
    duration_s: float
    requests: int
    cleanup: CleanUp
    rulings: tuple[Ruling, ...]
    ended: str | None
    refused: Outcome | None = field(repr=False, default=None)
    accepted: int = 0
    secrets: tuple[str, ...] = field(repr=False, default=())
    known: frozenset[str] = field(repr=False, default=frozenset())
    waivers: tuple[Account, ...] = ()
    waivers_file: str = ""
    observations: tuple[Observation, ...] = ()
    pinned: int = 0

    @property
    def headline(self) -> Headline:
        sound = all(account.state.sound for account in self.waivers)
        return headline(self.rulings, self.ended is None, sound)


# Whoever calls with the wrong credentials, or at a wrong address, is refused everything, sent
# elsewhere, or shown a page to log in: no fault of the target.
_A_STRANGER = "the target accepted no call at all; are the credentials right?"
_NOBODY = "no answer has anything of this API in it; is the address right?"


def run(
    target: Target,
    options: Options,
    progress: Progress = lambda _rule, _done, _total: None,
    stop: Stop | None = None,
) -> Run:
    """Check `target`. What was created is removed again, also after an interruption.

    `stop` ends it early, from wherever it is set. Raises `SpecError` for a selection that matches
    no rule and for a run id of another form.
    """
    api, selection = target.api, options.selection
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    checks, lifecycle = checks_of(api)
    names = Names(options.run_id, strands=len(api.rulebook.rules) + 1)
    by_rule = {check.rule: check for check in checks}
    rules = [rule for rule in api.rulebook if selection.takes(rule, by_rule.get(rule.id))]
    pins = options.pins.rules(api)
    selected = (
        {} if selection.read_only else {p: r for p, r in pins.items() if selection.takes(r, None)}
    )
    for pattern in selection.only:
        if not any(fnmatchcase(rule.id, pattern) for rule in (*api.rulebook, *pins.values())):
            hint = meant(pattern, api.rulebook.rules, "`streamproof rules` lists them")
            raise SpecError("--only", pattern, f"matches no rule; {hint}")
    now = time.monotonic()
    spend_s = None if options.budget_s is None else options.budget_s - _reserve_s(options.budget_s)
    limits = Limits(options.max_requests, None if spend_s is None else now + spend_s, options.rate)
    hidden = secrets((*target.credentials.values(), *target.secrets))
    meter = Meter(limits, stop or Stop(notice=_ENDING))
    journal = Journal(
        names.run_id,
        api.name,
        redacted(target.transport.url, hidden),
        options.journals,
        lambda text: redacted(text, hidden),
    )
    client = Client(
        api,
        target.transport,
        target.credentials,
        meter,
        ledger=Ledger(journal, lifecycle, options.run_id is not None),
        reads_only=selection.read_only,
    )
    target.transport.bound(meter.horizon)
    runner = Runner(
        client,
        api.rulebook,
        names,
        target.fixtures,
        Effort(seed, options.max_examples, options.shrink_requests),
        progress,
        promises_of(api),
        options.waivers,
    )
    at_hand = {key for key, value in target.fixtures.items() if value} | {*api.rulebook.parts}
    if selection.read_only:
        at_hand |= {*lifecycle.room}
    runnable = [
        by_rule[rule.id]
        for rule in rules
        if rule.id in by_rule
        and not set(rule.needs) - at_hand
        and not set(rule.needs) & {*target.lacks}
    ]
    started, begun = datetime.now(UTC), time.perf_counter()
    observed: tuple[Observation, ...] = ()
    meter.stop.notice = _ENDING
    interrupted = None
    probes = probes_of(api)
    permission = Permission(client, target.told, probes.strangers)
    client.after.append(permission.hear)
    given_out: dict[str, None] = {}  # in order, each once

    def note_secrets(outcome: Outcome) -> None:
        given_out.update(dict.fromkeys(lifecycle.secrets(outcome)))

    client.after.append(note_secrets)
    suspicion = suspect(
        client, probes, target.fixtures, target.told, writes=not selection.read_only
    )
    client.after.append(suspicion.hear)
    runner.ended = suspicion.verdict
    alarm = None
    try:
        works = runnable or selected
        makes = lifecycle.create is not None and works and not selection.read_only
        if makes and suspicion.verdict is None:
            alarm = canary(client, lifecycle, names)
        meter.jobs = options.jobs or jobs_for(client, suspicion.first)
        if alarm is None:
            runner.run(runnable, meter.jobs)
            looked = None if options.observe and not selection.narrowed else selected
            if not runner.ended and looked != {}:
                known = runner.shared, runner.learnt
                observing = Observing(
                    client, names, target.fixtures, selected, progress, *known, note_secrets
                )
                observed = observing.all(looked)
        else:
            runner.findings |= _after(alarm, runnable)
    except KeyboardInterrupt:
        interrupted = "interrupted"
    finally:
        client.after.clear()
        accepted = meter.accepted
        shown = meter.shown or (accepted and answers_to_its_name(client, suspicion.first))
        for finding in runner.findings.values():
            if suspicion.explains(finding.steps):
                finding.excuse(str(suspicion.step))
            elif not shown:
                finding.excuse(_NOBODY if accepted else _A_STRANGER)
        permission.excuse(runner.findings.values())
        end = None if options.budget_s is None else now + options.budget_s
        meter.for_clean_up(end)
        client.watchers.clear()
        client.ledger = None
        cleanup = clean_up(journal, lifecycle, meter, names, progress)
    rulings = rule_on_all(
        rules, runner.findings, api.rulebook, at_hand, target.lacks, options.waivers
    )
    rulings += rule_on_pins(selected, options.pins, observed, options.waivers)
    judgeable = {**api.rulebook.rules, **{rule.id: rule for rule in pins.values()}}
    return Run(
        api=api,
        url=target.transport.url,
        selection=selection,
        seed=seed,
        run_id=names.run_id,
        started=started,
        duration_s=time.perf_counter() - begun,
        requests=meter.requests,
        cleanup=cleanup,
        rulings=rulings,
        ended=interrupted
        or (alarm.why if alarm else None)
        or suspicion.told
        or permission.told
        or runner.ended,
        refused=None if shown else suspicion.first,
        accepted=accepted,
        secrets=(*hidden, *given_out, *_echoed(runner.findings.values())),
        known=frozenset(texts(target.fixtures)),
        waivers=accounts(options.waivers, rulings, judgeable, api.name),
        waivers_file=options.waivers.file,
        observations=observed,
        pinned=len(pins),
    )


def _echoed(findings: Iterable[Finding]) -> Iterator[str]:
    """The signatures that a target sent back: whoever sees one could send that call again."""
    for step in (step for finding in findings for step in finding.steps):
        if step.marks:
            body = step.whole.decode("utf-8", "replace")
            yield from (mark for mark in step.marks if redacted(body, (mark,)) != body)


def texts(value: Any) -> Iterator[str]:
    """The texts in fixtures, however deep."""
    if isinstance(value, Mapping):
        value = value.values()
    if isinstance(value, str):
        yield value
    elif isinstance(value, Iterable):
        for member in value:
            yield from texts(member)


def _reserve_s(budget_s: float) -> float:
    """The share of a budget that the clean-up is kept."""
    return min(budget_s / 5, _LONGEST_RESERVE_S)


def _after(alarm: Alarm, checks: Sequence[Check]) -> dict[str, Finding]:
    """What is known of checks that make something, where nothing more may be made."""
    findings = {check.rule: Finding(check.witnesses, unmet=alarm.why) for check in checks}
    broken = alarm.mismatch
    if broken is not None and broken.rules[0] in findings:
        findings[broken.rules[0]].keep(broken, alarm.steps)
    return findings
