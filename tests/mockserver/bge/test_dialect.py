"""Every silent point that the mock offers, every choice of it, seen on the wire."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from streamproof.specs import api
from streamproof.specs.bge.signature import sign
from streamproof.specs.dialect import Point
from tests.mockserver.bge.calls import (
    ELEMENT,
    ENTITY,
    FIXTURES,
    NAMESPACE,
    SAMPLE,
    UNBOUND,
    UNKNOWN,
    Bge,
    Reply,
    ids,
    item,
)

pytestmark = pytest.mark.usefixtures("database")

Probe = Callable[[Bge], object]
_POINTS = api.load("bge").dialect.points


def _taken(reply: Reply) -> str:
    return "accepted" if reply.accepted else "rejected"


def _empty(reply: Reply) -> str:
    if not reply.accepted:
        return "rejected"
    return "empty" if reply.data["result"] == [] else "records"


def _outcome(reply: Reply) -> str:
    """Of a batch whose first item is good and whose last is odd."""
    if not reply.accepted:
        return "call_rejected"
    result = reply.data["result"]
    assert result[0]["is_succeed"]
    return "accepted" if result[-1]["is_succeed"] else "item_fails"


def _envelope(bge: Bge) -> str:
    return "wrapped" if bge.range().body.get("code") == 0 else "bare"


def _rejection_status(bge: Bge) -> object:
    bge.write()
    replies = [bge.range(limit="x"), bge.send("bind", {}), bge.retrieve("x"), bge.write()]
    statuses = [reply.status for reply in replies]
    return "by_reason" if statuses == [400, 401, 404, 409] else statuses[0]


def _rejection_code(bge: Bge) -> object:
    bge.write()
    replies = [bge.range(limit="x"), bge.send("bind", {}), bge.retrieve("x"), bge.write()]
    codes = [reply.body["code"] for reply in replies]
    return "by_reason" if codes == [400, 401, 404, 409] else codes[0]


def _rejection_message(bge: Bge) -> str:
    failed = bge.batch(item(data_element_id="x")).data["result"][0]["message"]
    messages = {bge.range(limit="x").message, bge.retrieve("x").message, failed}
    return "detailed" if len(messages) == 3 else "fixed"


def _stream_id_form(bge: Bge) -> str:
    try:
        return f"uuid{uuid.UUID(bge.write().data['stream_id']).version}"
    except ValueError:
        return "other"


def _json_body(bge: Bge) -> str:
    form = bge.form(stream_data="{}", **{k: v for k, v in item().items() if k != "stream_data"})
    return _taken(bge.raw("write", json.dumps(form).encode(), kind="application/json"))


def _content_encoding(bge: Bge) -> str:
    form = urlencode(bge.form(biosample_id=SAMPLE)).encode()
    reply = bge.raw("bind", gzip.compress(form), headers={"Content-Encoding": "gzip"})
    return "decoded" if reply.accepted else "rejected"


def _method_get(bge: Bge) -> str:
    query = urlencode(bge.form(biosample_id=SAMPLE))
    return _taken(bge.raw("bind", b"", query, method="GET"))


def _query_fields(bge: Bge) -> str:
    return _taken(bge.raw("bind", b"", urlencode(bge.form(biosample_id=SAMPLE))))


def _unknown_field(bge: Bge) -> str:
    reply = bge.range(stream_data="{", more="1")
    return "ignored" if reply.accepted else _taken(reply)


def _empty_string(bge: Bge) -> str:
    return "absent" if bge.range(start_time="").accepted else "rejected"


def _boolean_spelling(bge: Bge) -> str:
    bge.write()
    [capital] = {bge.write(duplicate_enabled=word).accepted for word in ("True", "1")}
    if capital:
        return "lenient"
    return "only_true" if bge.write("1999", duplicate_enabled="yes").accepted else "strict"


def _signature_expiry_s(bge: Bge) -> int:
    form = bge.form(biosample_id=SAMPLE)
    bge.clock.wait(301)
    return 0 if bge.send("bind", form).accepted else 300


def _future_timestamp(bge: Bge) -> str:
    bge.clock.wait(86_400)
    form = bge.form(biosample_id=SAMPLE)
    bge.clock.wait(-86_400)
    return _taken(bge.send("bind", form))


def _nonce_replay(bge: Bge) -> str:
    form = bge.form(biosample_id=SAMPLE)
    assert bge.send("bind", form).accepted
    return _taken(bge.send("bind", form))


def _missing_nonce(bge: Bge) -> str:
    form = {"app_key": FIXTURES["credentials"]["app_key"], "biosample_id": SAMPLE}
    return _taken(bge.send("bind", form | {"sign": sign(form, "demo-secret")}))


def _default_limit(bge: Bge) -> int:
    for year in (1901, 1902):
        bge.batch(*(item(str(year), stream_data=n) for n in range(60)), duplicate_enabled="true")
    return len(bge.range().data["result"])


def _limit(text: str) -> Probe:
    def probe(bge: Bge) -> str:
        bge.write()
        answer = _empty(bge.range(limit=text))
        return "default" if answer == "records" else answer

    return probe


def _over_limit(bge: Bge) -> str:
    return "clamped" if bge.range(limit="101").accepted else "rejected"


def _sort_direction(word: str, read: dict[str, str]) -> Probe:
    def probe(bge: Bge) -> str:
        written = [bge.write(year).data["stream_id"] for year in ("1901", "1902")]
        reply = bge.range(sort_direction=word)
        if not reply.accepted:
            return read["rejected"]
        shown = [record["stream_id"] for record in reply.data["result"]]
        return read["asc" if shown == written else "desc"]

    return probe


def _three(bge: Bge) -> list[str]:
    return [bge.write(duplicate_enabled="true").data["stream_id"] for _ in range(3)]


def _tie_order(bge: Bge) -> str:
    # as long as ids are random, written and stream_id agree once in six: five rounds
    seen = set()
    for year in ("1901", "1902", "1903", "1904", "1905"):
        written = [bge.write(year, duplicate_enabled="true").data["stream_id"] for _ in range(3)]
        shown = ids(bge.pages(sort_direction="asc", start_time=year, end_time=year))
        seen.add((shown == written, shown == written[::-1], shown == sorted(written)))
    if all(written for written, _, _ in seen):
        return "written"
    return "reverse" if all(reverse for _, reverse, _ in seen) else "stream_id"


def _asc_mirrors_desc(bge: Bge) -> str:
    _three(bge)
    up, down = ids(bge.pages(sort_direction="asc")), ids(bge.pages(sort_direction="desc"))
    return "mirrored" if up == down[::-1] else "ties_keep"


def _count_meaning(bge: Bge) -> str:
    _three(bge)
    return {2: "page", 3: "total"}[bge.range(limit="2").data["count"]]


def _last_page(bge: Bge) -> str:
    _three(bge)
    return "ends" if len(list(bge.pages(limit="3"))) == 1 else "empty_page"


def _short_pages(bge: Bge) -> str:
    _three(bge)
    lengths = [len(page["result"]) for page in bge.pages(limit="2")]
    return "never" if lengths == [2, 1] else "sometimes"


def _cursor_type(bge: Bge) -> str:
    _three(bge)
    cursor = bge.range(limit="2").data["next_page"]
    return {str: "text", int: "number"}[type(cursor)]


def _invalid_cursor(bge: Bge) -> str:
    bge.write()
    answer = _empty(bge.range(next_page="x"))
    return "first_page" if answer == "records" else answer


def _cursor_with_other_arguments(bge: Bge) -> str:
    _three(bge)
    cursor = bge.range(limit="2").data["next_page"]
    reply = bge.range(next_page=cursor, sort_direction="asc")
    return "new_arguments" if reply.accepted else "rejected"


def _write_during_paging(bge: Bge) -> str:
    bge.write("1903")
    bge.write("1901")
    first = bge.range(limit="1").data
    new = bge.write("1902").data["stream_id"]
    rest = bge.range(limit="1", next_page=first["next_page"]).data["result"]
    return "shown" if rest[0]["stream_id"] == new else "hidden"


def _visible_after_s(bge: Bge) -> int:
    bge.write()
    if bge.range().data["result"]:
        return 0
    bge.clock.wait(1)
    return 1 if bge.range().data["result"] else 2


def _time_spellings(bge: Bge) -> str:
    spellings = ("1901", "1902-01", "2021-03-02T10:00:00Z", "2021-03-02T10:00:00-0800")
    taken = [bge.write(text).accepted for text in spellings]
    assert taken == sorted(taken, reverse=True)
    return {1: "year", 3: "listed", 4: "iso"}[sum(taken)]


def _time_precision(bge: Bge) -> str:
    shown = bge.shown("2021-04-01 10:11:00.123456")["stream_generate_time"]
    return {"123456": "microsecond", "123000": "millisecond", "000000": "second"}[shown[20:26]]


def _written_zone(bge: Bge) -> str:
    assert bge.shown("1971")["stream_generate_time"] == "1971-01-01T00:00:00.000000+0800"
    shown = bge.shown("2021-04-01 10:11:00")["stream_generate_time"]
    zones = {
        "2021-04-01T10:11:00.000000+0800": "utc8",
        "2021-04-01T18:11:00.000000+0800": "utc",
    }
    return zones[shown]


def _bound_zone(bge: Bge) -> str:
    bge.write("1971")  # a year alone begins in UTC+8, in a write and as a bound
    assert bge.range(start_time="1971", end_time="1971").data["result"]
    return "utc8" if bge.range(start_time="1971-01-01").data["result"] else "utc"


def _year_as_end(bge: Bge) -> str:
    bge.write("1971-06")
    return "last_instant" if bge.range(end_time="1971").data["result"] else "first_instant"


def _offset_shown(bge: Bge) -> str:
    assert bge.shown("1971")["stream_generate_time"].endswith("+0800")
    shown = bge.shown("2021-03-02T10:00:00+0100")["stream_generate_time"]
    return {"+0800": "utc8", "+0100": "as_written", "+0000": "utc"}[shown[-5:]]


def _finer_time_mask(bge: Bge) -> str:
    assert bge.shown("1971")["stream_generate_time_mask"].startswith("1111-00")
    mask = bge.shown("1971-02")["stream_generate_time_mask"]
    return "stated" if mask == "1111-11-00T00:00:00.000000±1111" else "full"


def _bad_bound(bge: Bge) -> str:
    reply = bge.range(start_time="yesterday-ish", end_time="1971-99")
    return "ignored" if reply.accepted else "rejected"


def _big_integers(bge: Bge) -> str:
    reply = bge.write(data='{"n": [9007199254740993]}')
    if not reply.accepted:
        return "rejected"
    [number] = bge.retrieve(reply.data["stream_id"]).data["stream_data"]["n"]
    return "exact" if number == 9007199254740993 else "rounded"


def _number_kinds(bge: Bge) -> str:
    [number] = bge.shown("1971", '{"n": [1.0]}')["stream_data"]["n"]
    return {float: "kept", int: "merged"}[type(number)]


def _stream_data_not_object(bge: Bge) -> str:
    replies = {
        _taken(bge.write(str(1900 + n), text)) for n, text in enumerate(("[1]", "1", "null"))
    }
    [answer] = replies
    return answer


def _same_instant_other_spelling(bge: Bge) -> str:
    bge.write("1971")
    assert not bge.write("1971").accepted
    month = bge.write("1971-01").accepted
    bge.write("1970-12-31T16:00:00Z")
    offset = bge.write("1971-01-01T00:00:00+0800").accepted
    return {(False, False): "instant", (True, False): "precision", (True, True): "text"}[
        month, offset
    ]


def _duplicate_answer(bge: Bge) -> str:
    first, again = bge.write(), bge.write()
    if not again.accepted:
        return "rejected"
    assert len(ids(bge.pages())) == 1
    return "older_id" if again.data == first.data else "other"


def _over_batch(bge: Bge) -> str:
    reply = bge.batch(*(item(str(1900 + n)) for n in range(101)))
    if not reply.accepted:
        return "rejected"
    succeeded = [each["is_succeed"] for each in reply.data["result"]]
    assert succeeded == [True] * 100 + [False]
    return "rest_fails"


def _item_lacks_field(bge: Bge) -> str:
    odd = item("1972")
    del odd["data_element_id"]
    return _outcome(bge.batch(item(), odd))


def _item_wrong_type(bge: Bge) -> str:
    outcomes = {
        _outcome(bge.batch(item(str(1900 + n)), odd))
        for n, odd in enumerate[Any]((1, None, [], item("1971", data_element_id=1), {"": {}}))
    }
    return outcomes.pop() if len(outcomes) == 1 else "call_rejected"


def _item_data_as_text(bge: Bge) -> str:
    result = bge.batch(item(stream_data='{"name": "leo"}')).data["result"][0]
    if not result["is_succeed"]:
        return "item_fails"
    kept = bge.retrieve(result["stream"]["stream_id"]).data["stream_data"]
    return "parsed" if kept == {"name": "leo"} else "kept"


def _duplicate_item_answer(bge: Bge) -> str:
    first, again = (bge.batch(item()).data["result"][0] for _ in range(2))
    return "older_id" if first == again else "item_fails"


def _equal_items_in_batch(bge: Bge) -> str:
    items = [item("1971", stream_data=1), item("1971-01", stream_data=2)]
    succeeded = [i["is_succeed"] for i in bge.batch(*items).data["result"]]
    stored = [record["stream_data"] for record in bge.range().data["result"]]
    return {(1,): "first", (2,): "last", (): "none"}[tuple(stored)] * (
        succeeded == [stored == [1], stored == [2]]
    )


def _unbound_sample(bge: Bge) -> str:
    reply = bge.call("bind", biosample_id=UNBOUND)
    if not reply.accepted:
        return "rejected"
    return "null_entity" if reply.data["fundamental_entity_id"] is None else "bound"


PROBES: dict[str, Probe] = {
    "envelope": _envelope,
    "write_status": lambda bge: bge.write().status,
    "rejection_status": _rejection_status,
    "rejection_code": _rejection_code,
    "rejection_message": _rejection_message,
    "stream_id_form": _stream_id_form,
    "method_get": _method_get,
    "json_body": _json_body,
    "content_encoding": _content_encoding,
    "query_fields": _query_fields,
    "unknown_field": _unknown_field,
    "empty_string": _empty_string,
    "boolean_spelling": _boolean_spelling,
    "signature_expiry_s": _signature_expiry_s,
    "future_timestamp": _future_timestamp,
    "nonce_replay": _nonce_replay,
    "missing_nonce": _missing_nonce,
    "unknown_namespace_in_range": lambda bge: _empty(bge.range(namespace="x")),
    "unknown_element_in_range": lambda bge: _empty(bge.range(data_element_id="x")),
    "unknown_entity_in_range": lambda bge: _empty(bge.range(fundamental_entity_id=UNKNOWN)),
    "unknown_sample_in_range": lambda bge: _empty(bge.range(biosample_id="x")),
    "unbound_sample_in_range": lambda bge: _empty(bge.range(biosample_id=UNBOUND)),
    "no_match": lambda bge: _empty(bge.range(start_time="2100")),
    "default_limit": _default_limit,
    "over_limit": _over_limit,
    "limit_zero": _limit("0"),
    "limit_negative": _limit("-1"),
    "bad_limit": _limit("abc"),
    "bad_sort_direction": _sort_direction("sideways", {"rejected": "rejected", "desc": "default"}),
    "sort_direction_case": _sort_direction("ASC", {"rejected": "unknown", "asc": "folded"}),
    "tie_order": _tie_order,
    "asc_mirrors_desc": _asc_mirrors_desc,
    "count_meaning": _count_meaning,
    "last_page": _last_page,
    "short_pages": _short_pages,
    "cursor_type": _cursor_type,
    "invalid_cursor": _invalid_cursor,
    "cursor_with_other_arguments": _cursor_with_other_arguments,
    "write_during_paging": _write_during_paging,
    "visible_after_s": _visible_after_s,
    "time_spellings": _time_spellings,
    "time_precision": _time_precision,
    "written_zone": _written_zone,
    "bound_zone": _bound_zone,
    "year_as_end": _year_as_end,
    "offset_shown": _offset_shown,
    "finer_time_mask": _finer_time_mask,
    "bad_bound": _bad_bound,
    "start_after_end": lambda bge: _empty(bge.range(start_time="1972", end_time="1971")),
    "unknown_element_on_write": lambda bge: _taken(bge.write(data_element_id="x")),
    "stream_data_not_object": _stream_data_not_object,
    "number_kinds": _number_kinds,
    "big_integers": _big_integers,
    "same_instant_other_spelling": _same_instant_other_spelling,
    "duplicate_answer": _duplicate_answer,
    "over_batch": _over_batch,
    "empty_batch": lambda bge: _empty(bge.batch()),
    "unknown_element_in_batch": lambda bge: _outcome(bge.batch(item(), item(data_element_id="x"))),
    "item_lacks_field": _item_lacks_field,
    "item_bad_time": lambda bge: _outcome(bge.batch(item(), item("yesterday-ish"))),
    "item_wrong_type": _item_wrong_type,
    "item_data_as_text": _item_data_as_text,
    "duplicate_item_answer": _duplicate_item_answer,
    "equal_items_in_batch": _equal_items_in_batch,
    "unbound_sample": _unbound_sample,
}
SEEN_ONLY_WITH = {"tie_order": {"stream_id_form": "uuid4"}}


def test_every_point_that_the_mock_offers_has_its_probe() -> None:
    assert PROBES.keys() == {name for name, point in _POINTS.items() if point.mock}


@pytest.mark.parametrize(
    ("point", "value"),
    [
        pytest.param(point, choice.value, id=f"{point.name}={choice.value}")
        for point in _POINTS.values()
        if point.mock
        for choice in point.choices
    ],
)
def test_every_choice_shows(point: Point, value: Any) -> None:
    around = {**(point.visible_when or {}), **SEEN_ONLY_WITH.get(point.name, {})}
    seen = PROBES[point.name](Bge(**{**around, point.name: value}))
    assert seen == value


@pytest.mark.parametrize(
    ("point", "value", "seen"),
    [
        ("write_status", 202, 202),
        ("rejection_status", 422, 422),
        ("rejection_code", 40001, 40001),
        ("default_limit", 7, 7),
    ],
)
def test_values_beside_the_choices_show_too(point: str, value: Any, seen: object) -> None:
    assert PROBES[point](Bge(**{point: value})) == seen


def test_points_meet_without_harm() -> None:
    """All second choices at once: the printed calls still work."""
    contrary: dict[str, Any] = {
        name: point.choices[-1].value
        for name, point in _POINTS.items()
        if point.mock and name not in ("time_spellings", "signature_expiry_s", "nonce_replay")
    }
    bge = Bge(**contrary)
    stream_id = bge.write("1971").data["stream_id"]
    bge.clock.wait(1)
    shown = bge.range(limit="2").data["result"]
    assert [record["stream_id"] for record in shown] == [stream_id]
    assert bge.retrieve(stream_id).data == shown[0]
    assert {ENTITY, ELEMENT, NAMESPACE} <= set(json.dumps(shown[0]).split('"'))
