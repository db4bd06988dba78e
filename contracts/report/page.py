"""report.html: one file that needs nothing else, for people who were not there.

Whatever a target had a hand in is escaped by Jinja2 and made `visible` first, so that it can
neither run nor rewrite what the page says; the page's policy lets nothing run but its own script.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from streamproof.contracts.report import har
from streamproof.contracts.report.document import document
from streamproof.contracts.report.failure import failure_of, winners_first
from streamproof.contracts.report.headline import because, variables
from streamproof.contracts.report.lang import WORDS, Lang, sentence
from streamproof.contracts.report.telling import spans, words
from streamproof.contracts.report.words import clean
from streamproof.contracts.run import Run
from streamproof.contracts.transcript import step
from streamproof.contracts.verdict import Ruling, Verdict
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown

_HERE = Path(__file__).parent
_VERDICTS = (
    *(Verdict.FAILED, Verdict.WAIVED, Verdict.HARNESS_ERROR, Verdict.NOT_TESTED),
    *(Verdict.NOT_APPLICABLE, Verdict.PASSED),
)
_LONGEST_BODY = 100_000  # characters of a body that the page has
_LONGEST_FAILURE = 500_000  # and of all bodies of a failure
_UNFOLDED = 3  # failures
_LONGEST_LINE = 160


def page(run: Run, lang: Lang = "en") -> str:
    """A run as one HTML document that begins in `lang` and has both languages."""
    style, script = ((_HERE / f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    rules = [_rule(run, ruling) for ruling in run.rulings]
    failed = [at for at, rule in enumerate(rules) if rule["verdict"] == Verdict.FAILED.value]
    report = document(run)
    return _template().render(
        lang=lang,
        report={**report, "target": visible(report["target"])},
        exit_code=run.headline.exit_code,
        because={"en": visible(because(run)), "zh": visible(because(run, "zh"))},
        words=WORDS,
        sentence=partial(sentence, lang="zh"),
        visible=visible,
        verdicts=[v.value for v in _VERDICTS if any(r.verdict is v for r in run.rulings)],
        levels=list(dict.fromkeys(rule["level"] for rule in rules)),
        tables=list(_tables(run)),
        causes=sorted(
            (rule for rule in rules if rule["failure"]), key=lambda rule: -len(rule["blocks"])
        ),
        reasons=list(_reasons(run)),
        observations=[_observation(run, each) for each in report["observations"]],
        rules=rules,
        unfolded=failed[:_UNFOLDED],
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("page.html.j2")


def visible(text: str) -> str:
    r"""`text` with all that is unseen, or would move what is seen, as an escape (``\u202e``); line
    breaks and tabs stay."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else char.encode("unicode_escape").decode()
        for char in text
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# -- the first screen --------------------------------------------------------------------------


def _tables(run: Run) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """How many rules of each level, and of each operation, have which verdict."""
    levels = dict.fromkeys(r.rule.level.value for r in run.rulings)
    yield "level", [_row(run, True, level=name) for name in (*levels, "all")]
    operations = dict.fromkeys(r.rule.operation for r in run.rulings)
    yield "operation", [_row(run, False, operation=name) for name in operations]


def _row(run: Run, word: bool, level: str = "all", operation: str | None = None) -> dict[str, Any]:
    counts = Counter(
        ruling.verdict.value
        for ruling in run.rulings
        if level in ("all", ruling.rule.level.value) and operation in (None, ruling.rule.operation)
    )
    return {"name": operation or level, "word": word, "counts": counts}


def _reasons(run: Run) -> Iterator[Mapping[str, Any]]:
    """Why rules were not judged, the most frequent reason first."""
    order = (Verdict.HARNESS_ERROR, Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE)
    groups: dict[tuple[Verdict, str], list[str]] = {}
    for ruling in run.rulings:
        if ruling.verdict in order:
            key = ruling.verdict, visible(clean(run, ruling.message))
            groups.setdefault(key, []).append(ruling.rule.id)
    ordered = sorted(groups.items(), key=lambda g: (order.index(g[0][0]), -len(g[1])))
    for (verdict, message), rules in ordered:
        yield {"verdict": verdict.value, "message": message, "rules": rules}


def _observation(run: Run, seen: Mapping[str, Any]) -> dict[str, Any]:
    """What was observed, with the question and the choice in words."""
    point = run.api.dialect.points.get(seen["point"])
    choices = () if point is None else point.choices
    choice = next((c for c in choices if c.value == seen["choice"]), None)
    return {
        "point": seen["point"],
        "en": point.en if point else seen["point"],
        "zh": point.zh if point else "",
        "choice": "—" if seen["choice"] is None else visible(shown(seen["choice"])),
        "meaning_en": choice.en if choice else "",
        "meaning_zh": choice.zh if choice else "",
        "consistent": seen["consistent"],
        "why": visible(seen["why"]),
        "evidence": visible(seen["evidence"]),
        "archive": seen["archive"],
    }


# -- rules -------------------------------------------------------------------------------------


