"""badge.json: a verdict in two words, in the form that shields.io reads from an endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Headline, Verdict

_COLORS: Mapping[Headline, str] = {
    Headline.CONFORMS: "brightgreen",
    Headline.CONFORMS_WITH_WAIVERS: "green",
    Headline.DOES_NOT_CONFORM: "red",
    Headline.INCONCLUSIVE: "lightgrey",
    Headline.HARNESS_ERROR: "lightgrey",
}


def badge(run: Run) -> dict[str, object]:
    """The endpoint's members, https://shields.io/badges/endpoint-badge."""
    held = sum(ruling.verdict is Verdict.PASSED for ruling in run.rulings)
    told = f"{run.headline.value} ({held} of {len(run.rulings)} rules)"
    return {
        "schemaVersion": 1,
        "label": run.api.name,
        "message": told,
        "color": _COLORS[run.headline],
        "isError": run.headline is Headline.HARNESS_ERROR,
    }
