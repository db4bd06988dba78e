"""Tables of the bge API. Times are microseconds since the epoch, documents are JSON text."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, UniqueConstraint

from streamproof.mockserver.tables import Text, space_column

metadata = MetaData()

namespaces = Table(
    "bge_namespaces",
    metadata,
    space_column(),
    Column("id", Text, primary_key=True),
)

entities = Table(
    "bge_entities",
    metadata,
    space_column(),
    Column("id", Text, primary_key=True),
)

elements = Table(
    "bge_elements",
    metadata,
    space_column(),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("source_domain", Text, nullable=False),
    Column("source_id", Text, nullable=False),
)

samples = Table(
    "bge_samples",
    metadata,
    space_column(),
    Column("id", Text, primary_key=True),
    Column("entity", Text),  # null: known, and bound to none
)

# The order of writing decides between equal times, so the sequence is one over all spaces, given
# out by the data base. `element_key` stands for the element in keys. `copy` makes the duplicate
# rule a constraint: the first record of a key has the key's own copy, a further one that is let in
# has its stream id.
records = Table(
    "bge_records",
    metadata,
    Column(
        "sequence",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("space", Text, nullable=False),
    Column("stream_id", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("element_key", Text, nullable=False),
    Column("instant", BigInteger, nullable=False),
    Column("offset", Integer, nullable=False),  # minutes east of Greenwich, as stated
    Column("mask", Text, nullable=False),
    Column("copy", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("data_type", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    UniqueConstraint("space", "stream_id"),
    UniqueConstraint("space", "entity", "element_key", "instant", "copy"),
    Index("bge_pages", "space", "entity", "element_key", "instant", "sequence"),
)

nonces = Table(
    "bge_nonces",
    metadata,
    space_column(),
    Column("nonce", Text, primary_key=True),
)
