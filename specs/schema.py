"""JSON Schema behind one door, in one wording: for traffic, and for files that people write.

Traffic (requests and answers) is validated with ``jsonschema_rs``, compiled once; what people
write is as well, but ``jsonschema`` chooses the one fault to tell. Both report `Violation` in the
same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import jsonschema
import jsonschema_rs

from streamproof.specs.errors import SpecError, meant
from streamproof.specs.wording import shown

JsonSchema = Mapping[str, Any]
_Kind = jsonschema_rs.ValidationErrorKind
_WHOLE = "the value"  # what a message calls an instance that is itself at fault


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken keyword.

    `at` is the JSON pointer of the offending value in the instance, `schema_pointer` that of the
    keyword in the compiled schema (for ``required`` with the index of the missing name).
    """

    at: str
    keyword: str
    schema_pointer: str
    message: str


class Validator:
    """A schema compiled once, for many instances.

    References of the form ``#/components/…`` resolve in `root`. Raises ValueError for a schema
    that is none, or that refers to nothing.
    """

    def __init__(self, schema: JsonSchema, root: Mapping[str, Any] | None = None) -> None:
        document = {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"}
        if root is not None and "components" in root:
            document["components"] = _reached(schema, root["components"])
        self._document = document
        self._compiled = jsonschema_rs.validator_for(document, validate_formats=True)

    def errors(self, instance: object) -> tuple[Violation, ...]:
        """Every violation, in the schema's order; empty when the instance is valid.

        What JSON allows and the validator can't take, lone surrogates and endless nesting, is a
        violation of its own.
        """
        try:
            if self._compiled.is_valid(instance):
                return ()
            return tuple(self._violation(error) for error in self._compiled.iter_errors(instance))
        except UnicodeEncodeError:
            return (Violation("", "unicode", "", "text with half a surrogate pair in it"),)
        except (ValueError, RecursionError):
            return (Violation("", "depth", "", "nested too deep to be judged"),)

    def _violation(self, error: jsonschema_rs.ValidationError) -> Violation:
        keyword = error.kind.name
        # by way of the references, so that it leads on from where the schema is used
        path = [token for token in error.evaluation_path if token != "$ref"]
        got: object = error.instance
        match error.kind:
            case _Kind.PropertyNames(error=inner):
                path = path[: path.index(keyword) + 1]  # the keyword, not its inner pattern
                got = inner.instance
            case _Kind.Required(property=missing):
                got = missing
            case _Kind.AdditionalProperties(unexpected=names):
                got = names
        try:
            expected = resolve(self._document, pointer(path))
        except LookupError:
            expected = None
        return _violation(keyword, error.instance_path, path, expected, got)


def _reached(schema: JsonSchema, components: Mapping[str, Any]) -> Mapping[str, Any]:
    """The components that a schema refers to, at any remove: of hundreds it may be a few, and to
    compile takes as long as they are large. All of them where it refers in another way."""
    reached: dict[str, dict[str, Any]] = {}
    waiting: list[Any] = [schema]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, list):
            waiting.extend(node)
        if not isinstance(node, Mapping):
            continue
        waiting.extend(node.values())
        for word in ("$ref", "$dynamicRef"):
            at = node.get(word)
            if not isinstance(at, str):
                continue
            if not at.startswith("#/"):
                return components
            _, place, room, name, *_ = [*map(_token, at.split("/")), "", "", ""]
            held = components.get(room) if place == "components" else None
            if isinstance(held, Mapping) and name in held and name not in reached.get(room, {}):
                reached.setdefault(room, {})[name] = held[name]
                waiting.append(held[name])
    return reached


def _token(written: str) -> str:
    """A part of a reference as the name that it spells."""
    return unquote(written).replace("~1", "/").replace("~0", "~")


def check_file(instance: object, schema: JsonSchema, file: str) -> None:
    """Raise `SpecError` for the first thing in a hand-written file that its schema forbids."""
    if _passes(instance, schema):
        return
    error = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(schema).iter_errors(instance)
    )
    if error is None:
        return
    keyword, got = str(error.validator), error.instance
    if keyword == "required":
        got = next(name for name in error.validator_value if name not in got)
    elif keyword == "additionalProperties":
        got = [name for name in got if name not in error.schema.get("properties", {})]
    path = list(error.absolute_schema_path)
    found = _violation(keyword, error.absolute_path, path, error.validator_value, got)
    at = found.at.lstrip("/")
    message = _wording(keyword, "", error.validator_value, got) if at else found.message
    message = message.removeprefix(f"{_WHOLE}: ")
    if keyword == "additionalProperties" and isinstance(got, list):
        message += f"; {meant(str(got[0]), error.schema.get('properties', {}))}"
    raise SpecError(file, at, message)


