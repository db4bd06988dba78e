"""The one line by which people are told of an error.

In Chinese file, entry and values stay as they are; what is said of them is translated where it is
known, the rest stays in English.
"""

from __future__ import annotations

import re
import sys
from typing import Final

from streamproof.commands.options import language

_ASKED = re.compile(r"(?:^| )--lang[ =](zh|en)(?= |$)")

_PHRASES: Final = tuple(
    (re.compile(pattern), told)
    for pattern, told in (
        # what is missing, or isn't known
        (r"the environment variable (\S+) is not set", r"环境变量 \1 未设置"),
        (r"env: must be followed by a variable's name", "env: 之后须为环境变量名"),
        (r"no such target; there are ", "没有这个目标；现有 "),
        (
            r"no API of that name, and no folder; there are ",
            "没有这个 API 或文件夹；现有 ",
        ),
        (r"matches no rule", "没有与之相符的规则"),
        (r"no such rule", "没有这条规则"),
        (r"no such entry", "没有这一项"),
        (r"no such file: ", "没有这个文件："),
        (r"no such table", "没有这个表"),
        (r"No such file or directory", "没有这个文件或目录"),
        (r"Permission denied", "没有权限"),
        (r"Is a directory", "是一个目录"),
        (r"[Dd]id you mean (?:one of: )?(.+?)\?", r"是否指 \1？"),
        (r"(`[^`]+`) lists them", r"\1 列出全部规则"),
        (r"(`[^`]+`) has all", r"\1 列出全部"),
        (r"; there are ", "；现有 "),
        (
            r"which target of (.+?)\? Give --target NAME",
            r"\1 中的哪个目标？请给出 --target 名称",
        ),
        (
            r"which target\? Give an API and --url, or --target NAME",
            "检验哪个目标？请给出 API 与 --url，或 --target 名称",
        ),
        (r"which API\? Give one of ", "是哪个 API？请给出其一："),
        (
            r"--target and (.+?) exclude each other: the file has it all",
            r"--target 与 \1 不能同时使用：文件里已经写明",
        ),
        # what is written otherwise than it should be
        (r"text like \\S expected, got \"\"", "不能为空"),
        (r"say why the deviation is accepted", "请写明接受这一偏差的理由"),
        (
            r"is no report of a run; `check --report-dir` writes one",
            "不是检验报告；`check --report-dir` 会写出报告",
        ),
        (
            r"is no evidence of a run; `check --report-dir` writes some, one file a failure",
            "不是检验的证据；`check --report-dir` 为每个失败写出一份",
        ),
        (r"(\S+) is waived twice; once will do", r"\1 被豁免了两次；一次即可"),
        (r"(\S+) is too far away; at most (\d+) days: (\S+)", r"\1 太远；最多 \2 天：\3"),
        (r"(\S+) is no day of the calendar", r"\1 不是日历上的日期"),
        (r"(\S+) is no duration; write it like 90s or 5m", r"\1 不是时长；请写成 90s 或 5m"),
        (r"(\S+) is no number", r"\1 不是数"),
        (r"a name that ends in (.+) expected", r"文件名应以 \1 结尾"),
        (r"port (\S+) doesn't exist; one of 1 to 65535 expected", r"没有端口 \1；应为 1 至 65535"),
        (r"a URL like (\S+) expected", r"应为形如 \1 的 URL"),
        (r"ends too early", "太短"),
        (r"(\S+ expected), got ", r"\1；实为 "),
        (r"stands twice", "出现了两次"),
        (r"is missing; give ", "缺少；请给出 "),
        (r"is missing; ", "缺少；"),
        (r"is empty", "为空"),
        (r"; leave it out", "；请删去"),
        # what the command line says
        (r"No such option:? ", "没有这个选项："),
        (r"No such command ", "没有这个命令："),
        (r"Missing (?:option|argument|parameter):? ", "缺少："),
        (r"Option (\S+) requires an argument\.", r"选项 \1 需要一个值。"),
        (r"Got unexpected extra arguments? ", "多余的参数："),
        (r"Invalid value for ", "取值有误："),
        (r"Invalid value: ", "取值有误："),
        (r"`(.+?) --help` explains", r"说明见 `\1 --help`"),
    )
)


def error_line(message: str) -> str:
    """What is printed of an error, in the language that was asked for, though it may be the
    command line itself that can't be read."""
    line = " ".join(message.split())
    asked = _ASKED.search(" ".join(sys.argv[1:]))
    if (asked[1] if asked else language()) == "en":
        return f"Error: {line}"
    for pattern, told in _PHRASES:
        line = pattern.sub(told, line)
    return f"错误：{line}"
