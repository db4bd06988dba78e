"""What the document of dotide prints, and who may call."""

from __future__ import annotations

from collections.abc import Callable

from dotide import Dotide  # type: ignore[import-untyped]

from streamproof.specs import api

FIXTURES = api.load("dotide").fixtures
ID, SECRET = FIXTURES["credentials"]["basic"].split(":")
BASIC = {"client_id": ID, "client_secret": SECRET}
TOKEN = FIXTURES["credentials"]["access_token"]

# datastream.cn.md › 创建数据流 › 示例
EXAMPLE = {
    "id": "51e51544fa36a48592000074",
    "name": "Demo Datastream",
    "type": "number",
    "tags": ["a", "b", "c"],
    "properties": {"prop1": 1},
}
# datastream.cn.md › 更新数据流 › 示例
CHANGES = {"name": "Demo", "tags": ["a", "b", "c", "d"], "properties": {"prop1": 2}}

Connect = Callable[..., Dotide]
"""Makes a client: `connect(database, version, **credentials)`, all with good defaults."""
