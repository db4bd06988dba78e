"""Evidence read again: the requests of a failure, and what they were answered.

The files are those of `report/har.py`; whatever another tool made of them is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from streamproof.contracts.values import parse
from streamproof.contracts.wire import SURROGATES, Outcome, Request
from streamproof.specs.api import Api
from streamproof.specs.errors import SpecError

_OURS = "is no evidence of a run; `check --report-dir` writes some, one file a failure"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The steps of a failure of `rule`, in a run of `run_id` against `target`. For each step
    `proofs` have what stands for its credentials."""

    rule: str
    target: str
    run_id: str
    steps: tuple[Outcome, ...]


def read(path: Path, api: Api) -> Evidence:
    """The evidence in a file. Raises `SpecError`."""
    file = str(path)
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except OSError as fault:
        raise SpecError(file, "", fault.strerror or "can't be read") from None
    except (ValueError, RecursionError):
        raise SpecError(file, "", _OURS) from None
    try:
        log = content["log"]
        if log["creator"]["name"] != "streamproof":
            raise SpecError(file, "", _OURS)
        if log["_api"] != api.name:
            fault_is = f"is of {log['_api']}, and the target of {api.name}"
            raise SpecError(file, "_api", fault_is)
        steps = tuple(_step(entry, api) for entry in log["entries"])
        rule = str(log["comment"]).partition(":")[0]
        return Evidence(rule, str(log["_target"]), str(log["_run_id"]), steps)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise SpecError(file, "", _OURS) from None


def _step(entry: Mapping[str, Any], api: Api) -> Outcome:
    request, response = _request(entry, api), entry["response"]
    scheme, proofs = None, {}
    if entry["_auth"] is not None:
        scheme = replace(api.schemes[entry["_auth"]["scheme"]], word=entry["_auth"]["word"])
        proofs = {str(key): str(proof) for key, proof in entry["_auth"]["proofs"].items()}
    body = _octets(response["content"], "encoding")
    status = int(response["status"]) or None
    try:
        data = parse(body).value
    except ValueError:
        data = None
    return Outcome(
        request,
        status,
        accepted=status is not None and 200 <= status < 300,
        data=data,
        headers={str(h["name"]): str(h["value"]) for h in response["headers"]},
        body=body,
        trouble=response.get("comment"),
        auth=scheme,
        proofs=proofs,
        url=str(entry["_base"]),
        race=entry["_race"],
    )


def _request(entry: Mapping[str, Any], api: Api) -> Request:
    sent, base = entry["request"], str(entry["_base"])
    proofs = {str(p["name"]) for p in sent["queryString"] if p.get("_proof")}
    path, _, query = str(sent["url"]).removeprefix(base).partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, errors=SURROGATES) if query else []
    posted = sent.get("postData", {})
    return Request(
        api.operations[entry["_operation"]],
        str(sent["method"]),
        path,
        tuple((name, value) for name, value in pairs if name not in proofs),
        _pairs(sent["headers"]),
        _pairs(posted["params"]) if "params" in posted else None,
        _octets(posted, "_encoding") if "text" in posted else None,
        tuple((str(name), value) for name, value in posted.get("_altered", ())),
    )


def _pairs(members: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(m["name"]), str(m["value"])) for m in members if not m.get("_proof"))


def _octets(part: Mapping[str, Any], encoding: str) -> bytes:
    text = str(part.get("text", ""))
    if part.get(encoding) != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(text) from None
