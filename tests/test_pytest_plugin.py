"""The fixture `streamproof_mock`, as somebody else's test suite uses it."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
from base64 import b64encode
from dataclasses import FrozenInstanceError
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

import streamproof
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from streamproof.pytest_plugin import Mock
from streamproof.served import Served
from streamproof.specs import api

pytest_plugins = ["pytester"]

FAULT = "dotide/create/status.other"


def datastreams(served: Served, new: str | None = None) -> list[str]:
    """The ids of all datastreams, after the creation of one."""
    proof = {"Authorization": "Basic " + b64encode(served.basic.encode()).decode()}
    where = f"{served.url}/datastreams"
    if new is not None:
        body = json.dumps({"id": new}).encode()
        urlopen(Request(where, body, {**proof, "Content-Type": "application/json"})).close()
    with urlopen(Request(where, headers=proof)) as answer:
        return [row["id"] for row in json.load(answer)]


@pytest.mark.parametrize("name", ["one", "two"])
def test_each_test_has_a_space_of_its_own(streamproof_mock: Mock, name: str) -> None:
    assert datastreams(streamproof_mock.dotide, name) == [name]


def test_it_knows_every_api_and_its_credentials(streamproof_mock: Mock) -> None:
    for name in api.names():
        served = getattr(streamproof_mock, name)
        assert served.url.startswith(streamproof_mock.url)
        assert all(getattr(served, key) for key in api.load(name).credentials)
    assert streamproof_mock.dotide.urls == (
        f"{streamproof_mock.url}/v1/demo",
        f"{streamproof_mock.url}/v2/demo",
    )
    assert streamproof_mock.bge.url == streamproof_mock.url
    assert streamproof_mock.bge.fixtures["namespace"]


def test_it_is_frozen_and_keeps_credentials_to_itself(streamproof_mock: Mock) -> None:
    with pytest.raises(FrozenInstanceError):
        streamproof_mock.url = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="no API 'nope' is served; there are bge, dotide"):
        streamproof_mock.nope  # noqa: B018
    with pytest.raises(AttributeError, match="credentials are app_key, app_secret"):
        streamproof_mock.bge.basic  # noqa: B018
    assert "secret" not in repr(streamproof_mock)


def test_control_paths_stand_below_its_url(streamproof_mock: Mock) -> None:
    datastreams(streamproof_mock.dotide, "one")
    urlopen(Request(f"{streamproof_mock.url}/_mock/reset", method="POST")).close()
    assert datastreams(streamproof_mock.dotide) == []


def test_wrong_credentials_are_refused(streamproof_mock: Mock) -> None:
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{streamproof_mock.dotide.url}/datastreams")


def test_it_tells_what_arrived(streamproof_mock: Mock) -> None:
    datastreams(streamproof_mock.dotide, "one")

    (made,) = streamproof_mock.requests(operation="create", status=201)
    assert made.arguments == {"id": "one"}
    assert streamproof_mock.requests(rule="dotide/*") == []
    assert len(streamproof_mock.requests(after=made.number)) == 1
    with pytest.raises(ValueError, match="no filter 'operations'; there are api, operation"):
        streamproof_mock.requests(operations="create")
    streamproof_mock.forget_requests()
    assert streamproof_mock.requests() == []


def test_it_goes_wrong_when_it_is_told_to(streamproof_mock: Mock) -> None:
    streamproof_mock.fault("503", operation="list", every=2)
    streamproof_mock.fault(FAULT)
    assert datastreams(streamproof_mock.dotide, "one") == ["one"]
    with pytest.raises(HTTPError, match="503"):
        datastreams(streamproof_mock.dotide)
    assert [each.faults for each in streamproof_mock.requests(fault="*")] == [
        (FAULT,),
        ("503:operation=list,every=2",),
    ]
    with pytest.raises(ValueError, match="no fault 'latencies'; did you mean latency"):
        streamproof_mock.fault("latencies")

    streamproof_mock.no_faults()
    assert datastreams(streamproof_mock.dotide) == ["one"]


def test_it_takes_a_state_and_a_time(streamproof_mock: Mock) -> None:
    streamproof_mock.fill({"dotide": {"datastreams": [{"id": "seeded"}]}})
    streamproof_mock.take_snapshot("seeded")
    streamproof_mock.set_clock(frozen="2020-01-31T12:00:00Z")
    datastreams(streamproof_mock.dotide, "one")

    made, _ = streamproof_mock.state()["dotide"]["datastreams"]
    assert (made["id"], made["created_at"]) == ("one", "2020-01-31T12:00:00Z")
    streamproof_mock.restore("seeded")
    assert datastreams(streamproof_mock.dotide) == ["seeded"]
    with pytest.raises(ValueError, match="no snapshot 'other'"):
        streamproof_mock.restore("other")


def test_a_script_has_a_mock_too() -> None:
    with streamproof.mock(apis=["dotide"], faults=[FAULT]) as mock:
        datastreams(mock.dotide, "one")
        (made,) = mock.requests(status=200, operation="create")
        assert made.faults == (FAULT,)
        mock.reset()
        assert datastreams(mock.dotide) == []


def test_a_script_may_end_right_after_its_mock() -> None:
    program = (
        "import streamproof, sys\nfrom urllib.request import urlopen\n"
        "sys.setswitchinterval(1e-6)\n"
        "with streamproof.mock(apis=['dotide']) as mock:\n"
        "    urlopen(mock.url + '/_mock/health')\n"
    )
    for _ in range(5):  # granian's threads have to be gone by then
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_it_serves_a_suite_with_folders_of_our_names(pytester: pytest.Pytester) -> None:
    for folder in ("specs", "contracts", "mockserver"):
        pytester.mkpydir(folder)
    pytester.makepyfile(
        """
        import contracts, specs
        from urllib.request import urlopen

        seen = []

        def test_one(streamproof_mock):
            seen.append(streamproof_mock.url)
            assert urlopen(streamproof_mock.url + "/_mock/health").status == 200

        def test_two(streamproof_mock):
            assert streamproof_mock.url not in seen
            assert streamproof_mock.url.rpartition("/_space/")[0] in seen[0]
            assert "streamproof" not in contracts.__file__
        """
    )
    done = pytester.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=2)


TAKEN = """
import json
from base64 import b64encode
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

