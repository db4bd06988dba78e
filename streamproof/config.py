"""What people write for us: targets, dialects, seed data. Every fault is one line, `SpecError`.

No message shows a credential, nor does any repr.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from streamproof import sendable
from streamproof.files import check, check_names, dotted, read_file, secret
from streamproof.packed import packed
from streamproof.served import base_urls
from streamproof.specs import api as apis
from streamproof.specs.api import Api, Checked
from streamproof.specs.dialect import PROBE, Value
from streamproof.specs.errors import SpecError
from streamproof.specs.homes import home
from streamproof.specs.wording import shown
from streamproof.way import FILES, KEYS, Place, Way, way

DEFAULT_FILE = Path("streamproof.toml")
DEFAULT_TIMEOUT_S = 10.0
LONGEST_S = 1e6  # of a timeout or a budget: sockets take no more than some
_A_CREDENTIAL = "text expected: the credential itself, or env:NAME of an environment variable"
_IN_A_HEADER = "headers carry no control characters, and a token is of ASCII without blanks"


@dataclass(frozen=True, slots=True)
class TargetConfig:
    """A target as described by a file or by flags, its environment variables read."""

    api: Api
    url: str
    credentials: Mapping[str, str] = field(repr=False)
    fixtures: Mapping[str, Any] = field(repr=False)
    lacks: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    way: Way = field(default_factory=Way)
    timeout_s: float = DEFAULT_TIMEOUT_S
    place: Place = field(default=lambda key: flag(key), repr=False)

    def told(self, key: str) -> str:
        """What the user calls an entry: ``--basic``, or ``targets.staging.basic`` of a file."""
        file, entry = self.place(key)
        return entry or file

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no report may show beside `credentials`: header values, credentials in fixtures,
        a proxy's password."""
        from streamproof.contracts.masking import Word  # of the suite, which a mock never loads

        return (
            *map(Word, self.headers.values()),
            *_credentials_in(self.fixtures),
            *self.way.secrets,
        )


def flag(key: str) -> tuple[str, str]:
    """The `Place` of what the command line says."""
    name = {"headers": "header"}.get(key, key)  # given once for each
    return "--" + name.replace("_", "-"), ""


def flags_of(api: str) -> Place:
    """The `Place` of what the command line says of a target of `api`: a credential of an API in
    a folder has no flag of its own."""
    own = {key for name in apis.names() for key in apis.load(name).credentials}
    others = apis.load(api).credentials.keys() - own

    def place(key: str) -> tuple[str, str]:
        return (f"--credential {key}=VALUE", "") if key in others else flag(key)

    return place


# -- targets -----------------------------------------------------------------------------------


def read_target(path: Path, name: str) -> TargetConfig:
    """The target `name` of a configuration file. The whole file has to be sound."""
    file, targets = str(path), read_targets(path)
    if name not in targets:
        raise SpecError(file, f"targets.{name}", f"no such target; there are {', '.join(targets)}")
    entry = dict(targets[name])
    entry |= {key: str(path.parent / entry[key]) for key in FILES if key in entry}
    entry["api"] = _home_of(entry["api"], path, f"targets.{name}")
    return target(entry, lambda key: (file, f"targets.{name}.{key}"))


def target(entry: Mapping[str, Any], place: Place) -> TargetConfig:
    """The target that `entry` describes, with the keys of a table of the configuration file.

    Without fixtures it gets those of the API's fixtures.yaml, less what only a mock has.
    """
    api = apis.load(entry["api"])
    fixtures = entry.get("fixtures")
    if fixtures is not None:
        at = ": ".join(filter(None, place("fixtures")))
        _check_fixtures(api, fixtures, at)
        _check_usable(api, fixtures, at)
    url = checked_url(api, entry["url"], place)
    return TargetConfig(
        api=api,
        url=url,
        credentials=_credentials(api, entry, place),
        fixtures=_public(api.fixtures) if fixtures is None else _with_secrets(fixtures, place),
        lacks=tuple(entry.get("lacks", ())),
        headers=_headers(api, entry.get("headers", {}), place),
        way=way(entry, url, place),
        timeout_s=entry.get("timeout", DEFAULT_TIMEOUT_S),
        place=place,
    )