def _passes(instance: object, schema: JsonSchema) -> bool:
    """Whether an instance is valid, as far as the quick validator can tell."""
    try:
        quick = jsonschema_rs.Draft202012Validator({**schema}, validate_formats=False)
        return quick.is_valid(instance)
    except (ValueError, OverflowError, RecursionError):
        return False


def pointer(tokens: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a path of keys and indexes."""
    return "".join("/" + str(t).replace("~", "~0").replace("/", "~1") for t in tokens)


def referenced(document: object, node: Any) -> Any:
    """`node`, or what it refers to in `document`, at any remove.

    Raises LookupError that says what is wrong with a reference.
    """
    seen: list[str] = []
    while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        at = node["$ref"]
        if at in seen:
            raise LookupError(f"{at} refers to itself")
        if not at.startswith("#"):
            raise LookupError(f"{at} is another file; put all into one")
        seen.append(at)
        try:
            node = resolve(document, unquote(at[1:]))
        except LookupError:
            raise LookupError(f"{at} leads nowhere") from None
    return node


def resolve(document: object, at: str) -> Any:
    """What the JSON pointer `at` points to in `document`, following references on the way.

    Raises LookupError if nothing.
    """
    node: Any = document
    for token in at.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if not (isinstance(node, Mapping) and key in node):
            node = referenced(document, node)
        if isinstance(node, list):
            if not key.isdigit():
                raise LookupError(at)
            node = node[int(key)]
        elif isinstance(node, Mapping):
            node = node[key]
        else:
            raise LookupError(at)
    return node


def _violation(
    keyword: str, at: Iterable[str | int], path: list[str | int], expected: Any, got: object
) -> Violation:
    """`got` is the offending value: a missing or unknown name where the keyword is about names."""
    if keyword == "required":
        path = [*path, expected.index(got)]
    where = pointer(at)
    return Violation(where, keyword, pointer(path), _wording(keyword, where, expected, got))


def _wording(keyword: str, where: str, expected: Any, got: object) -> str:
    subject = where or _WHOLE
    match keyword:
        case "type":
            kinds = expected if isinstance(expected, list) else [expected]
            return f"{subject}: {' or '.join(map(str, kinds))} expected, got {shown(got)}"
        case "enum":
            return f"{subject}: one of {', '.join(map(shown, expected))} expected, got {shown(got)}"
        case "const":
            return f"{subject}: {shown(expected)} expected, got {shown(got)}"
        case "maximum":
            return f"{subject}: at most {expected} expected, got {shown(got)}"
        case "exclusiveMaximum":
            return f"{subject}: less than {expected} expected, got {shown(got)}"
        case "minimum":
            return f"{subject}: at least {expected} expected, got {shown(got)}"
        case "exclusiveMinimum":
            return f"{subject}: more than {expected} expected, got {shown(got)}"
        case "maxLength" | "maxItems" | "maxProperties":
            return f"{subject}: at most {expected} long expected, got {_length(got)}"
        case "minLength" | "minItems" | "minProperties":
            return f"{subject}: at least {expected} long expected, got {_length(got)}"
        case "pattern":
            return f"{subject}: text like {expected} expected, got {shown(got)}"
        case "propertyNames":
            return f"{subject}: the name {shown(got)} is not allowed"
        case "required":
            return f"{got} is missing{f' in {where}' if where else ''}"
        case "additionalProperties" if isinstance(got, list):
            return f"{subject}: unknown entry {', '.join(map(str, got))}"
        case "oneOf" if names := _alternatives(expected):
            given = [n for n in names if isinstance(got, Mapping) and n in got]
            got_names = " and ".join(given) or "none"
            return f"exactly one of {' and '.join(names)} expected, got {got_names}"
        case _:
            return f"{subject}: {keyword} {shown(expected)} expected, got {shown(got)}"


def _alternatives(branches: Any) -> list[str]:
    """The names of a ``oneOf`` whose branches each require one property; otherwise empty."""
    required = [b.get("required") for b in branches if isinstance(b, Mapping)]
    return [r[0] for r in required if r] if all(r and len(r) == 1 for r in required) else []


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | list | Mapping) else 0
