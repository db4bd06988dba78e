"""Which rule forbids what a sequence of calls showed, where the model allows nothing like it.

Several rules may explain one sight: the most special stands first, because a sequence that a
more general rule explains is shrunk until it needs nothing special.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from streamproof.contracts.check import Mismatch
from streamproof.contracts.dotide.model import Call, Seen, State, Stream, listed, made, step
from streamproof.contracts.values import same

_FIELDS: Final = ("name", "type", "tags", "properties")
_BY_UPDATE: Final = {
    "name": "dotide/update/name",
    "type": "dotide/update/type-stays",
    "tags": "dotide/update/tags-replaced",
    "properties": "dotide/update/properties",
}
_UNKNOWN_READ: Final = "dotide/read/unknown-id"
_KEPT: Final = ("dotide/read/as-created", "dotide/create/properties-kept")
RULES: Final = frozenset(
    {
        *_BY_UPDATE.values(),
        _UNKNOWN_READ,
        "dotide/create/unique-id",
        "dotide/create/property-names",
        "dotide/create/shared-name",
        "dotide/create/echo",
        "dotide/create/type-default",
        "dotide/create/reborn-is-new",
        "dotide/create/taken-id-unharmed",
        "dotide/create/rejected-stores-nothing",
        _KEPT[0],
        "dotide/read/changes-nothing",
        "dotide/update/unknown-id",
        "dotide/update/property-names",
        "dotide/update/answers-new",
        "dotide/update/others-untouched",
        "dotide/update/rejected-changes-nothing",
        "dotide/update/unknown-id-creates-nothing",
        "dotide/delete/not-readable",
        "dotide/delete/not-listed",
        "dotide/delete/stays-deleted",
        "dotide/delete/others-stay",
        "dotide/list/ids-only",
        "dotide/list/ids-all",
        "dotide/list/unknown-ids",
        "dotide/list/tags-only",
        "dotide/list/tags-all",
        "dotide/list/untagged",
        "dotide/list/shows-created",
        "dotide/list/shows-latest",
        "dotide/list/changes-nothing",
    }
)


def forbids(state: State, call: Call, seen: Seen) -> Mismatch | None:
    """The first rule that what was seen breaks; None where no rule says so."""
    return next(_BLAME[call.operation](state, call, seen), None)


def _create(state: State, call: Call, seen: Seen) -> Iterator[Mismatch]:
    taken = call.id in state.streams
    if seen.answer.accepted:
        if taken:
            yield _accepted(f"a create with the taken id {call.id}", _CREATE + "unique-id")
        if not call.well_named:
            yield _accepted("a create with a property named a.b", _CREATE + "property-names")
        yield from _made(state, call, seen)
    else:
        stored = _CREATE + "rejected-stores-nothing"
        rules = (_CREATE + "taken-id-unharmed", stored) if taken else (stored,)
        yield from _as_before(state, seen, [call.id], "a rejected create", *rules)
        same_name = [s for s in state.streams.values() if s.name == call.fields.get("name")]
        if not taken and call.complete and call.well_named and same_name:
            yield _rejected("a create with a name that is in use", _CREATE + "shared-name")
    gone = [stream for stream in state.deleted if stream not in (*state.streams, call.id)]
    yield from _as_before(state, seen, gone, "a create of another", "dotide/delete/stays-deleted")
    others = [stream for stream in state.streams if stream != call.id]
    yield from _as_before(state, seen, others, "a create of another", *_KEPT)


def _made(state: State, call: Call, seen: Seen) -> Iterator[Mismatch]:
    """What is wrong with a new datastream, in the answer or when it is read."""
    sent, old = made(call.fields), state.deleted.get(call.id)
    answered, found = seen.answer.shows, seen.around.get(call.id)
    for name in _differing(answered, sent):
        rules = _inherited(name, answered, old)
        if name in call.fields:
            rules += (_CREATE + "echo",)
        elif name == "type":
            rules += (_CREATE + "type-default",)
        what = f"{name} in the answer to a create of {call.id}"
        yield from _shows(what, name, answered, sent, *rules)
    if found is None:
        yield _missing(call.id, "its creation", _KEPT[0])
    for name in _differing(found, sent):
        rules = _inherited(name, found, old)
        # what a field that wasn't sent shows is open, but a read shows what the answer did
        if name in call.fields or name in _differing(answered, found):
            rules += _KEPT
        yield from _shows(f"{name} of {call.id}", name, found, sent, *rules)


def _read(state: State, call: Call, seen: Seen) -> Iterator[Mismatch]:
    if call.id not in state.streams and seen.answer.accepted:
        yield _accepted(f"a read of {call.id}, which doesn't exist", _UNKNOWN_READ)
    yield from _as_before(state, seen, seen.around, "reads", "dotide/read/changes-nothing")


def _update(state: State, call: Call, seen: Seen) -> Iterator[Mismatch]:
    others = [stream for stream in seen.around if stream != call.id]
    yield from _as_before(state, seen, others, "an update of another", _UPDATE + "others-untouched")
    found, live = seen.around.get(call.id), call.id in state.streams
    if not seen.answer.accepted:
        creates, revives = _UPDATE + "unknown-id-creates-nothing", "dotide/delete/stays-deleted"
        rules = [revives, creates] if call.id in state.deleted else [creates]
        if live:
            rules = [_UPDATE + "rejected-changes-nothing"]
        yield from _as_before(state, seen, [call.id], "a rejected update", *rules)
        return
    if not live:
        yield _accepted(f"an update of {call.id}, which doesn't exist", _UPDATE + "unknown-id")
    if not call.well_named:
        yield _accepted("an update with a property named a.b", _UPDATE + "property-names")
    right = [allowed.state.streams.get(call.id) for allowed in step(state, call)]
    possible = [stream for stream in right if stream is not None]
    if found is None:
        return  # no rule speaks of an update that takes its own datastream away
    for name in _FIELDS:
        if getattr(found, name) not in [getattr(stream, name) for stream in possible]:
            judged = [_BY_UPDATE[name]] if name in call.fields or name == "type" else []
            judged += _KEPT if judged else []
            what = f"{name} of {call.id} after an update"
            yield from _shows(what, name, found, possible[0], *judged)
    for name in _differing(seen.answer.shows, found):
        what = f"{name} in the answer to an update of {call.id}"
        yield from _shows(what, name, seen.answer.shows, found, _UPDATE + "answers-new")


def _delete(state: State, call: Call, seen: Seen) -> Iterator[Mismatch]:
    others = [stream for stream in seen.around if stream != call.id]
    yield from _as_before(state, seen, others, "a delete of another", "dotide/delete/others-stay")
    if seen.around.get(call.id) is not None and seen.answer.accepted:
        if call.id in state.streams:
            rules = ("dotide/delete/not-readable", _UNKNOWN_READ)
        else:
            rules = ("dotide/delete/stays-deleted", _UNKNOWN_READ)
        yield _accepted(f"a read of {call.id}, which was deleted,", *rules)


def _list(state: State, call: Call, seen: Seen) -> Iterator[Mismatch]:
    yield from _as_before(state, seen, seen.around, "a list", "dotide/list/changes-nothing")
    shows, wanted, where = seen.answer.shows, listed(state, call), f"the list by {call.fields}"
    if not isinstance(shows, dict):
        return
    for stream in shows.keys() - wanted.keys():
        if stream in state.deleted and stream not in state.streams:
            judged: tuple[str, ...] = ("dotide/delete/not-listed",)
        elif "tags" in call.fields and shows[stream].tags.issuperset(call.fields["tags"]):
            judged = (_LIST + "shows-latest", _LIST + "tags-only")  # a row of an earlier time
        else:
            judged = (_LIST + ("ids-only" if "ids" in call.fields else "tags-only"),)
        yield Mismatch("intruder", f"{where} is without {stream}", "it is listed", judged)
    for stream in wanted.keys() - shows.keys():
        rules = tuple(_LIST + slug for slug in _why_missing(state, call, stream))
        yield Mismatch("lost", f"{where} holds {stream}", "it is not listed", rules)
    for stream in wanted:
        for name in _differing(shows.get(stream), wanted[stream]):
            what = f"{name} of {stream} in {where}"
            rules = (_LIST + "shows-latest", *_KEPT)
            yield from _shows(what, name, shows[stream], wanted[stream], *rules)


def _why_missing(state: State, call: Call, stream: str) -> list[str]:
    """What a list may have tripped over that lacks a datastream."""
    tags, named = state.streams[stream].tags, call.fields.get("ids", ())
    if "tags" in call.fields:
        special = ["tags-all"] if len(tags) > len(call.fields["tags"]) else ["shows-created"]
    else:
        special = [] if tags else ["untagged"]
        if len(named) > 1:
            known = all(name in state.streams for name in named)
            special.append("ids-all" if known else "unknown-ids")
    return list(dict.fromkeys((*special, "shows-created", "ids-all", "tags-all", "unknown-ids")))


_CREATE, _UPDATE, _LIST = "dotide/create/", "dotide/update/", "dotide/list/"
_BLAME: Final[dict[str, Callable[[State, Call, Seen], Iterator[Mismatch]]]] = {
    "create": _create,
    "read": _read,
    "update": _update,
    "delete": _delete,
    "list": _list,
}


def _as_before(
    state: State, seen: Seen, streams: object, after: str, *rules: str
) -> Iterator[Mismatch]:
    """Those of `streams` that are not as they were, which `rules` forbid."""
    for stream in seen.around:
        if stream not in streams:  # type: ignore[operator]
            continue
        found, before = seen.around[stream], state.streams.get(stream)
        if found is None and before is not None:
            yield _missing(stream, after, *rules)
        elif found is not None and before is None:
            what = f"a read of {stream}, which doesn't exist, after {after}"
            yield _accepted(what, *rules, _UNKNOWN_READ)
        for name in _differing(found, before):
            what = f"{name} of {stream} after {after}"
            yield from _shows(what, name, found, before, *rules, *_KEPT)


def _differing(found: object, wanted: Stream | None) -> list[str]:
    """The fields in which two datastreams differ; none where one isn't there."""
    if not isinstance(found, Stream) or wanted is None:
        return []
    return [name for name in _FIELDS if not same(getattr(found, name), getattr(wanted, name))]


