"""A server that takes an id and never finds it is told of, and what was made is taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from streamproof.contracts.verdict import Verdict
from tests.contracts.dotide.targets import DOTIDE, by_verdict, judged
from tests.others.dotide_characters import Character
from tests.others.dotide_server import Dotide

RULE = "dotide/any/odd-ids-found"


class BehindAProxy(Dotide):
    """Takes any id; a proxy in front refuses an encoded slash in a path."""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if "%2F" not in environ["REQUEST_URI"].partition("?")[0]:
            return super().__call__(environ, start)
        start("404 Not Found", [])
        return [b""]

    @property
    def ids(self) -> list[str]:
        return [stream.id for base in self._bases.values() for stream in base.values()]


def test_a_lost_stream_is_removed_by_the_path_that_the_server_knows() -> None:
    keys = {DOTIDE.fixtures["database"]: DOTIDE.fixtures["credentials"]["basic"]}
    server = BehindAProxy(Character("proxied"), keys, "")
    done = judged(server, RULE)
    assert "/b' is read under that id; got 404" in by_verdict(done, Verdict.FAILED)[RULE]
    assert (server.ids, done.cleanup.left) == ([], 0)
