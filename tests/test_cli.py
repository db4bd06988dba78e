"""The real command: exit code, first line, and what it loads."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast
from urllib.request import urlopen

import pytest

from streamproof import cli, demo, progress
from streamproof.contracts.verdict import NO_CHECK, Verdict
from streamproof.specs import api
from tests.sockets import Asked, Respond, serving

DOTIDE = ("--basic", "an-id:a-secret-of-mine")
BGE = ("--app-key", "a-key", "--app-secret", "a-secret-of-mine")

PEM = str(Path(__file__).parent / "localhost.pem")
RECORD = api.load("bge").fixtures["streams"][0]


def streamproof(*args: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "streamproof", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def python(program: str) -> str:
    """What a program prints that runs in an interpreter of its own."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@contextmanager
def mock(*args: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A running mock, and all that it printed at its start."""
    command = [sys.executable, "-u", "-m", "streamproof", "mock", "--port", "0", *args]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        banner = [process.stdout.readline()]
        while "/_space/" not in banner[-1]:
            assert banner[-1], f"the mock ended: {banner}"
            banner.append(process.stdout.readline())
        yield process, [line.rstrip("\n") for line in banner]
    finally:
        process.terminate()
        process.wait(timeout=60)


def url_of(banner: list[str]) -> str:
    return next(word for word in banner[0].split() if word.startswith("http"))


def health(url: str) -> Any:
    give_up = time.monotonic() + 60
    while True:
        try:
            with urlopen(f"{url}/_mock/health") as answer:
                return json.load(answer)
        except OSError:
            assert time.monotonic() < give_up, "never came up"
            time.sleep(0.02)


# -- what is loaded ----------------------------------------------------------------------------


def loaded_after(*args: str) -> set[str]:
    """The packages that are loaded when a command is done; a mock that doesn't serve."""
    found = python(
        "import sys\n"
        f"args = {list(args)!r}\n"
        "if 'mock' in args:\n"
        "    from streamproof.mockserver import serve\n"
        "    serve.run = lambda *_: None\n"
        "from streamproof.cli import cli\n"
        "cli.main(args, standalone_mode=False)\n"
        "print('LOADED', *sys.modules)"
    )
    return set(found.rpartition("LOADED ")[2].split())


def test_help_loads_no_room() -> None:
    loaded = loaded_after("--help")
    rooms = {f"streamproof.{room}" for room in ("contracts", "mockserver", "specs")}
    assert not loaded & {*rooms, "hypothesis", "flask", "jsonschema", "rich"}


def test_mock_loads_nothing_of_the_suite_and_leaves_the_server_to_its_workers() -> None:
    loaded = loaded_after("mock")
    assert not loaded & {"streamproof.contracts", "hypothesis", "urllib3", "rich"}
    assert not loaded & {"flask", "sqlalchemy"}


# -- check -------------------------------------------------------------------------------------


class _EmptyList(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def empty_list() -> Iterator[str]:
    """A server that answers everything with ``200 []``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _EmptyList)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/demo"
    server.shutdown()
    server.server_close()


def taken(_: Asked) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, b"[]"


def moved(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    return 301, {"Location": f"https://x.example{asked.path}"}, b""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def test_a_server_that_answers_200_to_everything_is_none_of_the_api(
    empty_list: str, tmp_path: Path
) -> None:
    where = ("--url", empty_list, "--report-dir", str(tmp_path))
    done = streamproof("check", "dotide", *where, *DOTIDE)
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith(f"dotide at {empty_list}: INCONCLUSIVE: no answer has anything ")
    assert "a-secret-of-mine" not in done.stdout + done.stderr
    assert json.loads((tmp_path / "report.json").read_text())["headline"] == "inconclusive"
    assert (tmp_path / "junit.xml").is_file()


def test_a_closed_port_is_inconclusive() -> None:
    url = f"http://127.0.0.1:{free_port()}/v1/demo"
    done = streamproof("check", "dotide", "--url", url, *DOTIDE, "--ci")
    assert done.returncode == 3, done.stdout
    assert done.stdout.startswith(f"dotide at {url}: INCONCLUSIVE: the target does not answer")
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("respond", "tls", "scheme", "first", "cleanup"),
    [
        (taken, True, "https", "is not trusted: self", "0 created, 0 deleted, 0 left"),
        (taken, True, "http", "speaks TLS, not plain HTTP; give https:// in --url", "0 created"),
        (taken, False, "https", "speaks plain HTTP, not TLS; give http:// in --url", "0 created"),
        (moved, False, "http", "give https://x.example/v1/demo as --url", "0 created, 0 deleted"),
    ],
)
def test_a_wrong_address_is_told_in_the_first_line_and_nothing_is_left(
    respond: Respond, tls: bool, scheme: str, first: str, cleanup: str
) -> None:
    with serving(respond, tls=tls) as at:
        url = f"{scheme}://{at}/v1/demo"
        done = streamproof("check", "dotide", "--url", url, *DOTIDE, "--ci")
    lines = done.stdout.splitlines()
    assert done.returncode == 3, done
    assert lines[0].startswith(f"dotide at {url}: INCONCLUSIVE: ")
    assert first in lines[0]
    assert any(line.startswith(f"clean-up: {cleanup}") for line in lines)
    assert lines[-1].startswith("next: with STREAMPROOF_BASIC exported: curl -sSi -X GET -u ")
    assert f"{url}/datastreams?limit=1" in lines[-1]
    assert "a-secret-of-mine" not in done.stdout


def test_a_target_of_a_configuration_file(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1/demo"
    target = f'[targets.local]\napi = "dotide"\nurl = "{url}"\nbasic = "env:MINE"'
    (tmp_path / "streamproof.toml").write_text(target)
    environment = {**os.environ, "MINE": DOTIDE[1]}
    done = streamproof("check", "--target", "local", cwd=tmp_path, env=environment)
    assert done.returncode == 3, done.stdout
    assert done.stdout.startswith(f"dotide at {url}: INCONCLUSIVE")
    done = streamproof("check", "bge", "--target", "local", cwd=tmp_path, env=environment)
    assert done.returncode == 2
    assert "the target local is of the API dotide, not bge" in done.stderr
    done = streamproof("check", "--target", "other", cwd=tmp_path)
    assert done.stderr == (
        "Error: streamproof.toml: targets.other: no such target; there are local\n"
    )


def test_check_takes_a_flag_for_every_credential() -> None:
    explained = streamproof("check", "--help").stdout
    for key in (key for name in api.names() for key in api.load(name).credentials):
        assert f"--{key.replace('_', '-')} " in explained


URL = ("--url", "http://127.0.0.1:9/v1/demo")
TLS = ("--url", "https://127.0.0.1:9/v1/demo")
BGE_URL = ("--url", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["check"], "which target? Give an API and --url, or --target NAME"),
        (
            ["check", "nope", *URL],
            "nope: no API of that name, and no folder; there are bge, dotide",
        ),
        (["check", "dotide", "--url", "nope", *DOTIDE], "--url: a URL like http://"),
        (
            ["check", "dotide", "--url", "http://x:70000", *DOTIDE],
            "--url: port 70000 doesn't exist",
        ),
        (["check", "dotide", "--url", "http://x:0", *DOTIDE], "--url: port 0 doesn't exist"),
        (["check", "dotide", "--url", "http://x/v1/de mo", *DOTIDE], "--url: holds a blank"),
        (["check", "dotide", "--url", " http://x/v1/demo", *DOTIDE], "--url: holds a blank"),
        (["check", "dotide", "--url", "http://x/v1/demo\n", *DOTIDE], "--url: ends with a line br"),
        (["check", "dotide", "--url", "http://x/v1/d\ne", *DOTIDE], "--url: holds a line break"),
        (
            ["check", "dotide", "--url", "http://x/v1/室", *DOTIDE],
            "--url: holds 室; percent-encode",
        ),
        (["check", "dotide", "--url", "http://x/v1/<db>", *DOTIDE], "--url: holds <, which no URL"),
        (["check", "dotide", "--url", "http://x", *DOTIDE], "--url: ends too early; a URL like"),
        (
            ["check", "dotide", "--url", "http://x/v1/", *DOTIDE],
            "--url: ends too early; a URL like",
        ),
        (
            ["check", "dotide", "--url", "http://x/v1/demo/datastreams", *DOTIDE],
            "--url: leave off /datastreams: the operations of dotide add it",
        ),
        (["check", "bge", "--url", "http://x/openbge/stream", *BGE], "leave off /openbge/stream:"),
        (
            ["check", "bge", "--url", "http://x/openbge/stream/write/", *BGE],
            "off /openbge/stream/w",
        ),
        (["check", "dotide", *URL], "--basic: is missing; give basic or access_token"),
        (["check", "dotide", *URL, "--basic", ""], "--basic: is empty"),
        (["check", "bge", *URL, *BGE[:2]], "--app-secret: is missing; app_key needs it"),
        (["check", "dotide", *URL, "--basic", "env:NOT_SET"], "variable NOT_SET is not set"),
        (["check", "dotide", *URL, *DOTIDE, "--only", "nope*"], "--only: nope*: matches no rule"),
        (["check", "dotide", *URL, *DOTIDE, "--run-id", "X"], "--run-id: X: 6 to 16 letters a-z"),
        (["check", "dotide", *URL, *DOTIDE, "--budget", "5"], "write it like 90s or 5m"),
        (["check", "dotide", *URL, *DOTIDE, "--budget", f"{'9' * 400}s"], "at most 1,000,000 exp"),
        *(
            (["check", "dotide", *URL, *DOTIDE, flag, value], f"{flag}': more than 0 and at most")
            for flag in ("--timeout", "--rate")
            for value in ("nan", "inf", "1e300", "0", "-1")
        ),
        (["check", "dotide", *URL, *DOTIDE, "--timeout", "x"], "'x' is no number"),
        (["check", "dotide", *URL, *DOTIDE, "--max-requests", "0"], "0 is not in the range"),
        (
            ["check", "dotide", *URL, "--basic", "demo-client"],
            "--basic: ID:SECRET expected, with a",
        ),
        (["check", "dotide", *URL, "--basic", "an-id:s\n"], "--basic: ends with a line break"),
        (["check", "dotide", *URL, "--access-token", "abc\n"], "--access-token: ends with a line"),
        (["check", "dotide", *URL, "--access-token", "a\x07b"], "character U+0007"),
        (["check", "dotide", *URL, "--access-token", "室"], "--access-token: holds characters bey"),
        (["check", "dotide", *URL, "--access-token", "a b"], "--access-token: holds a blank"),
        (
            ["check", "bge", *BGE_URL, *BGE[:2], "--app-secret", "s\r\n"],
            "--app-secret: ends with a",
        ),
        (["check", "bge", *BGE_URL, "--app-key", "k\n", *BGE[2:]], "--app-key: ends with a line"),
        (["check", "dotide", *URL, *DOTIDE, "--header", "x"], "--header: Name:Value expected"),
        (
            ["check", "dotide", *URL, *DOTIDE, "--header", "X-A: 室"],
            "--header: X-A: holds characte",
        ),
        (["check", "dotide", *URL, *DOTIDE, "--header", "X: a\nb"], "--header: X: holds a line br"),
        (["check", "dotide", *URL, *DOTIDE, "--header", "X A: x"], "X A: the name holds a blank"),
        (["check", "dotide", *URL, *DOTIDE, "--header", "室: x"], "室: the name holds a character"),
        (["check", "dotide", *URL, *DOTIDE, "--header", "Content-Length: 5"], "leave it out"),
        (["check", "dotide", *URL, *DOTIDE, "--header", "authorization: x"], "the credentials go"),
        (
            ["check", "dotide", *URL, *DOTIDE, "--header", "A: 1", "--header", "a: 2"],
            "a stands twi",
        ),
        (["check", "dotide", *TLS, *DOTIDE, "--ca-file", "no.pem"], "no.pem holds no certificate"),
        (["check", "dotide", *TLS, *DOTIDE, "--ca-file", os.devnull], "null holds no certificate"),
        (["check", "dotide", *TLS, *DOTIDE, "--ca-file", "empty.pem"], "empty.pem holds no certif"),
        (["check", "dotide", *URL, *DOTIDE, "--ca-file", PEM], "--ca-file: is of no use without"),
        (["check", "bge", *BGE_URL, *BGE, "--fixtures", "empty.yaml"], "entities: is empty; leave"),
        (["check", "bge", *BGE_URL, *BGE, "--fixtures", "span.yaml"], "give the earlier day first"),
        (
            ["check", "dotide", *URL, *DOTIDE, "--only", "dotide/lst/limit"],
            "did you mean dotide/li",
        ),
        (["check", "dotide", *URL, *DOTIDE, "--ca-file", "nope.pem"], "no such file: nope.pem"),
        (["check", "dotide", *URL, *DOTIDE, "--target", "x"], "exclude each other"),
        (["check", "dotide", "--url", "http://u:a-secret-of-mine@x", *DOTIDE], "leave off user"),
        (["check", "dotide", *URL, *DOTIDE, *BGE], "--app-key is no credential of dotide"),
        (["check", "bge", "--url", "http://x/openbge", *BGE], "--url: leave off /openbge"),
        (["check", "--target", "x"], "streamproof.toml: No such file"),
        (["mock", "nope"], "nope: no API of that name"),
        (["mock", "--fault", "nope"], "no fault 'nope'"),
        (
            ["mock", "--fault", "nope"],
            "no fault 'nope'; `streamproof mock --list-faults` lists them\n",
        ),
        (["mock", "--host", ""], "--host: an address or a name expected"),
        (["mock", "--host", "a..b"], "can't listen at a..b, port 8080: "),
        (["mock", "--port", "70000"], "70000 is not in the range"),
        (["mock", "--host", "nope.invalid"], "can't listen at nope.invalid, port 8080"),
        (["mock", "--seed-data", "nope.yaml"], "nope.yaml: No such file"),
        (["mock", "--workers", "2"], "2 workers need a data base that they share"),
        (["mock", "--database-url", "sqlite:////nowhere/mock.db"], "is no folder /nowhere"),
        (
            ["mock", "--database-url", "postgresql://u:s3@127.0.0.1:1/d"],
            "u:***@127.0.0.1:1/d: conn",
        ),
        (["rules", "dotide", "dotide/list/nope"], "dotide/list/nope: no such rule"),
        (["rules", "dotide/list/limt"], "no such rule; did you mean dotide/list/limit"),
        (["--nope"], "No such option"),
    ],
)
def test_what_the_user_has_to_mend_is_one_line(
    args: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "no.pem").write_text("rubbish")
    (tmp_path / "empty.pem").touch()
    (tmp_path / "empty.yaml").write_text("{namespace: x, entities: []}")
    (tmp_path / "span.yaml").write_text("{time_span: ['1950-01-01', '1900-01-01']}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["streamproof", *args])  # in this process: there are many
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert ended.value.code == 2, err
    assert out == ""
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    assert says in err
    assert "a-secret-of-mine" not in err


def test_a_run_in_ci_gives_a_sign_of_life(
    empty_list: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "EVERY_S", 0.01)
    where = ("--url", empty_list, *DOTIDE, "--only", "dotide/list/*", "--ci")
    monkeypatch.setattr(sys, "argv", ["streamproof", "check", "dotide", *where])
    with pytest.raises(SystemExit):
        cli.main()
    lines = capsys.readouterr().err.splitlines()
    told = re.compile(r"streamproof: \d+ s, \d+ of \d+, dotide/list/[a-z-]+")
    assert any(map(told.fullmatch, lines)), lines


def full(*args: str) -> subprocess.CompletedProcess[str]:
    """A command whose standard output takes nothing."""
    command = [sys.executable, "-m", "streamproof", *args]
    with open("/dev/full", "w") as nowhere:
        return subprocess.run(command, stdout=nowhere, stderr=subprocess.PIPE, text=True)


def test_a_full_disk_keeps_the_verdict(empty_list: str) -> None:
    done = full("check", "dotide", "--url", empty_list, *DOTIDE, "--only", "dotide/list/status")
    seen = streamproof(
        "check", "dotide", "--url", empty_list, *DOTIDE, "--only", "dotide/list/status"
    )
    assert (done.returncode, done.stderr) == (seen.returncode, "")


def test_a_full_disk_is_one_line_where_there_is_no_verdict() -> None:
    done = full("rules", "dotide/list/limit")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: standard output: No space left on device\n",
    )


def test_a_console_without_a_character_shows_it_as_json_does() -> None:
    lacking = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    program = (
        "import sys; from streamproof import cli\n"
        'cli.cli.main = lambda **_: print(\'{"id": "\\u03bb\\U0001f600"}\')\n'
        "cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=lacking
    )
    assert json.loads(done.stdout) == {"id": "λ😀"}, done


@pytest.mark.parametrize("command", ["check", "demo"])
def test_without_the_extra_the_suite_says_how_to_install_it(command: str) -> None:
    program = (
        "import sys; sys.modules['hypothesis'] = None\n"
        f"sys.argv[1:] = [{command!r}]\n"
        "from streamproof.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == (
        f"Error: streamproof {command} needs the extra `check`: "
        "pip install '.[check]' in a checkout\n"
    )


# -- mock --------------------------------------------------------------------------------------


def test_mock_says_how_to_call_it_and_ends_at_ctrl_c() -> None:
    with mock() as (process, banner):
        url, said = url_of(banner), "\n".join(banner)
        assert banner[0] == f"streamproof mock at {url} (Ctrl-C ends it)"
        for fact in (f"{url}/v1/demo", "demo-client:demo-secret", "demo-key", "E-B19137107158"):
            assert fact in said
        assert set(health(url)["apis"]) == set(api.names())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) in (0, 130)


def test_mock_serves_the_named_api_only() -> None:
    with mock("bge") as (_, banner):
        assert list(health(url_of(banner))["apis"]) == ["bge"]
        assert not any(line.startswith("dotide") for line in banner)


def test_mock_takes_seed_data_and_refuses_broken_files(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text("{database: mine, credentials: {basic: 'me:mine'}}")
    with mock("dotide", "--seed-data", str(file)) as (_, banner):
        said = "\n".join(banner)
        assert "/v1/mine" in said
        assert "me:mine" in said
    for flag, text in (("--seed-data", "database: 5"), ("--dialect", "dotide: {nope: 1}")):
        file.write_text(text)
        done = streamproof("mock", "dotide", flag, str(file))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"Error: {file}: dotide: ")
        assert done.stderr.count("\n") == 1


def test_the_banner_shows_a_few_of_many_ids(tmp_path: Path) -> None:
    file = tmp_path / "seed.json"
    file.write_text(json.dumps({"datastreams": [{"id": f"s{n}"} for n in range(1234)]}))
    with mock("dotide", "--seed-data", str(file)) as (_, banner):
        said = "\n".join(banner)
    assert "s8, s9 … and 1,224 more" in said
    assert "s10" not in said


@pytest.mark.parametrize(
    ("name", "seed", "says"),
    [
        ("dotide", {"datastreams": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}, "datastreams/a"),
        ("bge", {"streams": [RECORD, RECORD]}, f"streams/{RECORD['stream_id']}"),
    ],
)
def test_a_record_that_stands_twice_in_seed_data_is_one_line(
    tmp_path: Path, name: str, seed: dict[str, Any], says: str
) -> None:
    file = tmp_path / "seed.json"
    file.write_text(json.dumps(seed))
    done = streamproof("mock", name, "--port", "0", "--seed-data", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Error: {file}: {name}: {says}: this id stands twice\n"


def test_mock_tells_that_its_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        done = streamproof("mock", "--port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: can't listen at 127.0.0.1, port {port}: address already in use\n"
    )


def test_mock_lists_its_faults() -> None:
    listed = streamproof("mock", "dotide", "--list-faults")
    names = [line for line in listed.stdout.splitlines() if not line.startswith(" ")]
    assert listed.returncode == 0
    of_rules = [name for name in names if "/" in name]
    assert of_rules
    rules = api.load("dotide").rulebook.rules
    assert {name.rpartition(".")[0] for name in of_rules} <= rules.keys()
    assert {"latency:ms=1000,spread=0", "reset:when=before|midst", "lost"} <= {*names}


# -- rules -------------------------------------------------------------------------------------


def test_rules_prints_every_rule_and_silent_point() -> None:
    printed = streamproof("rules").stdout
    for book in map(api.load, api.names()):
        assert all(f"{rule.id} " in printed for rule in book.rulebook)
        assert all(f"{book.name}/dialect/{point} " in printed for point in book.dialect.points)


def test_rules_prints_everything_about_one_rule() -> None:
    rule = api.load("dotide").rulebook["dotide/list/ascending-by-id"]
    printed = streamproof("rules", "dotide", rule.id).stdout
    assert printed == streamproof("rules", rule.id).stdout
    for fact in (rule.id, rule.en, rule.zh, rule.level.value, *map(str, rule.sources)):
        assert fact in printed


def test_rules_as_markdown_has_what_is_no_rule() -> None:
    book = api.load("bge").rulebook
    printed = streamproof("rules", "bge", "--format", "markdown").stdout
    assert printed.count("\n| `bge/") == len(book.rules)
    assert all(entry.reason.replace("|", "\\|") in printed for entry in book.excluded)
    assert all(entry.reading.replace("|", "\\|") in printed for entry in book.errata)


def listed(printed: str) -> list[str]:
    """The ids in a listing."""
    return [word for line in printed.splitlines()[1:] for word in line.split()[:1]]


def test_rules_down_to_a_level() -> None:
    book = api.load("dotide").rulebook
    printed = streamproof("rules", "dotide", "--level", "documented").stdout
    assert listed(printed) == [rule.id for rule in book if rule.level.is_documented]


def test_rules_with_a_text() -> None:
    printed = streamproof("rules", "dotide", "--grep", "TAGS").stdout
    assert {"dotide/list/tags-only", "dotide/dialect/tags_case"} <= {*listed(printed)}
    assert "dotide/list/limit" not in listed(printed)
    assert "nothing has 'zeppelin' in it" in streamproof("rules", "--grep", "zeppelin").stderr


def test_rules_by_the_sections_of_the_documents() -> None:
    book = api.load("bge").rulebook
    printed = streamproof("rules", "bge", "--by-source").stdout
    heads = [line for line in printed.splitlines() if line and not line.startswith(" ")]
    assert len(heads) == len({*heads})
    own = book.documents[0]
    assert heads[: len(own.sections)] == [f"{own.id} › {section}" for section in own.sections]
    for rule in book:
        for source in rule.sources:
            part = printed.partition(f"{' › '.join((source.document, source.section))}\n")[2]
            assert f"  {rule.id}  {rule.level.value}" in part.partition("\n\n")[0]
    assert all(f"  no rule: {entry.gist}" in printed for entry in book.excluded)
    assert all(entry.reason in printed for entry in book.excluded)


def test_rules_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = api.load("bge").rulebook["bge/range/sort-desc"]
    assert rule.zh in streamproof("rules", "bge", "--lang", "zh").stdout
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    printed = streamproof("rules", "bge").stdout
    assert rule.zh in printed
    assert rule.en not in printed


def test_rules_are_narrowed_in_the_table_only() -> None:
    for more in (["dotide/list/limit"], ["--format", "json"]):
        done = streamproof("rules", "dotide", *more, "--level", "implied")
        assert done.returncode == 2
        assert "are of the table" in done.stderr


def test_rules_as_json() -> None:
    every = json.loads(streamproof("rules", "--format", "json").stdout)
    assert [book["api"] for book in every] == list(api.names())
    rule = every[0]["rules"][0]
    assert rule == json.loads(streamproof("rules", rule["id"], "--format", "json").stdout)


# -- demo --------------------------------------------------------------------------------------


def test_the_mock_of_the_demo_ends_with_it() -> None:
    with suppress(KeyboardInterrupt), demo.running_mock() as url:
        health(url)
        raise KeyboardInterrupt
    with pytest.raises(OSError, match="refused"):
        urlopen(f"{url}/_mock/health")


@pytest.mark.parametrize(
    ("verdicts", "ended", "code"),
    [
        ([(Verdict.PASSED, "")], None, 0),
        ([(Verdict.PASSED, ""), (Verdict.NOT_TESTED, NO_CHECK)], None, 0),
        ([(Verdict.PASSED, ""), (Verdict.NOT_TESTED, "never seen: a tie")], None, 3),
        ([(Verdict.NOT_TESTED, "never seen: a tie"), (Verdict.FAILED, "")], None, 1),
        ([(Verdict.FAILED, ""), (Verdict.HARNESS_ERROR, "")], None, 4),
        ([(Verdict.PASSED, "")], "interrupted", 3),
    ],
)
def test_demo_passes_over_rules_without_a_check(
    verdicts: list[tuple[Verdict, str]], ended: str | None, code: int
) -> None:
    rulings = [SimpleNamespace(verdict=verdict, message=message) for verdict, message in verdicts]
    run = cast(Any, SimpleNamespace(rulings=rulings, ended=ended))
    assert demo.exit_code([run]) == code


@pytest.mark.parametrize(
    ("environment", "flags", "told"),
    [
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, (), "尚无定论"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, (), "INCONCLUSIVE"),
        ({"LC_ALL": "C"}, ("--lang", "zh"), "尚无定论"),
    ],
)
def test_reports_are_in_the_language_that_is_asked_for(
    environment: dict[str, str], flags: tuple[str, ...], told: str
) -> None:
    where = ("--url", "http://127.0.0.1:9/v1/demo", "--only", "dotide/list/limit")
    env = {**os.environ, "PYTHONUTF8": "1", **environment}
    done = streamproof("check", "dotide", *where, *DOTIDE, *flags, env=env)
    assert done.returncode == 3
    assert told in done.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("check", "--target", "none"), "streamproof.toml: 没有这个文件或目录"),
        (("waive", "nowhere"), "nowhere: 没有这个文件或目录"),
        (("rules", "bge/bind/shap"), "没有这条规则; 是否指 bge/bind/shape？"),
        (("check",), "检验哪个目标？请给出 API 与 --url，或 --target 名称"),
        (
            ("check", "dotide", "--url", "http://a.example/v1/demo", "--basic", "env:NOT"),
            "环境变量 NOT 未设置",
        ),
    ],
)
def test_errors_are_in_the_language_that_is_asked_for(
    command: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    chinese = {**os.environ, "PYTHONUTF8": "1", "LC_ALL": "zh_CN.UTF-8"}
    done = streamproof(*command, cwd=tmp_path, env=chinese)
    assert done.returncode == 2
    assert done.stderr.startswith("错误：")
    assert told in done.stderr
    english = streamproof(*command, cwd=tmp_path, env={**chinese, "LC_ALL": "C"})
    assert english.stderr.startswith("Error: ")


def test_a_pipeline_of_github_gets_a_page(empty_list: str, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("# before\n", "utf-8")
    where = ("--url", empty_list, "--only", "dotide/list/limit")
    env = {**os.environ, "GITHUB_STEP_SUMMARY": str(page)}
    streamproof("check", "dotide", *where, *DOTIDE, env=env)
    assert page.read_text("utf-8") == "# before\n"
    done = streamproof("check", "dotide", *where, *DOTIDE, "--ci", env=env)
    assert done.returncode == 3
    assert page.read_text("utf-8").startswith("# before\n## dotide: inconclusive\n")


def test_github_is_told_of_failures_at_the_target(tmp_path: Path) -> None:
    """By ``--ci`` in a workflow alone: anywhere else the lines are noise."""
    with mock("dotide", "--fault", "dotide/create/status.other") as (_, banner):
        basic = api.load("dotide").fixtures["credentials"]["basic"]
        config = tmp_path / "streamproof.toml"
        table = ("", "[targets.here]", 'api = "dotide"', f'url = "{url_of(banner)}/v1/demo"')
        config.write_text("\n".join((*table, f'basic = "{basic}"')))
        where = ("--config", str(config), "--target", "here")
        command = ("check", *where, "--only", "dotide/create/status", "--ci")
        env = {**os.environ, "GITHUB_ACTIONS": "true"}
        done = streamproof(*command, env=env)
        told = f"file={config},line=2::expected status 201; got status 200"
        assert done.stdout.splitlines()[-1] == f"::error title=dotide/create/status,{told}"
        assert "::error" not in streamproof(*command).stdout
