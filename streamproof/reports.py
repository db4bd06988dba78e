"""Reports of earlier runs, read again: `report.json`, or the folder that holds it."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

from streamproof import specs
from streamproof.files import read_file
from streamproof.specs.api import read_json
from streamproof.specs.errors import SpecError
from streamproof.specs.schema import check_file

SCHEMA = Path(specs.__file__).with_name("report.schema.json")


def read_report(path: Path) -> dict[str, Any]:
    """A report as specs/report.schema.json describes it. Raises `SpecError`."""
    if not path.exists():
        raise SpecError(str(path), "", os.strerror(errno.ENOENT))
    path = path / "report.json" if path.is_dir() else path
    content, schema = read_file(path), read_json(SCHEMA)
    ours, found = schema["properties"]["schema_version"]["const"], content.get("schema_version")
    if found is None:
        raise SpecError(str(path), "", "is no report of a run; `check --report-dir` writes one")
    if found != ours:
        fault = f"{found!r} is none that this streamproof reads, which is {ours}"
        raise SpecError(str(path), "schema_version", f"{fault}; use the one that wrote it")
    check_file(content, schema, str(path))
    return content
