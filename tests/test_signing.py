"""The page on signing: its vectors hold, for ours, for its own steps, and for its JavaScript."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from streamproof.specs.bge import signature
from tests.pages import NODE, blocks

SECRET = "demo-secret"
PAGE = {block.language: block.text for block in blocks("signing.md")}
VECTORS: list[dict[str, Any]] = json.loads(PAGE["json"])


def by_the_steps(fields: dict[str, str]) -> tuple[str, str]:
    """The text to sign and the signature, as the page tells it, step by step."""
    named = sorted(fields.items())
    joined = "&".join(f"{quote(n, safe='')}={quote(value, safe='')}" for n, value in named)
    text = f"{string.ascii_letters}&{quote(joined, safe='')}"
    digest = hmac.new(f"{SECRET}&".encode(), text.encode(), hashlib.sha1).digest()
    return text, base64.b64encode(digest).decode()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["says"]))
def test_vectors(vector: dict[str, Any]) -> None:
    fields, expected = vector["fields"], (vector["signed"], vector["sign"])

    assert (signature.canonical(fields), signature.sign(fields, SECRET)) == expected
    assert by_the_steps(fields) == expected


def test_vectors_tell_signatures_apart() -> None:
    assert len({vector["sign"] for vector in VECTORS}) == len(VECTORS)
    for vector in VECTORS:
        changed = {**vector["fields"], "app_key": "demo-kez"}
        assert signature.sign(changed, SECRET) != vector["sign"]


def test_the_javascript_of_the_page(tmp_path: Path) -> None:
    functions, _, _ = PAGE["js"].partition("const found")
    vectors = json.dumps([vector["fields"] for vector in VECTORS])
    file = tmp_path / "signs.mjs"
    file.write_text(
        f"{functions}\nconsole.log(JSON.stringify({vectors}.map((f) => sign(f, '{SECRET}'))));",
        "utf-8",
    )

    done = subprocess.run([NODE, file], capture_output=True, text=True, check=True, timeout=60)

    assert json.loads(done.stdout) == [vector["sign"] for vector in VECTORS]
