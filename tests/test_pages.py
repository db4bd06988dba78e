"""Every command of the pages for clients does what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages import follow


@pytest.mark.parametrize("page", ["clients.md", "mock.md", "python.md", "signing.md"])
def test_what_a_page_shows_comes_out(page: str, tmp_path: Path) -> None:
    assert list(follow(page, tmp_path)) == []
