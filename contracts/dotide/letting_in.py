"""Whether a call by a token is let in, once it is known everywhere what the token may.

Which status a refusal has is open, and how soon a change of rights shows, within reason.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from streamproof.contracts.auth import Auth
from streamproof.contracts.check import Trial
from streamproof.contracts.dotide import calls
from streamproof.contracts.dotide.credentials import public
from streamproof.contracts.dotide.datapoints import minute, written
from streamproof.contracts.wire import Outcome

_LONGEST_LAG_S: Final = 2.0
_READS: Final = ("read", "list_datapoints")
_FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "update": calls.updated(),
    "create_datapoints": {"t": written(minute(1)), "v": 1},
    "delete_datapoints": {"start": written(minute(-1)), "end": written(minute(0.5))},
}


def call(trial: Trial, deed: str, of: str, *auth: Auth) -> Outcome:
    """A call on one datastream or its datapoints, by the data base's own unless it is told."""
    return trial.client.call(deed, *auth, **{"id": of, **_FIELDS.get(deed, {})})


def lets_in(trial: Trial, deed: str, of: str, auth: Auth) -> None:
    """The call is accepted; a token may take a moment until it is known everywhere."""
    outcome = settled(trial, lambda: call(trial, deed, of, auth), accepted=True)
    trial.judged(outcome, f"a {deed} by a token")
    if not outcome.accepted:  # the token's fault, if others get it accepted
        trial.given(call(trial, deed, of), f"a {deed} by the data base's own")
    trial.holds(
        outcome.accepted,
        "refused",
        expected=f"a {deed} that the token has the right to is accepted",
        actual=str(outcome),
    )


def keeps_out(trial: Trial, deed: str, of: str, auth: Auth, *, changed: bool = False) -> None:
    """The call is rejected, unless it reads where anybody may; a read, and an update when rights
    have `changed`, once that is known everywhere."""
    if deed in _READS and trial.learn(public):
        return

    def act() -> Outcome:
        return call(trial, deed, of, auth)

    settles = changed or deed in _READS
    outcome = settled(trial, act, accepted=False) if settles else act()
    trial.judged(outcome, f"a {deed} by a token")
    trial.holds(
        not outcome.accepted,
        "let-in",
        expected=f"a {deed} that the token has no right to is rejected",
        actual=str(outcome),
    )


def known(trial: Trial, deed: str, of: str, auth: Auth, rule: str) -> None:
    """Raise `Unmet` unless a token gets a call accepted that its scopes allow, as `rule` says."""
    outcome = settled(trial, lambda: call(trial, deed, of, auth), accepted=True)
    what = f"a {deed} that a token has the right to"
    trial.require(outcome.accepted, f"{what}: {outcome}", rule)


def settled(trial: Trial, act: Callable[[], Outcome], *, accepted: bool) -> Outcome:
    """What a call is answered, once it is answered so, or when it has been asked long enough."""
    deadline = time.monotonic() + (0.0 if trial.hurried else _LONGEST_LAG_S)
    while True:
        outcome = act()
        if outcome.accepted == accepted or outcome.unavailable or time.monotonic() > deadline:
            return outcome
        time.sleep(0.2)


def telling(trial: Trial) -> tuple[str, str]:
    """A deed that tells who is let in, and the permission for it: a read, or, where anybody may
    read, an update."""
    return ("update", "write") if trial.learn(public) else ("read", "read")


def a_stream(trial: Trial, **fields: Any) -> str:
    return str(calls.make(trial, **fields)["id"])