def read_targets(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """All targets of a configuration file, of the right shape but not yet looked into."""
    file = str(path)
    content = read_file(path)
    check_names(content, ("targets",), file)
    a_target = {
        "type": "object",
        "required": ["api"],
        "properties": {"api": {"type": "string"}},
    }
    tables = {"type": "object", "minProperties": 1, "additionalProperties": a_target}
    shape = {"type": "object", "required": ["targets"], "properties": {"targets": tables}}
    check(content, shape, file, "", "a table [targets.NAME] has api, url and credentials")
    targets: Mapping[str, Mapping[str, Any]] = content["targets"]
    for name, entry in targets.items():
        at = f"targets.{name}"
        check_entry(entry, apis.load(_home_of(entry["api"], path, at)), file, at)
    return targets


def check_entry(entry: Mapping[str, Any], api: Api, file: str, at: str) -> None:
    """Raise `SpecError` unless the description of a target of `api` has the right shape."""
    schemas = _entries(api)
    check_names(entry, schemas, file, at)
    for key, value in entry.items():
        check(value, schemas[key], file, dotted(at, key), schemas[key]["description"])
    if "url" not in entry:
        raise SpecError(file, dotted(at, "url"), f"is missing; {schemas['url']['description']}")


def _home_of(api: str, path: Path, at: str) -> str:
    """The API of a target: by its name, or by its folder as seen from the configuration file."""
    if api in apis.names():
        return api
    folder = str(path.parent / api)
    try:
        home(folder)
    except SpecError as fault:
        raise SpecError(str(path), dotted(at, "api"), f"{api}: {fault.fault}") from None
    return folder


def _entries(api: Api) -> dict[str, Mapping[str, Any]]:
    """The JSON Schema of each entry that a target of `api` may have; descriptions say how to
    mend it, `writeOnly` marks what no message may show."""
    text = {"type": "string"}
    hidden = {**text, "writeOnly": True}
    fixtures = api.fixtures_schema["properties"]
    return {
        "api": {**text, "description": "the name of the API"},
        "url": {**text, "description": "the URL that the API's paths are added to"},
        **{key: {**hidden, "description": _A_CREDENTIAL} for key in api.credentials},
        "lacks": {
            "type": "array",
            "items": {"enum": list(dict.fromkeys((*fixtures, *api.rulebook.parts)))},
            "description": "fixture keys, or parts of the API, that the target doesn't offer",
        },
        "fixtures": {"type": "object", "description": f"a table of {', '.join(fixtures)}"},
        **KEYS,
        "headers": {
            "type": "object",
            "additionalProperties": hidden,
            "writeOnly": True,
            "description": "a table of header names and values to send along",
        },
        "timeout": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": LONGEST_S,
            "description": "seconds that a whole answer may take",
        },
    }


def checked_url(api: Api, url: str, place: Place) -> str:
    """`url`, if requests can be built on it."""
    example = base_urls(api, "http://127.0.0.1:8080", api.fixtures)[0]
    if fault := sendable.unlike_url(url):
        raise SpecError(*place("url"), fault)
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound:
        raise SpecError(*place("url"), f"a URL like {example} expected")
    try:
        there_is = parts.port is None or parts.port > 0
    except ValueError:
        there_is = False
    if not there_is:
        port = parts.netloc.rpartition(":")[2]
        raise SpecError(*place("url"), f"port {port} doesn't exist; one of 1 to 65535 expected")
    if parts.username is not None or parts.query or parts.fragment:
        keys = " or ".join(flag(key)[0] for key in api.credentials)
        raise SpecError(
            *place("url"), f"leave off user, query and fragment; {keys} take credentials"
        )
    path = parts.path.rstrip("/")
    if added := _ends_with(path, _beginnings(op.path for op in api.operations.values())):
        raise SpecError(*place("url"), f"leave off {added}: the operations of {api.name} add it")
    homes = {home.rstrip("/") for home in api.servers}
    named = all("{" in home for home in homes)  # a deployment without its data base is none
    if named and (not path or _ends_with(path, _beginnings(homes))):
        raise SpecError(*place("url"), f"ends too early; a URL like {example} expected")
    return url.rstrip("/")


