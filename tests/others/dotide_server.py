"""A second dotide service, with no line of the mock's: it keeps the document and has other habits.

`Dotide(character, keys, token)` is a WSGI application over dictionaries. Where the document leaves
a choice it asks its character (dotide_characters.py); the rest the document says.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import replace
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from tests.others import dotide_points as points
from tests.others import dotide_tokens as tokens
from tests.others.dotide_characters import STATUSES
from tests.others.dotide_forms import Rejected, Stream, show, take, zone
from tests.others.dotide_store import Call, Store
from tests.others.dotide_tokens import Caller, Token

PARAMETERS = {"ids", "tags", "limit", "offset", "tz", "access_token"}
POINT_PARAMETERS = PARAMETERS - {"ids", "tags"} | {
    *("start", "end", "order", "t", "summary", "interval", "function")
}


class Dotide(Store):
    """The service: calls come in, and find what they may see and change."""

    # --- HTTP ------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        time.sleep(self.character.latency_s)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        headers["Date"] = format_datetime(self._now(), usegmt=True)
        try:
            status, shown = self._answer(environ, headers)
            body = b"" if shown is None else json.dumps(shown).encode()
        except Rejected as refusal:
            status, body = self._refusal(str(refusal))
        start(f"{status} {status}", [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    def _refusal(self, reason: str) -> tuple[int, bytes]:
        bodies = {
            "message": json.dumps({"message": reason}),
            "text": f"No: {reason}",
            "nothing": "",
        }
        status = {**STATUSES, **self.character.statuses}[reason]
        return status, bodies[self.character.problem].encode()

    def _answer(self, environ: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        version, base, kind, name = (*path.lstrip("/").split("/", 3), "", "", "")[:4]
        if version not in ("v1", "v2") or base not in self._keys:
            raise Rejected("unknown")
        query = {k: v[0] for k, v in parse_qs(environ["QUERY_STRING"], True).items()}
        caller = self._authenticate(environ, base, environ["REQUEST_METHOD"], query)
        root = f"/{version}/{base}/{{path}}"
        url = self.character.location.format(host=environ["HTTP_HOST"], path=root)
        call = Call(environ, base, caller, query, self._body(environ), url, headers)
        parts = self.character.parts
        stream, _, t = name.partition("/datapoints")
        if kind == "access_tokens" and kind in parts:
            return self._on_tokens(call, name)
        if kind == "datastreams" and stream != name and "datapoints" in parts:
            return self._on_points(call, stream, t.removeprefix("/"))
        if kind == "datastreams":
            return self._on_streams(call, name)
        raise Rejected("unknown")

    def _zone(self, call: Call, tz: str | None) -> ZoneInfo:
        c, header = self.character, call.environ.get("HTTP_TIMEZONE")
        return zone(header or tz if c.zone_first == "header" else tz or header, c)

    def _check_query(self, call: Call, known: Set[str]) -> None:
        if "query" in self.character.refuses and not call.query.keys() <= known:
            raise Rejected("invalid")

    def _on_streams(self, call: Call, name: str) -> tuple[int, Any]:
        c, base, caller = self.character, call.base, call.caller
        self._check_query(call, PARAMETERS)
        tz = call.query.get("tz") if call.method == "GET" else None
        if call.method in ("POST", "PUT"):
            sent = take(call.body, c, update=call.method == "PUT")
            tz = sent.known.get("tz")
        at = self._zone(call, tz)

        def shown(stream: Stream, *, row: bool = False) -> Any:
            series = self._series.get((base, c.fold(stream.id)))
            newest = series.newest if series else None
            return show(stream, at, c, newest, row=row)

        match call.method, name:
            case "GET", "":
                return 200, [shown(stream, row=True) for stream in self.listed(call)]
            case "POST", "":
                stream = self.create(base, sent, caller)
                call.locate(f"datastreams/{c.escape(stream.id)}")
                return 201, shown(stream)
            case "GET", _:
                return 200, shown(self.allowed(call, "read", name))
            case "PUT", _:
                return 200, shown(self.update(base, name, sent, caller))
            case "DELETE", _ if name:
                self.delete(base, name, caller)
                return 204, None
        raise Rejected("method")

    def _on_points(self, call: Call, name: str, t: str) -> tuple[int, Any]:
        c, method = self.character, call.method
        need = {"GET": "read", "POST": "write", "DELETE": "delete"}.get(method)
        if need is None or (t and not (method == "GET" and c.read_by_instant)):
            raise Rejected("unknown" if t else "method")
        stream, query = self.allowed(call, need, name), call.query
        self._check_query(call, POINT_PARAMETERS)
        at = self._zone(call, query.get("tz") if method == "GET" else None)
        place = (call.base, c.fold(stream.id))
        with self._store:
            series = self._series.setdefault(place, points.Series(c))
        if method == "GET" and t:
            found = [p for p in series.points() if p.t == points.instant(t, at, c)]
            if not found:
                raise Rejected("unknown")
            return 200, points.show(found[-1], at, c, pairs=c.pairs)
        if method == "GET":
            want = points.asked(query, at, c, self._count)
            answer = points.listed(series.points(), want, stream, c)
            rows = [points.show(point, at, c, pairs=c.pairs) for point in answer.pop("datapoints")]
            return 200, {**c.options(query), "datapoints": rows, **answer, "id": stream.id}
        with self._writing:
            if method == "POST":
                rows, several = points.taken(call.body, stream, at, self._now(), c)
                series.add(rows)
            elif {"start", "end"} <= query.keys():
                series.delete(*(points.instant(query[name], at, c) for name in ("start", "end")))
            else:
                raise Rejected("invalid")
            if c.moves_stream:
                old = self.read(call.base, name)
                self._put(call.base, replace(old, updated=max(self._now(), old.updated)))
        if method == "DELETE":
            return 204, None
        shown = [points.show(row, at, c, pairs=several and c.pairs) for row in rows]
        return 201, shown if several else shown[0]

    def _on_tokens(self, call: Call, text: str) -> tuple[int, Any]:
        c, method, kept = self.character, call.method, self._tokens[call.base]
        if not call.caller.manages:
            raise Rejected("hidden")
        self._check_query(call, {"limit", "offset", "tz"})
        at = self._zone(call, call.query.get("tz") if method == "GET" else None)
        with self._store:
            if text and text not in kept:
                if method == "DELETE" and "delete-no-token" not in c.refuses:
                    return 204, None
                raise Rejected("unknown")
            match method, text:
                case "GET", "":
                    found = sorted(kept.values(), key=c.tokens_order)
                    return 200, [tokens.show(token, at, c) for token in self._page(call, found)]
                case "POST", "":
                    now, text = self._now(), c.new_token()
                    kept[text] = Token(text, tokens.scopes_of(call.body, c), now, now)
                    call.locate(f"access_tokens/{c.escape(text)}")
                    return 201, tokens.show(kept[text], at, c)
                case "GET", _:
                    return 200, tokens.show(kept[text], at, c)
                case "PUT", _ if text:
                    scopes = tokens.scopes_of(call.body, c, kept=kept[text].scopes)
                    kept[text] = replace(kept[text], scopes=scopes, updated=self._now())
                    return 200, tokens.show(kept[text], at, c)
                case "DELETE", _ if text:
                    del kept[text]
                    return 204, None
        raise Rejected("method")

    def _body(self, environ: dict[str, Any]) -> bytes:
        """All that was sent. How large it may be, and of which media type, is not said."""
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body: bytes = environ["wsgi.input"].read(size)
        if size > self.character.largest_body:
            raise Rejected("large")
        media = environ.get("CONTENT_TYPE") or ""
        if body and "media" in self.character.refuses and "application/json" not in media:
            raise Rejected("media")
        return body

    def _authenticate(
        self, environ: dict[str, Any], base: str, method: str, query: Mapping[str, str]
    ) -> Caller:
        c = self.character
        anybody = c.open_reads or base in self._public
        if c.open_reads and method == "GET" and "/access_tokens" not in environ["PATH_INFO"]:
            return tokens.ANYBODY
        scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        pair = base64.b64encode(self._keys[base].encode()).decode()
        scheme = scheme.lower()  # its case doesn't count (RFC 9110, 11.1)
        if scheme == "basic" and given == pair:
            return tokens.OWNER
        sent = [given if scheme == "bearer" else None]
        if method in ("GET", "DELETE"):
            sent.append(query.get("access_token"))
        for text in sent:
            token = self._tokens[base].get(text) if text else None
            if token:
                return Caller([*token.scopes, *(tokens.ANYBODY.scopes if anybody else ())])
        if anybody and not (c.public_strict and (scheme or any(sent))):
            return tokens.ANYBODY
        raise Rejected("hidden")
