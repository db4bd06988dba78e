"""Why a run's headline is what it is, and which rulings are behind it: in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby

from streamproof.contracts import transcript
from streamproof.contracts.accounts import Account
from streamproof.contracts.report.lang import Lang, sentence
from streamproof.contracts.report.words import clean, cut
from streamproof.contracts.run import Run
from streamproof.contracts.transcript import Step
from streamproof.contracts.verdict import Headline, Ruling, Verdict
from streamproof.specs.wording import printable

WIDTH = 160  # characters of a line that a target or a rule has a say in
UNJUDGED = (Verdict.HARNESS_ERROR, Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE)
IN_FULL = 5  # failures, and reasons for not testing, that are told whole
_NO_CALL = "the target accepted no call"


def because(run: Run, lang: Lang = "en") -> str:
    """The headline's reason, in words that need no knowledge of this tool."""
    return _because_zh(run) if lang == "zh" else _because_en(run)


def _because_en(run: Run) -> str:
    selected = len(run.rulings)
    ended = printable(clean(run, run.ended or ""))
    match run.headline:
        case Headline.HARNESS_ERROR:
            crashed = len(those(run, Verdict.HARNESS_ERROR))
            return f"{_of(crashed, selected, 'check', 'checks')} failed by a fault of the suite"
        case Headline.DOES_NOT_CONFORM:
            failed = len(those(run, Verdict.FAILED))
            verb = "does not hold" if failed == 1 else "do not hold"
            early = f"; the run ended early: {ended}" if ended else ""
            broken = f"{_of(failed, selected, 'rule', 'rules')} {verb}" if failed else ""
            count = len(unsound(run))
            waivers = f"{count} waiver{'s have' if count > 1 else ' has'} to be mended"
            return "; ".join(filter(None, (broken, waivers if count else ""))) + early
        case Headline.CONFORMS | Headline.CONFORMS_WITH_WAIVERS:
            held, waived = len(those(run, Verdict.PASSED)), len(those(run, Verdict.WAIVED))
            verb = "holds" if 1 in (held, selected) else "hold"
            told = f"{_of(held, selected, 'rule', 'rules')} {verb}"
            return told + (f", {waived} {'is' if waived == 1 else 'are'} waived" if waived else "")
    if ended:
        return ended
    if run.refused is not None and selected:
        step = transcript.step(run.refused)
        sent, answer = (printable(clean(run, text)) for text in (step.sent, step.answer))
        first = fitted(replace(step, sent=sent, answer=answer))
        none = "no answer has anything of this API in it" if run.accepted else _NO_CALL
        return f"{none}; the first was {first}"
    if not those(run, Verdict.PASSED):
        if not selected:
            return "no rule is selected"
        reason = next((message for _, message, _ in by_reason(run)), "")
        return f"no rule could be tested: {cut(reason, WIDTH)}"
    untested = [r for r in those(run, Verdict.NOT_TESTED) if r.rule.level.is_documented]
    documented = sum(ruling.rule.level.is_documented for ruling in run.rulings)
    which = _of(len(untested), documented, "documented rule", "documented rules")
    was = "was" if len(untested) == 1 else "were"
    return f"no rule is broken, but {which} {was} not tested"


def _because_zh(run: Run) -> str:
    selected = len(run.rulings)
    ended = sentence(printable(clean(run, run.ended or "")), "zh")
    match run.headline:
        case Headline.HARNESS_ERROR:
            crashed = len(those(run, Verdict.HARNESS_ERROR))
            return f"{selected} 项检验中有 {crashed} 项因套件自身的错误而失败"
        case Headline.DOES_NOT_CONFORM:
            failed, mend = len(those(run, Verdict.FAILED)), len(unsound(run))
            told = [f"{selected} 条规则中有 {failed} 条不成立"] if failed else []
            told += [f"有 {mend} 项豁免需要修改"] if mend else []
            told += [f"运行提前结束：{ended}"] if ended else []
            return "；".join(told)
        case Headline.CONFORMS | Headline.CONFORMS_WITH_WAIVERS:
            held, waived = len(those(run, Verdict.PASSED)), len(those(run, Verdict.WAIVED))
            return f"{selected} 条规则中有 {held} 条成立" + (
                f"，{waived} 条已豁免" if waived else ""
            )
    if ended:
        return ended
    if run.refused is not None and selected:
        step = transcript.step(run.refused)
        sent, answer = (printable(clean(run, text)) for text in (step.sent, step.answer))
        none = "没有任何应答带有该 API 的内容" if run.accepted else "目标没有接受任何请求"
        return f"{none}；第一个请求是 {fitted(replace(step, sent=sent, answer=answer))}"
    if not selected:
        return "没有选中任何规则"
    if not those(run, Verdict.PASSED):
        reason = next((message for _, message, _ in by_reason(run)), "")
        return f"没有规则得到检验：{cut(sentence(reason, 'zh'), WIDTH)}"
    untested = sum(r.rule.level.is_documented for r in those(run, Verdict.NOT_TESTED))
    documented = sum(ruling.rule.level.is_documented for ruling in run.rulings)
    return f"没有规则被违反，但 {documented} 条 documented 规则中有 {untested} 条未检验"


