"""Where an API lives: in our own rooms, in a package that is installed, or in a user's folder."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Literal

from streamproof.specs.errors import SpecError

GROUP = "streamproof.apis"  # entry points: name of the API = a package that holds its files
_ROOM = Path(__file__).parent
_DOCUMENT = "openapi.yaml"

Room = Literal["specs", "mockserver", "contracts"]


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of an API's data, and its code: by rooms for our own, else all in `folder`.

    `package` is the name under which the code is imported; None for a folder of the user's.
    """

    name: str
    folder: Path
    package: str | None = None
    ours: bool = False

    @property
    def key(self) -> str:
        """What finds this home again: a name that is known, or a folder."""
        return str(self.folder) if self.package is None else self.name

    def part(self, room: Room, name: str) -> ModuleType | None:
        """The module `name` of this API's code in a room; None where it has none.

        Raises `SpecError` for a file of the user's that can't be loaded.
        """
        if self.package is None:
            return self._loaded(name)
        where = f"streamproof.{room}.{self.package}" if self.ours else self.package
        if find_spec(where) is None or find_spec(f"{where}.{name}") is None:
            return None
        return import_module(f"{where}.{name}")

    def _loaded(self, name: str) -> ModuleType | None:
        file = self.folder / f"{name}.py"
        if not file.is_file():
            return None
        digest = hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:12]
        known = f"streamproof_{self.name}_{name}_{digest}"
        if known in sys.modules:
            return sys.modules[known]
        spec = spec_from_file_location(known, file)
        if spec is None or spec.loader is None:
            raise SpecError(str(file), "", "can't be loaded")
        module = module_from_spec(spec)
        sys.modules[known] = module  # before it runs: its dataclasses look themselves up
        try:
            spec.loader.exec_module(module)
        except Exception as fault:
            del sys.modules[known]
            raise SpecError(str(file), "", f"{type(fault).__name__}: {fault}") from fault
        return module


def homes() -> Mapping[str, Home]:
    """The APIs that are known by name: ours, and those of installed packages."""
    found = {
        name: Home(name, _ROOM / name, name, ours=True)
        for name in sorted(each.parent.name for each in _ROOM.glob(f"*/{_DOCUMENT}"))
    }
    for entry in entry_points(group=GROUP):
        spec = find_spec(entry.value)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found.setdefault(entry.name, Home(entry.name, Path(folder), entry.value))
    return found


def home(of: str) -> Home:
    """The home of an API, by its name or by its folder.

    Raises `SpecError` if there is neither, and for a folder without its openapi.yaml.
    """
    known = homes()
    if of in known:
        return known[of]
    folder = Path(of)
    if (folder / _DOCUMENT).is_file():
        return Home(_name(folder), folder)
    if folder.is_dir():
        raise SpecError(of, "", f"has no {_DOCUMENT}")
    raise SpecError(of, "", f"no API of that name, and no folder; there are {', '.join(known)}")


def _name(folder: Path) -> str:
    """The name of an API in ids of rules, from that of its folder."""
    words = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")
    return words if words[:1].isalpha() else f"api-{words}".rstrip("-")
