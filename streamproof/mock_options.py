"""The options of the pytest fixtures: checked, and made a mock's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamproof.config import checked_dialects, checked_seed_data, read_dialects, read_seed_data
from streamproof.files import check_names
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.errors import UnusableConfig
from streamproof.mockserver.faults import UnknownFaultError
from streamproof.specs import api
from streamproof.specs.errors import SpecError
from streamproof.specs.homes import home

UNUSABLE = (SpecError, UnknownFaultError, UnusableConfig)  # options with something to mend
_NAMES = ("apis", "dialect", "faults", "seed_data")


def from_files(dialect: Path | None, seed_data: Path | None) -> dict[str, Any]:
    """The options that stand in files of `streamproof mock`. Raises `SpecError`."""
    options: dict[str, Any] = {}
    if dialect:
        options["dialect"] = read_dialects(dialect)
    if seed_data:
        options["seed_data"] = read_seed_data(seed_data, api.names())
    return options


def configuration(options: Mapping[str, Any]) -> MockConfig:
    """A mock with these options. Raises one of `UNUSABLE`."""
    check_names(options, _NAMES, "options")
    for name in ("dialect", "seed_data"):
        if not isinstance(options.get(name, {}), Mapping):
            raise SpecError("options", name, "a table for each API expected")
    faults = options.get("faults", ())
    if not isinstance(faults, list | tuple) or not all(isinstance(each, str) for each in faults):
        raise SpecError("options", "faults", "a list of names expected")
    apis = options.get("apis", api.names())
    if not isinstance(apis, list | tuple) or not apis:
        raise SpecError("options", "apis", "a list of names and folders expected")
    served = tuple(home(str(each)).key for each in apis)
    return MockConfig(
        apis=served,
        dialects=checked_dialects(options.get("dialect", {}), "dialect", served),
        fixtures=checked_seed_data(options.get("seed_data", {}), "seed_data", served),
        faults=tuple(faults),
    )
