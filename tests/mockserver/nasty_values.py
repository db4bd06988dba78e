"""Texts, numbers and JSON that have broken servers, and ways to bend what is good."""

from __future__ import annotations

from random import Random
from typing import Any

_TEXTS = (
    "", " ", "\t\r\n", "\0", "a\0b", "\x7f", "\x1b[31m", "é", "e\u0301", "数据流", "🙂", "\ufeff",
    "\u202e", "\uffff", "İ", "ß", "/", "//", "..", "../../etc/passwd", ".", "?", "#", "%", "%00",
    "%zz", "%2F", "+", "&", "=", ";", "a,b", ",", ",,,", "$", "$where", "a.b",
    "'; DROP TABLE dotide_streams; --", "\"", "\\", "{{7*7}}", "${jndi:ldap://x}", "%s%n",
    "<script>", "null", "true", "false", "True", "on", "[]", "{}", "NaN", "Infinity", "-0", "0",
    "1", "-1", "00", "1.0", "1e2", "1e999", "-1e999", "0x10", "1_000", "١٢", str(2**31),
    str(2**53 + 1), str(2**63 - 1), str(2**63), str(-(2**63) - 1), str(2**64), "9" * 400,
    "9" * 5000, "0000", "0001", "9999", "1971", "1971-00", "1971-13", "1971-02-30", "1900-02-29",
    "9999-12-31T23:59:59.999999-2359", "0001-01-01T00:00:00+2359", "2016-12-31T23:59:60Z",
    "24:00", "1971-01-01T24:00:00Z", "1971-01-01T00:00:00.0000001Z", "1971-01-01T00:00:00+99:99",
    "１９７１", "UTC", "Asia/Shanghai", "../UTC", "posixrules", "/etc/localtime", "asia/shanghai",
    "localtime", "asc", "desc", "ASC", "number", "string", "geojson", "a" * 255, "a" * 256,
    "数" * 300, "x" * 20_000,
    "[" * 300 + "]" * 300,
)  # fmt: skip

_NUMBERS = (
    0, 1, -1, 10**6, 2**53, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**400, -(10**400), 0.5, -0.0,
    1e308, 5e-324,
)  # fmt: skip

JSON = (
    b"", b" ", b"null", b"1", b"[]", b'"text"', b"{", b"{}", b"[1,]", b"NaN", b"[Infinity]",
    b"'a'", b'{"id":"a","id":"b"}', b'{"id":"\\ud800"}', b'{"id":"\\u0000"}', b'{"\\udfff":1}',
    b"\xff\xfe", b"\x00", b'{"id":"\xff"}', b"\xef\xbb\xbf{}", '{"id":"a"}'.encode("utf-16"),
    b'{"id":1e999}', b"[" * 20_000, b"[" * 300 + b"]" * 300, b'{"a":' * 200 + b"1" + b"}" * 200,
    b'{"properties":' * 300 + b"{}" + b"}" * 300, b'{"id":' + b"9" * 5000 + b"}",
    b'{"tags":[' + b'"a",' * 5000 + b'"a"]}', b'{"properties":{"n":-' + b"9" * 400 + b"}}",
    b'{"__proto__":{"a":1}}', b"id=a", b"\r\n\r\n",
)  # fmt: skip

NAMES = tuple("abcdefgh")  # few, so that calls meet


def text(random: Random) -> str:
    if random.random() < 0.9:
        return random.choice(_TEXTS)
    return "".join(
        chr(random.choice((random.randrange(128), random.randrange(0xD800))))
        for _ in range(random.randrange(20))
    )


def value(random: Random, depth: int = 0) -> Any:
    """Any JSON value."""
    match random.randrange(8 if depth < 4 else 5):
        case 0 | 1 | 2:
            return text(random)
        case 3:
            return random.choice(_NUMBERS)
        case 4:
            return random.choice((None, True, False))
        case 5 | 6:
            return [value(random, depth + 1) for _ in range(random.randrange(4))]
        case _:
            return {text(random): value(random, depth + 1) for _ in range(random.randrange(4))}


def cut(random: Random, raw: bytes) -> bytes:
    """Some bytes changed, taken out or doubled."""
    if not raw:
        return random.randbytes(random.randrange(40))
    at = random.randrange(len(raw))
    match random.randrange(4):
        case 0:
            return raw[:at] + random.randbytes(1) + raw[at + 1 :]
        case 1:
            return raw[:at]
        case 2:
            return raw[:at] + raw[at:] * 2
        case _:
            return raw[:at] + random.choice((b"\0", b"\xff", b"%", b'"', b"&", b"=")) + raw[at:]


def bend(random: Random, fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Fields with up to three of `names` (or others) changed, added or taken away."""
    bent = dict(fields)
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        name = random.choice(names) if random.random() < 0.9 else text(random)
        match random.randrange(4):
            case 0:
                bent.pop(name, None)
            case 1:
                bent[name] = text(random)
            case _:
                bent[name] = value(random)
    return bent
