"""Answers of the server itself: JSON, and what is wrong in one member `message`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from flask import Response


def json(body: Any, status: int = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")


def bad(message: str) -> Response:
    return json({"message": message}, HTTPStatus.BAD_REQUEST)


def missing(message: str) -> Response:
    return json({"message": message}, HTTPStatus.NOT_FOUND)


def one_process(why: str, workers: int) -> Response:
    """What can't be had of several processes, for `why`."""
    message = f"{why}, and this mock has {workers}; start it with --workers 1"
    return json({"message": message}, HTTPStatus.CONFLICT)
