"""Words for bash, read by bash."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproof.contracts import shell
from streamproof.contracts.auth import spelled


def read(word: str, **environment: str) -> bytes:
    """The one argument that a command gets."""
    script = f"printf '%s' {word}"
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}
    done = subprocess.run(["bash", "-c", script], env=path | environment, capture_output=True)
    assert not done.stderr
    return done.stdout


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=40).map(lambda octets: octets.replace(b"\0", b"")))
def test_a_command_gets_what_was_sent(octets: bytes) -> None:
    word = shell.word(octets)
    assert word.isascii()
    assert word.isprintable()
    assert read(word) == octets


@pytest.mark.parametrize(
    "text",
    [
        "it's",
        "",
        "a\tb\n",
        "\u03bb\U00020000",
        "\x1f1",
        "$HOME `id` \\ !",
        "[" * 5000 + "]" * 5000,
        '{"a":' * 300 + "1" + "}" * 300,
        "x" * 3000 + "'\"",
        "ab\n" * 100,
        "e\u0301" * 200 + "\x01",
    ],
)
def test_odd_texts_come_through(text: str) -> None:
    word = shell.word(text)
    assert read(word) == text.encode()
    assert len(word) < 700


def test_half_a_surrogate_pair_comes_through() -> None:
    assert read(shell.word("a\ud800")) == b"a\xed\xa0\x80"


@pytest.mark.parametrize("octets", [b"a\0b", b"\0" * 500, b"ab" * 100_000 + b"'\"\\c"])
def test_what_no_word_holds_stands_in_a_file(octets: bytes) -> None:
    file = shell.file(octets)
    assert file is not None
    assert len(file) < 200
    done = subprocess.run(["bash", "-c", f"cat {file}"], capture_output=True, check=True)
    assert done.stdout == octets


def test_what_a_server_named_stands_as_a_variable() -> None:
    word = shell.word('{"id": "abcdef", "of": "abc"}', {"abc": "B", "abcdef": "A"})
    assert read(word, A="it's", B="$x") == b'{"id": "it\'s", "of": "$x"}'


@pytest.mark.parametrize(
    "value",
    ["s3cret", "s3cretx", "id:s3cret", "s3cre", "S3CRET", "", 'made "up" `$x` \\', "other"],
)
def test_a_credential_is_spelled_without_the_secret(value: str) -> None:
    shown = spelled(value, {"s3cret": "SECRET"})
    assert "s3cre" not in shown.lower()
    assert read(f'"{shown}"', SECRET="s3cret") == value.encode()
