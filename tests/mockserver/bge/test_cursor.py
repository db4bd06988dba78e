"""The JSON value of `next_page`."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproof.mockserver.bge import cursor
from streamproof.mockserver.bge.cursor import Cursor, Form

_FORMS = st.sampled_from(["text", "number"])
_SEQUENCES = st.integers(0, 2**33 - 1)
_DIGESTS = st.integers(0, 2**20 - 1)


@given(_SEQUENCES, _DIGESTS, _SEQUENCES)
def test_a_cursor_reads_back_as_it_was_written(sequence: int, digest: int, newest: int) -> None:
    written = Cursor(sequence, digest, newest)
    assert cursor.read(str(cursor.write(written, "text")), "text") == written


@given(_SEQUENCES, _DIGESTS)
def test_a_number_is_exact_in_every_json_reader(sequence: int, digest: int) -> None:
    number = cursor.write(Cursor(sequence, digest), "number")
    assert isinstance(number, int)
    assert int(float(number)) == number
    assert cursor.read(str(number), "number") == Cursor(sequence, digest)


@given(st.integers(0, 10_000), st.data())
def test_an_altered_text_is_no_cursor(sequence: int, data: st.DataObject) -> None:
    text = str(cursor.write(Cursor(sequence, 7), "text"))
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda c: c != text[at]))
    with pytest.raises(cursor.NotACursor):
        cursor.read(text[:at] + other + text[at + 1 :], "text")


@given(st.text() | st.integers().map(str), _FORMS)
def test_nothing_does_worse_than_not_a_cursor(text: str, form: Form) -> None:
    with contextlib.suppress(cursor.NotACursor):
        cursor.read(text, form)


def test_the_digest_is_that_of_the_arguments_alone() -> None:
    assert cursor.digest({"a": 1, "b": None}) == cursor.digest({"b": None, "a": 1})
    assert cursor.digest({"a": 1}) != cursor.digest({"a": "1"})
