"""Serving people, on a port of their choice, in worker processes.

The command that starts them stays small: only they load Flask and a data base, unless one was
named and is to be looked at first.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import replace
from functools import partial
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from streamproof.mockserver.addresses import is_loopback
from streamproof.mockserver.config import MockConfig
from streamproof.specs.errors import SpecError

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue
    from multiprocessing.synchronize import Barrier

THREADS = 16  # for calls that wait: for each other, or for a data base


def claim(host: str, port: int) -> socket.socket:
    """Hold an address for `run`; with port 0 a free one. Raises OSError if it can't be had.

    The socket is bound but doesn't listen: granian shares a port with whoever listens there
    already, without a word, so this is where a taken port is noticed.
    """
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    held = socket.socket(family)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # for a quick restart
        held.bind(address)
    except OSError:
        held.close()
        raise
    return held


def run(
    config: MockConfig,
    held: socket.socket,
    banner: str,
    tls: tuple[Path, Path] | None = None,
) -> None:
    """Serve at a claimed address until a signal ends it; `banner` is printed once it answers.

    `tls` are the files of a certificate and of its key, as PEM; without them it speaks plain HTTP.
    Raises `UnusableDatabase` before anything else is done, and `SpecError` for seed data.
    """
    from granian.constants import HTTPModes, Interfaces, SSLProtocols
    from granian.log import LogLevels
    from granian.server import Server

    host, port = held.getsockname()[:2]
    if config.loopback and not is_loopback(host):
        config = replace(config, loopback=False)
    if config.database_url is not None:  # told here: a worker that can't start says it in a trace
        from streamproof.mockserver.app import create_app

        create_app(config).extensions["store"].close()  # no connection survives a fork
    server = Server(
        "streamproof.mockserver",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=config.workers,
        workers_kill_timeout=1,  # of an answer that never ends
        log_level=LogLevels.error,
        http=HTTPModes.http1,
        websockets=False,
        ssl_cert=tls and tls[0],
        ssl_key=tls and tls[1],
        ssl_protocol_min=SSLProtocols.tls12,
    )
    # A hang-up would start the worker anew, and so empty the store: it ends the server instead.
    server.on_startup(lambda: _on_hang_up(server.signal_handler_interrupt))
    all_ready = get_context().Barrier(config.workers)
    failed = get_context().SimpleQueue()
    loader = partial(_load, config, host, port, banner, all_ready, failed)
    server.serve(target_loader=loader, wrap_loader=False)
    if not failed.empty():
        raise SpecError(*failed.get())


def _on_hang_up(handler: Any) -> None:
    signal.signal(signal.SIGHUP, handler)


def _load(
    config: MockConfig,
    host: str,
    port: int,
    banner: str,
    all_ready: Barrier,
    failed: SimpleQueue[tuple[str, str, str]],
) -> Any:
    """Make what answers, in a worker's process: the application behind its gateway."""
    # Ctrl-C reaches the command and its workers. The command ends them, and granian's workers
    # hang when they are told twice.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    Thread(target=_end_with_the_command, daemon=True).start()
    from streamproof.mockserver.app import create_app
    from streamproof.mockserver.gateway import Gateway

    try:
        app = create_app(config)
    except SpecError as fault:  # seed data; the command says it, where a worker would leave a trace
        failed.put((fault.file, fault.entry, fault.fault))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # by which the command ends its workers
        os.kill(os.getppid(), signal.SIGTERM)
        signal.pause()
        raise
    Thread(target=_announce, args=(host, port, banner, all_ready), daemon=True).start()
    if config.is_shared:  # whose calls wait for other processes
        app.extensions["may_wait"] = True
    return Gateway(
        app,
        lambda: app.extensions["may_wait"],
        THREADS,
        app.config["MAX_CONTENT_LENGTH"],
        app.extensions["underscored"],
    )


def _end_with_the_command() -> None:
    """End at once when the command was killed."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _announce(host: str, port: int, banner: str, all_ready: Barrier) -> None:
    """Print the banner, in one of the workers, once all of them accept connections."""
    while True:
        try:
            socket.create_connection((host, port), 0.2).close()
            break
        except OSError:
            time.sleep(0.005)
    if all_ready.wait() == 0:
        print(banner, flush=True)
