"""A mock that runs, as its callers see it: addresses, credentials, and what it can be told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

from streamproof.served import Served

_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Arrived:
    """A call that arrived at a mock, without secrets.

    `rule` is the one that it broke, `faults` those that changed it or its answer. A call that no
    operation took has neither `api` nor `operation`; one that was cut off unanswered no `status`.
    """

    number: int
    time: str
    api: str | None
    operation: str | None
    method: str
    path: str
    arguments: Mapping[str, Any]
    headers: Mapping[str, str]
    status: int | None
    rule: str | None
    faults: tuple[str, ...]


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

    def requests(self, **filters: str | int) -> list[Arrived]:
        """The calls that arrived, the oldest first; only those that all `filters` let through:
        ``mock.requests(operation="create", status=201)``. There are api, operation, status (also
        ``"4xx"``), rule and fault (also ``"dotide/create/*"``), and after, the number of a call.

        Raises ValueError for another filter.
        """
        query = urlencode({name: str(value) for name, value in filters.items()})
        found = self._tell("GET", f"journal?{query}")
        names = Arrived.__slots__
        return [
            Arrived(**{name: each[name] for name in names} | {"faults": tuple(each["faults"])})
            for each in found
        ]

    def forget_requests(self) -> None:
        """Empty the journal."""
        self._tell("DELETE", "journal")

    def fault(self, name: str, **parameters: str | float) -> None:
        """Add a fault to those that are switched on: ``mock.fault("latency", operation="list",
        ms=300)``, or one of those that break a rule. Raises ValueError for one that there isn't.
        """
        on = [each["name"] for each in self._tell("GET", "faults")]
        self._tell("PUT", "faults", [*on, {"fault": name, **parameters}])

    def no_faults(self) -> None:
        """Switch all faults off."""
        self._tell("DELETE", "faults")

    def state(self) -> dict[str, Any]:
        """All that is there, by API, in the form of seed data."""
        state: dict[str, Any] = self._tell("GET", "state")
        return state

    def fill(self, state: Mapping[str, Any]) -> None:
        """Put a state in place of what is there of its APIs. Raises ValueError if it is none."""
        self._tell("PUT", "state", state)

    def take_snapshot(self, name: str) -> None:
        """Remember what is there."""
        self._tell("PUT", f"snapshots/{quote(name, safe='')}")

    def restore(self, name: str) -> None:
        """Go back to a snapshot. Raises ValueError if there is none."""
        self._tell("POST", f"snapshots/{quote(name, safe='')}")

    def set_clock(
        self,
        *,
        frozen: str | None = None,
        offset_s: float | None = None,
        speed: float | None = None,
    ) -> None:
        """Stop the clock at a time (``"2026-01-31T12:00:00Z"``), let it be off by some seconds, or
        run faster; without arguments it is the real one."""
        given = {"frozen": frozen, "offset_s": offset_s, "speed": speed}
        self._tell("PUT", "clock", {k: value for k, value in given.items() if value is not None})

    def reset(self) -> None:
        """Go back to the start: seed data, faults, and an empty journal."""
        self._tell("POST", "reset")

    def _tell(self, method: str, path: str, body: Any = None) -> Any:
        """What the mock answers to a call of its own. Raises ValueError with what it refuses."""
        data = None if body is None else json.dumps(body).encode()
        asked = Request(f"{self.url}/_mock/{path}", data, method=method)
        asked.add_header("Content-Type", "application/json")
        try:
            with build_opener(ProxyHandler({})).open(asked, timeout=_TIMEOUT_S) as answer:
                text = answer.read()
        except HTTPError as refused:
            with refused:
                raise ValueError(json.load(refused)["message"]) from None
        return json.loads(text) if text else None


@contextmanager
def mock(**options: Any) -> Iterator[Mock]:
    """A mock on a free port, until the end of the `with`.

    `options` are those of the pytest fixtures: `apis`, `dialect`, `faults`, `seed_data`. Raises
    `SpecError`, `UnknownFaultError` or `UnusableConfig` for those that can't be used.
    """
    from streamproof.mock_options import configuration
    from streamproof.mockserver.in_thread import serve_in_thread
    from streamproof.specs import api

    config = configuration(options)
    with serve_in_thread(config) as server:
        served = [Served.at(server.url, api.load(key), config.seeded(key)) for key in config.apis]
        yield Mock(server.url, {each.name: each for each in served})
