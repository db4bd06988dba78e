"""Reports on disk: each file whole and valid, or not there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path

from streamproof import specs
from streamproof.contracts.report import har
from streamproof.contracts.report.badge import badge
from streamproof.contracts.report.document import document
from streamproof.contracts.report.gitlab import Place, code_quality
from streamproof.contracts.report.junit import junit
from streamproof.contracts.report.lang import Lang
from streamproof.contracts.report.page import page
from streamproof.contracts.run import Run
from streamproof.specs.api import read_json
from streamproof.specs.schema import check_file

SCHEMA = Path(specs.__file__).with_name("report.schema.json")


def write(
    run: Run, folder: Path, lang: Lang = "en", place: Place | None = None
) -> tuple[Path, ...]:
    """Write the reports, and the evidence of failures and observations, into `folder`, made if need
    be; gives their paths. The evidence of an earlier run goes. What people read is in `lang`;
    `place` is the file and the line that describe the target.

    Raises `SpecError` before anything is written when the report is not what its schema says,
    OSError when the folder can't be written.
    """
    report = document(run)
    check_file(report, read_json(SCHEMA), "report.json")
    texts = {
        "report.json": _json(report),
        "badge.json": _json(badge(run)),
        "gl-code-quality-report.json": _json(code_quality(run, place)),
        "junit.xml": junit(run, lang),
        "report.html": page(run, lang),
    }
    evidence = har.files(run)
    texts |= {
        name: json.dumps(each, ensure_ascii=False, indent=1) for name, each in evidence.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    _make_room(folder / har.FOLDER, evidence)
    return tuple(_replace(folder / name, text) for name, text in texts.items())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _make_room(folder: Path, evidence: Collection[str]) -> None:
    """A folder for the evidence, if there is any, without that of an earlier run."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.har"):
        if f"{folder.name}/{old.name}" not in evidence:
            old.unlink()
    if not evidence and not any(folder.iterdir()):
        folder.rmdir()


def _replace(file: Path, text: str) -> Path:
    """Put `text` into `file` at once: a reader never sees half of it."""
    half = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        half.write_text(text, encoding="utf-8", errors="backslashreplace")
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    return file
