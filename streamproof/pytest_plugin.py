"""The pytest fixture `streamproof_mock`: a mock of every API, fresh for each test.

    def test_upload(streamproof_mock):
        client = MyClient(streamproof_mock.dotide.url, streamproof_mock.dotide.basic)
        …

Nothing but this file is imported before a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from streamproof.mockserver.in_thread import RunningMock
    from streamproof.served import Served


@dataclass(frozen=True)
class Mock:
    """The mock as one test sees it, with a state that no other test meets.

    Each API is an attribute: ``mock.dotide.url``, ``mock.dotide.basic``, ``mock.bge.app_key``.
    `url` is the root of it all: ``POST {mock.url}/_mock/reset`` puts the state back.
    """

    url: str
    apis: Mapping[str, Served]

    def __getattr__(self, api: str) -> Served:
        apis: Mapping[str, Served] = self.__dict__.get("apis", {})
        if api in apis:
            return apis[api]
        raise AttributeError(f"no API {api!r} is served; there are {', '.join(apis)}")


@pytest.fixture(scope="session")
def _streamproof_server() -> Iterator[RunningMock]:
    from streamproof.mockserver.config import MockConfig
    from streamproof.mockserver.in_thread import serve_in_thread

    with serve_in_thread(MockConfig()) as server:
        yield server


@pytest.fixture(scope="session")
def _streamproof_spaces() -> Iterator[str]:
    return (f"test-{number}" for number in count(1))


@pytest.fixture
def streamproof_mock(
    _streamproof_server: RunningMock, _streamproof_spaces: Iterator[str]
) -> Iterator[Mock]:
    """A mock server with a state of this test's own: URLs, credentials, fixtures by API."""
    from streamproof.served import Served
    from streamproof.specs import api

    loaded = map(api.load, api.names())
    with _streamproof_server.door(next(_streamproof_spaces)) as url:
        yield Mock(url, {each.name: Served.at(url, each, each.fixtures) for each in loaded})
