"""Round trips: what is sent is what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamproof.contracts.check import Trial

SHOWN_AGAIN = "something sent, shown again"


def kept(trial: Trial, sent: Mapping[str, Any], shown: Mapping[str, Any], what: str) -> None:
    """Every member of `sent` is shown with an equal value; further members are welcome."""
    present = {name: shown[name] for name in sent if name in shown}
    trial.equal(present, sent, what, reason="not-as-sent")
    if sent:
        trial.witness(SHOWN_AGAIN)
