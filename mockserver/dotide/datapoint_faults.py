"""Datapoints that are stored, listed or deleted otherwise than the rules say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from streamproof.mockserver import parsing
from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import showing, stored, stream_id
from streamproof.mockserver.faults import Proceed, fault

Point = dict[str, Any]
_EARLY, _LATE = "1900-01-01T00:00:00Z", "2200-01-01T00:00:00Z"


def _sent(call: Call) -> Any:
    """The JSON of the body, as it was sent."""
    if "sent" in call.changes:
        return call.changes["sent"]
    return parsing.read_json(call.request.body or b"{}", "body")


def _with_points(answer: Answer, change: Callable[[list[Any]], list[Any]]) -> Answer:
    if not answer.accepted:
        return answer
    return showing(answer, datapoints=change(answer.body["datapoints"]))


def _later(text: Any, seconds: float) -> Any:
    """A time so much later; what is none stays."""
    try:
        moved = datetime.fromisoformat(text) + timedelta(seconds=seconds)
    except (TypeError, ValueError, OverflowError):
        return text
    return moved.isoformat(timespec="milliseconds")


def _each(answer: Answer, change: Callable[[Point], Point]) -> Answer:
    """The same answer with every datapoint in it changed that stands as an object."""
    return _with_points(answer, lambda rows: [change(row) for row in rows])


# -- create ------------------------------------------------------------------------------------


@fault("dotide/create_datapoints/echo.value-lost")
def _value_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers without the value of one datapoint."""
    answer = proceed(call)
    return showing(answer, v=None) if answer.accepted and isinstance(answer.body, dict) else answer


