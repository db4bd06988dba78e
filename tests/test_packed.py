"""Long lists in little memory."""

from __future__ import annotations

import pickle

import pytest

from streamproof.packed import LONG, Packed, packed


def test_a_packed_list_reads_like_one() -> None:
    members = [{"id": f"é{n}", "tags": ["t"], "big": 2**70, "none": None} for n in range(LONG + 3)]
    kept = packed(members)
    assert isinstance(kept, Packed)
    assert list(kept) == list(pickle.loads(pickle.dumps(kept))) == members
    assert (len(kept), kept[0], kept[-1]) == (LONG + 3, members[0], members[-1])
    assert kept[:10] == members[:10]
    assert members[7] in kept
    with pytest.raises(IndexError):
        kept[LONG + 3]


def test_a_short_list_stays_as_it_is() -> None:
    short = [1, 2]
    assert packed(short) is short