def _beginnings(paths: Iterable[str]) -> set[str]:
    """Whatever a path begins with, as far as its first variable: /a and /a/b of /a/b/{c}."""
    segments = [path.strip("/").partition("{")[0].strip("/").split("/") for path in paths]
    return {"/" + "/".join(s[:n]) for s in segments for n in range(1, len(s) + 1) if s[0]}


def _ends_with(path: str, ends: Iterable[str]) -> str | None:
    """The longest of `ends` that `path` ends with."""
    return max((end for end in ends if path.endswith(end)), key=len, default=None)


def _headers(api: Api, headers: Mapping[str, str], place: Place) -> dict[str, str]:
    """The headers to send along, read from the environment where they say so."""
    taken = any(scheme.parameter == "Authorization" for scheme in api.schemes.values())
    found: dict[str, str] = {}
    for name, value in headers.items():
        file, entry = place("headers")
        at = (file, dotted(entry, name)) if entry else (file, name)
        found[name] = secret(value, *at)
        if fault := sendable.unlike_header(name, found[name], taken):
            raise SpecError(*at, fault)
        if name.lower() in (other.lower() for other in found if other != name):
            raise SpecError(*at, "stands twice")
    return found


def _credentials(api: Api, entry: Mapping[str, Any], place: Place) -> Mapping[str, str]:
    """The credentials in `entry`: enough for one of the API's security schemes, nothing half."""
    given = {key: secret(entry[key], *place(key)) for key in api.credentials if key in entry}
    ways = [tuple(s.credentials) for s in api.schemes.values() if s.credentials]
    for key in given:
        if not any(key in way and given.keys() >= {*way} for way in ways):
            other = next(k for way in ways if key in way for k in way if k not in given)
            raise SpecError(*place(other), f"is missing; {key} needs it")
    for key, value in given.items():
        _check_sendable(api, key, value, place)
    if not given and ways:
        options = " or ".join(" with ".join(way) for way in dict.fromkeys(ways))
        raise SpecError(*place(next(iter(api.credentials))), f"is missing; give {options}")
    return given


def _check_sendable(api: Api, key: str, value: str, place: Place) -> None:
    """Raise `SpecError` for a credential that the API's security schemes can't carry."""
    carriers = {
        "basic": sendable.unlike_basic,
        "bearer": sendable.unlike_bearer,
        "header": sendable.unlike_key,
        "cookie": sendable.unlike_key,
    }
    for scheme in api.schemes.values():
        if key in scheme.credentials:
            fault = carriers.get(scheme.kind, sendable.unlike_text)(value)
            if fault:
                raise SpecError(*place(key), fault)


# -- fixtures --------------------------------------------------------------------------------


