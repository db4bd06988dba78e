"""The rules of an API that has no rules.yaml: what its OpenAPI file declares, keyword by keyword.

A rule is made for each keyword that a call can break and a server can be seen to judge. What only
describes (titles, examples, defaults) is none; nor is `type: string` where everything is text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType
from typing import Any, Final

from streamproof.specs import laws
from streamproof.specs.errors import SpecError
from streamproof.specs.facets import kept
from streamproof.specs.openapi import FORM, Described
from streamproof.specs.operation import Operation, Response
from streamproof.specs.resources import Resource
from streamproof.specs.rulebook import Document, Level, Rule, Rulebook, Source
from streamproof.specs.schema import pointer, referenced
from streamproof.specs.wording import slug

DOCUMENT: Final = "openapi.yaml"
NO_CREDENTIALS: Final = "any/no-credentials"
SEQUENCES: Final = "any/model"
_PLAINEST: Final = frozenset(("calls/minimal", "life/read-as-made", "lists/shows-made"))
_DEEPEST: Final = 4  # levels of a body whose keywords become rules

# keyword -> what is rejected, in English and Chinese; {name} is the argument, {value} the keyword's
_REJECTED: Final[Mapping[str, tuple[str, str]]] = {
    "type": ("`{name}` that is no {value} is rejected.", "`{name}` 不是 {value} 时被拒绝。"),
    "enum": ("`{name}` other than {value} is rejected.", "`{name}` 不是 {value} 之一时被拒绝。"),
    "const": ("`{name}` other than {value} is rejected.", "`{name}` 不等于 {value} 时被拒绝。"),
    "minimum": ("`{name}` below {value} is rejected.", "`{name}` 小于 {value} 时被拒绝。"),
    "maximum": ("`{name}` above {value} is rejected.", "`{name}` 大于 {value} 时被拒绝。"),
    "exclusiveMinimum": (
        "`{name}` that is not above {value} is rejected.",
        "`{name}` 不大于 {value} 时被拒绝。",
    ),
    "exclusiveMaximum": (
        "`{name}` that is not below {value} is rejected.",
        "`{name}` 不小于 {value} 时被拒绝。",
    ),
    "multipleOf": (
        "`{name}` that is no multiple of {value} is rejected.",
        "`{name}` 不是 {value} 的倍数时被拒绝。",
    ),
    "minLength": (
        "`{name}` of fewer than {value} characters is rejected.",
        "`{name}` 少于 {value} 个字符时被拒绝。",
    ),
    "maxLength": (
        "`{name}` of more than {value} characters is rejected.",
        "`{name}` 多于 {value} 个字符时被拒绝。",
    ),
    "pattern": ("`{name}` not like {value} is rejected.", "`{name}` 不符合 {value} 时被拒绝。"),
    "format": ("`{name}` that is no {value} is rejected.", "`{name}` 不是 {value} 时被拒绝。"),
    "minItems": (
        "`{name}` of fewer than {value} members is rejected.",
        "`{name}` 少于 {value} 项时被拒绝。",
    ),
    "maxItems": (
        "`{name}` of more than {value} members is rejected.",
        "`{name}` 多于 {value} 项时被拒绝。",
    ),
    "uniqueItems": (
        "`{name}` with a member twice is rejected.",
        "`{name}` 中有重复项时被拒绝。",
    ),
    "minProperties": (
        "`{name}` of fewer than {value} members is rejected.",
        "`{name}` 的成员少于 {value} 个时被拒绝。",
    ),
    "maxProperties": (
        "`{name}` of more than {value} members is rejected.",
        "`{name}` 的成员多于 {value} 个时被拒绝。",
    ),
    "additionalProperties": (
        "`{name}` with a member that is not described is rejected.",
        "`{name}` 含未描述的成员时被拒绝。",
    ),
    "propertyNames": (
        "`{name}` with a member of a forbidden name is rejected.",
        "`{name}` 含名称不允许的成员时被拒绝。",
    ),
    "oneOf": (
        "`{name}` that fits none of the alternatives, or several, is rejected.",
        "`{name}` 不恰好符合一种可选形式时被拒绝。",
    ),
    "anyOf": (
        "`{name}` that fits none of the alternatives is rejected.",
        "`{name}` 不符合任何一种可选形式时被拒绝。",
    ),
    "not": ("`{name}` of the excluded form is rejected.", "`{name}` 属于被排除的形式时被拒绝。"),
}
_FORMATS: Final = frozenset(("date-time", "date", "time", "email", "ipv4", "ipv6", "uuid", "uri"))


def wrong_credential(scheme: str) -> str:
    """The rule, without its API, on a wrong credential of a security scheme."""
    return f"any/wrong-{slug(scheme)}"


def rulebook(api: str, described: Described, resources: Mapping[str, Resource]) -> Rulebook:
    """The rules of the API `api` that its files give: those of every keyword, in the file's
    order, and behind them those of every law that its resources allow."""
    rules = _Rules(api, described)
    rules.of_every_call()
    for operation in described.operations.values():
        rules.of(operation)
    of_laws = list(laws.rules(api, resources, described.operations))
    for rule in of_laws:
        if rule.id in rules.made:
            raise SpecError(DOCUMENT, rule.id, "is the id of two rules; rename an operation")
        rules.made[rule.id] = rule
    if kept(resources):
        rules.of_sequences(of_laws)
    title = f"{described.title} {described.version}".strip() or api
    return Rulebook(
        documents=tuple(
            Document(name, title, name, Level.DECLARED)
            for name in (DOCUMENT, *[laws.DOCUMENT] * bool(resources))
        ),
        rules=MappingProxyType(rules.made),
        excluded=(),
        errata=(),
    )


@dataclass(slots=True)
class _Rules:
    """The rules made so far, by id."""

    api: str
    described: Described
    made: dict[str, Rule] = field(default_factory=dict)

    def of_every_call(self) -> None:
        en = "No call, whatever is wrong with it, is answered by a server error."
        zh = "无论调用有何错误，都不以服务器错误应答。"
        self._any("any/no-server-error", Level.IMPLIED, en, zh)
        used = {n for op in self.described.operations.values() for n in op.security}
        if used:
            en, zh = "A call without credentials is rejected.", "不带凭据的调用被拒绝。"
            self._any(NO_CREDENTIALS, Level.DECLARED, en, zh)
        for name in (name for name in self.described.schemes if name in used):
            en = f"A call with a wrong credential of `{name}` is rejected."
            zh = f"`{name}` 的凭据错误的调用被拒绝。"
            self._any(wrong_credential(name), Level.DECLARED, en, zh)

    def of_sequences(self, of_laws: Sequence[Rule]) -> None:
        """The rule on what no other rule speaks of by itself, once the plainest of them hold."""
        en = "Any sequence of calls leaves what the calls say that it leaves."
        zh = "任意顺序的调用之后，状态与各次应答所述的一致。"
        plain = tuple(rule.id for rule in of_laws if rule.law in _PLAINEST)
        self._any(SEQUENCES, Level.IMPLIED, en, zh, plain)

    def _any(
        self, name: str, level: Level, en: str, zh: str, depends_on: tuple[str, ...] = ()
    ) -> None:
        source = Source(DOCUMENT, "security" if level is Level.DECLARED else "", "")
        source = Source(laws.DOCUMENT, "", "") if name == SEQUENCES else source
        made = Rule(f"{self.api}/{name}", level, en, zh, (source,), depends_on=depends_on)
        self.made[made.id] = made

    def of(self, operation: Operation) -> None:
        base = pointer(("paths", operation.path, operation.method.lower()))
        success = operation.success
        if success.status in operation.responses:
            self._answers(operation, success, f"{base}/responses/{success.status}")
        for parameter in operation.parameters:
            if parameter.required and parameter.place != "path":
                self._required(operation, parameter.name, f"{parameter.pointer}/required")
            where = f"{parameter.pointer}/schema"
            self._keywords(operation, (parameter.name,), parameter.schema, where, text=True)
        body = operation.body
        if body is not None and (body.media_type == FORM or "json" in body.media_type):
            form = body.media_type == FORM
            self._keywords(operation, (), body.schema, body.pointer, text=form)

    def _answers(self, operation: Operation, success: Response, at: str) -> None:
        media_type = success.pointer.split("/")[-2].lower() if success.schema is not None else ""
        shaped = "json" in media_type
        if success.status.isdecimal():
            en = f"An accepted call is answered with status {success.status}."
            zh = f"被接受的调用以状态码 {success.status} 应答。"
            # whatever answers everything alike has accepted nothing
            depends = (f"{self.api}/{operation.id}/shape",) if shaped else ()
            self._rule(operation, "status", en, zh, at, depends)
        if shaped:
            self._rule(
                operation,
                "shape",
                "The answer to an accepted call has the described form.",
                "被接受的调用，其应答具有所描述的形式。",
                success.pointer,
            )

    def _required(self, operation: Operation, name: str, at: str) -> None:
        en, zh = f"A call without `{name}` is rejected.", f"缺少 `{name}` 的调用被拒绝。"
        self._rule(operation, f"`{name}` required", en, zh, at)

    def _keywords(
        self, operation: Operation, path: tuple[str, ...], schema: Any, at: str, text: bool
    ) -> None:
        """The rules of a schema and of those in it. `path` names the argument and what is inside
        of it; where all is `text` any text is a string."""
        schema = referenced(self.described.document, schema)
        if not isinstance(schema, Mapping) or len(path) > _DEEPEST:
            return
        name = ".".join(path) or "body"
        for number, needed in enumerate(schema.get("required", ())):
            inner = ".".join((*path, needed))
            self._required(operation, inner, f"{at}/required/{number}")
        for keyword, value in schema.items():
            if keyword in _REJECTED and _can_be_broken(keyword, value, text):
                en, zh = (each.format(name=name, value=_told(value)) for each in _REJECTED[keyword])
                self._rule(operation, f"`{name}` {keyword}", en, zh, f"{at}/{keyword}")
        for number, part in enumerate(schema.get("allOf", ())):
            self._keywords(operation, path, part, f"{at}/allOf/{number}", text)
        for member, inner_schema in schema.get("properties", {}).items():
            where = f"{at}/properties{pointer((member,))}"
            self._keywords(operation, (*path, member), inner_schema, where, text)
        if isinstance(schema.get("items"), Mapping):
            self._keywords(operation, (*path, "items"), schema["items"], f"{at}/items", text)

    def _rule(
        self,
        operation: Operation,
        words: str,
        en: str,
        zh: str,
        at: str,
        depends_on: tuple[str, ...] = (),
    ) -> None:
        name = start = f"{self.api}/{operation.id}/{slug(words)}"
        if start in self.made and self.made[start].en == en:
            return  # said twice, by two parts of an allOf
        for number in count(2):
            if name not in self.made:
                break
            name = f"{start}-{number}"
        source = Source(DOCUMENT, f"{operation.method} {operation.path}", "")
        self.made[name] = Rule(
            name, Level.DECLARED, en, zh, (source,), pointer=at, depends_on=depends_on
        )


def _can_be_broken(keyword: str, value: Any, text: bool) -> bool:
    """Whether a call can break a keyword so that a server may be expected to notice."""
    match keyword:
        case "type":
            kinds = {value} if isinstance(value, str) else {*value}
            return not (text and kinds & {"string", "array", "object"})
        case "format":
            return value in _FORMATS
        case "additionalProperties":
            return value is False
        case "uniqueItems":
            return value is True
        case "minLength" | "minItems" | "minProperties":
            return bool(value > 0)
    return True


def _told(value: Any) -> str:
    match value:
        case str():
            return value
        case list():
            return ", ".join(map(str, value))
    return str(value)
