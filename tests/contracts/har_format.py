"""HAR 1.2, as far as an archive of ours can go wrong: its objects and their members.

Source: HTTP Archive (HAR) 1.2. Members of one's own begin with an underscore.
"""

from __future__ import annotations

from typing import Any


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {}), "comment": {"type": "string"}},
        "patternProperties": {"^_": True},
        "additionalProperties": False,
    }


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TEXT, _NUMBER = {"type": "string"}, {"type": "number"}
_SIZE = {"type": "integer", "minimum": -1}
_PAIR = _object({"name": _TEXT, "value": _TEXT})
_HEAD = {"httpVersion": _TEXT, "cookies": _array(_PAIR), "headers": _array(_PAIR)}
_SIZES = {"headersSize": _SIZE, "bodySize": _SIZE}
_POSTED = {
    "oneOf": [
        _object({"mimeType": _TEXT, "params": _array(_PAIR)}),
        _object({"mimeType": _TEXT, "text": _TEXT}),
    ]
}
_REQUEST = _object(
    {
        "method": _TEXT,
        "url": {"type": "string", "pattern": "^https?://[!-~]+$"},
        "queryString": _array(_PAIR),
        **_HEAD,
        **_SIZES,
    },
    {"postData": _POSTED},
)
_CONTENT = _object(
    {"size": _NUMBER, "mimeType": _TEXT}, {"text": _TEXT, "encoding": {"const": "base64"}}
)
_RESPONSE = _object(
    {
        "status": {"type": "integer"},
        "statusText": _TEXT,
        "content": _CONTENT,
        "redirectURL": _TEXT,
        **_HEAD,
        **_SIZES,
    }
)
_ENTRY = _object(
    {
        "startedDateTime": {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$",
        },
        "time": {"type": "number", "minimum": 0},
        "request": _REQUEST,
        "response": _RESPONSE,
        "cache": _object({}),
        "timings": _object({"send": _NUMBER, "wait": _NUMBER, "receive": _NUMBER}),
    }
)
HAR = {
    "type": "object",
    "required": ["log"],
    "additionalProperties": False,
    "properties": {
        "log": _object(
            {
                "version": {"const": "1.2"},
                "creator": _object({"name": _TEXT, "version": _TEXT}),
                "entries": _array(_ENTRY),
            }
        )
    },
}
