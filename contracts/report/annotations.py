"""Failures as GitHub's workflow commands, which it shows at a line of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from streamproof.contracts.report.headline import causes, unsound
from streamproof.contracts.report.lang import Lang, sentence
from streamproof.contracts.report.words import clean, cut
from streamproof.contracts.run import Run
from streamproof.specs.wording import printable

_MOST = 10  # errors of a step that GitHub shows
_LONGEST = 500  # characters
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}

Place = tuple[str, int]


def errors(run: Run, place: Place | None, lang: Lang = "en") -> Iterator[str]:
    """A line for each failure and for each waiver that has to be mended, causes first. `place`
    is the file and the line that describe the target, where one does."""
    where = "" if place is None else f",file={_escaped(place[0], _PROPERTY)},line={place[1]}"
    failures = [(ruling.rule.id, ruling.message) for ruling in causes(run)]
    mend = [(account.waiver.rule, account.mend) for account in unsound(run)]
    for title, message in [*failures, *mend][:_MOST]:
        told = cut(printable(clean(run, sentence(message, lang))), _LONGEST)
        name = _escaped(printable(clean(run, title)), _PROPERTY)
        yield f"::error title={name}{where}::{_escaped(told, _DATA)}"


def _escaped(text: str, signs: Mapping[str, str]) -> str:
    return "".join(signs.get(char, char) for char in text)
