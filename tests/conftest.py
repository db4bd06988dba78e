"""What tests of several rooms ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgresql import running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server. Where none can be started, tests fail: none is skipped."""
    with running() as url:
        yield url
