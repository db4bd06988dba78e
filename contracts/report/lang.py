"""Two languages: the words of reports, and the sentences that the suite makes.

What a check says of its example (witnesses, expected, actual) is English in both, like the
requests and answers that it is about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

Lang = Literal["en", "zh"]

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    # verdicts and headlines
    "passed": ("passed", "通过"),
    "failed": ("failed", "失败"),
    "waived": ("waived", "已豁免"),
    "not_tested": ("not tested", "未检验"),
    "not_applicable": ("not applicable", "不适用"),
    "harness_error": ("harness error", "套件出错"),
    "harness error": ("harness error", "套件出错"),
    "does not conform": ("does not conform", "不符合"),
    "inconclusive": ("inconclusive", "尚无定论"),
    "conforms with waivers": ("conforms with waivers", "符合（有豁免）"),
    "conforms": ("conforms", "符合"),
    # levels
    "documented": ("documented", "文档明示"),
    "declared": ("declared", "文件声明"),
    "implied": ("implied", "由文档推出"),
    "linked": ("linked", "相关资料"),
    # what became of waivers
    "matched": ("matched", "有效"),
    "expired": ("expired", "已到期"),
    "stale": ("stale", "规则已成立"),
    "unmatched": ("unmatched", "无相符的失败"),
    "not_judged": ("not judged", "未能判断"),
    # headings and labels
    "report": ("report", "报告"),
    "target": ("target", "目标"),
    "suite": ("suite", "套件"),
    "rules": ("rules", "规则"),
    "rule": ("rule", "规则"),
    "selection": ("selection", "选择"),
    "seed": ("seed", "种子"),
    "run id": ("run id", "运行编号"),
    "started": ("started", "开始"),
    "duration": ("duration", "用时"),
    "requests": ("requests", "请求"),
    "clean-up": ("clean-up", "清理"),
    "level": ("level", "级别"),
    "operation": ("operation", "操作"),
    "all": ("all", "全部"),
    "causes": ("What does not hold", "不成立的规则"),
    "causes first": ("those that block most come first", "影响最多的在前"),
    "blocks": ("keeps from being judged", "使之无法判断"),
    "untested": ("What was not tested, and why", "未检验的规则及原因"),
    "observations": (
        "How this target answers what the documents leave open",
        "文档未作规定之处，此目标如何应答",
    ),
    "no observations": ("This run observed none.", "本次运行没有观察到。"),
    "inconsistent": ("not always", "并非总是如此"),
    "not observed": ("not observed", "未观察到"),
    "waivers": ("Waivers", "豁免"),
    "statement": ("statement", "规则"),
    "source": ("source", "出处"),
    "message": ("why", "原因"),
    "witnesses": ("witnesses", "见证"),
    "seen": ("seen", "已见"),
    "missing": ("not seen", "未见"),
    "examples": ("examples", "用例"),
    "depends on": ("depends on", "依赖"),
    "blocked by": ("blocked by", "受阻于"),
    "did": ("did", "做法"),
    "expected": ("expected", "期望"),
    "actual": ("actual", "实际"),
    "steps": ("steps", "步骤"),
    "request": ("request", "请求"),
    "answer": ("answer", "应答"),
    "repeat": ("repeat", "重现"),
    "export first": ("Export your credentials first:", "请先导出凭据："),
    "evidence": ("evidence", "证据"),
    "fingerprint": ("fingerprint", "指纹"),
    "waiver": ("waiver", "豁免"),
    "until": ("until", "至"),
    "owner": ("owner", "负责人"),
    "ticket": ("ticket", "单号"),
    "at once": ("at once with others", "与其他请求同时发出"),
    "times": ("times", "次"),
    "no answer": ("no answer", "无应答"),
    "cut": ("there is more; the evidence has it whole", "以下省略，证据文件中有全文"),
    "filter": ("Filter by text", "按文字筛选"),
    "verdict": ("verdict", "结论"),
    "every": ("every", "所有"),
    "shown": ("rules shown", "条规则"),
    "open all": ("unfold all", "全部展开"),
    "close all": ("fold all", "全部收起"),
    "skip": ("Skip to the rules", "跳到规则"),
    "language": ("中文", "English"),
    "exit code": ("exit code", "退出码"),
    "replay": ("replay: the same command with", "重放：在同一命令后加"),
    "next": ("next", "下一步"),
    "rules that hold": ("rules that hold", "成立的规则"),
    "crash": ("fault of the suite", "套件的错误"),
}

_SENTENCES: Final = tuple(
    (re.compile(pattern, re.DOTALL), told)
    for pattern, told in (
        (r"the check itself failed: (.*)", "检验本身出错：{0}"),
        (r"the target declares that it lacks (.*)", "目标声明不提供 {0}"),
        (r"set (.*) for the target", "请为目标设置 {0}"),
        (r"no check yet", "尚无检验"),
        (r"can't be judged, because (.*) does not hold", "无法判断，因为 {0} 不成立"),
        (r"nothing could be judged: (.*)", "无从判断：{0}"),
        (r"never seen: (.*?) \((.*)\)", "未见到：{0}（{1}）"),
        (r"never seen: (.*)", "未见到：{0}"),
        (
            r"waived until (\S+) \((.*?)\): expected (.*); got (.*)",
            "豁免至 {0}（{1}）：期望 {2}；实际 {3}",
        ),
        (
            r"expected (.*); got (.*); it was judged although (.*) is waived",
            "期望 {0}；实际 {1}；{2} 虽已豁免，仍作了判断",
        ),
        (r"expected (.*); got (.*)", "期望 {0}；实际 {1}"),
        (r"the rule holds now; take the entry out", "规则现已成立；请删去此项"),
        (
            r"it expired on (\S+); mend the target, or set a later day with its reason",
            "已于 {0} 到期；请修正目标，或写明理由并改定日期",
        ),
        (
            r"(\S+) has no such rule; mend the id, or take the entry out",
            "{0} 没有这条规则；请改正编号或删去此项",
        ),
        (
            r"the rule fails in another way now: (\S+); mend that, or .*",
            "该规则现在以另一种方式失败：{0}；请修正，或改写指纹，或不写指纹",
        ),
        (r"(.*); take the entry out", "{0}；请删去此项"),
        (r"the target does not answer \((.*)\)", "目标无应答（{0}）"),
        (r"the time budget is used up", "时间预算已用尽"),
        (r"interrupted", "已中断"),
        (r"sent nothing", "没有发送请求"),
    )
)

# what a failure's words end with where a sequence of calls led to it
_HINTS: Final = (
    (re.compile(r"found by a sequence of (\d+) calls"), r"由 \1 次调用的序列发现"),
    (re.compile(r"; judged again, none of ([^;()]*) failed"), r"；再次判断，\1 均未失败"),
    (
        re.compile(r"; it may be one that was not judged in this run: ([^;()]*)"),
        r"；也可能是本次未判断的 \1",
    ),
    (re.compile(r"; it may also be ([^;()]*)"), r"；也可能是 \1"),
)


def word(name: str, lang: Lang) -> str:
    """The word of a report in a language."""
    return WORDS[name][lang == "zh"]


def sentence(text: str, lang: Lang) -> str:
    """A sentence of the suite in a language; one that it doesn't know stays as it is."""
    if lang == "zh":
        for pattern, told in _HINTS:
            text = pattern.sub(told, text)
        if text.startswith("called "):
            counted = re.sub(r" (?:(\d+) times|once)", lambda n: f" {n[1] or 1} 次", text[7:])
            return f"调用 {counted.replace(', ', '，')}"
        for pattern, told in _SENTENCES:
            if found := pattern.fullmatch(text):
                return told.format(*found.groups())
    return text
