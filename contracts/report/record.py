"""What a probe saw, as a file: a dialect for the mock, and beside it what a dialect can't say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import streamproof
from streamproof.contracts.observations import Observation
from streamproof.contracts.probe import Probed
from streamproof.contracts.report.observed import beyond, toml
from streamproof.contracts.report.words import safe
from streamproof.specs.api import Api
from streamproof.specs.dialect import PROBE

SCHEMA_VERSION: Final = 1  # of specs/probe.schema.json


def record(api: Api, url: str, probed: Probed) -> str:
    """The file, in TOML; specs/probe.schema.json says of what it consists."""
    hidden = probed.secrets
    about = (
        f"How {api.name} at {url} settles what its documents leave open.",
        "By `streamproof probe`; for `streamproof mock --dialect` and `check --dialect`, and to be",
        "compared with another by `streamproof diff`.",
    )
    return toml(api, probed.observations, about, hidden) + "\n".join(
        ["", "# What else the probe found.", *_lines(api, url, probed)]
    )


def _lines(api: Api, url: str, probed: Probed) -> Iterator[str]:
    hidden = probed.secrets
    points, seen = api.dialect.points, probed.observations
    unseen = [each for each in seen if not each.seen]
    yield f"[{PROBE}]"
    yield from _entries(
        {
            "schema_version": SCHEMA_VERSION,
            "suite_version": streamproof.__version__,
            "api": api.name,
            "target": safe(url, hidden),
            "started": probed.started.isoformat(timespec="seconds"),
            "requests": probed.requests,
            "not_always": [each.point for each in seen if each.seen and not each.consistent],
        }
    )
    yield from ("", f"[{PROBE}.spec]")
    yield from _entries({"version": api.version, "sha256": api.sha256})
    yield from ("", f"[{PROBE}.not_seen]")
    yield from _reasons((each for each in unseen if not each.odd), hidden)
    yield from ("", f"[{PROBE}.none_of_the_choices]")
    yield from _reasons((each for each in unseen if each.odd), hidden)
    yield from ("", f"[{PROBE}.beyond_the_mock]")
    yield from _entries(
        {each.point: each.choice for each in seen if beyond(points[each.point], each)}
    )
    yield ""


def _reasons(unseen: Iterable[Observation], hidden: Iterable[str]) -> Iterator[str]:
    hidden = tuple(hidden)
    yield from _entries({each.point: safe(each.why, hidden) for each in unseen})


def _entries(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        yield f"{name} = {json.dumps(value, ensure_ascii=False)}"
