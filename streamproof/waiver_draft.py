"""A draft of a file of waivers, from a report: all but the reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

_DRAFTED_DAYS = 90  # that a drafted waiver is good for
_LONGEST_COMMENT = 300  # characters


def draft(report: Mapping[str, Any], today: date) -> str:
    """A file that waives what fails in a report, its reasons left to be written; waivers that
    cover a failure there are kept as they are."""
    head = (
        f"# Deviations of {report['target']} that are accepted for now.",
        "# Give each its reason: without one the file is refused. A fingerprint left out waives",
        "# whatever failure of the rule.",
    )
    entries = ["\n".join(_entry(rule, today)) for rule in report["rules"] if rule["failure"]]
    return "\n\n".join(["\n".join(map(_comment, head)), *entries]) + "\n"


def _entry(rule: Mapping[str, Any], today: date) -> Iterator[str]:
    known = rule["waiver"] or {}
    yield "[[waivers]]"
    yield f"rule = {json.dumps(rule['id'])}"
    if not known:
        yield _comment(f"# {rule['statement']}")
        yield _comment(f"# {rule['message']}")
    mark = known["fingerprint"] if known else rule["fingerprint"]
    if mark is not None:
        yield f"fingerprint = {json.dumps(mark)}"
    yield f"reason = {_text(known.get('reason', ''))}"
    yield f"expires = {known.get('expires') or today + timedelta(_DRAFTED_DAYS)}"
    for name in ("owner", "ticket"):
        if known.get(name) is not None:
            yield f"{name} = {_text(known[name])}"
        elif not known:
            yield f'# {name} = ""'


def _comment(text: str) -> str:
    """A line of comment: TOML forbids control characters there."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return line if len(line) <= _LONGEST_COMMENT else line[: _LONGEST_COMMENT - 1] + "…"


def _text(value: str) -> str:
    """A string of TOML: of JSON's escapes it knows all but one of DEL and halves of characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007F").encode("utf-8", "replace").decode()
