"""gl-code-quality-report.json: failures as GitLab shows them at the lines of a merge request."""

from __future__ import annotations

from hashlib import sha256

from streamproof.contracts.report.headline import causes, unsound
from streamproof.contracts.report.words import clean, cut
from streamproof.contracts.run import Run
from streamproof.specs.rulebook import Level
from streamproof.specs.wording import printable

_LONGEST = 500  # characters
_SEVERITY = {Level.IMPLIED: "minor", Level.LINKED: "info"}  # others are major

Place = tuple[str, int]


def code_quality(run: Run, place: Place | None) -> list[dict[str, object]]:
    """An entry for each failure and for each waiver that has to be mended, causes first.

    `place` is the file and the line that describe the target: GitLab wants one for each. A
    failure's fingerprint is that of report.json with the API's name, so it is the same in each
    run. The form: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
    """
    file, line = place or ("streamproof.toml", 1)
    failures = [
        (r.rule.id, r.message, _SEVERITY.get(r.rule.level, "major"), r.fingerprint or "")
        for r in causes(run)
    ]
    mend = [(a.waiver.rule, a.mend, "major", f"waiver {a.state.value}") for a in unsound(run)]
    return [
        {
            "description": cut(printable(clean(run, f"{rule}: {message}")), _LONGEST),
            "check_name": printable(clean(run, rule)),
            "fingerprint": sha256(f"{run.api.name} {rule} {mark}".encode()).hexdigest(),
            "severity": severity,
            "location": {"path": file, "lines": {"begin": line}},
        }
        for rule, message, severity, mark in [*failures, *mend]
    ]