WRONG_STATUS = "dotide/create/status.other"


def create(mock, new):
    proof = "Basic " + b64encode(mock.dotide.basic.encode()).decode()
    headers = {"Authorization": proof, "Content-Type": "application/json"}
    body = json.dumps({"id": new}).encode()
    try:
        return urlopen(Request(mock.dotide.url + "/datastreams", body, headers)).status
    except HTTPError as error:
        return error.code
"""


def outcome(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options)


def test_mocks_of_a_wider_scope_keep_their_state(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        TAKEN
        + """
@pytest.fixture(scope="module")
def shared(streamproof_mocks):
    with streamproof_mocks(faults=[WRONG_STATUS]) as mock:
        yield mock


@pytest.fixture(scope="session")
def other(streamproof_mocks):
    with streamproof_mocks() as mock:
        yield mock


@pytest.mark.parametrize("expected", [200, 409])
def test_one(shared, other, streamproof_mock, expected):
    assert create(shared, "a") == expected
    assert create(other, "a") == (201 if expected == 200 else 409)
    assert create(streamproof_mock, "a") == 201
"""
    )
    outcome(pytester, "--strict-markers").assert_outcomes(passed=2)


def test_options_come_from_marks_fixtures_and_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", dialect="[dotide]\nduplicate_id_status = 422\n")
    pytester.makefile(".json", seed='{"dotide": {"datastreams": [{"id": "seeded"}]}}')
    pytester.makeini(
        f"""
        [pytest]
        streamproof_dialect = dialect.toml
        streamproof_seed_data = seed.json
        streamproof_faults = {FAULT}
        """
    )
    pytester.makepyfile(
        test_ini=TAKEN
        + """
def test_all(streamproof_mock):
    assert create(streamproof_mock, "a") == 200
    assert create(streamproof_mock, "seeded") == 422

@pytest.mark.streamproof(faults=[], seed_data={"dotide": {"datastreams": []}})
class TestMarked:
    def test_the_class(self, streamproof_mock):
        assert create(streamproof_mock, "seeded") == 201
        assert create(streamproof_mock, "seeded") == 422

    @pytest.mark.streamproof(dialect={"dotide": {"duplicate_id_status": 400}})
    def test_the_nearest(self, streamproof_mock):
        assert create(streamproof_mock, "seeded") == 201
        assert create(streamproof_mock, "seeded") == 400
""",
        test_overridden=TAKEN
        + """
@pytest.fixture
def streamproof_mock_options():
    return {"dialect": {"dotide": {"duplicate_id_status": 410}}}

def test_it(streamproof_mock):
    assert create(streamproof_mock, "seeded") == 201
    assert create(streamproof_mock, "seeded") == 410
""",
    )
    outcome(pytester, "--strict-markers", "--strict-config").assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("faults=['dotide/create/status.othe']", "did you mean dotide/create/status.other?"),
        ("faults='dotide/create/status.other'", "options: faults: a list of names expected"),
        ("fault=[]", "options: fault: no such entry; did you mean faults?"),
        ("[]", "mark streamproof: give options by name, faults=[…]"),
        ("dialect={'dotide': {'nope': 1}}", "dialect: dotide: nope: no such silent point"),
        ("dialect=1", "options: dialect: a table for each API expected"),
        ("seed_data={'dotide': {'nope': 1}}", "seed_data: dotide: unknown entry nope"),
    ],
)
def test_options_that_can_not_be_used_are_told_in_a_line(
    pytester: pytest.Pytester, mark: str, told: str
) -> None:
    pytester.makepyfile(
        f"import pytest\n@pytest.mark.streamproof({mark})\ndef test(streamproof_mock): pass"
    )
    done = outcome(pytester)
    done.assert_outcomes(errors=1)
    assert told in done.stdout.str()
    assert "During handling" not in done.stdout.str()


def test_a_server_leaves_the_log_of_the_suite_alone(tmp_path: Path) -> None:
    file = tmp_path / "log"
    handler = logging.FileHandler(file, mode="w", delay=True)
    log = logging.Logger("suite")
    log.addHandler(handler)
    log.error("before")

    with serve_in_thread(MockConfig()) as server:
        urlopen(f"{server.url}/_mock/health").close()
    log.error("after")

    handler.close()
    assert file.read_text("utf-8") == "before\nafter\n"


@pytest.mark.parametrize(
    "sent", ["GET /", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{"]
)
def test_a_client_that_stops_in_the_middle_does_not_keep_the_server(sent: str) -> None:
    with serve_in_thread(MockConfig()) as server:
        client = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))
        client.sendall(sent.encode())
    client.close()


def test_a_suite_that_does_not_ask_for_it_loads_nothing() -> None:
    program = (
        "import pytest, sys; before = set(sys.modules); import streamproof.pytest_plugin\n"
        "print(*(set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name for name in loaded if name.startswith("streamproof")} == {
        "streamproof",
        "streamproof.pytest_plugin",
    }
    assert not {"yaml", "flask", "sqlalchemy", "jsonschema", "click"} & {*loaded}
