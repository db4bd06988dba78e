"""Bodies that a create or update must not take: no JSON, or fields of other types."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.shapes import violations
from streamproof.contracts.wire import Outcome
from streamproof.specs import api, schema

JUDGED: Final = "a wrong-typed field, judged"

# Nothing that a lenient parser of JSON might take: comments, single quotes, a comma too many.
NOT_JSON: Final = (
    *(b"{", b'{"name": ', b'{"name": "Demo", "type"', b'"name": "Demo"}', b'{"name" "Demo"}'),
    *(b"name=Demo&type=number", b"<name>Demo</name>", b"[1, 2", b'{"name": "Demo'),
)

MISTYPED: Final[tuple[tuple[str, Any], ...]] = (
    *((field, value) for field in ("name", "tags", "properties") for value in (5, True)),
    *(("tags", "a"), ("properties", "a"), ("name", ["a"]), ("name", {"a": 1})),
    *(("properties", ["a"]), ("properties", [["a", 1]])),
    *(("tags", {"a": 1}), ("tags", [1, 2]), ("tags", [["a"]]), ("tags", ["a", {"b": 1}])),
)


@cache
def _validator() -> schema.Validator:
    dotide = api.load("dotide")
    return schema.Validator(dotide.operations["read"].success.payload or {}, dotide.openapi)


def shows_documented_types(trial: Trial, outcome: Outcome, stream: str, field: str) -> None:
    """After a call that sent `field` in another type, the field is shown as documented.

    The call may be rejected, or take the value in its own way; only what is shown later counts.
    """
    trial.judged(outcome, f"an answer to a wrong-typed {field}")
    read = trial.client.send(trial.client.request("read", id=stream), watched=False)
    listed = trial.client.send(trial.client.request("list", ids=stream), watched=False)
    rows = [read.payload, *(listed.payload if isinstance(listed.payload, list) else ())]
    for row in filter(None, rows):
        wrong = [v for v in violations(_validator(), row) if v.at.startswith(f"/{field}")]
        if wrong:
            trial.fail(
                "another-type",
                expected=f"{field} in its documented type",
                actual=wrong[0].message,
            )
    if outcome.rejected or read.accepted:
        trial.witness(JUDGED)
