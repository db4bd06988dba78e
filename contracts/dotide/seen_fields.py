"""What a target makes of the fields of a create where the document is silent."""

from __future__ import annotations

from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.dotide import calls
from streamproof.contracts.dotide.seeing import REJECTED, empty, made, posted, refusal, which
from streamproof.contracts.observations import OtherChoice, observe
from streamproof.specs.wording import shown

_ABSENT = "absent"


def _members(row: calls.Row, *names: str) -> tuple[Any, ...]:
    """What stands under some names, `...` where nothing does."""
    return tuple(row.get(name, ...) for name in names)


def _told(members: tuple[Any, ...]) -> str:
    return ", ".join("left out" if each is ... else shown(each) for each in members)


@observe("dotide/required_fields")
def required_fields(trial: Trial) -> str:
    """Creates with an id alone, with a name too, with tags and properties too."""
    whole = calls.contents(trial)
    for choice, names in (
        ("none", ("id",)),
        ("name", ("id", "name")),
        ("all", ("id", "name", "tags", "properties")),
    ):
        sent = {name: whole[name] for name in names} | {"id": trial.names.letters()}
        if trial.granted(posted(trial, sent), "the create"):
            if choice == "all":
                _each_is_required(trial)
            return choice
    raise OtherChoice("a create with an id, a name, tags and properties is rejected")


def _each_is_required(trial: Trial) -> None:
    for name in ("name", "tags", "properties"):
        sent = calls.contents(trial, **{name: None})
        if trial.granted(posted(trial, sent), f"a create without {name}"):
            raise OtherChoice(f"more than a name is required, but not {name}")


@observe("dotide/absent_fields")
def absent_fields(trial: Trial) -> str:
    """What a create with an id alone answers for name, tags and properties."""
    outcome = posted(trial, {"id": trial.names.letters()})
    trial.require(trial.granted(outcome, "the create"), "a create with an id alone that is taken")
    seen = _members(calls.row(trial, outcome.payload), "name", "tags", "properties")
    choices: dict[str, tuple[Any, ...]] = {
        "typical": (None, [], {}),
        "null": (None, None, None),
        "empty": ("", [], {}),
        "omitted": (..., ..., ...),
    }
    if seen not in choices.values():
        raise OtherChoice(_told(seen))
    return which(seen, choices)


@observe("dotide/absent_current")
def absent_current(trial: Trial) -> str:
    """What a create answers for the current time and value."""
    seen = _members(calls.create(trial)[1], "current_t", "current_v")
    choices: dict[str, tuple[Any, ...]] = {
        "null": (None, None),
        "empty": ("", ""),
        "omitted": (..., ...),
    }
    if seen not in choices.values():
        raise OtherChoice(_told(seen))
    return which(seen, choices)


def _without_a_name(trial: Trial) -> None:
    """Raise `Unmet` where a name is required: then one that is as if it wasn't sent is rejected."""
    sent = calls.contents(trial, name=None)
    taken = trial.granted(posted(trial, sent), "a create without a name")
    trial.require(taken, "a create without a name that is taken")


@observe("dotide/null_in_create")
def null_in_create(trial: Trial) -> str:
    """A create with `"name": null`."""
    row = made(trial, name=None)
    if row is None:
        _without_a_name(trial)
        return REJECTED
    if not empty(row, "name"):
        raise OtherChoice(row.get("name"))
    return _ABSENT


@observe("dotide/unknown_fields")
def unknown_fields(trial: Trial) -> str:
    """A create with `"colour": "red"`, and a read of it."""
    sent = {**calls.contents(trial), "colour": "red"}
    if not trial.granted(posted(trial, sent), "the create"):
        return REJECTED
    seen = _members(calls.read(trial, sent["id"]), "colour")
    return which(seen, {"ignored": (...,), "kept": ("red",)})


@observe("dotide/wrong_type")
def wrong_type(trial: Trial) -> str:
    """A create with `"name": 5`."""
    row = made(trial, name=5)
    if row is None:
        _without_a_name(trial)
        return REJECTED
    if row.get("name") == "5":
        return "coerced"
    if not empty(row, "name"):
        raise OtherChoice(f"the name {shown(row['name'])}")
    return "ignored"


