"""Configuration, dialects and seed data: what is read, and what each fault is told as."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamproof.config import (
    DEFAULT_TIMEOUT_S,
    TargetConfig,
    read_dialects,
    read_seed_data,
    read_target,
)
from streamproof.files import read_file
from streamproof.specs import api
from streamproof.specs.errors import SpecError

SECRET = "a-secret-of-mine"
PEM = (Path(__file__).parent / "localhost.pem").read_text()
STAGING = f"""
[targets.staging]
api = "bge"
url = "https://bge.example/"
app_key = "env:BGE_KEY"
app_secret = "{SECRET}"
lacks = ["biosamples"]
ca_file = "ca.pem"
headers = {{ X-Tenant = "env:TENANT" }}
timeout = 2.5
[targets.staging.fixtures]
namespace = "BGE_DEVELOPER_PLATFORM"
data_elements = ["one", "two"]
entities = ["three"]
time_span = [1900-01-01, "1950-01-01"]
[targets.local]
api = "dotide"
url = "http://127.0.0.1:8080/v1/demo"
basic = "demo-client:{SECRET}"
"""


def written(folder: Path, text: str, name: str = "streamproof.toml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


@pytest.fixture
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TargetConfig:
    monkeypatch.setenv("BGE_KEY", "a-key")
    monkeypatch.setenv("TENANT", "a-tenant")
    written(tmp_path, PEM, "ca.pem")
    return read_target(written(tmp_path, STAGING), "staging")


def test_a_target(staging: TargetConfig, tmp_path: Path) -> None:
    assert staging.api is api.load("bge")
    assert staging.url == "https://bge.example"
    assert staging.credentials == {"app_key": "a-key", "app_secret": SECRET}
    assert staging.lacks == ("biosamples",)
    assert staging.headers == {"X-Tenant": "a-tenant"}
    assert staging.timeout_s == 2.5
    assert staging.way.ca_file == str(tmp_path / "ca.pem")
    assert staging.fixtures["time_span"] == ["1900-01-01", "1950-01-01"]


def test_its_repr_has_no_secret(staging: TargetConfig) -> None:
    assert SECRET not in repr(staging)
    assert "a-tenant" not in repr(staging)


@pytest.mark.parametrize("name", api.names())
def test_without_fixtures_a_target_gets_ours_but_no_credentials(tmp_path: Path, name: str) -> None:
    spec = api.load(name)
    url = f"http://x{spec.servers[0].format(database='x')}"
    keys = "\n".join(f'{key} = "x:y"' for key in spec.credentials)
    file = written(tmp_path, f'[targets.x]\napi = "{name}"\nurl = "{url}"\n{keys}')
    target = read_target(file, "x")
    assert target.timeout_s == DEFAULT_TIMEOUT_S
    assert target.fixtures.items() <= spec.fixtures.items()
    assert "credentials" not in json.dumps(target.fixtures)
    ours = {"credentials", "other_database", "public_database"}
    assert spec.fixtures.keys() - ours <= {*target.fixtures}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'api = "bge"',
            'api = "nope"',
            "targets.staging.api: nope: no API of that name, and no folder; there are bge, dotide",
        ),
        ('api = "bge"', "", "targets.staging: api is missing; a table"),
        ("timeout = 2.5", 'timeout = "2"', "targets.staging.timeout: number expected, got"),
        ("timeout = 2.5", "timeout = 0", "timeout: more than 0 expected, got 0; seconds that a"),
        ("timeout = 2.5", "timeout = inf", "targets.staging.timeout: inf is no number"),
        ("timeout = 2.5", "timeout = nan", "targets.staging.timeout: nan is no number"),
        ("timeout = 2.5", "timeout = 1e300", "targets.staging.timeout: at most 1000000.0"),
        ("X-Tenant", '"X Tenant"', "targets.staging.headers.X Tenant: the name holds a blank"),
        ("X-Tenant", "Content-Length", "headers.Content-Length: the suite sets it itself"),
        ('"env:BGE_KEY"', '"a-key\\n"', "targets.staging.app_key: ends with a line break"),
        ('["three"]', "[]", "fixtures: entities: is empty; leave it out"),
        ('["three"]', '"three"', "targets.staging.fixtures: entities: array expected, got"),
        ("1950-01-01", "1890-01-01", "time_span: has to give the earlier day first"),
        ("1950-01-01", "1950-02-30", "time_span: the calendar has no 1950-02-30"),
        ("namespace =", "namespac =", "unknown entry namespac; did you mean namespace?"),
        ("timeout", "timout", "targets.staging.timout: no such entry; did you mean timeout?"),
        ('"biosamples"', '"nope"', "targets.staging.lacks.0: one of"),
        ('url = "https://bge.example/"', "", "targets.staging.url: is missing"),
        ("https://bge.example/", "bge.example", "targets.staging.url: a URL like http://"),
        (f'"{SECRET}"\nlacks', f'["{SECRET}"]\nlacks', "targets.staging.app_secret: text expec"),
        ('"env:TENANT"', f'["{SECRET}"]', "targets.staging.headers.X-Tenant: a table of header"),
        ('"env:BGE_KEY"', '"env:NOT_SET"', "app_key: the environment variable NOT_SET is not set"),
        ('"env:BGE_KEY"', f'"env:{SECRET}"', "app_key: env: must be followed by a variable's"),
        ('app_key = "env:BGE_KEY"', "", "targets.staging.app_key: is missing; app_secret needs"),
        ('entities = ["three"]', "entities = [3]", "fixtures: entities/0"),
        ("[targets.local]", "[target.local]", "target: no such entry; did you mean targets?"),
        ("[targets.local]", "[targets.staging]", "is no TOML"),
        ("ca.pem", "nope.pem", "targets.staging.ca_file: no such file"),
        ("staging", "stage", "targets.staging: no such target; there are stage, local"),
    ],
)
def test_faults_of_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, says: str
) -> None:
    monkeypatch.setenv("BGE_KEY", "a-key")
    monkeypatch.setenv("TENANT", "a-tenant")
    written(tmp_path, PEM, "ca.pem")
    assert old in STAGING
    file = written(tmp_path, STAGING.replace(old, new))
    with pytest.raises(SpecError) as caught:
        read_target(file, "staging")
    assert str(caught.value).startswith(str(file))
    assert says in str(caught.value)
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert "\n" not in str(caught.value)


# -- dialects and seed data --------------------------------------------------------------------

FIXED = next(point for point in api.load("dotide").dialect.points.values() if not point.mock)
OTHER = next(json.dumps(c.value) for c in FIXED.choices if c.value != FIXED.default)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.toml", '[dotide]\ncollation = "natural"'),
        ("d.yaml", "dotide: {collation: natural}"),
        ("d.json", '{"dotide": {"collation": "natural"}}'),
    ],
)
def test_a_dialect_file_is_read_by_its_suffix(tmp_path: Path, name: str, text: str) -> None:
    assert read_dialects(written(tmp_path, text, name)) == {"dotide": {"collation": "natural"}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dotid: {}", "dotid: no such entry; did you mean dotide?"),
        ("dotide: 5", "dotide: a table of silent points expected"),
        ("dotide: {nope: 1}", "dotide: nope: no such silent point"),
        ("dotide: {collatoin: natural}", "no such silent point; did you mean collation?"),
        ("dotide: {collation: nope}", 'dotide: collation: one of "code_point"'),
        (f"dotide: {{{FIXED.name}: {OTHER}}}", f"dotide.{FIXED.name}: the mock offers"),
        ("dotide: {collation: [", "line 1: "),
        ("- dotide", "a table of entries expected"),
    ],
)
def test_faults_of_a_dialect(tmp_path: Path, text: str, says: str) -> None:
    file = written(tmp_path, text, "d.yaml")
    with pytest.raises(SpecError) as caught:
        read_dialects(file)
    assert str(caught.value).startswith(str(file))
    assert says in str(caught.value)


def test_seed_data_of_one_api_needs_no_table(tmp_path: Path) -> None:
    file = written(tmp_path, 'database = "mine"', "seed.toml")
    assert read_seed_data(file, ("dotide",)) == {"dotide": {"database": "mine"}}
    with pytest.raises(SpecError, match="a table of fixtures for bge and dotide each expected"):
        read_seed_data(file, ("bge", "dotide"))


def test_credentials_of_seed_data_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "id:secret")
    file = written(tmp_path, "dotide: {credentials: {basic: env:MINE}}", "seed.yaml")
    seeds = read_seed_data(file, ("bge", "dotide"))
    assert seeds == {"dotide": {"credentials": {"basic": "id:secret"}}}


@pytest.mark.parametrize(
    "text",
    [
        f"credentials: {{basic: {SECRET}}}",
        f"credentials: {SECRET}",
        f"credentials: {{basic: [{SECRET}]}}",
        f"other_database: {{database: x, credentials: {{basic: {SECRET}}}}}",
        f"credentials: {{basic: 'x:{SECRET}\n  database: *",
    ],
)
def test_a_fault_near_credentials_does_not_show_them(tmp_path: Path, text: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_seed_data(written(tmp_path, text, "seed.yaml"), ("dotide",))
    assert SECRET not in str(caught.value)


def test_a_file_of_no_known_kind(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"a name that ends in \.toml, \.yaml, \.yml, \.json"):
        read_file(tmp_path / "x.ini")


@pytest.mark.parametrize("token", ["tök", "a b", "a\\n", "\\t", "a\\x01", ""])
def test_a_token_that_no_header_carries_is_no_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("MINE", "tök")
    text = f'dotide: {{credentials: {{access_token: "{token}"}}}}'
    for seed in (text, text.replace(f'"{token}"', "env:MINE")):
        with pytest.raises(SpecError, match="a token is of ASCII without blanks"):
            read_seed_data(written(tmp_path, seed, "seed.yaml"), ("dotide",))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("seed.toml", 'database = "mine"'),
        ("seed.json", '{"database": "mine"}'),
        ("seed.yaml", "database: mine"),
    ],
)
def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path, name: str, text: str) -> None:
    file = written(tmp_path, f"\ufeff{text}", name)
    assert read_seed_data(file, ("dotide",)) == {"dotide": {"database": "mine"}}
