"""N calls at once: every thread waits until all are ready, then all send."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import count

from streamproof.contracts.client import Client
from streamproof.contracts.wire import Outcome, Request

CLIENTS = 8
ROUNDS = 10
_numbers = count(1)


def at_once(client: Client, requests: Sequence[Request]) -> list[Outcome]:
    """Send all requests at the same time, one thread each; outcomes in the order of requests.

    Whatever may take time (a rate to keep, a signature) is done before anything is sent, and
    nothing else goes meanwhile. To the meter they are one request, answered if one of them is.
    Where the rate doesn't take as many in a second, the first of them go. Raises `RunEnded`.
    """
    race = next(_numbers)
    requests = requests[: client.meter.abreast(len(requests))]
    ready = threading.Barrier(len(requests))
    troubles: list[str | None] = []

    def send(request: Request) -> Outcome:
        try:
            return client.send_raw(
                request, gate=ready.wait, heard=troubles.append, admitted=True, race=race
            )
        except BaseException:
            ready.abort()  # the others would wait for ever
            raise

    with client.meter.race(len(requests)), ThreadPoolExecutor(len(requests)) as threads:
        try:
            sent = [threads.submit(copy_context().run, send, request) for request in requests]
        except BaseException:  # no thread to be had, or Ctrl-C
            ready.abort()  # those that have begun would wait for ever
            raise
    faults = [fault for fault in (done.exception() for done in sent) if fault is not None]
    if faults:
        raise next(
            (f for f in faults if not isinstance(f, threading.BrokenBarrierError)), faults[0]
        )
    client.meter.heard(None if None in troubles else troubles[-1])
    return [done.result() for done in sent]
