"""Contract tests and a stateful mock server for data-stream APIs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from streamproof.contracts.run import Run
    from streamproof.contracts.transport import WsgiApp
    from streamproof.running import Mock

try:
    __version__ = version("streamproof")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0+checkout"


def mock(**options: Any) -> AbstractContextManager[Mock]:
    """A mock on a free port: ``with streamproof.mock() as m: …``, as `streamproof.running` has it.

    It is imported when somebody asks: the command line starts with this module.
    """
    from streamproof import running

    return running.mock(**options)


def check(target: str | WsgiApp, **options: Any) -> Run:
    """A run against `target`, the name of a configured one, a URL, or a WSGI application:
    ``streamproof.check("staging").headline``, as `streamproof.checking` has it. Needs the extra
    `check`."""
    from streamproof import checking

    return checking.check(target, **options)