def _with_secrets(fixtures: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """`fixtures` with the credentials in it read from the environment where they say so."""
    return {
        key: {k: secret(v, *place(key)) for k, v in value.items()}
        if key == "credentials"
        else _with_secrets(value, place)
        if isinstance(value, Mapping)
        else value
        for key, value in fixtures.items()
    }


def _credentials_in(fixtures: Mapping[str, Any]) -> Iterator[str]:
    for key, value in fixtures.items():
        if key == "credentials":
            yield from value.values()
        elif isinstance(value, Mapping):
            yield from _credentials_in(value)


def _public(fixtures: Mapping[str, Any]) -> dict[str, Any]:
    """Fixtures less everything that holds credentials: those are our mock's."""
    return {
        key: value
        for key, value in fixtures.items()
        if key != "credentials" and not (isinstance(value, Mapping) and "credentials" in value)
    }


def _check_fixtures(api: Api, fixtures: object, file: str) -> None:
    try:
        api.check_fixtures(fixtures, file)
    except SpecError as fault:
        if "credentials" in fault.entry.split("/"):
            raise SpecError(file, fault.entry, f"{_A_CREDENTIAL}; {_IN_A_HEADER}") from None
        raise


def _check_usable(api: Api, fixtures: Mapping[str, Any], file: str) -> None:
    """Raise `SpecError` for fixtures of the right shape that no rule can use."""
    needed = {need for rule in api.rulebook for need in rule.needs}
    for key, value in fixtures.items():
        if key in needed and value in ([], {}):
            raise SpecError(file, key, "is empty; leave it out if there is nothing to name")


# -- dialects and seed data --------------------------------------------------------------------


def _known(served: Iterable[str]) -> dict[str, Api]:
    """By their names our own APIs, and those that are served, given by the keys of their homes."""
    return {api.name: api for api in map(apis.load, dict.fromkeys((*apis.names(), *served)))}


def read_dialects(path: Path, served: tuple[str, ...] = ()) -> dict[str, Mapping[str, Value]]:
    """A dialect file for the mock: by API, the silent points that differ from the default."""
    return checked_dialects(_tables(path), str(path), served)


def _tables(path: Path) -> dict[str, Any]:
    """The tables of a dialect file, but for what else a probe found."""
    return {name: table for name, table in read_file(path).items() if name != PROBE}


def checked_dialects(
    tables: Mapping[str, Any], file: str, served: tuple[str, ...] = (), *, mock: bool = True
) -> dict[str, Mapping[str, Value]]:
    """The content of a dialect file, for the `mock` or for another server. Raises `SpecError`."""
    known = _known(served)
    check_names(tables, known, file)
    for name, points in tables.items():
        if not isinstance(points, Mapping):
            raise SpecError(file, name, "a table of silent points expected")
        dialect = known[name].dialect
        for point, value in dialect.read(points, f"{file}: {name}").items():
            fixed = dialect.points[point]
            if mock and not fixed.mock and value != fixed.default:
                only = f"the mock offers {shown(fixed.default)} only"
                raise SpecError(file, dotted(name, point), only)
    return dict(tables)


def read_pins(path: Path, api: Api) -> dict[str, Value]:
    """The silent points of `api` that a dialect file settles. Raises `SpecError`."""
    tables = checked_dialects(_tables(path), str(path), (api.home.key,), mock=False)
    if api.name not in tables:
        raise SpecError(str(path), api.name, "a table of silent points expected")
    return dict(tables[api.name])


def read_seed_data(path: Path, served: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    """A seed file, by API: a table each, or the fixtures of the only API that is served."""
    return checked_seed_data(read_file(path), str(path), served)


def checked_seed_data(
    content: Mapping[str, Any], file: str, served: tuple[str, ...]
) -> dict[str, Mapping[str, Any]]:
    """The content of a seed file, its environment variables read. Raises `SpecError`."""
    known = _known(served)
    if not set(content) <= set(known):
        names = [apis.load(key).name for key in served]
        if len(names) != 1:
            tables = " and ".join(names)
            raise SpecError(file, "", f"a table of fixtures for {tables} each expected")
        content = {names[0]: content}
    for name, fixtures in content.items():
        _check_fixtures(known[name], fixtures, f"{file}: {name}")
    read = {
        name: _with_secrets(fixtures, lambda key: (file, key)) for name, fixtures in content.items()
    }
    for name, fixtures in read.items():  # what came from the environment
        secrets = {key: each for key, each in fixtures.items() if [*_credentials_in({key: each})]}
        _check_fixtures(known[name], secrets, f"{file}: {name}")
    return {
        name: Checked((key, packed(value)) for key, value in fixtures.items())
        for name, fixtures in read.items()
    }
