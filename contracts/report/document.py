"""report.json: everything about a run that a machine may want, one API each."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from typing import Any

import streamproof
from streamproof.contracts.accounts import Account
from streamproof.contracts.observations import Observation
from streamproof.contracts.report import har
from streamproof.contracts.report.failure import failure_of
from streamproof.contracts.report.words import clean
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Ruling
from streamproof.contracts.waivers import Waiver

SCHEMA_VERSION = 1  # of specs/report.schema.json


def document(run: Run) -> dict[str, Any]:
    """A run as specs/report.schema.json describes it.

    Text in which a target had a hand is redacted; ids and statements are the rulebook's own.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "suite_version": streamproof.__version__,
        "api": run.api.name,
        "spec": {"version": run.api.version, "sha256": run.api.sha256},
        "target": clean(run, run.url),
        "headline": run.headline.value,
        "complete": run.ended is None,
        "selection": {
            "only": list(run.selection.only),
            "level": run.selection.level.value,
            "read_only": run.selection.read_only,
            "selected": len(run.rulings),
            "total": len(run.api.rulebook.rules) + run.pinned,
        },
        "seed": run.seed,
        "run_id": run.run_id,
        "started": run.started.astimezone(UTC).isoformat(timespec="seconds"),
        "duration_s": round(run.duration_s, 3),
        "requests": run.requests,
        "cleanup": _cleanup(run),
        "observations": [_observation(run, seen) for seen in run.observations],
        "rules": [_rule(run, ruling) for ruling in run.rulings],
        "waivers": [_account(run, account) for account in run.waivers],
    }


def _cleanup(run: Run) -> dict[str, Any]:
    told = asdict(run.cleanup)
    told["remaining"] = [
        {name: clean(run, text) for name, text in asdict(left).items()}
        for left in run.cleanup.remaining
    ]
    return told


def _observation(run: Run, seen: Observation) -> dict[str, Any]:
    choice = clean(run, seen.choice) if isinstance(seen.choice, str) else seen.choice
    return {
        "point": seen.point,
        "choice": choice if seen.seen else None,
        "consistent": seen.consistent,
        "why": clean(run, seen.why),
        "evidence": clean(run, seen.evidence),
        "archive": har.name_of(run, seen),
    }


def _rule(run: Run, ruling: Ruling) -> dict[str, Any]:
    rule, finding = ruling.rule, ruling.finding
    failure = failure_of(run, ruling)
    return {
        "id": rule.id,
        "level": rule.level.value,
        "verdict": ruling.verdict.value,
        "statement": rule.en,
        "source": "; ".join(map(str, rule.sources)),
        "message": clean(run, ruling.message),
        "witnesses": {"needed": list(finding.needed), "seen": sorted(finding.seen)},
        "examples": finding.examples,
        "requests": finding.requests,
        "blocked_by": list(ruling.blocked_by),
        "fingerprint": ruling.fingerprint,
        "failure": None
        if failure is None
        else {
            "did": failure.did,
            "expected": failure.expected,
            "actual": failure.actual,
            "steps": [str(step) for step in failure.steps],
            "curl": list(failure.curl),
            "evidence": har.name(rule.id),
        },
        "waiver": None if ruling.waiver is None else _waiver(run, ruling.waiver),
    }


def _account(run: Run, account: Account) -> dict[str, Any]:
    return {
        "rule": clean(run, account.waiver.rule),
        "state": account.state.value,
        "mend": clean(run, account.mend),
        "waiver": _waiver(run, account.waiver),
    }


def _waiver(run: Run, waiver: Waiver) -> dict[str, Any]:
    return {
        "fingerprint": waiver.fingerprint,
        "reason": clean(run, waiver.reason),
        "expires": waiver.expires.isoformat(),
        "owner": clean(run, waiver.owner) if waiver.owner is not None else None,
        "ticket": clean(run, waiver.ticket) if waiver.ticket is not None else None,
    }
