"""What a mock server is told at its start, checked at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamproof.mockserver import domain, reach
from streamproof.mockserver.errors import UnusableConfig
from streamproof.mockserver.faults import Fault, UnknownFaultError
from streamproof.specs import api
from streamproof.specs.dialect import Dialect, Value
from streamproof.specs.errors import SpecError, meant

if TYPE_CHECKING:
    from streamproof.mockserver.operational import Operational


@dataclass(frozen=True, slots=True)
class MockConfig:
    """Which APIs to serve, and how. Plain data, so that it can be handed to another process.

    `apis` are the keys of their homes: names, or folders. `dialects` holds, by an API's name, the
    silent points that differ from the default; `fixtures`, by name, the entries that take the
    place of those in its fixtures.yaml; `faults` names of faults, the first outermost
    (`operational` says how those with parameters are spelled); `loopback` says that no other
    machine can reach the server; `database_url` names the data base that holds the state (without
    it, it is in memory), `workers` how many processes answer, and `log` whether a line is printed
    for each call. `control_token` opens what is below `/_mock`, and `cors` are the origins whose
    pages may call the APIs.

    Raises `SpecError` for a dialect or fixtures that can't be used, `UnknownFaultError`,
    `UnusableDatabase` for an URL that can't be, and `UnusableConfig` for workers that share no
    data base, or are to have faults, and for a token or an origin that is none.
    """

    apis: tuple[str, ...] = field(default_factory=api.names)
    dialects: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    fixtures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    race_window_ms: float = 1.0
    loopback: bool = True
    database_url: str | None = field(default=None, repr=False)
    workers: int = 1
    log: bool = False
    control_token: str | None = field(default=None, repr=False)
    cors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        served: dict[str, str] = {}
        for key in self.apis:
            name = api.load(key).name
            if served.setdefault(name, key) != key:
                raise SpecError(key, "", f"has the name {name}, as {served[name]} has")
            self.dialect(key)
            api.load(key).check_fixtures(self.fixtures.get(name, {}), f"seed data of {name}")
        self.found_faults()
        reach.check(self.control_token, self.cors)
        shared = self.is_shared
        if self.workers > 1 and not shared:
            raise UnusableConfig(
                f"--workers: {self.workers} workers need a data base that they share; "
                "name one with --database-url, or start one worker"
            )
        if self.workers > 1 and self.faults:
            raise UnusableConfig(f"--workers: {self.no_faults}; start one worker")

    @property
    def is_shared(self) -> bool:
        """Whether several processes can share the state. Raises `UnusableDatabase`."""
        if self.database_url is None:
            return False
        from streamproof.mockserver.database import is_shared

        return is_shared(self.database_url)

    @property
    def no_faults(self) -> str | None:
        """Why no faults can be switched on, if they can't."""
        if self.workers == 1:
            return None
        return f"a fault remembers things in one process, and this mock has {self.workers}"

    def dialect(self, key: str) -> Dialect:
        """The dialect that the API at home at `key` is served in."""
        found = api.load(key)
        return found.dialect.read(self.dialects.get(found.name, {}), f"dialect of {found.name}")

    def seeded(self, key: str) -> Mapping[str, Any]:
        """The fixtures of the API at home at `key`, the user's in place of its own."""
        found = api.load(key)
        return {**found.fixtures, **self.fixtures.get(found.name, {})}

    def found_faults(self) -> tuple[Fault | Operational, ...]:
        """The faults by their names, in their order."""
        return self.find_faults(self.faults)

    def find_faults(self, names: Iterable[str]) -> tuple[Fault | Operational, ...]:
        """Faults by `names`, those of the served APIs and operational ones, in their order; none
        twice. Raises `UnknownFaultError`."""
        wanted = tuple(dict.fromkeys(names))
        known = {f.name: f for key in self.apis for f in domain.faults(key)} if wanted else {}
        found: list[Fault | Operational] = []
        for name in wanted:
            if "/" not in name.partition(":")[0]:  # no rule's
                from streamproof.mockserver import operational

                found.append(operational.read(name, map(api.load, self.apis)))
                continue
            if name not in known:
                hint = meant(name, known, "`streamproof mock --list-faults` lists them")
                raise UnknownFaultError(f"no fault {name!r}; {hint}")
            found.append(known[name])
        return tuple(found)
