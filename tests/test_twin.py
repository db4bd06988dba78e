"""`streamproof twin` as people start it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from streamproof.cli import cli
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from streamproof.specs.dialect import Value

BASIC = "demo-client:demo-secret"


def twin(url: str, *flags: str) -> tuple[int, str]:
    asked = ["twin", "dotide", "--url", f"{url}/v1/demo", "--basic", BASIC, "--seed", "1", *flags]
    result = CliRunner().invoke(cli, asked, standalone_mode=False)
    assert result.exception is None, result.exception
    return result.return_value, result.output


@pytest.mark.parametrize(
    ("choice", "code", "told"),
    [("422", 0, "INDISTINGUISHABLE in 6 sequences"), ("409", 1, "DIFFERENT: create: status 422")],
)
def test_a_mock_in_the_dialect_of_the_target_is_its_twin(
    tmp_path: Path, choice: str, code: int, told: str
) -> None:
    file = tmp_path / "dialect.toml"
    file.write_text(f"[dotide]\nduplicate_id_status = {choice}\n")
    config = MockConfig(("dotide",), dialects={"dotide": {"duplicate_id_status": 422}})
    with serve_in_thread(config) as server:
        found, output = twin(server.url, "--dialect", str(file), "--max-examples", "6")

    assert found == code
    assert told in output
    assert ("explained by dotide/dialect/duplicate_id_status = 422" in output) == (code == 1)
    assert "left 0" in output


def test_a_target_is_probed_first_where_no_dialect_is_given() -> None:
    choices: dict[str, Value] = {"duplicate_id_status": 422, "absent_fields": "null"}
    with serve_in_thread(MockConfig(("dotide",), dialects={"dotide": choices})) as server:
        found, output = twin(server.url, "--max-examples", "6")

    assert found == 0, output


def test_nobody_there_is_no_difference(tmp_path: Path) -> None:
    file = tmp_path / "dialect.toml"
    file.write_text("[dotide]\n")

    found, output = twin("http://127.0.0.1:9", "--dialect", str(file), "--max-examples", "2")

    assert found == 3
    assert "INCONCLUSIVE" in output
