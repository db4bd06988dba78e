"""Bodies that come in an encoding of their content (RFC 9110, 8.4)."""

from __future__ import annotations

import zlib

from streamproof.mockserver.call import Request
from streamproof.mockserver.problems import Rejected
from streamproof.specs.dialect import Dialect

_LARGEST = 16 * 1024 * 1024  # bytes, decoded
_GZIP = 16 + zlib.MAX_WBITS


def plain(request: Request, dialect: Dialect, api: str) -> bytes:
    """The body as it was before it was encoded. Raises `Rejected` where that isn't taken."""
    encoding = (request.header("Content-Encoding") or "").strip().lower()
    if encoding in ("", "identity") or not request.body:
        return request.body
    point = f"{api}/dialect/content_encoding"
    if dialect["content_encoding"] == "rejected" or encoding not in ("gzip", "x-gzip"):
        detail = f"Content-Encoding {encoding[:40]} isn't taken; send the body as it is"
        raise Rejected(point, detail, 415)
    unpacking = zlib.decompressobj(_GZIP)
    try:
        body = unpacking.decompress(request.body, _LARGEST)
    except zlib.error:
        raise Rejected(point, "the body is no gzip, as Content-Encoding says", 400) from None
    if not unpacking.eof:
        detail = f"the body is cut off, or has more than {_LARGEST} bytes when unpacked"
        raise Rejected(point, detail, 400)
    return body
