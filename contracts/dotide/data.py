"""Generated contents of datastreams: small alphabets, so that names and values collide.

Left out is what the documents leave open: empty and blank texts, tags with commas, in other case
or twice, null, control characters, and letters that have two spellings in Unicode.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

_LETTERS: Final = "ab数ж𠀀1"
_SIGNS: Final = '-_$.:/%"\\'

_words = st.text(_LETTERS, min_size=1, max_size=4)
names = st.text(_LETTERS + "BЖ" + _SIGNS, min_size=1, max_size=12)
tags = st.lists(_words, min_size=1, max_size=4, unique=True)
types = st.sampled_from(("number", "string", "geojson"))
scalars: st.SearchStrategy[Any] = st.one_of(
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(-1e9, 1e9, allow_subnormal=False),
    names,
)
property_names = st.text("ab数1", min_size=1, max_size=3)
properties = st.dictionaries(property_names, scalars, min_size=1, max_size=4)
plain_properties = st.dictionaries(property_names, st.integers(1, 9), min_size=1, max_size=4)
nested = st.recursive(
    scalars,
    lambda values: (
        st.lists(values, max_size=3) | st.dictionaries(property_names, values, max_size=3)
    ),
    max_leaves=6,
)
