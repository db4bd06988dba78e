"""What checks take for granted is some rule's sentence, and where it doesn't hold that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from streamproof.contracts.transport import WsgiApp
from streamproof.contracts.verdict import Verdict
from tests.contracts.bge.servers import check, mock

OOPS = b'{"message": "oops"}'


def answering(status: str, body: bytes, *operations: str, only_bad: bool = False) -> WsgiApp:
    """The good mock, but that good calls of `operations` are answered so; or the bad ones."""
    app = mock()

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        began: list[Any] = []
        content = b"".join(app(environ, lambda *answer: began.extend(answer)))
        bad = b'"code":0' not in content.replace(b" ", b"")
        if environ["PATH_INFO"].rpartition("/")[2] in operations and bad == only_bad:
            start(status, [("Content-Type", "application/json")])
            return [body]
        start(*began)
        return [content]

    return serve


EMPTY = b'{"code": 0, "message": "", "data": {"result": [], "next_page": null, "count": 0}}'
NO = b'{"code": 1, "message": "no"}'
SERVERS: dict[str, tuple[WsgiApp, str]] = {
    "breaks on bad writes": (
        answering("500 Oops", OOPS, "write", only_bad=True),
        "bge/any/no-server-error",
    ),
    "retrieves nothing": (answering("200 OK", NO, "retrieve"), "bge/retrieve/minimal-call"),
    "finds nothing": (answering("200 OK", EMPTY, "range"), "bge/write/found-by-range"),
    "answers pages cut off": (answering("200 OK", b'{"code": 0,', "range"), "bge/range/shape"),
}


@pytest.mark.parametrize("name", SERVERS)
def test_a_rule_answers_for_what_is_taken_for_granted(name: str) -> None:
    app, rule = SERVERS[name]

    run = check(app, max_examples=3)

    assert [r.rule.id for r in run.rulings if r.verdict is Verdict.FAILED] == [rule]
