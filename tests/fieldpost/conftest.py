"""A server of examples/fieldpost over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fieldpost.server import Fieldpost
from tests.others.trials import served


@pytest.fixture
def fieldpost() -> Iterator[str]:
    """The base URL of a server that keeps every rule."""
    with served(Fieldpost()) as root:
        yield f"{root}/v1"
