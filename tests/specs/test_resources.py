"""resources.yaml is read into facets, and checked against the operations that it names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamproof.specs import api
from streamproof.specs.errors import SpecError
from streamproof.specs.resources import Duplicates, Filter, Order, Pages, Window

FIELDPOST = Path(__file__).parents[2] / "examples" / "fieldpost"


def test_a_collection_has_its_facets() -> None:
    devices = api.load(str(FIELDPOST)).resources["devices"]

    assert devices.operations == {
        "create": "register_device",
        "read": "get_device",
        "delete": "remove_device",
    }
    assert (devices.key, devices.keyed_by) == ("serial", "client")
    assert devices.listing is not None
    assert devices.listing.order == Order(("serial",))
    assert devices.listing.filters == (Filter("model", "model", "equals"),)
    assert devices.listing.pages == Pages(
        limit="limit", largest=100, cursor="cursor", next="/next_cursor"
    )


def test_a_log_has_its_facets() -> None:
    readings = api.load(str(FIELDPOST)).resources["readings"]

    assert (readings.instant, readings.key, readings.keyed_by) == ("time", "id", "server")
    assert readings.within == {"serial": "devices"}
    assert readings.duplicates == Duplicates(("time",), ("allow_duplicate", "true"))
    assert readings.listing is not None
    assert readings.listing.window == Window("since", "until")
    assert readings.listing.exactly_one == ("since", "last")
    assert readings.listing.only_with == {"since": ("until", "limit", "cursor")}


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "an operation that isn't there": (
        lambda r: r["devices"].update(create="makeDevice"),
        "resources/devices/create: no operation 'makeDevice'; there are listDevices, ",
    ),
    "an argument that the list doesn't take": (
        lambda r: r["devices"]["list"]["filters"].update(colour="equals"),
        "resources/devices/list: listDevices has no argument 'colour'; it has cursor, limit, model",
    ),
    "a parent that isn't there": (
        lambda r: r["readings"].update(within={"serial": "sensors"}),
        "readings: within: no collection 'sensors'",
    ),
    "things that stand in themselves": (
        lambda r: r["devices"].update(
            kind="collection", within={"serial": "devices"}, create="addReading"
        ),
        "devices: within: it would stand in itself",
    ),
    "duplicates that agree in what isn't there": (
        lambda r: r["readings"].update(duplicates={"same": ["when"]}),
        "resources/readings/duplicates/same: no field 'when'; name it in `fields`",
    ),
    "a row's member that stands for what isn't there": (
        lambda r: r["devices"]["list"].update(aliases={"label": "colour"}),
        "resources/devices/list/aliases: no field 'colour'; name it in `fields`",
    ),
    "a column of what isn't there": (
        lambda r: r["readings"]["list"].update(columns=["when"]),
        "resources/readings/list/columns: no field 'when'; name it in `fields`",
    ),
    "a cursor that is nowhere": (
        lambda r: r["readings"]["list"]["page"].pop("next"),
        "resources/readings/list/page: a cursor needs `next` or `next_header`",
    ),
    "rows under a name that the answer doesn't describe": (
        lambda r: r["devices"]["list"].update(rows="/device"),
        "resources/devices/list/rows: the answer of listDevices describes no 'device'; it",
    ),
    "rows that are described as no list": (
        lambda r: r["devices"]["list"].update(rows="/next_cursor"),
        "resources/devices/list/rows: the answer of listDevices has no list there",
    ),
    "the next cursor under a name that the answer doesn't describe": (
        lambda r: r["devices"]["list"]["page"].update(next="/next"),
        "resources/devices/list/page/next: the answer of listDevices describes no 'next'",
    ),
    "a thing under a name that the answer doesn't describe": (
        lambda r: r["devices"].update(shows="/device"),
        "resources/devices/shows: the answer of registerDevice describes no 'device'",
    ),
    "a log without its instant": (
        lambda r: r["readings"].pop("instant"),
        "resources/readings: a log needs `instant`",
    ),
    "an unknown entry": (
        lambda r: r["devices"].update(colour="red"),
        "resources/devices: unknown entry colour",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_the_operations_dont_bear_out_is_told(case: str, tmp_path: Path) -> None:
    edit, told = BROKEN[case]
    folder = tmp_path / "fieldpost"
    shutil.copytree(FIELDPOST, folder)
    spec = yaml.safe_load((folder / "resources.yaml").read_text("utf-8"))
    edit(spec["resources"])
    (folder / "resources.yaml").write_text(yaml.safe_dump(spec), "utf-8")

    with pytest.raises(SpecError) as error:
        api.load(str(folder))

    assert "resources.yaml: " in str(error.value)
    assert told in str(error.value)