# -- tags and properties -------------------------------------------------------------------------


def _tags(trial: Trial, *ends: str) -> tuple[list[str], list[str] | None]:
    """Own tags with these ends as they were sent and as a create answers them; None where it is
    rejected. An empty end is the empty tag."""
    stem = trial.names.letters()
    sent = [stem + end if end else "" for end in ends]
    row = made(trial, tags=sent)
    if row is None:
        return sent, None
    tags = row.get("tags")
    trial.require(isinstance(tags, list), f"tags as an array: {shown(tags)}")
    return sent, tags


@observe("dotide/tags_order")
def tags_order(trial: Trial) -> str:
    """A create with six tags: in fewer a set's order of no meaning may look like one."""
    sent, seen = _tags(trial, *"bdafce")
    trial.require(seen is not None, "a create with six tags that is taken")
    return which(seen, {"sent": sent, "sorted": sorted(sent)})


@observe("dotide/tags_repeated")
def tags_repeated(trial: Trial) -> str:
    """A create with the tags `a`, `a`."""
    sent, seen = _tags(trial, "a", "a")
    return REJECTED if seen is None else which(seen, {"collapsed": sent[:1], "kept": sent})


@observe("dotide/tags_case")
def tags_case(trial: Trial) -> str:
    """A list by an own tag in the other case."""
    tag = trial.names.letters()
    stream = calls.make(trial, tags=[tag.upper()])["id"]
    calls.settle(trial)
    alike = calls.ids(calls.listed(trial, [stream], tags=[tag.upper()]))
    trial.require(stream in alike, "a list by a tag that shows the stream that has it")
    other = calls.ids(calls.listed(trial, tags=[tag]))
    return "same" if stream in other else "distinct"


@observe("dotide/empty_tag")
def empty_tag(trial: Trial) -> str:
    """A create with the tags `a` and `""`."""
    sent, seen = _tags(trial, "a", "")
    if seen is None:
        return REJECTED
    return which(sorted(seen), {"kept": sorted(sent), "dropped": sent[:1]})


@observe("dotide/comma_in_tag")
def comma_in_tag(trial: Trial) -> str:
    """A create with the tag `a,b`."""
    sent, seen = _tags(trial, "a,b")
    if seen is None:
        return REJECTED
    return which(sorted(seen), {"kept": sent, "split": sorted(sent[0].split(","))})


def _with(trial: Trial, value: Any) -> bool:
    """Whether a create is taken with a property of this value."""
    return made(trial, properties={"p": value}) is not None


@observe("dotide/nested_property_names")
def nested_property_names(trial: Trial) -> str:
    """A create with `{"p": {"a.b": 1}}`, where one with `{"p": {"ab": 1}}` is taken."""
    trial.require(_with(trial, {"ab": 1}), "a create with an object as a property that is taken")
    dot, dollar = _with(trial, {"a.b": 1}), _with(trial, {"$a": 1})
    if dot != dollar:
        raise OtherChoice(f"only {'$' if dot else '.'} is barred")
    return "accepted" if dot else REJECTED


@observe("dotide/property_values")
def property_values(trial: Trial) -> str:
    """Creates with an array and with an object as a property, where one with a number is taken."""
    trial.require(_with(trial, 1), "a create with a number as a property that is taken")
    array, member = _with(trial, [1]), _with(trial, {"q": 1})
    if array != member:
        raise OtherChoice(f"{'arrays' if array else 'objects'} but not the other")
    return "any" if array else "scalars"


@observe("dotide/invalid_status")
def invalid_status(trial: Trial) -> int:
    """A create with `"type": "text"`."""
    sent = {**calls.contents(trial), "type": "text"}
    return refusal(trial, posted(trial, sent), "a create with an unknown type")


OBSERVERS = (
    *(required_fields, absent_fields, absent_current, null_in_create, unknown_fields),
    *(wrong_type, tags_order, tags_repeated, tags_case, empty_tag, comma_in_tag),
    *(nested_property_names, property_values, invalid_status),
)
