"""Exchanges, whole, as an HTTP archive (HAR 1.2) that other tools read, too: of each failure, and
of each observation.

What the format has no place for stands under names that begin with an underscore, as it asks:
what `streamproof send` needs to send the requests again. No secret is in it: where the caller
proved who it is stands a mask.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from http import HTTPStatus
from typing import Any, Self

import streamproof
from streamproof.contracts.masking import MASK, redacted
from streamproof.contracts.observations import Observation
from streamproof.contracts.report.failure import winners_first
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Ruling
from streamproof.contracts.wire import Outcome, Pairs

FOLDER = "evidence"
_VERSION = "HTTP/1.1"
_UNKNOWN = -1  # the format's sign for a size that nobody measured


def name(rule_id: str) -> str:
    """The file of a failure, as seen from the report."""
    return f"{FOLDER}/{rule_id.replace('/', '.')}.har"


def name_of(run: Run, seen: Observation) -> str | None:
    """The file of an observation, as seen from the report: that of the rule which pins its point;
    None where nothing was sent."""
    return name(f"{run.api.name}/dialect/{seen.point}") if seen.steps else None


def har(run: Run, ruling: Ruling) -> dict[str, Any]:
    """The steps of a failure as JSON. Halves of surrogate pairs stand in it as they are."""
    mismatch, archive = ruling.finding.mismatch, _Archive.of(run)
    assert mismatch is not None
    return archive.log(
        f"{ruling.rule.id}: {ruling.rule.en}",
        winners_first(ruling.finding.steps),
        _fingerprint=ruling.fingerprint,
        _expected=archive.clean(mismatch.expected),
        _actual=archive.clean(mismatch.actual),
    )


def observed(run: Run, seen: Observation) -> dict[str, Any]:
    """The calls by which a silent point was looked at, as JSON like `har`."""
    archive = _Archive.of(run)
    return archive.log(
        f"{run.api.name}/dialect/{seen.point}: {run.api.dialect.points[seen.point].en}",
        seen.steps,
        _choice=archive.clean(seen.choice) if isinstance(seen.choice, str) else seen.choice,
        _why=archive.clean(seen.why),
    )


def request(run: Run, outcome: Outcome) -> dict[str, Any]:
    """A request as an archive has it."""
    return _Archive.of(run).request(outcome)


def _wider(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """The secrets, also as octets of another encoding show them."""
    odd = (
        secret.encode(encoding).decode("latin-1")
        for secret in secrets
        for encoding in ("utf-16-le", "utf-16-be", "utf-8")
        if encoding != "utf-8" or not secret.isascii()
    )
    return (*secrets, *odd)


@dataclass(frozen=True, slots=True)
class _Archive:
    run: Run
    hidden: tuple[str, ...]

    @classmethod
    def of(cls, run: Run) -> Self:
        return cls(run, _wider(run.secrets))

    def log(self, comment: str, steps: Iterable[Outcome], **more: Any) -> dict[str, Any]:
        """An archive of `steps`, with `more` members of its own."""
        return {
            "log": {
                "version": "1.2",
                "creator": {"name": "streamproof", "version": streamproof.__version__},
                "entries": [self.entry(outcome) for outcome in steps],
                "comment": comment,
                "_api": self.run.api.name,
                "_target": self.clean(self.run.url),
                "_run_id": self.run.run_id,
                **more,
            }
        }

    def clean(self, text: str) -> str:
        return redacted(text, self.run.secrets)

    def entry(self, outcome: Outcome) -> dict[str, Any]:
        at = outcome.at or self.run.started
        took_ms = round(1000 * outcome.took_s, 3)
        return {
            "startedDateTime": at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "time": took_ms,
            "request": self.request(outcome),
            "response": self.response(outcome),
            "cache": {},
            "timings": {"send": 0, "wait": took_ms, "receive": 0},
            "_operation": outcome.request.operation.id,
            "_base": self.clean(outcome.url or self.run.url),
            "_race": outcome.race,
            "_auth": self.auth(outcome),
        }

    # -- what was sent -----------------------------------------------------------------------

    def request(self, outcome: Outcome) -> dict[str, Any]:
        request = outcome.request
        query = [*self.pairs(request.query), *self.proof(outcome, "query")]
        url = self.clean(f"{outcome.url or self.run.url}{request.target}")
        for added in self.proof(outcome, "query"):
            url += f"{'&' if '?' in url else '?'}{added['name']}={MASK}"
        told = {
            "method": request.method,
            "url": url.encode("ascii", "backslashreplace").decode(),
            "httpVersion": _VERSION,
            "cookies": [
                {"name": pair.partition("=")[0].strip(), "value": pair.partition("=")[2]}
                for pair in self.clean(request.header("Cookie") or "").split(";")
                if pair.strip()
            ],
            "headers": [*self.pairs(request.headers), *self.proof(outcome, "header")],
            "queryString": query,
            "headersSize": _UNKNOWN,
            "bodySize": len(request.content or b""),
        }
        if request.content is not None:
            told["postData"] = self.posted(outcome)
        return told

    def posted(self, outcome: Outcome) -> dict[str, Any]:
        request = outcome.request
        kind = request.header("Content-Type") or ""
        if request.form is None:
            text, encoding = self.text(request.body or b"")
            return {"mimeType": kind, "text": text} | ({"_encoding": encoding} if encoding else {})
        params = [*self.pairs(request.form), *self.proof(outcome, "form")]
        told: dict[str, Any] = {"mimeType": kind, "params": params}
        if request.altered:  # once it was signed
            told["_altered"] = [
                [field, None if value is None else self.clean(value)]
                for field, value in request.altered
            ]
        return told

    def pairs(self, pairs: Pairs) -> list[dict[str, Any]]:
        return [{"name": field, "value": self.clean(value)} for field, value in pairs]

    def proof(self, outcome: Outcome, place: str) -> list[dict[str, Any]]:
        """The mask for what proved the caller, where it stands in a request."""
        return [
            {"name": field, "value": value, "_proof": True}
            for at, field, value in _proofs(outcome)
            if at == place
        ]

    def auth(self, outcome: Outcome) -> dict[str, Any] | None:
        """By which scheme the caller proved who it is, with what stands for its credentials."""
        if outcome.auth is None:
            return None
        proofs = {key: self.clean(proof) for key, proof in outcome.proofs.items()}
        return {"scheme": outcome.auth.name, "word": outcome.auth.word, "proofs": proofs}

    # -- what was answered -------------------------------------------------------------------

    def response(self, outcome: Outcome) -> dict[str, Any]:
        status, body = outcome.status or 0, outcome.whole
        size = len(body) if outcome.size is None else outcome.size
        text, encoding = self.text(body)
        kind = self.clean(outcome.headers.get("content-type", ""))
        content: dict[str, Any] = {"size": size, "mimeType": kind, "text": text}
        if encoding:
            content["encoding"] = encoding
        if size > len(body):
            content["comment"] = f"its first {len(body):,} octets: there was no room for more"
        told: dict[str, Any] = {
            "status": status,
            "statusText": HTTPStatus(status).phrase if status in {*HTTPStatus} else "",
            "httpVersion": _VERSION,
            "cookies": [],
            "headers": self.pairs(tuple(outcome.headers.items())),
            "content": content,
            "redirectURL": self.clean(outcome.headers.get("location", "")),
            "headersSize": _UNKNOWN,
            "bodySize": size if outcome.answered else _UNKNOWN,
        }
        if outcome.trouble:
            told["comment"] = self.clean(outcome.trouble)
        return told

    def text(self, octets: bytes) -> tuple[str, str]:
        """Octets as text, or in base64; and which of them, empty for text."""
        try:
            return self.clean(octets.decode("utf-8")), ""
        except UnicodeDecodeError:
            odd = redacted(octets.decode("latin-1"), self.hidden)
            return base64.b64encode(odd.encode("latin-1", "replace")).decode(), "base64"


def _proofs(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    """Place, name and mask of what was added to a request on its way out."""
    scheme = outcome.auth
    if scheme is None:
        return
    match scheme.kind:
        case "basic" | "bearer":
            word = scheme.word or scheme.kind.capitalize()
            yield "header", "Authorization", f"{word} {MASK}"
        case "header":
            yield "header", scheme.parameter, MASK
        case "cookie":
            yield "header", "Cookie", f"{scheme.parameter}={MASK}"
        case "query":
            yield "query", scheme.parameter, MASK
        case "signature":
            yield from (("form", field, MASK) for field, _ in outcome.added)


def files(run: Run) -> Mapping[str, dict[str, Any]]:
    """The archives of a run, by their names as seen from the report. What a pinned point broke is
    told as a failure."""
    seen = {at: observed(run, each) for each in run.observations if (at := name_of(run, each))}
    return seen | {name(r.rule.id): har(run, r) for r in run.rulings if r.broken}
