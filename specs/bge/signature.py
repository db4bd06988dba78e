"""The signature of a bge call: HMAC-SHA1 over its form fields.

Source: bge-private-sdk 0.1a1 › private_sdk/signature.py › Signature (and utils.py › make_sign).
Pure functions; only ``main``, for printed curl lines, reads the environment and the clock:

    curl URL --data "$(python -m streamproof.specs.bge.signature namespace=N data_element_id=E)"
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import string
import sys
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from urllib.parse import quote, urlencode

KEY_VARIABLE = "STREAMPROOF_APP_KEY"
SECRET_VARIABLE = "STREAMPROOF_APP_SECRET"
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")
_LEFT_TO_QUOTE = (("%", "%25"), ("+", "%2B"), ("=", "%3D"), ("&", "%26"))  # of quoted pairs


def canonical(fields: Mapping[str, object]) -> str:
    """Return the text that is signed: the 52 ASCII letters, ``&``, and all fields quoted twice.

    Fields come in the order of their names; ``sign`` itself and fields that are None are left out.
    A value counts as its ``str``, which is also what a form carries (``True``, not ``true``).
    """
    # A blank is "+" in a name and "%20" in a value: so the published client quotes them.
    pairs = [
        f"{_quote(name).replace('%20', '+')}={_quote(str(value))}"
        for name, value in sorted(fields.items(), key=itemgetter(0))
        if name != "sign" and value is not None
    ]
    text = "&".join(pairs)
    for character, quoted in _LEFT_TO_QUOTE:
        text = text.replace(character, quoted)
    return f"{string.ascii_letters}&{text}"


def sign(fields: Mapping[str, object], app_secret: str) -> str:
    """Return base64(HMAC-SHA1 of ``canonical(fields)``), keyed by ``app_secret`` and ``&``."""
    digest = hmac.digest(f"{app_secret}&".encode(), canonical(fields).encode(), hashlib.sha1)
    return base64.b64encode(digest).decode("ascii")


def signed(
    fields: Mapping[str, object], app_key: str, app_secret: str, nonce: str, timestamp: str
) -> dict[str, str]:
    """Return the form to send: ``fields`` but the None ones, as text, and the four of a signature.

    ``nonce`` is 32 hex characters, ``timestamp`` has the form 2021-03-10T02:24:14Z.
    """
    form = {name: str(value) for name, value in fields.items() if value is not None}
    form |= {"app_key": app_key, "signature_nonce": nonce, "timestamp": timestamp}
    return form | {"sign": sign(form, app_secret)}


def main(arguments: Sequence[str]) -> int:
    """Print the signed, url-encoded form of ``name=value`` arguments; return the exit code."""
    credentials = {name: os.environ.get(name, "") for name in (KEY_VARIABLE, SECRET_VARIABLE)}
    unset = [name for name, value in credentials.items() if not value]
    if unset:
        return _usage(f"set {' and '.join(unset)} in the environment")
    bad = next((text for text in arguments if not text.partition("=")[1]), None)
    if bad is not None:
        return _usage(f"expected name=value, got {bad!r}")
    form = signed(
        dict(text.split("=", 1) for text in arguments),
        credentials[KEY_VARIABLE],
        credentials[SECRET_VARIABLE],
        nonce=uuid.uuid4().hex,
        timestamp=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    print(urlencode(form))
    return 0


def _quote(text: str) -> str:
    """Percent-encode all but letters, digits and ``_.-~``; a blank becomes ``%20``."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe="", errors="surrogatepass")


def _usage(fault: str) -> int:
    print(f"signature: {fault}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
