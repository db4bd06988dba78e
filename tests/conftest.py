"""What tests of several rooms ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamproof.contracts import cleanup
from tests.postgresql import running


@pytest.fixture(scope="session", autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The journals of the runs of tests are kept apart from those of whoever tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _impatient() -> Iterator[None]:
    """Servers that will never let go of what a run made are asked for a second, not for forty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleanup, "PATIENCE_S", 1.0)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server. Where none can be started, tests fail: none is skipped."""
    with running() as url:
        yield url
