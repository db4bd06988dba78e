"""OpenAPI 3.0 in words of 3.1: where 3.0 has a JSON Schema of its own, the common one.

Source: OpenAPI 3.0.4 › Schema Object; JSON Schema 2020-12.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# what holds names of somebody's choice, not keywords
_NAMED = ("properties", "patternProperties", "schemas", "parameters", "headers", "responses")
_DATA = ("example", "examples", "default", "enum", "const")  # never looked into


def modern(node: Any, *, named: bool = False) -> Any:
    """A copy of `node` and all in it. `named` says that its keys are names and no keywords."""
    if isinstance(node, list):
        return [modern(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    copy = {
        key: value
        if key in _DATA and not named
        else modern(value, named=key in _NAMED and not named)
        for key, value in node.items()
    }
    return copy if named else _schema(copy)


def _schema(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return {"$ref": node["$ref"]}  # 3.0 ignores what stands beside a reference
    for bound, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(node.get(strict), bool) and node.pop(strict) and bound in node:
            node[strict] = node.pop(bound)
    if node.pop("nullable", False) is not True:
        return node
    if "type" not in node:  # beside allOf and the like: 3.0 leaves open what it means there
        return {"anyOf": [node, {"type": "null"}]} if node else node
    node["type"] = [node["type"], "null"]
    if "enum" in node and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]
    return node
