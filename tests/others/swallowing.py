"""Services that take whatever they are sent, and then can't show it; else they keep the document.

What is too deep or too large for them, or half a surrogate pair, is kept as the text `STUCK`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.others.bge_server import Bge
from tests.others.dotide_server import Dotide

STUCK = "stuck in the throat"
_HALF = rb"\\ud[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..)\\ud[c-f].."  # of a surrogate pair
_POISON = re.compile(rb'\[{20,}\]*|(?:\{"a":){20,}1\}*|-?1e999|[0-9]{25,}|' + _HALF)

Spoil = Callable[[str, bytes], tuple[str, bytes]]


def breaks(_status: str, _body: bytes) -> tuple[str, bytes]:
    """A server error in place of what can't be shown."""
    return "500 Oops", b'{"message": "oops"}'


def garbles(status: str, body: bytes) -> tuple[str, bytes]:
    """An answer that ends in the middle of what can't be shown."""
    return status, body.partition(STUCK.encode())[0]


def shows(status: str, body: bytes) -> tuple[str, bytes]:
    """The whole of it, deep as it is: an encoder that bears anything."""
    deep = b"[" * 5000 + b"]" * 5000
    return status, body.replace(json.dumps(STUCK).encode(), deep)


class SwallowingDotide(Dotide):
    """Takes any value of a field."""

    spoil: Spoil

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        return _shown(super().__call__, self.spoil, environ, start)

    def _body(self, environ: dict[str, Any]) -> bytes:
        return _swallowed(super()._body(environ))

    @property
    def stuck(self) -> bool:
        """Whether it holds what it can't show."""
        return any(
            STUCK in repr(stream) for base in self._bases.values() for stream in base.values()
        )


class SwallowingBge(Bge):
    """Takes any data."""

    spoil: Spoil

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        return _shown(super().__call__, self.spoil, environ, start)

    def write(self, form: Mapping[str, str]) -> dict[str, Any]:
        return super().write(_taken(form, "stream_data"))

    def batch_write(self, form: Mapping[str, str]) -> dict[str, Any]:
        return super().batch_write(_taken(form, "streams"))

    @property
    def stuck(self) -> bool:
        """Whether it holds what it can't show."""
        return any(STUCK in json.dumps(record.data) for record in self._records.values())


def _swallowed(sent: bytes) -> bytes:
    """JSON text without what can't be shown."""

    def stuck(found: re.Match[bytes]) -> bytes:
        inside_text = found[0].startswith(b"\\")
        return STUCK.encode() if inside_text else json.dumps(STUCK).encode()

    return _POISON.sub(stuck, sent)


def _taken(form: Mapping[str, str], name: str) -> Mapping[str, str]:
    return {
        n: _swallowed(text.encode()).decode() if n == name else text for n, text in form.items()
    }


def _shown(
    app: Callable[..., Iterable[bytes]],
    spoil: Spoil,
    environ: dict[str, Any],
    start: Callable[..., Any],
) -> Iterable[bytes]:
    """The answer of `app`, spoilt where a read would show what is stuck."""
    began: list[Any] = []
    body = b"".join(app(environ, lambda *answer: began.extend(answer)))
    status, headers = began
    reads = environ["REQUEST_METHOD"] == "GET" or environ["PATH_INFO"].endswith(
        ("/range", "/retrieve")
    )
    if reads and STUCK.encode() in body:
        status, body = spoil(status, body)
    kept = [(name, value) for name, value in headers if name != "Content-Length"]
    start(status, [*kept, ("Content-Length", str(len(body)))])
    return [body]
