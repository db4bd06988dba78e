"""Rejections: the rule that a call broke, and what its sender can do about it."""

from __future__ import annotations


class Rejected(Exception):
    """A call that the rules refuse. Raised inside a transaction it undoes the transaction.

    `rule` is a rule id, or ``<api>/dialect/<point>`` where a silent point decided; `detail` says
    what was wrong, where, and how to mend it; `status` overrides the API's usual status.
    """

    def __init__(self, rule: str, detail: str, status: int | None = None) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule, self.detail, self.status = rule, detail, status
