"""Servers that keep every rule fail none, however they settle what the document leaves open."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from streamproof.contracts.bind import checks_of
from streamproof.contracts.transport import WsgiApp
from streamproof.contracts.verdict import Headline, Verdict
from tests.contracts.dotide.targets import DOTIDE, by_verdict, good, judged

UNLIKE_US: dict[str, dict[str, Any]] = {
    "strict": {
        "required_fields": "all",
        "wrong_type": "rejected",
        "unknown_fields": "rejected",
        "put_body": "reject",
        "put_type": "rejected",
        "put_id": "rejected",
        "null_in_create": "rejected",
        "property_values": "scalars",
        "offset_zero": "rejected",
        "over_largest_limit": "rejected",
        "largest_limit": 500,
        "unknown_parameters": "rejected",
        "repeated_parameter": "rejected",
        "delete_unknown": "rejected",
        "recreate_deleted": "rejected",
        "duplicate_id_status": 400,
        "invalid_status": 400,
    },
    "lenient": {
        "wrong_type": "coerced",
        "unknown_fields": "kept",
        "put_body": "replace",
        "put_type": "applied",
        "absent_fields": "omitted",
        "absent_current": "omitted",
        "non_object_body": "as_empty",
        "delete_unknown": "accepted",
        "limit_zero": "ignored",
        "unknown_tz": "utc",
        "other_content_type": "read_as_json",
        "error_form": "text",
    },
    "terse": {
        "default_limit": 2,
        "largest_limit": 3,
        "time_precision": "seconds",
        "offset_form": "zulu",
        "location_form": "path",
        "generated_id_form": "counter",
        "list_properties_name": "attributes",
        "tags_order": "sorted",
        "put_properties": "deep_merge",
        "put_unchanged": "stays",
        "absent_fields": "null",
        "error_form": "empty",
        "race_loser_status": 503,
    },
    "odd": {
        "collation": "letters_first",
        "id_case": "same",
        "id_normalization": "same",
        "id_longest": 24,
        "offset_form": "compact",
        "time_precision": "microseconds",
        "tags_case": "same",
        "wrong_type": "ignored",
        "empty_ids": "nothing",
        "location_host": "service",
        "generated_id_form": "uuid",
        "unknown_id_status": 400,
        "race_loser_status": 500,
    },
}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_good_mock_keeps_every_rule_within_bounds(seed: int) -> None:
    done = judged(good(), seed=seed)
    assert by_verdict(done, Verdict.PASSED).keys() == DOTIDE.rulebook.rules.keys()
    assert done.headline is Headline.CONFORMS
    assert done.requests <= 6000
    assert done.cleanup.left == 0


@pytest.mark.parametrize("dialect", UNLIKE_US)
def test_no_choice_that_is_left_open_is_a_fault(dialect: str) -> None:
    done = judged(good(**UNLIKE_US[dialect]), max_examples=8)
    assert not by_verdict(done, Verdict.FAILED)
    assert not by_verdict(done, Verdict.HARNESS_ERROR)


def test_every_rule_has_one_check_and_every_check_a_witness() -> None:
    checks, _ = checks_of(DOTIDE)
    assert sorted(check.rule for check in checks) == sorted(DOTIDE.rulebook.rules)
    assert [check.rule for check in checks if not check.witnesses] == []


def always(status: int, body: Any = None, media_type: str = "application/json") -> WsgiApp:
    content = (
        body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    )

    def app(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(f"{status} Always", [("Content-Type", media_type), ("Location", "/datastreams/a")])
        return [content]

    return app


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Gives back what it gets, and keeps nothing."""
    start("201 Echo", [("Content-Type", "application/json"), ("Location", "/datastreams/a")])
    return [environ["wsgi.input"].read()]


def forgetful(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Says yes to every write, and finds nothing."""
    content = environ["wsgi.input"].read()
    found = environ["REQUEST_METHOD"] in ("POST", "PUT")
    start("201 Yes" if found else "404 No", [("Content-Type", "application/json")])
    return [content if found else b"{}"]


NULL_SERVERS: dict[str, WsgiApp] = {
    "always 500": always(500, {}),
    "always 404": always(404, {"message": "not found"}),
    "200 {}": always(200, {}),
    "200 []": always(200, []),
    "204": always(204),
    "a login page": always(200, b"<html>log in</html>", "text/html"),
    "echo": echo,
    "accept and forget": forgetful,
}


@pytest.mark.parametrize("server", NULL_SERVERS)
def test_a_server_that_does_nothing_passes_no_rule(server: str) -> None:
    assert not by_verdict(judged(NULL_SERVERS[server]), Verdict.PASSED)
