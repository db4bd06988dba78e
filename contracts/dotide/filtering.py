"""List: the filters `ids` and `tags`, alone and together."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls
from streamproof.contracts.dotide.shelves import Tagged, a_tag, tagged
from streamproof.contracts.laws.filters import MATCH, NON_MATCH, every_match, nothing_else

_NAMED_TWICE: Final = "an id that is named twice"
_UNKNOWN: Final = "unknown ids beside known ones"


def _some_ids(trial: Trial, shown: Tagged) -> list[str]:
    """Several ids of the shelf, but not all, in any order."""
    streams = trial.draw(st.permutations(sorted(shown.streams)))
    return streams[: trial.draw(st.integers(2, len(streams) - 1))]


def _some_tags(trial: Trial, shown: Tagged) -> list[str]:
    trial.require(shown.tags, "datastreams with different tags: give some as fixtures.datastreams")
    return trial.draw(st.lists(st.sampled_from(shown.tags), min_size=1, max_size=3, unique=True))


@check("dotide/list/ids-only", MATCH, NON_MATCH, reads=True)
def ids_only(trial: Trial) -> None:
    """A list with `ids` holds no datastream that they don't name, not even one that begins so."""
    shown = trial.once(tagged)
    for named in (_some_ids(trial, shown), [min(shown.streams)]):
        listed = calls.ids(calls.listed(trial, ids=named))
        others = shown.streams.keys() - set(named)
        nothing_else(trial, listed, named, others, "a list by ids")


@check("dotide/list/ids-all", MATCH, reads=True)
def ids_all(trial: Trial) -> None:
    """A list with `ids` holds every existing datastream that they name."""
    shown = trial.once(tagged)
    named = _some_ids(trial, shown)
    every_match(trial, calls.ids(calls.listed(trial, named, ids=named)), named, "a list by ids")


@check("dotide/list/each-once", _NAMED_TWICE, reads=True)
def each_once(trial: Trial) -> None:
    """No datastream stands twice in a list, also when `ids` names it twice."""
    shown = trial.once(tagged)
    named = _some_ids(trial, shown)
    twice = trial.draw(st.permutations([*named, named[0]]))
    both: list[calls.Filters] = [{"ids": twice}]
    if shown.tags:
        both.append({"tags": _some_tags(trial, shown)})
    for filters in both:
        page = calls.page(trial, **filters)
        listed = calls.ids(calls.rows_of(trial, page))
        trial.no_repeats(listed, f"a list by {', '.join(filters)}")
        if named[0] in listed and "ids" in filters:
            trial.witness(_NAMED_TWICE)


@check("dotide/list/unknown-ids", _UNKNOWN, reads=True)
def unknown_ids(trial: Trial) -> None:
    """Ids that don't exist add nothing to a list, and take nothing from it."""
    shown = trial.once(tagged)
    named = _some_ids(trial, shown)
    unknown = [trial.names.letters(), trial.names.letters()]
    mixed = trial.draw(st.permutations([*named, *unknown]))
    listed = calls.ids(calls.listed(trial, named, ids=mixed))
    trial.contains(listed, named, "a list by known and unknown ids")
    strangers = [stream for stream in listed if stream not in named]
    trial.lacks(listed, strangers, "a list by known and unknown ids")
    trial.witness(_UNKNOWN)


@check("dotide/list/tags-only", MATCH, NON_MATCH, reads=True)
def tags_only(trial: Trial) -> None:
    """A list with `tags` holds no datastream that lacks one of them."""
    shown = trial.once(tagged)
    asked = _some_tags(trial, shown)
    matches = shown.carrying(*asked)
    others = shown.streams.keys() - set(matches)
    listed = shown.judged(calls.ids(calls.listed(trial, tags=asked)))
    nothing_else(trial, listed, matches, others, "a list by tags")