def _inherited(name: str, found: object, old: Stream | None) -> tuple[str, ...]:
    """The rule that is broken if a field shows what a deleted datastream of the id had there."""
    if old is None or not isinstance(found, Stream):
        return ()
    had, has = getattr(old, name), getattr(found, name)
    inherits = has == had if name in ("name", "type") else any(one in had for one in has)
    return (_CREATE + "reborn-is-new",) if inherits else ()


def _shows(what: str, name: str, found: object, wanted: object, *rules: str) -> Iterator[Mismatch]:
    """Another value than expected; nothing where no rule forbids it."""
    if rules:
        expected, actual = _value(wanted, name), _value(found, name)
        yield Mismatch("shows-otherwise", f"{what}: {expected}", f"{what}: {actual}", rules)


def _value(stream: object, name: str) -> object:
    value = getattr(stream, name)
    return sorted(value) if isinstance(value, frozenset) else value


def _accepted(what: str, *rules: str) -> Mismatch:
    return Mismatch("accepted", f"{what} is rejected", "accepted", rules)


def _rejected(what: str, *rules: str) -> Mismatch:
    return Mismatch("not-accepted", f"{what} is accepted", "rejected", rules)


def _missing(stream: str, after: str, *rules: str) -> Mismatch:
    what = f"a read of {stream} after {after}"
    return Mismatch("not-accepted", f"{what} is accepted", "rejected", rules)
