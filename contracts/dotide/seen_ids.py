"""Which ids a target takes where the document is silent, and what it makes of them."""

from __future__ import annotations

import re

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.dotide import calls
from streamproof.contracts.dotide.seeing import REJECTED, made, posted, refusal, which
from streamproof.contracts.observations import OtherChoice, observe
from streamproof.contracts.races import CLIENTS, at_once
from streamproof.specs.wording import shown

ACCEPTED = "accepted"
_LONGEST = 1025  # characters of an id; a longer one may not be removable: it stands in the URL
_OVERRUN = {429, 502, 504}  # nobody judged the call
_RACES = 3  # those who lose late are answered as for any taken id
_NFC, _NFD = "\u00e9", "e\u0301"


def _taken(trial: Trial, stream: str) -> bool:
    """Whether a stream of this id can be created."""
    return made(trial, id=stream) is not None


def _yes(taken: bool) -> str:
    return ACCEPTED if taken else REJECTED


@observe("dotide/duplicate_id_status")
def duplicate_id_status(trial: Trial) -> int:
    """A second create with one id."""
    stream = calls.make(trial)["id"]
    again = posted(trial, calls.contents(trial, id=stream))
    return refusal(trial, again, "a create with a taken id")


@observe("dotide/race_loser_status", dear=True)
def race_loser_status(trial: Trial) -> int | str:
    """Creates of one id at once, beside one with an id that is taken."""
    for _ in range(_RACES):
        stream = trial.names.letters()
        racers = [
            trial.client.request("create", **calls.contents(trial, id=stream, name=f"{stream}{n}"))
            for n in range(CLIENTS)
        ]
        outcomes = at_once(trial.client, racers)
        statuses = {each.status for each in outcomes if each.status and not each.accepted}
        trial.require(not statuses & _OVERRUN, "several creates at once, all of them judged")
        trial.require(statuses, "several creates at once, of which one is not accepted")
        trial.require(any(each.accepted for each in outcomes), "a create at once that is accepted")
        again = posted(trial, calls.contents(trial, id=stream))
        statuses.discard(refusal(trial, again, "a create with a taken id"))
        if statuses:
            if len(statuses) > 1:
                raise OtherChoice(f"one of {shown(sorted(statuses))}")
            return statuses.pop()
    return "as_duplicate"


@observe("dotide/recreate_deleted")
def recreate_deleted(trial: Trial) -> str:
    """Create, delete and create again with one id."""
    stream = calls.make(trial)["id"]
    trial.given(trial.client.call("delete", id=stream), "a delete")
    return _yes(_taken(trial, stream))


@observe("dotide/generated_id_form")
def generated_id_form(trial: Trial) -> str:
    """The ids of two streams that are created without one."""
    first, second = (_generated(trial) for _ in range(2))
    if re.fullmatch("[0-9a-f]{24}", first, re.IGNORECASE):
        return "object_id"
    if re.fullmatch("[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", first, re.IGNORECASE):
        return "uuid"
    if first.isdecimal() and second.isdecimal() and int(second) > int(first):
        return "counter"
    raise OtherChoice(f"{shown(first)}, {shown(second)}")


def _generated(trial: Trial) -> str:
    return calls.identify(calls.create(trial, id=None)[1])


@observe("dotide/id_empty")
def id_empty(trial: Trial) -> str:
    """A create with an empty id."""
    shown_ = made(trial, id="")
    if shown_ is None:
        return REJECTED
    if shown_.get("id"):
        return "generated"
    raise OtherChoice("a stream without an id")


@observe("dotide/id_reserved", dear=True)
def id_reserved(trial: Trial) -> str:
    """Creates with `/`, `?` and `%` in the id, and reads of what was taken."""
    taken = [_with_sign(trial, sign) for sign in "/?%"]
    if len(set(taken)) > 1:
        raise OtherChoice(", ".join(f"{s} {_yes(t)}" for s, t in zip("/?%", taken, strict=True)))
    return _yes(taken[0])


def _with_sign(trial: Trial, sign: str) -> bool:
    stream = f"{trial.names.letters()}{sign}x"
    if not _taken(trial, stream):
        return False
    calls.read(trial, stream)
    return True


@observe("dotide/id_comma")
def id_comma(trial: Trial) -> str:
    """A create with a comma in the id."""
    return _yes(_taken(trial, f"{trial.names.letters()},x"))


@observe("dotide/id_blanks")
def id_blanks(trial: Trial) -> str:
    """The id that a create with blanks around it answers."""
    stream = trial.names.letters()
    shown_ = made(trial, id=f" {stream} ")
    if shown_ is None:
        return REJECTED
    return which(shown_.get("id"), {"kept": f" {stream} ", "trimmed": stream})


@observe("dotide/id_control", dear=True)
def id_control(trial: Trial) -> str:
    """Creates with a line feed and with NUL in the id."""
    feed, nul = (_taken(trial, f"{trial.names.letters()}{sign}x") for sign in "\n\0")
    if feed != nul:
        raise OtherChoice(f"a line feed {_yes(feed)}, NUL {_yes(nul)}")
    return _yes(feed)


@observe("dotide/id_longest")
def id_longest(trial: Trial) -> int:
    """Creates with ever longer ids, up to 1,025 characters."""
    if _of_length(trial, _LONGEST):
        raise Unmet(f"an id of {_LONGEST:,} characters is taken; longer ones are not tried")
    good, bad = len(trial.names.letters()), _LONGEST
    for longest in (1024, 255):
        if good < longest < bad and _of_length(trial, longest):
            good = longest
        elif longest < bad:
            bad = max(good + 1, min(bad, longest))
    while bad - good > 1:
        middle = min(256, bad - 1) if good == 255 else (good + bad) // 2  # the likeliest first
        if _of_length(trial, middle):
            good = middle
        else:
            bad = middle
    return good


def _of_length(trial: Trial, length: int) -> bool:
    stream = trial.names.letters()
    return _taken(trial, stream + "x" * (length - len(stream)))


@observe("dotide/id_normalization")
def id_normalization(trial: Trial) -> str:
    """A second create with the other Unicode spelling of an id."""
    return _one_id(trial, _NFC, _NFD)


@observe("dotide/id_case")
def id_case(trial: Trial) -> str:
    """A second create with an id in the other case."""
    return _one_id(trial, "a", "A")


def _one_id(trial: Trial, first: str, second: str) -> str:
    """Whether two ends of an id make one; the second alone has to be one that is taken."""
    stem = trial.names.letters()
    trial.require(_taken(trial, f"{stem}{first}"), f"an id with {shown(first)} that is taken")
    if _taken(trial, f"{stem}{second}"):
        return "distinct"
    alone = _taken(trial, f"{trial.names.letters()}{second}")
    trial.require(alone, f"an id with {shown(second)} that is taken")
    return "same"


OBSERVERS = (
    *(
        duplicate_id_status,
        race_loser_status,
        recreate_deleted,
        generated_id_form,
        id_empty,
        id_reserved,
    ),
    *(id_comma, id_blanks, id_control, id_longest, id_normalization, id_case),
)
