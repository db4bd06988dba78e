"""One server for all clients, over real HTTP, and the clients."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from dotide import Dotide  # type: ignore[import-untyped]
from private_sdk import PrivateAPI  # type: ignore[import-untyped]

from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import RunningMock, serve_in_thread
from tests.clients import bge_examples, dotide_examples
from tests.clients.dotide_examples import Connect


@pytest.fixture(scope="session")
def server() -> Iterator[RunningMock]:
    """A mock of both APIs, in a thread."""
    with serve_in_thread(MockConfig()) as server:
        yield server


@pytest.fixture
def door(server: RunningMock) -> Iterator[str]:
    """The URL of a state that no other test meets."""
    with server.door(uuid4().hex) as url:
        yield url


@pytest.fixture
def private(door: str) -> PrivateAPI:
    """A client of bge with good credentials."""
    return PrivateAPI(
        bge_examples.KEY, bge_examples.SECRET, endpoint=door, max_retries=3, timeout=16
    )


@pytest.fixture
def connect(door: str) -> Connect:
    """Makes clients of one state; `version` is the client's to choose."""
    host = door.removeprefix("http://")

    def connect(database: str = "demo", version: str = "v1", **credentials: str) -> Dotide:
        client = Dotide(database, **credentials or dotide_examples.BASIC)
        client.client.host, client.client.secure, client.client.version = host, False, version
        return client

    return connect


@pytest.fixture
def dotide(connect: Connect) -> Dotide:
    """A client with all rights."""
    return connect()
