"""Mocks of folders, each in a new space of the data base whose turn it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from streamproof.mockserver.config import MockConfig
from tests.mockserver.databases import create_app
from tests.mockserver.engine.calls import Caller

GARDENS = Path(__file__).parent / "gardens"
LOGIN = {"Authorization": "Basic ZGVtbzpzZWNyZXQ="}  # demo:secret


@pytest.fixture
def gardens(database: str) -> Caller:
    """An API in OpenAPI 3.0 with basic authentication, whose resources are described."""
    return Caller(create_app(MockConfig((str(GARDENS),))), "/api/acme", LOGIN)


@pytest.fixture
def alone(tmp_path: Path) -> Caller:
    """The same by its openapi.yaml alone."""
    folder = tmp_path / "gardens"
    folder.mkdir()
    shutil.copy(GARDENS / "openapi.yaml", folder)
    return Caller(create_app(MockConfig((str(folder),))), "/api/acme", LOGIN)
