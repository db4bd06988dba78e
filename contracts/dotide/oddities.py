"""Names and values that languages treat in their own way. Whether they are taken is open; what was
taken is found, and shown as it was sent.

No example is drawn: a datastream that can't be found can't be removed, so none is made twice.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, poison, times
from streamproof.contracts.parts import parts
from streamproof.contracts.wire import Outcome

_FOUND: Final = "an odd id, accepted and found"
_KEPT: Final = "odd contents, accepted and read back"
_SHOWN: Final = "a zone that is none, judged"

# What ids end with, and what of it may be taken for another one; those come last that are often
# taken and then found nowhere. None is made of dots alone: to delete it may delete what is above.
_IDS: Final[Mapping[str, str | None]] = {
    **dict.fromkeys(("-😀", "\u2028b", ":b@c", "~b!", "'b\"", "b=c&d", "(b)*", "<b>", "x" * 200)),
    **dict.fromkeys(("\u00e9", "e\u0301", "..b", "b..", ",b", ";b", "\\b", "|b", "[b]", " b c")),
    "+b": " b",
    " b": "+b",
    "#b": "",
    "?b": "",
    "%b": None,
    "%20b": " b",
    "%2Fb": "/b",
    "/b": "%2Fb",
}

_NAMES: Final = (
    *("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "length"),
    *("", " ", " a ", "0", "-1", "null", "true", "undefined", "id", "type", "a b", "a/b", "a\\b"),
    *('"', "'", "<a>", "\u2028", "a\ufeff", "😀", "e\u0301", "\u00e9", "A", "a", "x" * 300),
)

_TEXTS: Final = (
    *(
        "a\u2028b",
        "a\ufeffb",
        "a😀b",
        "a👩\u200d💻b",
        "a\tb",
        "a\nb",
        "a\r\nb",
        "a\x7fb",
        "a\u0085b",
    ),
    *("null", "0", "1.0", "true", "NaN", "<b>&amp;</b>", "a%00b", "a%20b", "a+b", r"a\u0041b"),
    *("e\u0301", "\u00e9", "\ufb01", "a'b\"c", "2019-02-29", "x" * 300),
)

_ZONES: Final = (
    *("Asia", "Asia/", "../etc/localtime", "/etc/localtime", "Nowhere/Land", "GMT+99", "+25:00"),
    *("asia/shanghai", "localtime", "posixrules", "x" * 3000),
)


@check("dotide/any/odd-ids-found", _FOUND)
def odd_ids_found(trial: Trial) -> None:
    """Whatever id was accepted, its datastream is found under it, percent-encoded in the path and
    in `Location`, and under no other."""
    calls.ready(trial)
    for tail, other in _IDS.items():
        trial.afresh()
        start = trial.names.letters()
        outcome = trial.client.call("create", **calls.contents(trial, id=start + tail))
        if outcome.accepted:
            _found(trial, outcome, start + tail, None if other is None else start + other)


def _found(trial: Trial, created: Outcome, sent: str, other: str | None) -> None:
    shown = calls.row(trial, created.payload).get("id")
    own = shown if isinstance(shown, str) and shown in _spellings(sent) else sent
    read = trial.client.call("read", id=own)
    trial.judged(read, "a read")
    trial.holds(
        read.accepted and calls.row(trial, read.payload).get("id") == shown,
        "lost",
        expected=f"the datastream that was created as {own!r} is read under that id",
        actual=str(read),
    )
    url = created.headers.get("location", "")
    before, _, last = urlsplit(url).path.rpartition("/")
    trial.holds(
        not url or (before.endswith("/datastreams") and url.isascii() and unquote(last) == own),
        "location",
        expected=f"Location: …/datastreams/ and {own!r}, percent-encoded",
        actual=f"Location: {url}",
    )
    if other is not None:
        elsewhere = trial.client.call("read", id=other)
        mistaken = isinstance(elsewhere.payload, Mapping) and elsewhere.payload.get("id") == shown
        trial.holds(
            not (elsewhere.accepted and mistaken),
            "found-elsewhere",
            expected=f"the datastream {own!r} isn't read under the id {other!r}",
            actual=str(elsewhere),
        )
    deleted = trial.client.call("delete", id=own)
    trial.judged(deleted, "a delete")
    trial.holds(
        deleted.accepted,
        "not-deleted",
        expected=f"the datastream that was created as {own!r} is deleted under that id",
        actual=str(deleted),
    )
    trial.witness(_FOUND)


def _spellings(sent: str) -> set[str]:
    """The ids that a server may store for `sent`: whether they are one is open."""
    forms = {unicodedata.normalize(form, sent.strip()) for form in ("NFC", "NFD")}
    return forms | {sent, sent.strip(), sent.lower(), sent.upper(), sent.casefold()}


@check("dotide/any/odd-property-names-kept", _KEPT)
def odd_property_names_kept(trial: Trial) -> None:
    """Properties of any name, if accepted, are read back equal as JSON."""
    usual = {name: at for at, name in enumerate(_NAMES)}
    nested = {"prop1": {"1.0": 1, "$": 2, "": 3, "__proto__": 4, "constructor": 5}}
    for properties in (usual, *({name: 1, "prop1": 2} for name in _NAMES), nested):
        _sent_and_kept(trial, {"properties": properties})
        if properties is usual and _KEPT in trial.seen:
            _sent_and_kept(trial, {"properties": nested})
            return  # all at once were taken and kept


@check("dotide/any/odd-text-kept", _KEPT, last=True)
def odd_text_kept(trial: Trial) -> None:
    """A name, tags and property values of odd characters, if accepted, are read back as sent."""
    calls.ready(trial)
    every = (*({"name": text} for text in _TEXTS), *_in_properties_and_tags())
    odd = [partial(_sent_and_kept, fields=fields) for fields in every]
    for _ in parts(trial, "odd texts", odd):
        pass
    for case in poison.each(trial):
        if r"\u0000" in "".join(case.odd.values()) and case.written.accepted and case.read.accepted:
            sent = {name: json.loads(text) for name, text in case.odd.items()}
            _kept(trial, sent, calls.row(trial, case.read.payload), case.what)


def _in_properties_and_tags() -> Iterator[dict[str, Any]]:
    yield {"properties": {f"prop{at}": text for at, text in enumerate(_TEXTS)}}
    # whether a server tells tags apart that differ in case or spelling is open
    folded = (unicodedata.normalize("NFKC", text.casefold()) for text in _TEXTS)
    yield {"tags": [text for text, same in zip(_TEXTS, folded, strict=True) if text == same]}


def _sent_and_kept(trial: Trial, fields: Mapping[str, Any]) -> None:
    """Create with these fields, and update to them; what was accepted reads back the same."""
    calls.ready(trial)
    for operation in ("create", "update"):
        trial.afresh()
        if operation == "create":
            sent = calls.contents(trial, **fields)
        else:
            sent = {"id": calls.make(trial)["id"], **calls.updated(**fields)}
        outcome = trial.client.call(operation, **sent)
        if not outcome.accepted:
            continue  # whether it is taken is open
        read = trial.accepted(trial.client.call("read", id=sent["id"]), f"a read after {operation}")
        _kept(trial, fields, calls.row(trial, read), operation)


def _kept(trial: Trial, fields: Mapping[str, Any], read: calls.Row, after: str) -> None:
    shown, sent = calls.view(read), calls.view(fields)
    # whether an update keeps the old properties beside the new ones is open
    if isinstance(sent["properties"], Mapping) and isinstance(shown["properties"], Mapping):
        named = shown["properties"].items()
        shown["properties"] = {n: value for n, value in named if n in sent["properties"]}
    for name in fields:
        what = f"{name} read back after {after}"
        trial.equal(shown[name], sent[name], what, reason="not-as-sent")
    trial.witness(_KEPT)


@check("dotide/any/odd-tz-same-instants", _SHOWN)
def odd_tz_same_instants(trial: Trial) -> None:
    """With a `tz` that names no zone an accepted read or list shows the same instants."""
    stream = calls.make(trial)["id"]
    known = calls.look(trial, stream)
    for zone in _ZONES:
        trial.afresh()
        for operation, asked in (("read", {"id": stream}), ("list", {"ids": stream})):
            outcome = trial.client.call(operation, **asked, tz=zone)
            trial.judged(outcome, "an answer to an odd tz")
            found = outcome.payload if isinstance(outcome.payload, list) else [outcome.payload]
            for row in found if outcome.accepted else ():
                shown = times.utc(calls.row(trial, row).get("created_at"))
                if shown is not None and row.get("id") == stream:  # all else has its own rules
                    trial.equal(shown, known["created_at"], "created_at", reason="another-instant")
            trial.witness(_SHOWN)


CHECKS: Final = (
    odd_ids_found,
    odd_property_names_kept,
    odd_text_kept,
    odd_tz_same_instants,
)