def _of(part: int, whole: int, one: str, many: str) -> str:
    """``3 of 61 rules``, ``all 61 rules``"""
    noun = one if whole == 1 else many
    return f"all {whole} {noun}" if part == whole > 1 else f"{part} of {whole} {noun}"


def variables(run: Run, commands: str) -> list[str]:
    """The variables that command lines take credentials from; a signer takes them unseen."""
    found = dict.fromkeys(re.findall(r"\bSTREAMPROOF_[A-Z_]+", commands))
    for scheme in run.api.schemes.values():
        if scheme.module and f".{scheme.module} " in commands:
            found |= dict.fromkeys(f"STREAMPROOF_{n.upper()}" for n in scheme.credentials)
    return list(found)


def those(run: Run, verdict: Verdict) -> list[Ruling]:
    return [ruling for ruling in run.rulings if ruling.verdict is verdict]


def unsound(run: Run) -> list[Account]:
    return [account for account in run.waivers if not account.state.sound]


def by_reason(run: Run) -> list[tuple[Verdict, str, list[Ruling]]]:
    """The rulings without a judgement, by verdict and message: harness errors first, then the
    most frequent reasons."""

    def reason(ruling: Ruling) -> tuple[int, str]:
        return UNJUDGED.index(ruling.verdict), printable(clean(run, ruling.message))

    unjudged = sorted((r for r in run.rulings if r.verdict in UNJUDGED), key=reason)
    groups = [(key, list(members)) for key, members in groupby(unjudged, reason)]
    groups.sort(key=lambda group: (group[0][0], -len(group[1])))
    return [(UNJUDGED[index], message, members) for (index, message), members in groups]


def fitted(step: Step, before: str = "") -> str:
    """A step on a line, with room for its answer."""
    text = f"{before}{step}"
    if len(text) > WIDTH:
        answer = cut(step.answer, max(WIDTH // 2, WIDTH - len(step.sent) - 20))
        sent = cut(step.sent, WIDTH - len(answer) - 20)
        text = f"{before}{replace(step, sent=sent, answer=answer)}"
    return text


def causes(run: Run) -> list[Ruling]:
    """What failed, those first that keep most others from being judged."""
    return sorted(those(run, Verdict.FAILED), key=lambda ruling: -len(blocked_by(run, ruling)))


def first_causes(run: Run) -> list[Ruling]:
    """Those that the first screen names, with what they block: a line tells of the rest."""
    failed = causes(run)
    return failed if len(failed) <= IN_FULL else failed[: IN_FULL - 1]


def blocked_by(run: Run, cause: Ruling) -> list[Ruling]:
    """What can't be judged because of a rule, and of none that was told before it."""
    return [r for r in run.rulings if r.blocked_by[:1] == (cause.rule.id,)]


def reasons(run: Run) -> list[tuple[Verdict, str, list[Ruling]]]:
    """Why rules were not judged, but for what stands at its cause, or is the headline's reason."""
    if run.refused is not None or (run.ended and not judged(run)):
        return [found for found in by_reason(run) if found[0] is Verdict.HARNESS_ERROR]
    told = {ruling.rule.id for cause in first_causes(run) for ruling in blocked_by(run, cause)}
    left = [
        (verdict, message, [ruling for ruling in rulings if ruling.rule.id not in told])
        for verdict, message, rulings in by_reason(run)
    ]
    return [found for found in left if found[2]]


def judged(run: Run) -> bool:
    """Whether anything was."""
    return any(ruling.broken or ruling.verdict is Verdict.PASSED for ruling in run.rulings)
