"""The signature of a bge call: HMAC-SHA1 over its form fields.

Source: bge-private-sdk 0.1a1 › private_sdk/signature.py › Signature (and utils.py › make_sign).
Pure functions; only ``main``, for printed curl lines, reads the environment and the clock:

    curl URL --data "$(python -m streamproof.specs.bge.signature namespace=N data_element_id=E)"
"""

from __future__ import annotations

import argparse
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
from functools import partial
from operator import itemgetter
from urllib.parse import quote, unquote, urlencode

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

    ``nonce`` is 32 hex characters, ``timestamp`` has the form 2021-03-10T02:24:14Z. An empty
    ``app_key`` is left out.
    """
    form = {name: str(value) for name, value in fields.items() if value is not None}
    form |= {"app_key": app_key} if app_key else {}
    form |= {"signature_nonce": nonce, "timestamp": timestamp}
    return form | {"sign": sign(form, app_secret)}


def main(arguments: Sequence[str]) -> int:
    """Print the signed, url-encoded form of ``name=value`` arguments; return the exit code."""
    parser = argparse.ArgumentParser(
        "signature", description="Sign the fields of a call, and print them as a form."
    )
    field = partial(parser.add_argument, metavar="NAME=VALUE", type=_pair, default=[])
    parser.add_argument("--key", help=f"the app key, in place of ${KEY_VARIABLE}")
    parser.add_argument("--secret", help=f"the app secret, in place of ${SECRET_VARIABLE}")
    parser.add_argument("--quoted", action="store_true", help="values are percent-encoded")
    field("--set", action="append", help="set a field once all is signed")
    parser.add_argument("--drop", action="append", default=[], help="and take one away")
    field("fields", nargs="*")
    asked = parser.parse_args(arguments)
    chosen = {KEY_VARIABLE: asked.key, SECRET_VARIABLE: asked.secret}
    found = {n: os.environ.get(n, "") if v is None else v for n, v in chosen.items()}
    unset = [name for name, value in chosen.items() if value is None and not found[name]]
    if unset:
        print(f"signature: set {' and '.join(unset)} in the environment", file=sys.stderr)
        return 2
    read = partial(unquote, errors="surrogatepass") if asked.quoted else str
    form = signed(
        {name: read(value) for name, value in asked.fields},
        found[KEY_VARIABLE],
        found[SECRET_VARIABLE],
        nonce=uuid.uuid4().hex,
        timestamp=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    form |= {name: read(value) for name, value in asked.set}
    sent = {name: value for name, value in form.items() if name not in asked.drop}
    print(urlencode(sent, errors="surrogatepass"))
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"expected name=value, got {text!r}")
    return name, value


def _quote(text: str) -> str:
    """Percent-encode all but letters, digits and ``_.-~``; a blank becomes ``%20``."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe="", errors="surrogatepass")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
