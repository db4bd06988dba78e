"""`streamproof doctor`, `plan` and `init`: before a run."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streamproof import cli
from streamproof.config import read_target, read_targets
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import RunningMock, serve_in_thread
from streamproof.specs import api
from tests.sockets import PEM, Asked, OpenShelf, serving

BASIC = ("--basic", "demo-client:demo-secret")
KEYS = ("--app-key", "demo-key", "--app-secret", "demo-secret")
TOKEN = ("--access-token", api.load("dotide").fixtures["credentials"]["access_token"])

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line, in this process: exit code, standard output, standard error."""

    def call(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["streamproof", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        return (code if isinstance(code, int) else 0, *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def served() -> Iterator[RunningMock]:
    with serve_in_thread(MockConfig()) as server:
        yield server


def streams(server: RunningMock) -> int:
    client = server.app.test_client()
    listed = client.get(f"/v1/demo/datastreams?access_token={TOKEN[1]}").get_json()
    return len(listed)


# -- doctor --------------------------------------------------------------------------------------


def test_all_is_well_with_dotide(command: Command, served: RunningMock) -> None:
    url = f"{served.url}/v1/demo"
    code, out, _ = command("doctor", "dotide", "--url", url, *BASIC, *TOKEN)
    assert code == 0, out
    for told in (
        "ok   address: 127.0.0.1:",
        "ok   credentials (basicAuth): those of --basic are accepted",
        "ok   credentials (basicAuth): a wrong secret is refused: 404",
        "ok   credentials (bearerAuth): those of --access-token are accepted",
        "ok   fixtures.other_database: not given: 2 rules can't be tested",
        "ok   clock: the clock of the target agrees with that of this machine",
        " was created, and read again",
        " was removed",
        "ok   latency: a read takes ",
        "ok   limits: none met in ",
        "all is well",
    ):
        assert told in out
    assert "demo-secret" not in out
    assert streams(served) == 0


def test_all_is_well_with_bge_where_a_record_stays(command: Command, served: RunningMock) -> None:
    code, out, _ = command("doctor", "bge", "--url", served.url, *KEYS)
    assert code == 0, out
    assert "ok   fixtures.entities: known: 093f5e9a-7c96-11eb-a38f-00163e0eae20, " in out
    assert "ok   write: a record was written at 19" in out
    assert "and stays: no call of this API removes a record" in out


def test_read_only_writes_nothing(command: Command) -> None:
    with serve_in_thread(MockConfig()) as server:
        code, out, _ = command("doctor", "bge", "--url", server.url, *KEYS, "--read-only")
    assert (code, "write:" in out) == (0, False)


@pytest.mark.parametrize(
    ("args", "mend"),
    [
        (("dotide", "--url", "{}/v1/demo", "--basic", "demo-client:nope"), "knows as --basic"),
        (("dotide", "--url", "{}/v1/demo", *BASIC, "--access-token", "x"), "as --access-token"),
        (("dotide", "--url", "{}/v1/nope", *BASIC), "/v1/demo as --url"),
        (("dotide", "--url", "http://127.0.0.1:9/v1/demo", *BASIC), "host and port of --url"),
        (("bge", "--url", "{}", *KEYS[:3], "nope"), "knows as --app-key and --app-secret"),
        (("bge", "--url", "{}", *KEYS, "--fixtures", "f.yaml"), "is there in fixtures.entities"),
    ],
)
def test_what_is_wrong_is_told_with_how_to_mend_it(
    args: tuple[str, ...],
    mend: str,
    command: Command,
    served: RunningMock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(
        "{namespace: BGE_DEVELOPER_PLATFORM, time_span: ['1900-01-01', '1950-01-01'],"
        " data_elements: [02393f70-c7e4-11e9-bfed-00163e104c79], entities: [nope]}"
    )
    code, out, _ = command("doctor", *(arg.format(served.url) for arg in args))
    assert code == 3, out
    faults = [line for line in out.splitlines() if line.startswith("     -> ")]
    assert any(line.endswith(mend) or mend in line for line in faults), out


@pytest.mark.parametrize(
    ("without", "told"),
    [
        ("DELETE", "can't be removed, and is left there: 403"),
        ("POST", "a datastream can't be created: 403"),
    ],
)
def test_a_write_that_fails(without: str, told: str, command: Command) -> None:
    with serving(OpenShelf(without)) as at:
        code, out, _ = command("doctor", "dotide", "--url", f"http://{at}/v1/demo", *BASIC)
    assert code == 3
    assert told in out
    assert "a wrong secret reads, too: reads seem to be open to everyone" in out


# -- plan ----------------------------------------------------------------------------------------


def test_a_plan_sends_one_read(command: Command) -> None:
    heard: list[str] = []

    def respond(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        heard.append(asked.command)
        return 200, {}, b"[]"

    with serving(respond) as at:
        code, out, _ = command(
            *("plan", "dotide", "--url", f"http://{at}/v1/demo", *BASIC),
            *("--only", "dotide/delete/*", "--max-examples", "2", "--max-requests", "3"),
        )
    assert code == 0
    assert heard == ["GET"]
    lines = out.splitlines()
    assert lines[1].startswith("rules: 6 of ")
    assert lines[2] == "  6 of delete"
    assert re.fullmatch(r"requests: about \d+", lines[3])
    assert re.fullmatch(r"creates: about \d+ objects, and removes them all again", lines[4])
    assert re.fullmatch(r"time: about .+ at \d+ ms a request, by one read", lines[5])
    assert lines[6] == "--max-requests 3 will end it early: inconclusive"


def test_a_plan_says_what_stays(command: Command, served: RunningMock) -> None:
    only = ("--only", "bge/write/minimal-call", "--only", "bge/bind/*")
    code, out, _ = command("plan", "bge", "--url", served.url, *KEYS, *only)
    assert code == 0
    assert re.search(r"\d+ records at 1900-01-01 to 1950-01-01 .+ and \d+ of them stay", out)


def test_a_plan_without_a_target(command: Command) -> None:
    where = ("--url", "http://127.0.0.1:9/v1/demo", *BASIC, "--only", "dotide/delete/status")
    code, out, _ = command("plan", "dotide", *where)
    assert code == 0
    assert "time: unknown, the target did not answer one read; `streamproof doctor`" in out


# -- init ----------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_writes_a_target_for_each_api(command: Command, here: Path) -> None:
    code, out, _ = command("init")
    assert code == 0
    assert out.startswith("wrote streamproof.toml: bge, dotide\nset BGE_APP_KEY, ")
    assert [*read_targets(here / "streamproof.toml")] == ["bge", "dotide"]


def test_all_that_init_offers_can_be_given(
    command: Command, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DOTIDE_BASIC", "BGE_APP_KEY", "BGE_APP_SECRET", "DOTIDE_ACCESS_TOKEN", "TENANT"):
        monkeypatch.setenv(name, "a:b")
    command("init")
    file = here / "streamproof.toml"
    whole = re.sub(r"^#(?=[\[a-z])", "", file.read_text(), flags=re.M)
    file.write_text(whole.replace("http://", "https://"))
    for pem in ("ca.pem", "client.pem", "client.key"):
        (here / pem).write_text(Path(PEM).read_text())
    for name in api.names():
        given = read_target(file, name)
        assert given.fixtures
        assert given.way.ca_file == str(here / "ca.pem")
        assert {*given.credentials} == {*api.load(name).credentials}


def test_init_takes_flags_and_checks_what_it_wrote(
    command: Command, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "an-id:a-secret")
    url = "https://x.example/v2/mine"
    flags = ("--url", url, "--basic", "env:MINE", "--target", "my target", "-o", "my.toml")
    code, out, _ = command("init", "dotide", *flags)
    assert code == 0
    assert out.splitlines() == [
        "wrote my.toml: my target",
        "next: streamproof doctor --config my.toml --target 'my target'",
    ]
    written = read_target(here / "my.toml", "my target")
    assert (written.url, written.credentials) == (url, {"basic": "an-id:a-secret"})
    assert "a-secret" not in (here / "my.toml").read_text()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("dotide",), "Error: streamproof.toml: is there already; --force overwrites it\n"),
        (("-o", "x.toml", "--url", "http://x"), "which API? Give one of bge, dotide"),
        (("dotide", "-o", "x.toml", "--url", "http://x"), "--url: ends too early"),
        (("dotide", "-o", "x.toml", "--basic", "a:b"), "--basic: env:NAME expected"),
        (("bge", "-o", "x.toml", "--basic", "env:A"), "--basic is no credential of bge"),
        (("bge", "-o", "no/x.toml"), "no/x.toml: No such file"),
    ],
)
def test_init_refuses(args: tuple[str, ...], says: str, command: Command, here: Path) -> None:
    (here / "streamproof.toml").write_text("mine")
    code, _, err = command("init", *args)
    assert (code, err.count("\n")) == (2, 1)
    assert says in err
    assert (here / "streamproof.toml").read_text() == "mine"
    assert not (here / "x.toml").exists()
