"""The fixture `streamproof_mock`, as somebody else's test suite uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from dataclasses import FrozenInstanceError
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from streamproof.pytest_plugin import Mock
from streamproof.served import Served
from streamproof.specs import api

pytest_plugins = ["pytester"]


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
