"""Answers that are JSON, and that no ordinary server gives: no check crashes, no report breaks."""

import json
from pathlib import Path

import pytest

from streamproof.contracts.report import files
from streamproof.contracts.run import Options, Target, run
from streamproof.contracts.verdict import Verdict
from streamproof.contracts.wire import Answer
from streamproof.specs import api
from tests.contracts.scripted import Scripted

TIME = "2021-01-01T00:00:00.000000+0800"
DEEP = "[" * 5000 + "]" * 5000
ODD = {
    "half a surrogate pair": '"a\\ud800"',
    "nested": DEEP,
    "an object": '{"a": 1}',
    "a number": "1e999",
    "null": "null",
}


def dotide(odd: str) -> dict[str, str]:
    """Answers by method and kind: one datastream, whose every field is odd in turn."""
    row = '{"id": %s, "name": %s, "type": "number", "tags": [%s], "properties": {"a": %s},' % (
        (odd,) * 4
    )
    row += f'"created_at": "{TIME}", "updated_at": "{TIME}"}}'
    return {"GET /v1": row, "POST": row, "PUT": row, "list": f"[{row}]"}


def bge(odd: str) -> str:
    """One answer to all calls, with every member that some call shows."""
    record = {
        "stream_id": "ODD",
        "stream_generate_time": TIME,
        "stream_generate_time_mask": "ODD",
        "data_element": {"data_element_id": "ODD", "data_element_description": "ODD"},
        "stream_data": {"name": "ODD"},
        "stream_meta": {"namespace": "ODD", "fundamental_entity_id": "ODD"},
        "create_time": TIME,
        "data_type": 2,
    }
    item = {"is_succeed": True, "message": "ODD", "stream": record}
    data = {**record, "fundamental_entity_id": "ODD", "next_page": "ODD", "count": "ODD"}
    text = json.dumps({"code": 0, "msg": "", "data": {**data, "result": [record, item]}})
    return text.replace('"ODD"', odd)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["dotide", "bge"])
def test_no_check_crashes(name: str, odd: str, tmp_path: Path) -> None:
    streams = dotide(ODD[odd])

    def respond(method: str, target: str, _body: bytes | None) -> Answer:
        text = bge(ODD[odd])
        if name == "dotide":
            listed = method == "GET" and "/datastreams/" not in target
            text = streams["list" if listed else "POST"]
        status = {"POST": 201, "DELETE": 204}.get(method, 200) if name == "dotide" else 200
        body = b"" if status == 204 else text.encode()
        return Answer(status, {"content-type": "application/json"}, body)

    spec = api.load(name)
    target = Target(spec, Scripted(respond), spec.fixtures["credentials"], spec.fixtures)
    journal = tmp_path / "created.jsonl"
    done = run(target, Options(seed=1, max_examples=2, max_requests=150, journals=(journal,)))
    crashed = [r for r in done.rulings if r.verdict is Verdict.HARNESS_ERROR]
    assert [f"{r.rule.id}: {r.finding.crash}" for r in crashed] == []
    files.write(done, tmp_path)