@fault("dotide/create_datapoints/echo.a-second-later")
def _a_second_later(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers a time one second later than the one that it stores."""
    answer = proceed(call)
    if not answer.accepted or not isinstance(answer.body, dict) or "t" not in call.arguments:
        return answer
    return showing(answer, t=_later(answer.body["t"], 1))


@fault("dotide/create_datapoints/several.first-only")
def _first_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Stores and answers the first of several datapoints."""
    sent = _sent(call)
    return proceed(call.changed(sent=sent[:1]) if isinstance(sent, list) and sent else call)


@fault("dotide/create_datapoints/several.last-lost")
def _last_lost(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers several datapoints, and doesn't store the last."""
    sent, answer = _sent(call), proceed(call)
    if answer.accepted and isinstance(sent, list) and len(sent) > 1:
        at = sent[-1]["t"] if isinstance(sent[-1], dict) else sent[-1][0]
        remove = context.api.operations["delete_datapoints"]
        proceed(call.to(remove, id=stream_id(call), start=at, end=at))
    return answer


@fault("dotide/create_datapoints/absent-fields.of-1970")
def _of_1970(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Gives a datapoint without a time one of 1970."""
    sent = _sent(call)
    if isinstance(sent, dict) and "t" not in sent:
        return proceed(call.changed(sent={**sent, "t": "1970-01-01T00:00:00Z"}))
    return proceed(call)


@fault("dotide/create_datapoints/absent-fields.zero")
def _zero(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Gives a datapoint without a value the value 0."""
    sent = _sent(call)
    if isinstance(sent, dict) and "t" in sent and "v" not in sent:
        return proceed(call.changed(sent={**sent, "v": 0}))
    return proceed(call)


@fault("dotide/create_datapoints/value-type.any")
def _any_value(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes any value, and keeps none that doesn't fit."""
    return _without_value(proceed, call)


@fault("dotide/create_datapoints/value-type.no-geojson")
def _no_geojson(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes any value for a datastream of GeoJSON, and keeps none that is no such object."""
    kind = stored(proceed, call, context).get("type")
    return _without_value(proceed, call) if kind == "geojson" else proceed(call)


def _without_value(proceed: Proceed, call: Call) -> Answer:
    answer = proceed(call)
    if answer.rule != "dotide/create_datapoints/value-type":
        return answer
    sent = _sent(call)
    rows = sent if isinstance(sent, list) else [sent]
    kept = [{**row, "v": None} if isinstance(row, dict) else [row[0], None] for row in rows]
    return proceed(call.changed(sent=kept if isinstance(sent, list) else kept[0]))


# -- list --------------------------------------------------------------------------------------


@fault("dotide/list_datapoints/shows-created.nothing")
def _nothing(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists no datapoint."""
    return _with_points(proceed(call), lambda _rows: [])


@fault("dotide/list_datapoints/shows-created.values-as-text")
def _as_text(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows values as text."""
    if call.request.mount.startswith("/v2/"):
        return proceed(call)
    return _each(proceed(call), lambda row: {**row, "v": str(row["v"])})


@fault("dotide/list_datapoints/instant.ignored")
def _instant_ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of `t`."""
    return proceed(call.changed(t=ABSENT) if "t" in call.arguments else call)


@fault("dotide/list_datapoints/instant.beside-a-window")
def _beside_a_window(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of `t` beside `start`."""
    both = {"t", "start"} <= call.arguments.keys()
    return proceed(call.changed(t=ABSENT) if both else call)


@fault("dotide/list_datapoints/summary.none")
def _no_summary(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers without a summary."""
    answer = proceed(call)
    if not answer.accepted:
        return answer
    rest = {name: value for name, value in answer.body.items() if name != "summary"}
    return replace(answer, body=rest)


@fault("dotide/list_datapoints/summary.first-lost")
def _first_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Counts one datapoint too few."""
    answer = proceed(call)
    if not answer.accepted or not answer.body.get("summary"):
        return answer
    told = answer.body["summary"]
    return showing(answer, summary={**told, "count": told["count"] - 1})


@fault("dotide/list_datapoints/interval.ignored")
def _interval_ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of `interval`."""
    return proceed(call.changed(interval=ABSENT) if "interval" in call.arguments else call)


@fault("dotide/list_datapoints/interval.last-lost")
def _last_interval_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Leaves out the newest interval."""
    answer = proceed(call)
    if not call.arguments.get("interval"):
        return answer
    return _with_points(
        answer, lambda rows: rows[:-1] if call.arguments.get("order") == "asc" else rows[1:]
    )


@fault("dotide/list_datapoints/function.always-the-count")
def _always_the_count(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Counts, whatever `function` says."""
    asked = call.arguments.get("function") not in (None, "count", "avg")
    return proceed(call.changed(function="count") if asked else call)


@fault("dotide/list_datapoints/function.mean-for-minimum")
def _mean_for_minimum(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Gives the mean where the minimum is asked for."""
    asked = call.arguments.get("function") == "min"
    return proceed(call.changed(function="avg") if asked else call)


@fault("dotide/list_datapoints/tz.clock-kept")
def _clock_kept(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows the offset of another zone beside the time of the usual one."""
    if "tz" not in call.arguments or call.request.mount.startswith("/v2/"):
        return proceed(call)
    asked, usual = proceed(call), proceed(call.changed(tz=ABSENT))
    if not (asked.accepted and usual.accepted):
        return asked
    pairs = zip(asked.body["datapoints"], usual.body["datapoints"], strict=True)
    rows = [{**there, "t": here["t"][:-6] + there["t"][-6:]} for there, here in pairs]
    return showing(asked, datapoints=rows)


@fault("dotide/read_datapoint/as-created.value-lost")
def _read_value_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Reads a datapoint without its value."""
    answer = proceed(call)
    return showing(answer, v=None) if answer.accepted and isinstance(answer.body, dict) else answer


@fault("dotide/read_datapoint/as-created.made-up")
def _made_up(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Reads an instant without a datapoint as one without a value."""
    answer = proceed(call)
    if answer.rule != "dotide/read_datapoint/unknown-instant" or answer.status != 404:
        return answer
    told = stored(proceed, call, context)
    return Answer(200, {"t": told["created_at"], "v": None}) if told else answer


@fault("dotide/any/datapoints-unknown-id.lists-nothing", on="list_datapoints")
def _lists_nothing(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists nothing of a datastream that isn't there."""
    answer = proceed(call)
    if answer.rule != "dotide/any/datapoints-unknown-id":
        return answer
    return Answer(200, {"id": stream_id(call), "datapoints": [], "options": {}})


@fault("dotide/any/datapoints-unknown-id.delete-accepted", on="delete_datapoints")
def _delete_accepted(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Accepts a delete of datapoints of a datastream that isn't there."""
    answer = proceed(call)
    return Answer(204) if answer.rule == "dotide/any/datapoints-unknown-id" else answer


# -- delete ------------------------------------------------------------------------------------


@fault("dotide/delete_datapoints/within.nothing")
def _deletes_nothing(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Accepts a delete, and deletes nothing of several years before."""
    if not {"start", "end"} <= call.arguments.keys():
        return proceed(call)
    return proceed(call.changed(start=_LATE, end=_LATE))


@fault("dotide/delete_datapoints/within.last-kept")
def _last_kept(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Keeps what lies within a minute before `end`."""
    end = call.arguments.get("end")
    return proceed(call.changed(end=_later(end, -60)) if end else call)


@fault("dotide/delete_datapoints/others-stay.everything")
def _deletes_everything(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Deletes all datapoints of the datastream."""
    if not {"start", "end"} <= call.arguments.keys():
        return proceed(call)
    return proceed(call.changed(start=_EARLY, end=_LATE))


@fault("dotide/delete_datapoints/others-stay.a-minute-more")
def _a_minute_more(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Deletes also what lies within a minute after `end`."""
    end = call.arguments.get("end")
    return proceed(call.changed(end=_later(end, 60)) if end else call)
