"""A wrong configuration is told as such; a server that is merely unusual never is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from time import time
from typing import Any

import pytest

from streamproof.contracts.bind import probes_of
from streamproof.contracts.client import Client
from streamproof.contracts.meter import Limits, Meter
from streamproof.contracts.preflight import Step, suspect
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import HttpTransport
from streamproof.contracts.verdict import Headline
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from streamproof.specs import api
from tests.sockets import PEM, Asked, Respond, Shelf, serving

DOTIDE, BGE = api.load("dotide"), api.load("bge")
BASIC = {"basic": "demo-client:demo-secret"}
KEYS = {"app_key": "demo-key", "app_secret": "demo-secret"}


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with serve_in_thread(MockConfig()) as served:
        yield served.url


def told(
    url: str,
    credentials: Mapping[str, str] = BASIC,
    fixtures: Mapping[str, Any] | None = None,
    ca_file: str | None = None,
) -> Step | None:
    """What is suspected of a target."""
    spec = BGE if "app_key" in credentials else DOTIDE
    transport = HttpTransport(url, timeout_s=5, ca_file=ca_file)
    seen = suspect(
        Client(spec, transport, credentials),
        probes_of(spec),
        spec.fixtures if fixtures is None else fixtures,
    )
    transport.close()
    return seen.step


# -- what is wrong is told -----------------------------------------------------------------------


def bge(**other: Any) -> dict[str, Any]:
    return {**BGE.fixtures, **other}


@pytest.mark.parametrize(
    ("path", "credentials", "fixtures", "seen", "mend"),
    [
        (
            "/v1/demo",
            {"basic": "demo-client:nope"},
            None,
            "refuses the credentials of basic",
            "basic",
        ),
        (
            "/v1/demo",
            {"access_token": "nope"},
            None,
            "the credentials of access_token",
            "access_token",
        ),
        ("/demo", BASIC, None, "under {root}/v1/demo it is accepted", "give {root}/v1/demo as url"),
        ("/v3/demo", BASIC, None, "under {root}/v1/demo it is accepted", "give {root}/v1/demo"),
        ("/v1/nope", BASIC, None, "under {root}/v1/demo it is accepted", "give {root}/v1/demo"),
        ("/a/b", BASIC, {}, "as is any path and any credentials", "see whether url is right"),
        (
            "",
            {**KEYS, "app_secret": "nope"},
            None,
            "credentials of app_key and app_secret",
            "app_key",
        ),
        ("", {**KEYS, "app_key": "nope"}, None, "credentials of app_key and app_secret", "app_key"),
        ("/v1", KEYS, None, "under {root} it is accepted", "give {root} as url"),
        ("", KEYS, bge(namespace="NOPE"), "not to know namespace NOPE", "fixtures.namespace"),
        ("", KEYS, bge(entities=["nope"]), "fundamental_entity_id nope", "fixtures.entities"),
        ("", KEYS, bge(data_elements=["nope"]), "data_element_id nope", "fixtures.data_elements"),
    ],
)
def test_a_wrong_configuration(
    root: str,
    path: str,
    credentials: dict[str, str],
    fixtures: dict[str, Any] | None,
    seen: str,
    mend: str,
) -> None:
    step = told(root + path, credentials, fixtures)
    assert step is not None
    assert seen.format(root=root) in step.seen
    assert mend.format(root=root) in step.mend
    assert not step.sure


def test_an_unknown_fixture_where_all_rejections_read_the_same() -> None:
    quiet = {"bge": {"rejection_message": "fixed"}}
    with serve_in_thread(MockConfig(dialects=quiet)) as served:
        step = told(served.url, KEYS, bge(entities=["nope"]))
    assert step is not None
    assert "seems not to know one of namespace BGE_DEVELOPER_PLATFORM, " in step.seen
    assert step.mend == "see fixtures.namespace, fixtures.entities, fixtures.data_elements"


@pytest.mark.parametrize(("spec", "credentials"), [(DOTIDE, BASIC), (BGE, KEYS)])
def test_a_right_one_costs_one_read(root: str, spec: api.Api, credentials: dict[str, str]) -> None:
    url = root + ("/v1/demo" if spec is DOTIDE else "")
    client = Client(spec, HttpTransport(url), credentials)
    assert suspect(client, probes_of(spec), spec.fixtures).step is None
    assert client.meter.requests == 1


# -- TLS, redirects, clocks ----------------------------------------------------------------------


def empty(_: Asked) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, b"[]"


def test_a_certificate_of_an_unknown_authority() -> None:
    with serving(empty, tls=True) as address:
        step = told(f"https://{address}/v1/demo")
        trusted = told(f"https://{address}/v1/demo", ca_file=PEM)
    assert step is not None
    assert step.sure
    assert step.seen.startswith(f"the certificate of {address} is not trusted: self")
    assert "name its certificate with ca_file" in step.mend
    assert trusted is None


def test_plain_http_to_a_port_of_tls() -> None:
    with serving(empty, tls=True) as address:
        step = told(f"http://{address}/v1/demo")
    assert step == Step(
        "TLS", f"{address} speaks TLS, not plain HTTP", "give https:// in url", sure=True
    )


def test_tls_to_a_plain_port() -> None:
    with serving(empty) as address:
        step = told(f"https://{address}/v1/demo")
    assert step is not None
    assert step.sure
    assert step.seen == f"{address} speaks plain HTTP, not TLS"


def test_nobody_there() -> None:
    with serving(empty) as address:
        pass
    step = told(f"http://{address}/v1/demo")
    assert step is not None
    assert "the target does not answer (" in step.seen
    assert step.mend == "is it up, and are host and port of url right?"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_the_same_api(status: int) -> None:
    with serving(lambda asked: (status, {"Location": f"https://x.example{asked.path}"}, b"")) as at:
        step = told(f"http://{at}/v1/demo")
    assert step is not None
    assert step.seen == "the target redirects to https://x.example/v1/demo/datastreams?limit=1"
    assert step.mend == "give https://x.example/v1/demo as url"


def test_a_redirect_to_a_page() -> None:
    with serving(lambda _: (302, {"Location": "/login"}, b"")) as at:
        step = told(f"http://{at}/v1/demo")
    assert step is not None
    assert step.seen == f"the target redirects to http://{at}/login"
    assert step.mend == "give the URL of the API itself as url"


@pytest.mark.parametrize(("off_s", "says"), [(-3600, "60 min behind"), (86400, "24 h ahead of")])
def test_a_clock_that_is_off_where_calls_are_signed(off_s: int, says: str) -> None:
    refused = json.dumps({"code": 401, "msg": "expired"}).encode()
    date = {"Date": formatdate(time() + off_s, usegmt=True)}
    with serving(lambda _: (200, date, refused)) as at:
        step = told(f"http://{at}", KEYS)
    assert step is not None
    assert f"the clock of the target is {says} that of this machine" in step.seen
    assert step.mend == "set the one right that is wrong"


# -- what is unusual is not ----------------------------------------------------------------------


def _offset_wanted(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    return (200, {}, b"[]") if "offset=" in asked.path else (400, {}, b'{"message": "offset?"}')


def _no_limit(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    return (400, {}, b'{"message": "limit?"}') if "limit=" in asked.path else (200, {}, b"[]")


def _broken(_: Asked) -> tuple[int, dict[str, str], bytes]:
    return 500, {}, b"oh"


def _no_list(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    """Reads say that nothing is there; the list is missing, which is told to whom it knows."""
    if asked.headers["Authorization"] != "Basic ZGVtby1jbGllbnQ6ZGVtby1zZWNyZXQ=":
        return 401, {}, b'{"message": "who are you?"}'
    return 404, {}, b'{"message": "no"}'


@pytest.mark.parametrize("respond", [_offset_wanted, _no_limit, _broken, _no_list, empty])
def test_an_unusual_server_is_not_suspected(respond: Respond) -> None:
    with serving(respond) as at:
        assert told(f"http://{at}/v1/demo") is None


def judged(at: str, only: str, credentials: Mapping[str, str] = BASIC) -> Run:
    target = Target(DOTIDE, HttpTransport(f"http://{at}/v1/demo"), credentials)
    return run(target, Options(Selection((only,)), seed=1, run_id="abcdefgh", max_examples=5))


def test_what_was_suspected_is_judged_once_a_call_is_accepted() -> None:
    with serving(Shelf()) as at:
        step = told(f"http://{at}/v1/demo")
        seen = judged(at, "dotide/create/status")
    assert step is not None
    assert seen.ended is None
    assert [r.rule.id for r in seen.rulings if r.finding.examples] == ["dotide/create/status"]


def test_a_suspicion_ends_a_run_that_nothing_refutes(root: str) -> None:
    at = root.removeprefix("http://")
    seen = judged(at, "*", {"basic": "demo-client:nope"})
    assert seen.headline is Headline.INCONCLUSIVE
    assert seen.ended is not None
    assert seen.ended.startswith("the target refuses the credentials of basic: 404 ")
    assert seen.refused is not None
    assert seen.requests < 100  # of some thousands


def test_who_answers_more_than_is_read_does_answer() -> None:
    media = {"Content-Type": "application/json"}
    with serving(lambda _: (200, media, b"[" + b"[]," * 700_000 + b"[]]")) as at:
        seen = judged(at, "dotide/create/*")
    assert seen.headline is Headline.INCONCLUSIVE
    assert seen.ended is not None
    assert re.fullmatch(
        r"the target answers GET /datastreams with an answer of more than 2,097,152 bytes"
        r" \(2,[0-9,]+ came\); is url that of the API itself\?",
        seen.ended,
    )


def test_the_limits_of_a_run_hold() -> None:
    with serving(Shelf()) as at:
        client = Client(
            DOTIDE, HttpTransport(f"http://{at}/v1/demo"), BASIC, Meter(Limits(max_requests=3))
        )
        assert suspect(client, probes_of(client.api), {}).step is None
        assert client.meter.requests == 3


def test_an_api_without_probes_is_asked_by_the_reads_that_need_nothing(tmp_path: Path) -> None:
    shop = replace(DOTIDE, home=replace(DOTIDE.home, folder=tmp_path, package=None, ours=False))
    with serving(lambda _: (302, {"Location": "/login"}, b"")) as at:
        client = Client(shop, HttpTransport(f"http://{at}/v1/demo"), BASIC)
        step = suspect(client, probes_of(shop), {}).step
    assert step is not None
    assert step.seen == f"the target redirects to http://{at}/login"
