"""Answers in an API's own form, as far as its file describes one."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from streamproof.mockserver.call import Answer
from streamproof.mockserver.problems import Rejected
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.operation import Operation, Response
from streamproof.specs.schema import Validator, referenced, resolve

# what a member is called that tells people what is wrong, the surest first
_MESSAGES: Final = ("message", "detail", "details", "error_description", "errorMessage")
_MESSAGES_TOO: Final = ("description", "reason", "title", "msg", "error", "text")
_SLUGS: Final = ("code", "error_code", "errorCode", "type", "error")


@dataclass(frozen=True, slots=True)
class Form:
    """An answer that is described, with what stands in it by default."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    has_location: bool = False

    def answer(self, body: Any, headers: Mapping[str, str] = {}) -> Answer:
        """The answer with another body; a text is sent as it is, unless it has to be JSON."""
        if isinstance(body, str) and "json" in self.headers.get("Content-Type", "").lower():
            body = orjson.dumps(body).decode()
        return Answer(self.status, body, {**self.headers, **headers})

    def holding(self, pointer: str, value: Any) -> Any:
        """The body with `value` at a JSON pointer."""
        return put(copy.deepcopy(self.body), pointer, value)


def put(body: Any, pointer: str, value: Any) -> Any:
    """`body` with `value` at a JSON pointer; what is missing on the way is made."""
    if not pointer:
        return value
    body = body if isinstance(body, dict) else {}
    holder = body
    *way, last = (t.replace("~1", "/").replace("~0", "~") for t in pointer.split("/")[1:])
    for token in way:
        if not isinstance(holder.get(token), dict):
            holder[token] = {}
        holder = holder[token]
    holder[last] = value
    return body


def holding(api: Api, answer: Answer, pointer: str, value: Any) -> Answer:
    """An answer with `value` at a JSON pointer of what it carries, within the API's envelope."""
    envelope, body = api.envelope, copy.deepcopy(answer.body)
    if envelope is not None and isinstance(body, dict) and envelope.code in body:
        pointer = f"/{envelope.data}{pointer}"
    return replace(answer, body=put(body, pointer, value))


def described(operation: Operation, *statuses: int) -> int:
    """The first of the statuses that an operation describes, or else the first."""
    return next((s for s in statuses if str(s) in operation.responses), statuses[0])


def accepted(api: Api, operation: Operation, *, whole: bool) -> Form:
    """The answer to an accepted call: what stands in the example, if it is to be `whole`, or
    else what is needed."""
    response = operation.success
    return form(api, response, int(response.status) if response.status.isdecimal() else 200, whole)


def form(api: Api, response: Response, status: int, whole: bool) -> Form:
    """A described answer with an example of its body."""
    try:
        spec = resolve(api.openapi, response.pointer.rpartition("/content/")[0])
        spec = referenced(api.openapi, spec)
    except LookupError:  # nothing is described
        return Form(status)
    headers = dict(_headers(api, spec))
    location = any(name.lower() == "location" for name in spec.get("headers", {}))
    if response.schema is None and not spec.get("content"):
        return Form(status, None, headers, location)
    media_type = response.pointer.split("/")[-2].replace("~1", "/").replace("~0", "~")
    headers["Content-Type"] = media_type if "*" not in media_type else "application/json"
    body = _example(api, response, spec["content"].get(media_type) or {}, whole)
    return Form(status, body, headers, location)


def _example(api: Api, response: Response, media: Mapping[str, Any], whole: bool) -> Any:
    """An example that is given for an answer, if it is one, or else one of its schema."""
    schema = response.schema or {}
    given = [media["example"]] if "example" in media else []
    for each in media.get("examples", {}).values():
        given.append(referenced(api.openapi, each).get("value"))
    for each in given if whole else ():
        if not Validator(schema, api.openapi).errors(each):
            return each
    return example(schema, api.openapi, whole=whole)


def _headers(api: Api, spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Examples of the headers that an answer has to have."""
    for name, found in spec.get("headers", {}).items():
        header = referenced(api.openapi, found)
        if header.get("required") and name.lower() != "content-type":
            value = header.get("example", example(header.get("schema", {}), api.openapi))
            yield name, str(value).lower() if isinstance(value, bool) else str(value)


class Refusals:
    """The answers to rejected calls, in the form that is described for each status."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._forms: dict[tuple[str, int], tuple[Form, Validator]] = {}

    def answer(self, operation: Operation | None, rejection: Rejected) -> Answer:
        """A rejection as it is described, or else an object with a message."""
        if operation is None:
            return Answer(rejection.status or 400, {"message": rejection.detail})
        status = rejection.status or described(operation, 400, 422)
        if (operation.id, status) not in self._forms:
            self._forms[operation.id, status] = self._form(operation, status)
        found, valid = self._forms[operation.id, status]
        body = _told(found.body, rejection)
        return found.answer(found.body if valid.errors(body) else body)

    def _form(self, operation: Operation, status: int) -> tuple[Form, Validator]:
        responses = operation.responses
        for name in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if name in responses:
                schema = responses[name].schema or {}
                found = form(self._api, responses[name], status, whole=False)
                return found, Validator(schema, self._api.openapi)
        return Form(status, {"message": ""}), Validator({})


def _told(body: Any, rejection: Rejected) -> Any:
    """An example of an error, with what is wrong in the member that tells it."""
    if isinstance(body, str):
        return rejection.detail
    body = copy.deepcopy(body)
    holders = list(_objects(body))
    for name in (*_MESSAGES, *_MESSAGES_TOO):
        holder = next((each for each in holders if isinstance(each.get(name), str)), None)
        if holder is not None:
            holder[name] = rejection.detail
            slug = next((n for n in _SLUGS if n != name and isinstance(holder.get(n), str)), None)
            if slug is not None:
                holder[slug] = rejection.rule.rpartition("/")[2].replace("-", "_")
            break
    return body


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in a value, the outer ones first."""
    level = [value]
    while level:
        yield from (each for each in level if isinstance(each, dict))
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
