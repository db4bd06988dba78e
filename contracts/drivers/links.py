"""Links from a page to the next: in a header Link (RFC 8288), or in a cursor's place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from streamproof.contracts.wire import Request

_LINK: Final = re.compile(r"<([^>]*)>([^<]*)")
_REL: Final = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """Where the next page is, as the target names it: a URL, whole or relative."""

    url: str

    def follow(self, request: Request) -> Request | None:
        """The call of the next page, like the `request` of any page but for its query; None where
        the link leads to another path.

        Its query is the link's, with whatever stands there; the host is the one that is asked
        anyway, for behind a gateway a target may not know its own name.
        """
        parts = urlsplit(self.url)
        if not parts.query or (parts.path and not parts.path.endswith(request.path)):
            return None
        return replace(request, query=tuple(parse_qsl(parts.query, keep_blank_values=True)))


def in_header(header: str) -> Link | None:
    """The link to the next page that a header Link names."""
    for url, parameters in _LINK.findall(header):
        for quoted, bare in _REL.findall(parameters):
            if "next" in (quoted or bare).lower().split():
                return Link(url)
    return None


def in_place(cursor: object) -> object:
    """A cursor; a `Link` where a whole one stands in its place."""
    if isinstance(cursor, str) and (
        cursor.startswith(("http://", "https://", "?")) or (cursor[:1] == "/" and "?" in cursor)
    ):
        return Link(cursor)
    return cursor
