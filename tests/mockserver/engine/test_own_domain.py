"""A folder's own `domain.py` overrides what the engine makes of its files, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from streamproof.mockserver import domain
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs.errors import SpecError

FIELDPOST = Path(__file__).parents[3] / "examples" / "fieldpost"
KEY = {"X-Api-Key": "demo-key"}
IN_CAPITALS = """
from dataclasses import replace

from streamproof.mockserver.problems import Rejected

def read(proceed, context, arguments):
    if arguments["serial"] == "hidden":
        raise Rejected("fieldpost/get_device/hidden", "this one is hidden", 404)
    answer = proceed(context, arguments)
    return replace(answer, body={**answer.body, "model": answer.body["model"].upper()})

OPERATIONS = {"getDevice": read}
"""
NOBODY = """
from streamproof.mockserver.problems import Rejected

def authenticate(context, call):
    raise Rejected("fieldpost/any/closed", "closed for today", 401)
"""


def folder(tmp_path: Path, code: str) -> str:
    """A copy of fieldpost with code of its own."""
    copied = shutil.copytree(FIELDPOST, tmp_path / "fieldpost")
    (copied / "domain.py").write_text(code, encoding="utf-8")
    return str(copied)


def client(home: str) -> FlaskClient:
    return create_app(MockConfig((home,))).test_client()


def register(client: FlaskClient, serial: str) -> Any:
    sent = {"serial": serial, "model": "th-20"}
    return client.post("/v1/devices", json=sent, headers=KEY)


def test_its_operations_stand_in_place_of_the_engines_and_may_ask_them(tmp_path: Path) -> None:
    mock = client(folder(tmp_path, IN_CAPITALS))
    register(mock, "a")
    register(mock, "hidden")

    shown: Any = mock.get("/v1/devices/a", headers=KEY).json
    listed: Any = mock.get("/v1/devices", headers=KEY).json
    hidden = mock.get("/v1/devices/hidden", headers=KEY)

    assert shown["model"] == "TH-20"
    assert {row["model"] for row in listed["devices"]} == {"th-20"}
    assert hidden.status_code == 404
    assert "this one is hidden" in hidden.text


def test_other_functions_of_a_domain_win_too(tmp_path: Path) -> None:
    refused = client(folder(tmp_path, NOBODY)).get("/v1/devices", headers=KEY)

    assert refused.status_code == 401
    assert refused.headers["Streamproof-Rule"] == "fieldpost/any/closed"


def test_an_operation_that_is_not_there_is_told(tmp_path: Path) -> None:
    home = folder(tmp_path, "OPERATIONS = {'getDevise': None}")

    with pytest.raises(SpecError, match="getDevise: no operation; did you mean getDevice"):
        domain.load(home)
