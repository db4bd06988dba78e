"""Things without a text to carry the run's mark: known as the run's otherwise, or not made."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamproof.contracts.run import Options, Run, Target, run
from streamproof.contracts.verdict import Verdict
from streamproof.contracts.wire import Answer
from streamproof.specs import api
from tests.contracts.scripted import Scripted

THEIRS: dict[str, Any] = {"gears": 7, "maker": "somebody"}
FIELDS = {"gears": "integer", "maker": "word"}
NUMBER = {"type": "integer", "format": "int64"}


@dataclass
class Rack:
    """Bikes by number, which it makes up unless it is told; `theirs` is not the run's."""

    held: dict[str, Any] = field(default_factory=lambda: {"1": {"id": 1, **THEIRS}})
    gives: int | None = None  # the number that it gives out as new, whatever is there
    made: int = 0

    def __call__(self, method: str, target: str, body: bytes | None) -> Answer:
        key = target.partition("?")[0].rpartition("/")[2]
        if method == "POST":
            try:
                sent = json.loads(body or b"")
                whole = all(type(sent.get(n, 0)) is int for n in ("id", "gears"))
            except (ValueError, AttributeError):
                whole = False
            if not whole or not all(type(sent.get(n, "")) is str for n in ("maker",)):
                return Answer(400, {}, b"")
            self.made += 1
            number = self.gives or sent.get("id", self.made + 1)
            bike = {**sent, "id": number}
            if not self.gives and str(number) in self.held:
                return Answer(409, {}, b"")
            if not self.gives:
                self.held[str(number)] = bike
            return _json(201, bike)
        if method == "PUT":
            return self.put(json.loads(body or b"null"))
        if key not in self.held:
            return Answer(404, {}, b"")
        if method == "DELETE":
            del self.held[key]
            return Answer(204, {}, b"")
        return _json(200, self.held[key])

    def put(self, sent: Any) -> Answer:
        """Another bike in the place of the one that the body names by a number."""
        if not isinstance(sent, dict) or type(sent.get("id")) is not int:
            return Answer(400, {}, b"")
        if str(sent["id"]) not in self.held:
            return Answer(404, {}, b"")
        if type(sent.get("maker", "")) is not str or type(sent.get("gears", 0)) is not int:
            return Answer(400, {}, b"")
        self.held[str(sent["id"])] = sent
        return _json(200, sent)


def _json(status: int, data: Any) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(data).encode())


def folder(at: Path, named: bool, fields: dict[str, str], put: bool = False) -> str:
    """An API of bikes with these fields, whose numbers a caller may choose if `named`; with an
    update by the body alone if `put`."""
    types: dict[str, Any] = {"maker": {"type": "string"}, "gears": NUMBER}
    sent = {name: types[name] for name in fields} | ({"id": NUMBER} if named else {})
    answer = {"type": "object", "required": ["id"], "properties": {**types, "id": NUMBER}}
    shown = {"content": {"application/json": {"schema": answer}}, "description": "One."}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": sent}}}}
    by = [{"name": "id", "in": "path", "required": True, "schema": NUMBER}]
    none = {"404": {"description": "None."}}
    refused = {code: {"description": "No."} for code in ("400", "409")}
    spec: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Rack", "version": "1"},
        "paths": {
            "/bikes": {
                "post": {
                    "operationId": "add",
                    "requestBody": {"required": True, **body},
                    "responses": {"201": shown, **refused},
                }
            },
            "/bikes/{id}": {
                "parameters": by,
                "get": {"operationId": "show", "responses": {"200": shown, **none}},
                "delete": {
                    "operationId": "drop",
                    "responses": {"204": {"description": "Gone."}, **none},
                },
            },
        },
    }
    bikes = {"kind": "collection", "key": "id", "fields": fields}
    bikes |= {"create": "add", "read": "show", "delete": "drop"}
    if put:
        whole = {"type": "object", "required": ["id"], "properties": {**sent, "id": NUMBER}}
        spec["paths"]["/bikes"]["put"] = {
            "operationId": "swap",
            "requestBody": {"required": True, "content": {"application/json": {"schema": whole}}},
            "responses": {"200": shown, **refused, **none},
        }
        bikes["update"] = "swap"
    home = at / "rack"
    home.mkdir()
    (home / "openapi.yaml").write_text(yaml.safe_dump(spec), "utf-8")
    (home / "resources.yaml").write_text(yaml.safe_dump({"resources": {"bikes": bikes}}), "utf-8")
    return str(home)


def judged(rack: Rack, home: str) -> Run:
    target = Target(api.load(home), Scripted(rack), {}, {})
    return run(target, Options(seed=1, run_id="bicycles", max_examples=3))


@pytest.mark.parametrize(
    ("named", "fields"),
    [(False, FIELDS), (True, {"gears": "integer"})],
)
def test_a_word_or_a_key_tells_whose_a_thing_is(
    named: bool, fields: dict[str, str], tmp_path: Path
) -> None:
    rack = Rack()

    done = judged(rack, folder(tmp_path, named, fields))

    assert done.ended is None
    assert not [r.rule.id for r in done.rulings if r.verdict is Verdict.FAILED]
    assert {r.rule.id for r in done.rulings if r.verdict is Verdict.PASSED} >= {
        "rack/add/answered-as-sent",
        "rack/drop/gone-from-read",
    }
    assert done.cleanup.created > 0
    assert rack.held == {"1": {"id": 1, **THEIRS}}


def test_what_nothing_could_tell_from_others_is_not_made(tmp_path: Path) -> None:
    rack = Rack()

    done = judged(rack, folder(tmp_path, False, {"gears": "integer"}))

    assert done.ended is None
    [ruling] = [r for r in done.rulings if r.rule.id == "rack/add/answered-as-sent"]
    assert ruling.verdict is Verdict.NOT_TESTED
    assert "a field of bikes that takes a name of the run's" in str(ruling.message)
    assert rack.made == 0


def test_the_number_of_somebody_elses_is_still_noticed(tmp_path: Path) -> None:
    rack = Rack(gives=1)

    done = judged(rack, folder(tmp_path, False, FIELDS))

    assert "gives out an id of somebody else's object" in str(done.ended)
    assert rack.held == {"1": {"id": 1, **THEIRS}}


def test_an_update_whose_key_stands_in_its_body_alone_is_judged(tmp_path: Path) -> None:
    rack = Rack()

    done = judged(rack, folder(tmp_path, False, FIELDS, put=True))

    assert not [r.rule.id for r in done.rulings if r.verdict is Verdict.FAILED]
    assert {r.rule.id for r in done.rulings if r.verdict is Verdict.PASSED} >= {
        "rack/swap/status",
        "rack/swap/update-shown",
        "rack/swap/unknown-id",
        "rack/swap/id-required",
    }
    assert rack.held == {"1": {"id": 1, **THEIRS}}
