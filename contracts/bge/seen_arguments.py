"""What bge's range makes of odd arguments where the document is silent."""

from __future__ import annotations

import uuid

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.seeing import (
    REJECTED,
    good_page,
    made_up,
    page_with,
    shelf,
    which_page,
)
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers.walks import Page
from streamproof.contracts.observations import OtherChoice, observe

_NOBODY = "streamproofnobodys"


@observe("bge/unknown_field")
def unknown_field(trial: Trial) -> str:
    """A range with a signed field of one's own invention."""
    return which_page(page_with(trial, ("colour", "red")), ignored=good_page(trial))


@observe("bge/empty_string")
def empty_string(trial: Trial) -> str:
    """A range with an empty `start_time`."""
    page = page_with(trial, start_time="")
    if page is None:
        return REJECTED
    without = page_with(trial, start_time=None)
    same = without is not None and calls.ids(page.records) == calls.ids(without.records)
    trial.require(same, "the records that a range without start_time shows")
    return "absent"


def _nothing(page: Page | None) -> str:
    if page is None:
        return REJECTED
    if page.records:
        raise OtherChoice(f"{len(page.records)} records")
    return "empty"


@observe("bge/unknown_namespace_in_range")
def unknown_namespace_in_range(trial: Trial) -> str:
    """A range with a made-up namespace."""
    return _nothing(page_with(trial, namespace=_NOBODY))


@observe("bge/unknown_element_in_range")
def unknown_element_in_range(trial: Trial) -> str:
    """A range with a made-up data element."""
    return _nothing(page_with(trial, data_element_id=_unlike(trial, "data_element_id")))


@observe("bge/unknown_entity_in_range")
def unknown_entity_in_range(trial: Trial) -> str:
    """A range with a made-up entity."""
    return _nothing(page_with(trial, fundamental_entity_id=_unlike(trial, "fundamental_entity_id")))


def _unlike(trial: Trial, name: str) -> str:
    """An id of the same form that nobody has."""
    known = str(shelf(trial).query[name])
    try:
        uuid.UUID(known)
    except ValueError:
        return _NOBODY
    return made_up(trial) if "-" in known else made_up(trial).replace("-", "")


@observe("bge/unknown_sample_in_range")
def unknown_sample_in_range(trial: Trial) -> str:
    """A range with a made-up biosample."""
    return _nothing(page_with(trial, fundamental_entity_id=None, biosample_id=_NOBODY))


@observe("bge/unbound_sample_in_range")
def unbound_sample_in_range(trial: Trial) -> str:
    """A range with a biosample that is bound to no entity."""
    samples = trial.fixtures.get("biosamples") or {}
    unbound = next((sample for sample, entity in samples.items() if entity is None), None)
    trial.require(unbound is not None, "fixtures.biosamples: one that is bound to none")
    return _nothing(page_with(trial, fundamental_entity_id=None, biosample_id=unbound))


@observe("bge/no_match")
def no_match(trial: Trial) -> str:
    """A range over a stretch of time in which nothing was written."""
    here = ground(trial)
    trial.require(here.fine, "bounds finer than a year")
    [moment] = here.moments(1)
    return _nothing(page_with(trial, **here.window(moment, moment)))


@observe("bge/over_limit")
def over_limit(trial: Trial) -> str:
    """A range with `limit` 101."""
    if page_with(trial, limit=101) is None:
        return REJECTED
    raise Unmet("101 records, to see whether a limit of 101 that is taken counts as 100")


@observe("bge/limit_zero")
def limit_zero(trial: Trial) -> str:
    """A range with `limit` 0."""
    return which_page(page_with(trial, limit=0), empty=[], default=good_page(trial))


@observe("bge/limit_negative")
def limit_negative(trial: Trial) -> str:
    """A range with `limit` -1."""
    return which_page(page_with(trial, limit=-1), default=good_page(trial))


@observe("bge/bad_limit")
def bad_limit(trial: Trial) -> str:
    """A range with `limit` abc."""
    return which_page(page_with(trial, limit="abc"), default=good_page(trial))


@observe("bge/bad_sort_direction")
def bad_sort_direction(trial: Trial) -> str:
    """A range with `sort_direction` sideways."""
    return which_page(
        page_with(trial, sort_direction="sideways"), default=good_page(trial, sort_direction="desc")
    )


@observe("bge/sort_direction_case")
def sort_direction_case(trial: Trial) -> str:
    """A range with `sort_direction` ASC, beside one with `sideways`."""
    page, sideways = (page_with(trial, sort_direction=word) for word in ("ASC", "sideways"))
    if page is None:
        if sideways is not None:
            raise OtherChoice("ASC is rejected, and sideways is not")
        return "unknown"
    return which_page(
        page, folded=good_page(trial), unknown=good_page(trial, sort_direction="desc")
    )


@observe("bge/bad_bound")
def bad_bound(trial: Trial) -> str:
    """A range with `start_time` yesterday-ish."""
    page = page_with(trial, start_time="yesterday-ish")
    if page is None:
        return REJECTED
    without = page_with(trial, start_time=None)
    same = without is not None and calls.ids(page.records) == calls.ids(without.records)
    if not same:
        raise OtherChoice(f"{len(page.records)} records, others than without start_time")
    return "ignored"


@observe("bge/start_after_end")
def start_after_end(trial: Trial) -> str:
    """A range with the bounds swapped."""
    query = shelf(trial).query
    trial.require({"start_time", "end_time"} <= query.keys(), "a window around a series")
    return _nothing(page_with(trial, start_time=query["end_time"], end_time=query["start_time"]))


OBSERVERS = (
    *(unknown_field, empty_string, unknown_namespace_in_range, unknown_element_in_range),
    *(unknown_entity_in_range, unknown_sample_in_range, unbound_sample_in_range, no_match),
    *(over_limit, limit_zero, limit_negative, bad_limit, bad_sort_direction),
    *(sort_direction_case, bad_bound, start_after_end),
)
