"""Values that fit a schema, another one for every number."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import rstr

from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.schema import Validator


def fitting(schema: Any, api: Api, number: int) -> Any:
    """A value of a schema; where it leaves room another one for every number."""
    judge = Validator(schema if isinstance(schema, Mapping) else {}, api.openapi)
    second, minute = number % 60, number // 60 % 60
    for value in (
        f"text{number}",
        f"2025-03-01T09:{minute:02}:{second:02}Z",
        number,
        f"{number:08}",
    ):
        if not judge.errors(value):
            return value
    if isinstance(schema, Mapping) and "pattern" in schema:
        return rstr.Rstr(Random(number)).xeger(schema["pattern"])
    return example(schema, api.openapi)