@check("dotide/list/tags-all", MATCH, reads=True)
def tags_all(trial: Trial) -> None:
    """A list with `tags` holds every datastream that carries all of them, and perhaps others."""
    shown = trial.once(tagged)
    asked = _some_tags(trial, shown)
    matches = shown.carrying(*asked)
    every_match(
        trial, calls.ids(calls.listed(trial, matches, tags=asked)), matches, "a list by tags"
    )


@check("dotide/list/tags-whole", MATCH, reads=True)
def tags_whole(trial: Trial) -> None:
    """Tags are compared as wholes: part of a tag finds nothing."""
    stream, whole, own = a_tag(trial)
    found = calls.ids(calls.listed(trial, tags=[trial.names.letters()]))
    missed = "a list by a tag that leaves out a stream without it"
    trial.require(stream not in found, missed, "dotide/list/tags-only")
    parts = {"its beginning": whole[:-1], "its end": whole[1:], "its middle": whole[1:-1]}
    for part, tag in parts.items():
        if tag in own:
            continue
        listed = calls.ids(calls.listed(trial, tags=[tag]))
        trial.lacks(listed, [stream], f"a list by {part} for a tag")
    listed = calls.ids(calls.listed(trial, [stream], tags=[whole]))
    trial.require(stream in listed, "the stream, in a list by its whole tag")
    trial.witness(MATCH)


def _by_both(trial: Trial) -> tuple[Tagged, list[str], str, list[str]]:
    """Ids and a tag, so that each shuts something out; and the list by both."""
    shown = trial.once(tagged)
    named, [tag] = _some_ids(trial, shown), _some_tags(trial, shown)[:1]
    both = [stream for stream in named if tag in shown.streams[stream]]
    return shown, named, tag, calls.ids(calls.listed(trial, both, ids=named, tags=[tag]))


@check("dotide/list/ids-with-tags", MATCH, NON_MATCH, reads=True)
def ids_with_tags(trial: Trial) -> None:
    """A list with `ids` and `tags` holds no datastream that `ids` doesn't name."""
    shown, named, tag, listed = _by_both(trial)
    others = set(shown.carrying(tag)) - set(named)
    nothing_else(trial, listed, named, others, "a list by ids and tags")


@check("dotide/list/tags-with-ids", MATCH, NON_MATCH, reads=True)
def tags_with_ids(trial: Trial) -> None:
    """A list with `ids` and `tags` holds no datastream that lacks one of the tags."""
    shown, named, tag, listed = _by_both(trial)
    without = [stream for stream in named if tag not in shown.streams[stream]]
    by_tag = calls.ids(calls.listed(trial, tags=[tag]))
    told = {*shown.judged(by_tag)} <= {*shown.carrying(tag)}
    trial.require(
        told, "a list by one tag that holds no stream without it", "dotide/list/tags-only"
    )
    trial.lacks(listed, without, "a list by ids and tags")
    trial.witness(*[MATCH] * bool(listed), *[NON_MATCH] * bool(without))


@check("dotide/list/ids-with-tags-all", MATCH, reads=True)
def ids_with_tags_all(trial: Trial) -> None:
    """A list with `ids` and `tags` holds every datastream that passes both."""
    shown, named, tag, listed = _by_both(trial)
    both = [stream for stream in named if tag in shown.streams[stream]]
    alone: dict[str, tuple[calls.Filters, list[str]]] = {
        "ids": ({"ids": named}, named),
        "tags": ({"tags": [tag]}, shown.carrying(tag)),
    }
    for name, (filters, matches) in alone.items():
        there = calls.ids(calls.listed(trial, matches, **filters))
        told = {*matches} <= {*there}
        trial.require(told, f"a list by {name} alone that is whole", f"dotide/list/{name}-all")
    every_match(trial, listed, both, "a list by ids and tags")


CHECKS: Final = (
    ids_only,
    ids_all,
    each_once,
    unknown_ids,
    tags_only,
    tags_all,
    tags_whole,
    ids_with_tags,
    tags_with_ids,
    ids_with_tags_all,
)
