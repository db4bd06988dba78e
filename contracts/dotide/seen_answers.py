"""How a target's answers look where the document is silent: times, addresses, refusals, HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.dotide import calls, times
from streamproof.contracts.dotide.seeing import REJECTED, posted, refusal, shelf, which
from streamproof.contracts.observations import OtherChoice, observe
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown

_SERVICE = "api.dotide.com"
_EAST, _EAST_H = "Asia/Tokyo", 9  # a zone that knows no summer time
_HERE, _HERE_H = "Asia/Shanghai", 8


def _a_stream(trial: Trial) -> str:
    found: str = calls.make(trial)["id"]
    return found


def _created_at(trial: Trial, row: Mapping[str, Any]) -> str:
    told = row.get("created_at")
    trial.require(times.parse(told) is not None, f"a time in created_at: {shown(told)}")
    return str(told)


def _hours(trial: Trial, row: Mapping[str, Any]) -> float:
    """The offset that created_at shows, in hours."""
    at = times.parse(_created_at(trial, row))
    offset = at.utcoffset() if at is not None else None
    return (offset or timedelta()).total_seconds() / 3600


# -- times and zones -----------------------------------------------------------------------------


@observe("dotide/time_precision")
def time_precision(trial: Trial) -> str:
    """The digits of three times of creation."""
    seen = [_created_at(trial, calls.create(trial)[1]) for _ in range(3)]
    digits = {len(re.sub(r"^[^.]*\.?|(?:Z|[+-]\d\d:?\d\d)$", "", each)) for each in seen}
    if len(digits) > 1:
        raise OtherChoice(", ".join(seen))
    return which(digits.pop(), {"seconds": 0, "milliseconds": 3, "microseconds": 6})


@observe("dotide/offset_form")
def offset_form(trial: Trial) -> str:
    """The end of a time in Shanghai and in UTC."""
    stream = trial.once(_a_stream)
    ends = tuple(
        re.sub(r"^.*?(Z|[+-]\d\d:?\d\d)$", r"\1", _created_at(trial, row))
        for row in (calls.read(trial, stream, tz=zone) for zone in (_HERE, "UTC"))
    )
    choices = {
        "colon": ("+08:00", "+00:00"),
        "zulu": ("+08:00", "Z"),
        "compact": ("+0800", "+0000"),
    }
    return which(ends, choices)


@observe("dotide/unknown_tz")
def unknown_tz(trial: Trial) -> str:
    """A read with `tz=Nowhere/Land`, and one without a zone."""
    stream = trial.once(_a_stream)
    usual = _hours(trial, calls.read(trial, stream))
    outcome = trial.client.call("read", id=stream, tz="Nowhere/Land")
    if not trial.granted(outcome, "the read"):
        return REJECTED
    seen = _hours(trial, calls.row(trial, outcome.payload))
    trial.require(usual or seen, "a zone by default that is another than UTC")
    return which(seen, {"default_zone": usual, "utc": 0.0})


@observe("dotide/empty_tz")
def empty_tz(trial: Trial) -> str:
    """A read with `tz=`, one with `tz=Nowhere/Land`, and one without a zone."""
    stream = trial.once(_a_stream)
    usual = _hours(trial, calls.read(trial, stream))
    empty, unknown = (_in_zone(trial, stream, tz) for tz in ("", "Nowhere/Land"))
    trial.require(usual != unknown, "a `tz` that is no zone, answered otherwise than none")
    return which(empty, {"ignored": usual, "as_unknown": unknown})


def _in_zone(trial: Trial, stream: str, tz: str) -> Any:
    """The hours by which times are off, or that the read is rejected."""
    outcome = trial.client.call("read", id=stream, tz=tz)
    if not trial.granted(outcome, f"a read with tz={tz}"):
        return REJECTED
    return _hours(trial, calls.row(trial, outcome.payload))


@observe("dotide/tz_against_header")
def tz_against_header(trial: Trial) -> str:
    """A read with `tz=UTC` and the header `Timezone: Asia/Tokyo`."""
    stream = trial.once(_a_stream)
    alone = _zoned(trial, stream, {})
    trial.require(alone == _EAST_H, f"a header Timezone that sets the zone: {alone:+g} h")
    return which(_zoned(trial, stream, {"tz": "UTC"}), {"tz": 0.0, "header": float(_EAST_H)})


def _zoned(trial: Trial, stream: str, query: dict[str, str]) -> float:
    request = trial.client.build(
        "read", path={"id": stream}, query=query, headers={"Timezone": _EAST}
    )
    outcome = trial.client.send(request, watched=False)
    return _hours(trial, calls.row(trial, trial.given(outcome, "a read")))


@observe("dotide/tz_in_query")
def tz_in_query(trial: Trial) -> str:
    """A create with a zone in its query, and one without."""
    usual = _hours(trial, calls.create(trial)[1])
    zone, hours = (_EAST, _EAST_H) if usual != _EAST_H else (_HERE, _HERE_H)
    outcome = posted(trial, calls.contents(trial), tz=zone)
    if not trial.granted(outcome, "the create"):
        return REJECTED
    seen = _hours(trial, calls.row(trial, outcome.payload))
    return which(seen, {"ignored": usual, "applied": float(hours)})


# -- addresses and refusals ----------------------------------------------------------------------


def _location(trial: Trial) -> str:
    outcome = posted(trial, calls.contents(trial))
    trial.given(outcome, "a create")
    location = outcome.headers.get("location", "")
    trial.require(location, "a header Location")
    return location


@observe("dotide/location_form")
def location_form(trial: Trial) -> str:
    """The header `Location` of a create."""
    location = _location(trial)
    if re.match(r"https?://[^/]", location, re.IGNORECASE):
        return "absolute"
    if location.startswith("/") and not location.startswith("//"):
        return "path"
    raise OtherChoice(f"Location: {location}")


@observe("dotide/location_host")
def location_host(trial: Trial) -> str:
    """The host in the header `Location` of a create."""
    host, called = (
        (urlsplit(url).hostname or "").lower()
        for url in (_location(trial), trial.client.transport.url)
    )
    trial.require(host, "a Location that names a host")
    trial.require(called != _SERVICE, "a target under another name than the service's own")
    return which(host, {"request": called, "service": _SERVICE})


@observe("dotide/error_form")
def error_form(trial: Trial) -> str:
    """The body of a read of an unknown id."""
    outcome = trial.client.call("read", id=trial.names.letters())
    refusal(trial, outcome, "a read of an unknown id")
    if not outcome.body:
        return "empty"
    if isinstance(outcome.data, Mapping) and isinstance(outcome.data.get("message"), str):
        return "message_and_errors" if isinstance(outcome.data.get("errors"), list) else "message"
    text = outcome.body.strip()
    if outcome.data is None and text != b"null" and not text.startswith(b"<"):
        return "text"  # whatever media type it is said to be
    raise OtherChoice(str(outcome))


# -- HTTP ----------------------------------------------------------------------------------------


@observe("dotide/unreadable_query")
def unreadable_query(trial: Trial) -> str:
    """A list of own streams, with bytes in `ids` that are no UTF-8."""
    there = trial.once(shelf)
    request = trial.client.request("list", tags=there.tag)
    request = replace(request, query=(*request.query, ("ids", "\udcff")))
    outcome = trial.client.send(request, watched=False)
    if not trial.granted(outcome, "the list"):
        return which(outcome.status, {REJECTED: 400})
    if calls.rows_of(trial, outcome):
        raise OtherChoice("streams are listed, as without `ids`")
    return "replaced"


@observe("dotide/wrong_method")
def wrong_method(trial: Trial) -> int:
    """`PATCH /datastreams`."""
    request = trial.client.build("create", body={})
    patch = replace(request.operation, method="PATCH")
    outcome = trial.client.send(replace(request, operation=patch, method="PATCH"), watched=False)
    return refusal(trial, outcome, "PATCH /datastreams")


@observe("dotide/trailing_slash")
def trailing_slash(trial: Trial) -> str:
    """`GET /datastreams/`."""
    request = trial.client.request("list", limit=1)
    outcome = trial.client.send(replace(request, path=f"{request.path}/"), watched=False)
    if _moved(outcome):
        return "redirected"
    if trial.granted(outcome, "the list"):
        calls.rows_of(trial, outcome)
        return "same"
    return which(outcome.status, {"not_found": 404})


def _moved(outcome: Outcome) -> bool:
    return outcome.status in (301, 302, 303, 307, 308) and "location" in outcome.headers


@observe("dotide/largest_body", dear=True)
def largest_body(trial: Trial) -> int:
    """Creates with bodies of 64 KiB and of 1 MiB, and of a byte more."""
    for size in (65_536, 1_048_576):
        within, beyond = _of_size(trial, size), _of_size(trial, size + 1)
        if within and not beyond:
            return size
        if not within:
            raise OtherChoice(f"less than {size:,} bytes")
    raise Unmet("a body of more than 1 MiB is taken; larger ones are not tried")


def _of_size(trial: Trial, size: int) -> bool:
    """Whether a create with a body of so many bytes is taken; otherwise it is too large."""
    sent = calls.contents(trial, properties={"p": ""})
    request = trial.client.build("create", body=sent)
    assert request.content is not None
    sent["properties"]["p"] = "x" * (size - len(request.content))
    outcome = posted(trial, sent)
    taken = trial.granted(outcome, f"a create of {size:,} bytes")
    if not taken and outcome.status != 413:
        raise Unmet(f"a create of {size:,} bytes that is taken, or rejected with 413: {outcome}")
    return taken


OBSERVERS = (
    *(time_precision, offset_form, unknown_tz, empty_tz, tz_against_header, tz_in_query),
    *(location_form, location_host, error_form, unreadable_query, wrong_method),
    *(trailing_slash, largest_body),
)