def _rule(run: Run, ruling: Ruling) -> dict[str, Any]:
    rule, finding = ruling.rule, ruling.finding
    return {
        "id": rule.id,
        "level": rule.level.value,
        "verdict": ruling.verdict.value,
        "en": rule.en,
        "zh": rule.zh,
        "source": "; ".join(map(str, rule.sources)),
        "message": visible(clean(run, ruling.message)),
        "seen": [name for name in finding.needed if name in finding.seen],
        "missing": list(finding.missing),
        "examples": finding.examples,
        "requests": finding.requests,
        "depends_on": rule.depends_on,
        "blocked_by": ruling.blocked_by,
        "blocks": [r.rule.id for r in run.rulings if rule.id in r.blocked_by],
        "fingerprint": ruling.fingerprint,
        "waiver": None if ruling.waiver is None else asdict(ruling.waiver),
        "crash": visible(clean(run, finding.crash or "")),
        "failure": _failure(run, ruling),
    }


def _failure(run: Run, ruling: Ruling) -> dict[str, Any] | None:
    failure = failure_of(run, ruling)
    if failure is None:
        return None
    return {
        "did": visible(failure.did),
        "expected": visible(failure.expected),
        "actual": visible(failure.actual),
        "evidence": har.name(ruling.rule.id),
        "steps": list(_steps(run, ruling)),
        "curl": [visible(line) for line in failure.curl],
        "variables": variables(run, "\n".join(failure.curl)),
    }


def _steps(run: Run, ruling: Ruling) -> Iterator[dict[str, Any]]:
    """Each step whole, the same one several times in a row once; the last decides, or a race."""
    assert ruling.finding.mismatch is not None
    telling, number = words(ruling.finding.mismatch), 1
    steps = winners_first(ruling.finding.steps)
    room = _LONGEST_FAILURE
    for _, group in groupby(steps, lambda outcome: (str(step(outcome)), outcome.body)):
        same = list(group)
        outcome = same[0]
        text = clean(run, outcome.whole.decode("utf-8", "replace"))
        most = min(_LONGEST_BODY, room)
        at = next((start for start, _ in spans(text[most:], telling)), None)
        body = text[:most]
        if at is not None:  # what decides stands further on
            body += f"\n…\n{text[most + max(0, at - 500) : most + at + 2000]}"
        room = max(room - len(body), 0)
        line = visible(clean(run, step(outcome).sent))
        yield {
            "number": number,
            "line": line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…",
            "race": outcome.race is not None,
            "times": len(same),
            "status": outcome.status,
            "decides": outcome.race is not None or outcome is steps[-1] or same[-1] is steps[-1],
            "request": _request(run, outcome),
            "head": _head(run, outcome),
            "parts": _parts(visible(body), telling),
            "cut": len(body) < len(text) or (outcome.size or 0) > len(outcome.whole),
        }
        number += len(same)


def _request(run: Run, outcome: Outcome) -> str:
    """A request as it goes over the wire, a mask in place of what proved the caller."""
    entry = har.request(run, outcome)
    lines = [f"{entry['method']} {entry['url']}"]
    lines += [f"{each['name']}: {each['value']}" for each in entry["headers"]]
    posted = entry.get("postData")
    if posted is not None:
        altered = [(n, "(left out)" if v is None else v) for n, v in posted.get("_altered", ())]
        pairs = [(each["name"], each["value"]) for each in posted.get("params", ())]
        lines += ["", *(f"{name}={value}" for name, value in pairs)]
        lines += [f"(signed, then) {name}={value}" for name, value in altered]
        lines += [posted["text"]] if "text" in posted else []
    text = visible("\n".join(lines))
    return text if len(text) <= _LONGEST_BODY else text[:_LONGEST_BODY] + "…"


def _head(run: Run, outcome: Outcome) -> str:
    if outcome.status is None:
        return visible(clean(run, str(outcome)))
    lines = [f"HTTP {outcome.status}"]
    lines += [f"{name}: {clean(run, value)}" for name, value in outcome.headers.items()]
    if outcome.trouble:
        lines.append(f"({clean(run, outcome.trouble)})")
    return "\n".join(" ".join(visible(line).split("\n")) for line in lines)


def _parts(text: str, telling: re.Pattern[str] | None) -> Sequence[tuple[str, bool]]:
    """A body in parts, of which some decide."""
    text = _laid_out(text)
    parts, end = [], 0
    for start, stop in spans(text, telling):
        parts += [(text[end:start], False), (text[start:stop], True)]
        end = stop
    return [*parts, (text[end:], False)]


def _laid_out(text: str) -> str:
    """JSON text with its members on lines of their own; each token stays as it was sent."""
    if text[:1] not in ("{", "[") or "\n" in text or len(text) > _LONGEST_LAID_OUT:
        return text
    lines, level = [""], 0
    for token in _TOKENS.findall(text):
        if token in ("}", "]"):
            level -= 1
            if lines[-1].strip():
                lines.append("")
            lines[-1] = "  " * min(max(level, 0), _DEEPEST) + token
            continue
        lines[-1] += token if token != ":" else ": "
        if token in ("{", "["):
            level += 1
        if token in ("{", "[", ","):
            lines.append("  " * min(max(level, 0), _DEEPEST))
    return re.sub(r"([{\[])\n\s*([}\]])", r"\1\2", "\n".join(lines))


_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^"{}\[\],:\s]+|"')
_LONGEST_LAID_OUT = 25_000  # characters
_DEEPEST = 20  # levels that are indented
