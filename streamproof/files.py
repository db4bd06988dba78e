"""Files that people write: read by their suffix, checked, and every fault told in one line.

No message shows what may be a credential.
"""

from __future__ import annotations

import json
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from streamproof.specs.errors import SpecError, meant
from streamproof.specs.schema import check_file

_FROM_ENVIRONMENT = "env:"


def read_file(path: Path) -> dict[str, Any]:
    """A mapping from a file in TOML, YAML or JSON, as its suffix says; dates become text."""
    readers: dict[str, Callable[[str], Any]] = {
        ".toml": tomllib.loads,
        ".yaml": yaml.safe_load,
        ".yml": yaml.safe_load,
        ".json": lambda text: json.loads(text, parse_constant=_no_number),
    }
    if path.suffix not in readers:
        raise SpecError(str(path), "", f"a name that ends in {', '.join(readers)} expected")
    try:
        content = readers[path.suffix](path.read_text("utf-8-sig"))
    except OSError as fault:
        raise SpecError(str(path), "", fault.strerror or "can't be read") from None
    except yaml.MarkedYAMLError as fault:  # its own text quotes the file, secrets and all
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise SpecError(str(path), f"line {line}", fault.problem or "is no YAML") from None
    except (ValueError, yaml.YAMLError, RecursionError) as fault:
        kind = path.suffix.lstrip(".").upper()
        raise SpecError(str(path), "", f"is no {kind}: {' '.join(str(fault).split())}") from None
    if not isinstance(content, dict):
        raise SpecError(str(path), "", "a table of entries expected")
    if path.suffix == ".json":  # is plain, and may be large
        return content
    plain: dict[str, Any] = _plain(content, str(path), "")
    return plain


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _plain(value: Any, file: str, at: str) -> Any:
    """`value` as JSON has it: YAML and TOML know dates, which we want as they were written, and
    numbers that are none."""
    if isinstance(value, dict):
        return {str(k): _plain(member, file, dotted(at, str(k))) for k, member in value.items()}
    if isinstance(value, list):
        return [_plain(member, file, dotted(at, str(i))) for i, member in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise SpecError(file, at, f"{value} is no number")
    return value.isoformat() if isinstance(value, date) else value


def check(value: object, schema: Mapping[str, Any], file: str, at: str, hint: str) -> None:
    """Raise `SpecError` with `hint`, how to mend it, unless `value` is valid.

    Where the schema says `writeOnly` the hint is all that is said.
    """
    try:
        check_file(value, schema, file)
    except SpecError as fault:
        message = hint if schema.get("writeOnly") else f"{fault.fault}; {hint}"
        raise SpecError(file, dotted(at, *fault.entry.split("/")), message) from None


def check_names(names: Iterable[str], known: Iterable[str], file: str, at: str = "") -> None:
    """Raise `SpecError` for the first entry below `at` that isn't known."""
    known = list(known)
    for name in names:
        if name not in known:
            raise SpecError(file, dotted(at, name), f"no such entry; {meant(name, known)}")


def dotted(*names: str) -> str:
    """The path of an entry as TOML writes it."""
    return ".".join(filter(None, names))


def secret(value: str, file: str, entry: str) -> str:
    """`value`, or what stands in the environment variable that it names."""
    if value.startswith(_FROM_ENVIRONMENT):
        name = value.removeprefix(_FROM_ENVIRONMENT)
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise SpecError(file, entry, "env: must be followed by a variable's name")
        if name not in os.environ:
            raise SpecError(file, entry, f"the environment variable {name} is not set")
        value = os.environ[name]
    if not value:
        raise SpecError(file, entry, "is empty")
    return value
