"""Time zones: `tz`, its default, and the header `Timezone`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, times
from streamproof.contracts.dotide.shelves import a_stream
from streamproof.contracts.laws.defaults import Show
from streamproof.contracts.laws.zones import IN_ANOTHER_ZONE, ZONES, shown_in

_ZONE: Final = "Asia/Kolkata"  # one is enough where the question is not what an offset is
_BOTH_SHOWN: Final = "a stream made or changed with a zone, beside one without"


def _instants(trial: Trial, stream: str) -> dict[str, datetime]:
    """When a stream was created, which never changes, as a read without a zone shows it."""
    shown = times.of(calls.read(trial, stream))
    return {name: at for name, at in shown.items() if name == "created_at"}


@check("dotide/list/tz", IN_ANOTHER_ZONE, reads=True)
def list_in_zone(trial: Trial) -> None:
    """A list shows the same instants in the zone that `tz` names."""
    stream = a_stream(trial)
    instants = _instants(trial, stream)
    for zone in ZONES:
        shown_in(trial, zone, times.of(_row(trial, stream, tz=zone)), instants)


def _row(trial: Trial, stream: str, **arguments: Any) -> calls.Row:
    """A stream as a list shows it."""
    outcome = calls.page(trial, ids=[stream], **arguments)
    rows = [found for found in calls.rows_of(trial, outcome) if found.get("id") == stream]
    trial.require(
        rows, "a stream that was created, in a list by its id", "dotide/list/shows-created"
    )
    return rows[0]


@check("dotide/read/tz", IN_ANOTHER_ZONE, reads=True)
def read_in_zone(trial: Trial) -> None:
    """A read shows the same instants in the zone that `tz` names."""
    stream = a_stream(trial)
    instants = _instants(trial, stream)
    for zone in ZONES:
        shown_in(trial, zone, times.of(calls.read(trial, stream, tz=zone)), instants)


@check("dotide/create/tz", IN_ANOTHER_ZONE)
def create_in_zone(trial: Trial) -> None:
    """A create answers with times in the zone that `tz` of its body names."""
    for zone in ZONES:
        sent, answer = calls.create(trial, tz=zone)
        shown_in(trial, zone, times.of(answer), _instants(trial, sent["id"]))


@check("dotide/update/tz", IN_ANOTHER_ZONE)
def update_in_zone(trial: Trial) -> None:
    """An update answers with times in the zone that `tz` of its body names."""
    stream = calls.make(trial)["id"]
    instants = _instants(trial, stream)
    for zone in ZONES:
        answer = calls.update(trial, stream, tz=zone)
        updated = times.of(calls.read(trial, stream)).get("updated_at")
        known = instants if updated is None else {**instants, "updated_at": updated}
        shown_in(trial, zone, times.of(answer), known)


@check("dotide/any/timezone-header", IN_ANOTHER_ZONE, reads=True)
def header(trial: Trial) -> None:
    """List, create, read and update show times in the zone of the header `Timezone`."""
    zone = {"Timezone": _ZONE}
    if trial.reads_only:
        stream = a_stream(trial)
        instants = _instants(trial, stream)
        for answer in (calls.read(trial, stream, **zone), _row(trial, stream, **zone)):
            shown_in(trial, _ZONE, times.of(answer), instants)
        return
    sent, created = calls.create(trial, **zone)
    calls.settle(trial)
    stream = sent["id"]
    shown_in(trial, _ZONE, times.of(created), times.of(created))  # its instants are another matter
    instants = _instants(trial, stream)
    for answer in (
        calls.read(trial, stream, **zone),
        _row(trial, stream, **zone),
        calls.update(trial, stream, **zone),
    ):
        shown_in(trial, _ZONE, times.of(answer), instants)


@check("dotide/create/tz-not-remembered", _BOTH_SHOWN)
def create_not_remembered(trial: Trial) -> None:
    """The `tz` of a create has no effect on later answers.

    Neither on those about its stream nor on others: both look like those of a stream that was
    made without `tz` before.
    """
    plain = calls.make(trial)["id"]
    before = _offsets(trial, plain)
    stream = calls.make(trial, tz=_ZONE)["id"]
    for seen in (stream, plain):
        trial.equal(_offsets(trial, seen), before, "offsets after a create", reason="remembered")
    trial.witness(_BOTH_SHOWN)


@check("dotide/update/tz-not-remembered", _BOTH_SHOWN)
def update_not_remembered(trial: Trial) -> None:
    """The `tz` of an update has no effect on later answers, about its stream or another."""
    plain, stream = calls.make(trial)["id"], calls.make(trial)["id"]
    before = _offsets(trial, plain)
    calls.update(trial, stream, tz=_ZONE)
    for seen in (stream, plain):
        trial.equal(_offsets(trial, seen), before, "offsets after an update", reason="remembered")
    trial.witness(_BOTH_SHOWN)


def _offsets(trial: Trial, stream: str) -> dict[str, str]:
    """The offsets that a read and a list show times with, by where and which."""
    calls.settle(trial)
    shown = {"read": calls.read(trial, stream), "list": _row(trial, stream)}
    return {f"{where} {n}": o for where, row in shown.items() for n, o in _offsets_of(row).items()}


def _offsets_of(row: calls.Row) -> dict[str, str]:
    return {name: f"{at:%z}" for name, at in times.of(row).items()}


def _show_list(trial: Trial, extra: Mapping[str, Any]) -> dict[str, str]:
    return _offsets_of(_row(trial, a_stream(trial), **extra))


def _show_read(trial: Trial, extra: Mapping[str, Any]) -> dict[str, str]:
    return _offsets_of(calls.read(trial, a_stream(trial), **extra))


def _show_create(trial: Trial, extra: Mapping[str, Any]) -> dict[str, str]:
    return _offsets_of(calls.create(trial, **extra)[1])


def _show_update(trial: Trial, extra: Mapping[str, Any]) -> dict[str, str]:
    return _offsets_of(calls.update(trial, calls.make(trial)["id"], **extra))


SHOWS: Final[Mapping[str, Show]] = {
    "dotide/list/tz-default": _show_list,
    "dotide/read/tz-default": _show_read,
    "dotide/create/tz-default": _show_create,
    "dotide/update/tz-default": _show_update,
}

CHECKS: Final = (
    list_in_zone,
    read_in_zone,
    create_in_zone,
    update_in_zone,
    header,
    create_not_remembered,
    update_not_remembered,
)
