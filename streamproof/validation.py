"""Files that people write, looked through without a target."""

from __future__ import annotations

from pathlib import Path

from streamproof.config import checked_dialects, read_targets
from streamproof.files import read_file
from streamproof.specs import api as apis
from streamproof.specs.errors import SpecError, meant
from streamproof.waivers import read_waivers


def validated(path: Path) -> str:
    """What a file is: ``2 targets``, say. Raises `SpecError` for what has to be mended."""
    content = read_file(path)
    if "targets" in content:
        return _counted(len(read_targets(path)), "target")
    if "waivers" in content:
        return _waivers(path)
    points = sum(len(table) for table in checked_dialects(content, str(path)).values())
    return f"a dialect of {_counted(points, 'silent point')}"


def _waivers(path: Path) -> str:
    """Waivers are of rules that there are, as far as their API is known by its name."""
    waivers = read_waivers(path).waivers
    for at, waiver in enumerate(waivers):
        name = waiver.rule.partition("/")[0]
        if name in apis.names() and waiver.rule not in (rules := apis.load(name).rulebook.rules):
            hint = meant(waiver.rule, rules, f"`streamproof rules {name}` has all")
            raise SpecError(str(path), f"waivers.{at}.rule", f"{waiver.rule}: no such rule; {hint}")
    return _counted(len(waivers), "waiver")


def _counted(many: int, what: str) -> str:
    return f"{many} {what}{'' if many == 1 else 's'}"
