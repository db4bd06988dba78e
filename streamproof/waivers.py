"""Files of waivers, as people write them: read, and every fault told in one line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from streamproof import specs
from streamproof.contracts.waivers import LONGEST_DAYS, Waiver, Waivers
from streamproof.files import check, check_names, dotted, read_file
from streamproof.specs.api import read_json
from streamproof.specs.errors import SpecError

SCHEMA = Path(specs.__file__).with_name("waivers.schema.json")


def read_waivers(path: Path) -> Waivers:
    """The waivers of a file, as of today. Raises `SpecError`."""
    file, content = str(path), read_file(path)
    schema: Mapping[str, Any] = read_json(SCHEMA)
    check_names(content, schema["properties"], file)
    entries = content.get("waivers", [])
    check(entries, {"type": "array"}, file, "waivers", "write [[waivers]] above each")
    item = schema["properties"]["waivers"]["items"]
    for at, entry in enumerate(entries):
        _check_entry(entry, item, file, dotted("waivers", str(at)))
    waivers = Waivers.of_today((_waiver(entry, file, at) for at, entry in enumerate(entries)), file)
    latest = waivers.today + timedelta(LONGEST_DAYS)
    seen: set[tuple[str, str | None]] = set()
    for at, waiver in enumerate(waivers.waivers):
        if waiver.expires > latest:
            fault = f"{waiver.expires} is too far away; at most {LONGEST_DAYS} days: {latest}"
            raise SpecError(file, f"waivers.{at}.expires", fault)
        if (waiver.rule, waiver.fingerprint) in seen:
            raise SpecError(file, f"waivers.{at}", f"{waiver.rule} is waived twice; once will do")
        seen.add((waiver.rule, waiver.fingerprint))
    return waivers


def _check_entry(entry: Any, schema: Mapping[str, Any], file: str, at: str) -> None:
    members = schema["properties"]
    check(entry, {"type": "object"}, file, at, "write [[waivers]] above each")
    check_names(entry, members, file, at)
    for name in schema["required"]:
        if name not in entry:
            raise SpecError(file, dotted(at, name), f"is missing; {members[name]['description']}")
    for name, value in entry.items():
        check(value, members[name], file, dotted(at, name), members[name]["description"])


def _waiver(entry: Mapping[str, Any], file: str, at: int) -> Waiver:
    try:
        expires = date.fromisoformat(entry["expires"])
    except ValueError:
        fault = f"{entry['expires']} is no day of the calendar"
        raise SpecError(file, f"waivers.{at}.expires", fault) from None
    return Waiver(**{**entry, "expires": expires})
