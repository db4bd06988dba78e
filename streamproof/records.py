"""What a probe kept in a file, read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamproof import specs
from streamproof.files import read_file
from streamproof.probe_diff import Looked, Record
from streamproof.specs.api import read_json
from streamproof.specs.dialect import PROBE
from streamproof.specs.errors import SpecError
from streamproof.specs.schema import check_file

_SCHEMA = Path(specs.__file__).with_name("probe.schema.json")


def is_probe(path: Path) -> bool:
    """Whether a file is what a probe wrote. A report is a JSON file, or a folder."""
    return not path.is_dir() and path.suffix == ".toml"


def read_probe(path: Path) -> Record:
    """What `probe -o` wrote. Raises `SpecError`."""
    content = read_file(path)
    about: Any = content.pop(PROBE, None)
    if about is None:
        raise SpecError(str(path), PROBE, "no such table; `streamproof probe -o FILE` writes one")
    schema = read_json(_SCHEMA)
    ours = schema["properties"]["schema_version"]["const"]
    if isinstance(about, dict) and about.get("schema_version", ours) != ours:
        fault = f"{about['schema_version']!r} is none that this streamproof reads, which is {ours}"
        raise SpecError(str(path), f"{PROBE}.schema_version", f"{fault}; use the one that wrote it")
    check_file(about, schema, f"{path}: {PROBE}")
    choices = content.get(about["api"])
    if not isinstance(choices, dict):
        raise SpecError(str(path), about["api"], "a table of silent points expected")
    often = {*about["not_always"]}
    seen = {**choices, **about["beyond_the_mock"]}
    points = {name: Looked(value, name not in often) for name, value in seen.items()}
    points |= {name: Looked(why=why) for name, why in about["not_seen"].items()}
    points |= {
        name: Looked(why=why, odd=True) for name, why in about["none_of_the_choices"].items()
    }
    return Record(about, points)
