"""Which of the two a port speaks, TLS or plain HTTP, where an answer shows that it isn't ours."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

from streamproof.contracts.transport import HttpTransport, Transport
from streamproof.contracts.wire import Outcome

_PATIENCE_S = 3.0
_PLAIN = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "record layer failure", "HTTP_REQUEST")


def speaks_plainly(trouble: str) -> bool:
    """Whether a handshake failed because the other side answered in plain text."""
    return any(word in trouble for word in _PLAIN)


def answers(transport: Transport, outcome: Outcome) -> bool:
    """Whether a plain request was answered like nonsense, and the same port takes a handshake.

    A server of TLS closes the connection, or says 400 in plain text or HTML.
    """
    if not isinstance(transport, HttpTransport) or (outcome.answered and outcome.status != 400):
        return False
    if outcome.data is not None or not outcome.sent or transport.proxied:
        return False
    parts = urlsplit(transport.url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent
    address = parts.hostname or "", parts.port or 80
    try:
        with (
            socket.create_connection(address, _PATIENCE_S) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname),
        ):
            return True
    except (OSError, ValueError):
        return False
