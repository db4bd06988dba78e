"""The pytest fixtures: a mock of every API, with a state that no other test meets.

    def test_upload(streamproof_mock):
        client = MyClient(streamproof_mock.dotide.url, streamproof_mock.dotide.basic)
        …

`streamproof_mock` is fresh for each test. `streamproof_mocks` makes mocks for fixtures of a wider
scope:

    @pytest.fixture(scope="module")
    def shared(streamproof_mocks):
        with streamproof_mocks() as mock:
            yield mock

Both take the options `dialect`, `faults` and `seed_data`. Of those who give one the last counts:
ini entries; the fixture `streamproof_mock_options`; the arguments of `streamproof_mocks`, or marks,
``@pytest.mark.streamproof(faults=[…])``, the nearest last.

Nothing but this file is imported before a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from streamproof.mockserver.config import MockConfig
    from streamproof.mockserver.in_thread import RunningMock
    from streamproof.running import Mock as Mock


def __getattr__(name: str) -> Any:
    if name == "Mock":  # for annotations in tests; imported when somebody asks
        from streamproof.running import Mock

        return Mock
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class _Servers:
    """A server for each set of options, started when it is first asked for."""

    def __init__(self, running: ExitStack) -> None:
        self._running = running
        self._started: list[tuple[Mapping[str, Any], MockConfig, RunningMock]] = []
        self._spaces = (f"test-{number}" for number in count(1))

    @contextmanager
    def mock(self, options: Mapping[str, Any], origin: str) -> Iterator[Mock]:
        """A mock with these options, which `origin` gave, in a new space."""
        from streamproof.running import Mock
        from streamproof.served import Served
        from streamproof.specs import api

        config, server = self._server(options, origin)
        with server.door(next(self._spaces)) as url:
            served = [Served.at(url, api.load(name), config.seeded(name)) for name in config.apis]
            yield Mock(url, {each.name: each for each in served})

    def _server(self, options: Mapping[str, Any], origin: str) -> tuple[MockConfig, RunningMock]:
        from streamproof.mock_options import UNUSABLE, configuration
        from streamproof.mockserver.in_thread import serve_in_thread

        for known, config, server in self._started:
            if known == options:
                return config, server
        try:
            config = configuration(options)
            server = self._running.enter_context(serve_in_thread(config))
        except UNUSABLE as fault:
            raise pytest.fail.Exception(f"{origin}: {fault}", pytrace=False) from None
        self._started.append((dict(options), config, server))
        return config, server


@dataclass(frozen=True)
class Mocks:
    """Makes mocks, each with a state of its own."""

    _servers: _Servers
    _options: Mapping[str, Any]

    def __call__(self, **options: Any) -> AbstractContextManager[Mock]:
        """A mock until the end of the `with`; `options` take the place of those for all."""
        return self._servers.mock({**self._options, **options}, "streamproof_mocks")


_OF_RULES: Mapping[str, Mapping[str, Any]] = {
    "target": {"metavar": "NAME", "help": "judge this target by its rules"},
    "config": {"metavar": "FILE", "help": "targets (default: streamproof.toml)"},
    "seed": {"metavar": "N", "type": int, "help": "shapes and order, as a run told them"},
    "run-id": {"metavar": "ID", "help": "names of what is created, as a run told them"},
    "waivers": {"metavar": "FILE", "help": "deviations that are accepted"},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini entries; the files are those of `streamproof mock`."""
    parser.addini("streamproof_dialect", "a dialect file for the mocks", type="paths")
    parser.addini("streamproof_seed_data", "a file of seed data for the mocks", type="paths")
    parser.addini("streamproof_faults", "faults of the mocks, a line each", type="linelist")
    group = parser.getgroup("streamproof", "rules as tests: --pyargs streamproof.contracts")
    for name, settings in _OF_RULES.items():
        group.addoption(f"--streamproof-{name}", **settings)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "streamproof(dialect={...}, faults=[...], seed_data={...}): options of the fixture "
        "streamproof_mock; dialect and seed_data have a table for each API",
    )
    if config.getoption("--streamproof-target"):
        from streamproof.pytest_rules import Rules

        config.pluginmanager.register(Rules(config), "streamproof-rules")


@pytest.fixture(scope="session")
def streamproof_mock_options(pytestconfig: pytest.Config) -> Mapping[str, Any]:
    """The options of all mocks: those of the ini file. Made to be overridden."""
    options: dict[str, Any] = {}
    if faults := pytestconfig.getini("streamproof_faults"):
        options["faults"] = faults
    dialect, seed_data = (
        next(iter(pytestconfig.getini(f"streamproof_{name}")), None)
        for name in ("dialect", "seed_data")
    )
    if dialect or seed_data:
        from streamproof.mock_options import UNUSABLE, from_files

        try:
            options |= from_files(dialect, seed_data)
        except UNUSABLE as fault:
            raise pytest.fail.Exception(str(fault), pytrace=False) from None
    return options


@pytest.fixture(scope="session")
def _streamproof_servers() -> Iterator[_Servers]:
    with ExitStack() as running:
        yield _Servers(running)


@pytest.fixture(scope="session")
def streamproof_mocks(
    _streamproof_servers: _Servers, streamproof_mock_options: Mapping[str, Any]
) -> Mocks:
    """Makes mocks for fixtures of any scope: ``with streamproof_mocks(faults=[…]) as mock:``."""
    return Mocks(_streamproof_servers, streamproof_mock_options)


@pytest.fixture
def streamproof_mock(
    request: pytest.FixtureRequest,
    _streamproof_servers: _Servers,
    streamproof_mock_options: Mapping[str, Any],
) -> Iterator[Mock]:
    """A mock server with a state of this test's own: URLs, credentials, fixtures by API."""
    options = dict(streamproof_mock_options)
    for mark in reversed([*request.node.iter_markers("streamproof")]):  # the nearest one last
        if mark.args:
            pytest.fail("mark streamproof: give options by name, faults=[…]", pytrace=False)
        options |= mark.kwargs
    with _streamproof_servers.mock(options, "streamproof_mock") as mock:
        yield mock
