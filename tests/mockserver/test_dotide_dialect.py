"""Every silent point of dotide, turned every way, shows on the wire."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from werkzeug.test import TestResponse

from streamproof.specs import api
from tests.mockserver.dotide_http import BASIC, TOKEN, Dotide, basic, dotide

pytestmark = pytest.mark.usefixtures("database")

POINTS = {name: p for name, p in api.load("dotide").dialect.points.items() if p.mock}
NFC, NFD = "\u00e9", "e\u0301"

Probe = Callable[[Dotide], object]


def filled(demo: Dotide, *ids: str, **fields: Any) -> Dotide:
    """The same server, with some streams in it."""
    for each in ids or ("a", "b", "c"):
        assert demo.create(each, **fields).status_code == 201
    return demo


def listed(query: str) -> Probe:
    """The status of a list of three streams, and how many it shows."""

    def probe(demo: Dotide) -> object:
        answer = filled(demo, tags=["t"]).list(query)
        return len(answer.json or ()) if answer.status_code == 200 else answer.status_code

    return probe


def created(*path: str, **fields: Any) -> Probe:
    """The status of a create, or what its answer shows at `path`."""

    def probe(demo: Dotide) -> object:
        answer = demo.create(**fields)
        shown: Any = answer.json
        if answer.status_code != 201:
            return answer.status_code
        for name in path:
            shown = shown.get(name, "omitted")
        return shown if path else 201

    return probe


def posted(**how: Any) -> Probe:
    return lambda demo: demo.send("POST", **how).status_code


def put(shown: str, /, **fields: Any) -> Probe:
    """The status of an update, or what a read shows under that name afterwards."""

    def probe(demo: Dotide) -> object:
        old = {"name": "n", "tags": ["t"], "properties": {"p": {"q": 1}, "r": 2}}
        filled(demo, "x", **old)
        status = demo.update("x", **fields).status_code
        return (demo.read("x").json or {})[shown] if status == 200 else status

    return probe


def offset_of(answer: Any) -> str:
    text: str = (answer.json or {}).get("created_at", str(answer.status_code))
    return "Z" if text.endswith("Z") else text[23:] or text


def both(first: str, second: str) -> Probe:
    """Whether two ids are one."""
    return lambda demo: (demo.create(first).status_code, demo.create(second).status_code)


def shape_of(generated: object) -> str:
    text = str(generated)
    return "uuid" if "-" in text else "counter" if text.isdigit() and len(text) == 16 else "hex"


def with_token(demo: Dotide, permissions: list[str], method: str, path: str) -> TestResponse:
    """A call by a new token that reaches datastream x."""
    scope = {"permissions": permissions, "ids": ["x"]}
    made = demo.send("POST", "/access_tokens", json={"scopes": [scope]}).json or {}
    return demo.send(method, path, {"Authorization": f"Bearer {made['access_token']}"})


def sampled(demo: Dotide) -> int:
    """How many are listed of two datapoints a minute apart."""
    demo.create("x")
    times = ("2014-01-03T00:00:00Z", "2014-01-03T00:01:00Z")
    points = "/datastreams/x/datapoints"
    demo.send("POST", points, json=[{"t": t, "v": 1} for t in times])
    return len((demo.send("GET", f"{points}?interval=30000").json or {})["datapoints"])


def credentials(demo: Dotide) -> tuple[int, int]:
    """Good Basic with a bad token, and bad Basic with a good token."""
    return (
        demo.send("GET", "/datastreams?access_token=00", basic()).status_code,
        demo.send("GET", f"/datastreams?access_token={TOKEN}", basic(f"{BASIC}x")).status_code,
    )


def put_twice(demo: Dotide) -> bool:
    """Whether an update without a change moves updated_at."""
    demo.create("x", name="n")
    first, second = (demo.update("x", name="n").json or {} for _ in range(2))
    return bool(first["updated_at"] < second["updated_at"])


def reused(demo: Dotide) -> int:
    demo.create("x")
    demo.delete("x")
    return demo.create("x").status_code


def deleted_twice(demo: Dotide) -> int:
    return demo.delete("x").status_code


def read_unknown(demo: Dotide) -> int:
    return demo.read("x").status_code


def order(demo: Dotide) -> Sequence[str]:
    return filled(demo, "B", "a", "s9", "s10", "é", "1").ids()


def error(demo: Dotide) -> tuple[str, bool]:
    answer = demo.read("x")
    return answer.text[:1], "errors" in answer.text


def location(demo: Dotide) -> str:
    return str(demo.create("x").headers["Location"]).partition("/v1/")[0]


def listed_properties(demo: Dotide) -> set[str]:
    rows = filled(demo, "x").list().json or [{}]
    return {"properties", "attributes"}.intersection(rows[0])


def read_tags(demo: Dotide) -> Sequence[str]:
    filled(demo, "x", tags=["A"])
    return demo.ids("tags=a")


def blank(demo: Dotide) -> object:
    answer = demo.create(" a ")
    return (answer.json or {})["id"] if answer.status_code == 201 else answer.status_code


def length(characters: int) -> Probe:
    return lambda demo: demo.create("x" * characters).status_code


def zone(path: str, headers: dict[str, str]) -> Probe:
    def probe(demo: Dotide) -> str:
        filled(demo, "x")
        return offset_of(demo.send("GET", path, {**basic(), **headers}))

    return probe


def offsets(demo: Dotide) -> tuple[str, str]:
    filled(demo, "x")
    return offset_of(demo.read("x")), offset_of(demo.read("x", "tz=UTC"))


def absent(demo: Dotide) -> tuple[object, ...]:
    shown = demo.create("x").json or {}
    return tuple(shown.get(name, "omitted") for name in ("name", "tags", "properties"))


def required(demo: Dotide) -> tuple[int, int]:
    return demo.create("x").status_code, demo.create("y", name="n").status_code


def large(demo: Dotide) -> tuple[int, int]:
    """The statuses of a body just under 64 KiB and one a little over 1 MiB."""
    return (
        demo.create(properties={"p": "x" * 60_000}).status_code,
        demo.create(properties={"p": "x" * 1_050_000}).status_code,
    )


# By point: what to ask, and what to be answered for every choice.
PROBES: dict[str, tuple[Probe, dict[object, object]]] = {
    "collation": (
        order,
        {
            "code_point": ["1", "B", "a", "s10", "s9", "é"],
            "ignore_case": ["1", "a", "B", "s10", "s9", "é"],
            "letters_first": ["B", "a", "s10", "s9", "é", "1"],
            "natural": ["1", "B", "a", "s9", "s10", "é"],
        },
    ),
    "list_properties_name": (
        listed_properties,
        {"properties": {"properties"}, "attributes": {"attributes"}},
    ),
    "empty_ids": (listed("ids=&tags=t"), {"everything": 3, "nothing": 0, "rejected": 422}),
    "empty_tags": (listed("tags=&ids=a,b"), {"everything": 2, "nothing": 0, "rejected": 422}),
    "offset_without_limit": (listed("offset=1"), {"applied": 2, "ignored": 3, "rejected": 422}),
    "limit_zero": (listed("limit=0"), {"empty": 0, "ignored": 3, "rejected": 422}),
    "limit_negative": (listed("limit=-1"), {"rejected": 422, "ignored": 3, "empty": 0}),
    "limit_malformed": (listed("limit=ten"), {"rejected": 422, "ignored": 3, "empty": 0}),
    "offset_zero": (listed("limit=1&offset=0"), {"first_page": 1, "rejected": 422}),
    "offset_negative": (listed("limit=1&offset=-1"), {"rejected": 422, "ignored": 1}),
    "offset_malformed": (listed("limit=1&offset=two"), {"rejected": 422, "ignored": 1}),
    "default_limit": (listed(""), {"none": 3, 20: 3, 100: 3, 2: 2}),
    "largest_limit": (listed("limit=500"), {"none": 3, 500: 3, 1000: 3, 2: 2}),
    "over_largest_limit": (listed("limit=1000000"), {"clamped": 3, "rejected": 422}),
    "duplicate_id_status": (
        lambda demo: filled(demo, "x").create("x").status_code,
        {409: 409, 422: 422, 400: 400},
    ),
    "recreate_deleted": (reused, {"accepted": 201, "rejected": 409}),
    "generated_id_form": (
        lambda demo: shape_of(created("id")(demo)),
        {"object_id": "hex", "uuid": "uuid", "counter": "counter"},
    ),
    "id_empty": (created(id=""), {"rejected": 422, "generated": 201}),
    "id_reserved": (
        lambda demo: {demo.create(f"a{each}").status_code for each in "/?%"},
        {"accepted": {201}, "rejected": {422}},
    ),
    "id_comma": (created(id="a,b"), {"accepted": 201, "rejected": 422}),
    "id_dots": (created(id=".."), {"rejected": 422, "accepted": 201}),
    "id_blanks": (blank, {"kept": " a ", "trimmed": "a", "rejected": 422}),
    "id_control": (created(id="a\n\0"), {"rejected": 422, "accepted": 201}),
    "id_longest": (length(1024), {"none": 201, 255: 422, 1024: 201}),
    "id_normalization": (both(NFC, NFD), {"distinct": (201, 201), "same": (201, 409)}),
    "id_case": (both("a", "A"), {"distinct": (201, 201), "same": (201, 409)}),
    "required_fields": (required, {"none": (201, 201), "name": (422, 201), "all": (422, 422)}),
    "absent_fields": (
        absent,
        {
            "typical": (None, [], {}),
            "null": (None, None, None),
            "empty": ("", [], {}),
            "omitted": ("omitted",) * 3,
        },
    ),
    "absent_current": (
        created("current_t"),
        {"null": None, "empty": "", "omitted": "omitted"},
    ),
    "null_in_create": (created("tags", tags=None), {"absent": [], "rejected": 422}),
    "null_in_update": (put("name", name=None), {"clears": None, "absent": "n", "rejected": 422}),
    "unknown_fields": (
        created("colour", colour="red"),
        {"ignored": "omitted", "kept": "red", "rejected": 422},
    ),
    "wrong_type": (created("name", name=5), {"rejected": 422, "coerced": "5", "ignored": None}),
    "non_object_body": (posted(json=[]), {"rejected": 422, "as_empty": 201}),
    "empty_body": (posted(), {"as_empty": 201, "rejected": 422}),
    "tags_order": (created("tags", tags=["b", "a"]), {"sent": ["b", "a"], "sorted": ["a", "b"]}),
    "tags_repeated": (
        created("tags", tags=["a", "a"]),
        {"collapsed": ["a"], "kept": ["a", "a"], "rejected": 422},
    ),
    "tags_case": (read_tags, {"distinct": [], "same": ["x"]}),
    "empty_tag": (
        created("tags", tags=["a", ""]),
        {"kept": ["a", ""], "dropped": ["a"], "rejected": 422},
    ),
    "comma_in_tag": (
        created("tags", tags=["a,b"]),
        {"kept": ["a,b"], "split": ["a", "b"], "rejected": 422},
    ),
    "nested_property_names": (
        created(properties={"p": {"a.b": 1}}),
        {"accepted": 201, "rejected": 422},
    ),
    "property_values": (created(properties={"p": [1]}), {"any": 201, "scalars": 422}),
    "put_body": (put("tags", name="m"), {"merge": ["t"], "replace": [], "reject": 422}),
    "put_properties": (
        put("properties", properties={"p": {"s": 3}}),
        {
            "replace": {"p": {"s": 3}},
            "merge": {"p": {"s": 3}, "r": 2},
            "deep_merge": {"p": {"q": 1, "s": 3}, "r": 2},
        },
    ),
    "put_type": (
        put("type", type="string"),
        {"ignored": "number", "applied": "string", "rejected": 422},
    ),
    "put_id": (put("id", id="y"), {"ignored": "x", "rejected": 422}),
    "put_unchanged": (put_twice, {"moves": True, "stays": False}),
    "unknown_id_status": (read_unknown, {404: 404, 400: 400}),
    "delete_unknown": (deleted_twice, {"rejected": 404, "accepted": 204}),
    "time_precision": (
        lambda demo: len(str(created("created_at")(demo))),
        {"milliseconds": 29, "seconds": 25, "microseconds": 32},
    ),
    "offset_form": (
        offsets,
        {
            "colon": ("+08:00", "+00:00"),
            "zulu": ("+08:00", "Z"),
            "compact": ("+0800", "+0000"),
        },
    ),
    "unknown_tz": (
        zone("/datastreams/x?tz=Nowhere/Land", {}),
        {"rejected": "422", "default_zone": "+08:00", "utc": "+00:00"},
    ),
    "empty_tz": (zone("/datastreams/x?tz=", {}), {"as_unknown": "422", "ignored": "+08:00"}),
    "tz_against_header": (
        zone("/datastreams/x?tz=UTC", {"Timezone": "Asia/Tokyo"}),
        {"tz": "+00:00", "header": "+09:00"},
    ),
    "tz_in_query": (
        lambda demo: offset_of(demo.send("POST", "/datastreams?tz=UTC", json={})),
        {"ignored": "+08:00", "applied": "+00:00", "rejected": "422"},
    ),
    "location_form": (location, {"absolute": "http://localhost", "path": ""}),
    "location_host": (
        location,
        {"request": "http://localhost", "service": "http://api.dotide.com"},
    ),
    "invalid_status": (created(type="text"), {422: 422, 400: 400}),
    "malformed_json_status": (
        posted(data="{", content_type="application/json"),
        {400: 400, 422: 422},
    ),
    "error_form": (
        error,
        {
            "message": ("{", False),
            "message_and_errors": ("{", True),
            "text": ("t", False),
            "empty": ("", False),
        },
    ),
    "both_credentials": (
        credentials,
        {"header": (200, 404), "query": (404, 200), "either": (200, 200), "both": (404, 404)},
    ),
    "token_without_right": (
        lambda demo: with_token(demo, ["write"], "GET", "/datastreams/x").status_code,
        {404: 404, 403: 403},
    ),
    "list_by_token": (
        lambda demo: with_token(demo, ["read"], "GET", "/datastreams").status_code,
        {"filtered": 200, "rejected": 404},
    ),
    "interval_unit": (sampled, {"milliseconds": 2, "seconds": 1}),
    "missing_content_type": (posted(data=b"{}"), {"read_as_json": 201, "rejected": 415}),
    "other_content_type": (
        posted(data=b"{}", content_type="text/plain"),
        {"rejected": 415, "read_as_json": 201},
    ),
    "content_encoding": (
        posted(data=gzip.compress(b"{}"), headers={**basic(), "Content-Encoding": "gzip"}),
        {"rejected": 415, "decoded": 201},
    ),
    "wrong_method": (lambda demo: demo.send("PATCH").status_code, {405: 405, 404: 404}),
    "trailing_slash": (
        lambda demo: demo.send("GET", "/datastreams/").status_code,
        {"not_found": 404, "same": 200, "redirected": 308},
    ),
    "repeated_parameter": (
        listed("limit=1&limit=2"),
        {"first": 1, "last": 2, "rejected": 422},
    ),
    "unknown_parameters": (listed("colour=red"), {"ignored": 3, "rejected": 422}),
    "largest_body": (
        large,
        {1048576: (201, 413), 65536: (201, 413), 16777216: (201, 201)},
    ),
}
ELSEWHERE = {"race_loser_status"}  # needs several calls at once: test_serve.py


def test_every_point_has_a_probe_for_every_choice() -> None:
    assert PROBES.keys() | ELSEWHERE == POINTS.keys()
    for name, (_, expected) in PROBES.items():
        assert expected.keys() >= {choice.value for choice in POINTS[name].choices}, name


@pytest.mark.parametrize(
    ("point", "choice"),
    [(name, choice) for name, (_, expected) in PROBES.items() for choice in expected],
)
def test_every_choice_shows(point: str, choice: object) -> None:
    ask, expected = PROBES[point]
    assert ask(dotide(**{point: choice})) == expected[choice]
