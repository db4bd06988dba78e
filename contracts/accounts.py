"""What a run says of each waiver. Pure.

A waiver may not outlive its reason. So one that has expired, whose rule holds again, or that fits
no failure has to be mended before the target conforms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from streamproof.contracts.verdict import Ruling, Verdict
from streamproof.contracts.waivers import Waiver, Waivers
from streamproof.specs.rulebook import Rule


class State(Enum):
    """What a run says of a waiver."""

    MATCHED = "matched"
    EXPIRED = "expired"
    STALE = "stale"
    UNMATCHED = "unmatched"
    NOT_JUDGED = "not_judged"

    @property
    def sound(self) -> bool:
        """Whether the waiver may stay as it is."""
        return self in (State.MATCHED, State.NOT_JUDGED)


@dataclass(frozen=True, slots=True)
class Account:
    """What became of a waiver in a run; `mend` is what to do about it, empty where it is sound."""

    waiver: Waiver
    state: State
    mend: str = ""


def accounts(
    waivers: Waivers, rulings: Iterable[Ruling], rules: Mapping[str, Rule], api: str
) -> tuple[Account, ...]:
    """What became of each waiver for `api`, but those whose rule wasn't selected."""
    judged = {ruling.rule.id: ruling for ruling in rulings}
    return tuple(_accounts(waivers, judged, rules, api))


def _accounts(
    waivers: Waivers, judged: Mapping[str, Ruling], rules: Mapping[str, Rule], api: str
) -> Iterator[Account]:
    for waiver in waivers.waivers:
        if waiver.rule.partition("/")[0] != api:
            continue
        if waiver.rule not in rules:
            mend = f"{api} has no such rule; mend the id, or take the entry out"
            yield Account(waiver, State.UNMATCHED, mend)
        elif waiver.rule in judged:
            yield _account(waiver, waivers, judged[waiver.rule])


def _account(waiver: Waiver, waivers: Waivers, ruling: Ruling) -> Account:
    verdict = ruling.verdict
    if verdict is Verdict.PASSED:
        return Account(waiver, State.STALE, "the rule holds now; take the entry out")
    if waivers.expired(waiver):
        mend = (
            f"it expired on {waiver.expires}; mend the target, or set a later day with its reason"
        )
        return Account(waiver, State.EXPIRED, mend)
    if verdict is Verdict.NOT_APPLICABLE:
        return Account(waiver, State.UNMATCHED, f"{ruling.message}; take the entry out")
    if ruling.fingerprint is None:
        return Account(waiver, State.NOT_JUDGED)
    if waiver.fingerprint in (None, ruling.fingerprint):
        return Account(waiver, State.MATCHED)
    other = f"the rule fails in another way now: {ruling.fingerprint}"
    mend = f"{other}; mend that, or write that fingerprint, or none, in its place"
    return Account(waiver, State.UNMATCHED, mend)
