"""Whether a law finds a broken larder, and for which reason."""

from __future__ import annotations

from tests.contracts.laws.tiny import Fault, Tiny, ruling


def reason(fault: Fault | Tiny, rule: str) -> str:
    """Why a rule fails on a larder with a fault, or else what is said of it."""
    found = ruling(fault, rule)
    mismatch = found.finding.mismatch
    return mismatch.reason if found.broken and mismatch else f"{found.verdict}: {found.message}"
