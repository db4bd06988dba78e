"""Servers that break one rule, one line each: the rule's check fails, for that reason."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from tests.contracts.bge.servers import After, Before, Form, altered, check, mock, reason, verdicts

NAMESPACE = "BGE_DEVELOPER_PLATFORM"


def in_record(change: Callable[[dict[str, Any]], dict[str, Any]], *operations: str) -> After:
    """Change every record that an answer shows."""

    def after(operation: str, _form: Form, data: Any) -> Any:
        if operation not in (operations or ("retrieve", "range")):
            return data
        if operation == "range":
            return {**data, "result": [{**row, **change(row)} for row in data["result"]]}
        return {**data, **change(data)}

    return after


def in_items(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> After:
    """Change the answers to the items of a batch."""

    def after(operation: str, _form: Form, data: Any) -> Any:
        return {"result": change(data["result"])} if operation == "batch_write" else data

    return after


def to(operation: str, **changes: str) -> Before:
    """Put other fields into the form of one operation."""
    return lambda called, form: {**form, **changes} if called == operation else form


def permitting(called: str, form: Form) -> Form:
    return {"duplicate_enabled": "true", **form} if "write" in called else form


def inexact(form: Form) -> str:
    """The data of a write with its numbers in single precision."""
    return json.dumps(
        json.loads(form["stream_data"], parse_float=lambda t: float(f"{float(t):.6g}"))
    )


def latin(row: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(row["stream_data"], ensure_ascii=False).encode("latin-1", "replace")
    return {"stream_data": json.loads(text.decode("latin-1"))}


def sharing_an_id(operation: str, _form: Form, data: Any) -> Any:
    """The second record of a page has the id of the first."""
    if operation == "range" and len(data["result"]) > 1:
        data["result"][1]["stream_id"] = data["result"][0]["stream_id"]
    return data


ticks = itertools.count()

BROKEN: dict[str, tuple[str, Before | None, After | None]] = {
    "bge/any/data-element-described": (
        "described-differently",
        None,
        in_record(
            lambda row: (
                {"data_element": {**row["data_element"], "data_element_name": row["stream_id"]}}
                if row["data_element"]["data_element_id"] != "45f69871-7d89-11eb-a38f-00163e0eae20"
                else {}
            )
        ),
    ),
    "bge/any/create-time-is-now": (
        "another-time",
        None,
        in_record(lambda row: {"create_time": row["stream_generate_time"]}),
    ),
    "bge/any/create-time-constant": (
        "moved",
        None,
        in_record(lambda _: {"create_time": f"2026-01-01T00:00:00.{next(ticks):06}+0800"}),
    ),
    "bge/any/stream-ids-unique": ("shared-id", None, sharing_an_id),
    "bge/range/only-namespace": ("intruder", to("range", namespace=NAMESPACE), None),
    "bge/range/caller-namespace": (
        "namespace",
        None,
        in_record(lambda row: {"stream_meta": {**row["stream_meta"], "namespace": "other"}}),
    ),
    "bge/range/limit-100-accepted": (
        "not-accepted",
        lambda _, form: {**form, "limit": "1000"} if form.get("limit") == "100" else form,
        None,
    ),
    "bge/range/pages-end": (
        "not-accepted",
        None,
        lambda _, form, data: (
            {**data, "next_page": data["next_page"] or "more"} if "limit" in form else data
        ),
    ),
    "bge/write/new-stream-id": (
        "repeated",
        None,
        lambda called, _, data: {"stream_id": "one"} if called == "write" else data,
    ),
    "bge/write/text-kept": ("data", None, in_record(latin)),
    "bge/write/numbers-kept": (
        "data",
        lambda called, form: {**form, "stream_data": inexact(form)} if called == "write" else form,
        None,
    ),
    "bge/write/year-mask": (
        "mask",
        None,
        in_record(lambda _: {"stream_generate_time_mask": "1111-11-11T11:11:11.111111±1111"}),
    ),
    "bge/write/duplicate-default": ("default", permitting, None),
    "bge/batch_write/duplicate-default": ("default", permitting, None),
    "bge/write/duplicate-of-flagged": (
        "intruder",
        lambda _, form: (
            {**form, "duplicate_enabled": "true"} if "duplicate_enabled" in form else form
        ),
        None,
    ),
    "bge/batch_write/one-answer-per-item": ("answer-count", None, in_items(lambda a: a[:-1])),
    "bge/batch_write/answers-in-order": ("other-item", None, in_items(lambda a: a[::-1])),
    "bge/batch_write/good-item-succeeds": (
        "message",
        None,
        in_items(lambda answers: [{**a, "message": a["message"] or "ok"} for a in answers]),
    ),
    "bge/batch_write/unknown-entity-fails": (
        "message",
        None,
        in_items(lambda answers: [{**a, "message": ""} for a in answers]),
    ),
    "bge/retrieve/as-in-range": (
        "differs",
        None,
        in_record(lambda row: {"data_type": row["data_type"] + 1}, "retrieve"),
    ),
    "bge/bind/same-each-time": (
        "entity",
        None,
        lambda called, _, data: (
            {"fundamental_entity_id": f"{next(ticks)}"} if called == "bind" else data
        ),
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_fails(rule: str) -> None:
    why, before, after = BROKEN[rule]
    assert reason(check(altered(mock(), before=before, after=after), rule), rule) == why


@pytest.mark.parametrize(
    ("rule", "bound"),
    [("bge/range/start-inclusive", "start_time"), ("bge/range/end-inclusive", "end_time")],
)
def test_an_open_edge_is_found_where_years_are_all_that_a_server_takes(
    rule: str, bound: str
) -> None:
    def after(operation: str, form: Form, data: Any) -> Any:
        if operation != "range" or bound not in form:
            return data
        rows = data["result"]
        kept = [row for row in rows if row["stream_generate_time"][:4] != form[bound]]
        return {**data, "result": kept}

    app = altered(mock(time_spellings="year"), after=after)
    assert reason(check(app, rule), rule) == "lost"


def test_a_write_without_a_good_signature_is_found_where_years_are_all_that_a_server_takes() -> (
    None
):
    rule = "bge/any/unauthenticated-stores-nothing"
    config = MockConfig(("bge",), {"bge": {"time_spellings": "year"}}, faults=(f"{rule}.stored",))
    assert reason(check(create_app(config), rule), rule) == "intruder"


def test_a_gateway_that_changes_nothing_breaks_nothing() -> None:
    app = altered(mock(), before=lambda _, form: form, after=lambda _, __, data: data)
    assert set(verdicts(check(app, "bge/retrieve/*", "bge/range/*")).values()) == {"passed"}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("500 Internal Server Error", b"oops"),
        ("404 Not Found", b"{}"),
        ("200 OK", b"{}"),
        ("200 OK", b"[]"),
        ("200 OK", b'{"code": 0, "data": null}'),
        ("200 OK", b'{"code": 1, "msg": "no"}'),
        ("200 OK", b'{"result": [null], "stream_id": 5, "next_page": {}}'),
        ("200 OK", b"<!doctype html><title>Sign in</title>"),
    ],
)
def test_a_server_that_always_says_the_same_passes_nothing(status: str, body: bytes) -> None:
    def app(_environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start(status, [("Content-Type", "application/json")])
        return [body]

    assert not {"passed", "harness_error"} & set(verdicts(check(app, max_examples=3)).values())
