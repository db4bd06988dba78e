"""What a run learns of a server before it judges it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import pytest

from streamproof.contracts.bge.learning import ground
from streamproof.contracts.check import Trial
from streamproof.contracts.client import Client
from streamproof.contracts.names import Names
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from tests.contracts.bge.servers import BGE, mock

LAG = 4  # calls after a write of which a copy that is late shows nothing


def replicated(app: WsgiApp, turn: int) -> WsgiApp:
    """Two copies that answer range in turn, the late one to each call whose number is even (or
    odd, with `turn` 1): it shows a record when `LAG` calls have gone by. No clock has a say."""
    numbers, born = count(1), dict[str, int]()

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        number = next(numbers)
        began: list[Any] = []
        content = environ["wsgi.input"].read()
        form = dict(parse_qsl(content.decode()))
        sent = {**environ, "wsgi.input": io.BytesIO(content)}
        answer = json.loads(b"".join(app(sent, lambda *told: began.extend(told))))
        if "stream_generate_time" in form and answer["code"] == 0:
            born[answer["data"]["stream_id"]] = number
        if environ["PATH_INFO"].endswith("/range") and answer["code"] == 0 and number % 2 == turn:
            rows = answer["data"]["result"]
            answer["data"]["result"] = [
                row for row in rows if number > born.get(row["stream_id"], 0) + LAG
            ]
        headers = [(n, v) for n, v in began[1] if n.lower() != "content-length"]
        start(began[0], headers)
        return [json.dumps(answer).encode()]

    return serve


@pytest.mark.parametrize("turn", [0, 1])
def test_a_copy_that_is_late_for_a_moment_only_is_waited_for(turn: int) -> None:
    """The lag is over before the first look has come to the last of the records."""
    transport = WsgiTransport(replicated(mock(), turn), "http://localhost")
    client = Client(BGE, transport, BGE.fixtures["credentials"])

    def draw(_: Any) -> Any:
        raise AssertionError("learning draws nothing")

    known = ground(Trial(client, Names("latecopy"), BGE.fixtures, draw, []))

    assert known.patience_s > 0
