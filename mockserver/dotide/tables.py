"""Tables of the dotide API and the statements on them. Documents are JSON text, times microseconds.

`key` is what an id is known by (several spellings may be one), `rank` what comes before the id in
the order of a list, `place` the beginning of both, for the index. A `gone` stream is deleted, and
its id is kept taken. A tag knows the place of its stream, so that those with it come in order.
A `stamp` is a random number that stands for what a stream has been since it was last written.
What its newest datapoint is stands with a stream too, since it is read far oftener than written.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    Index,
    MetaData,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    false,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # that of SQLite is a part of it

from streamproof.mockserver.quick import Quick
from streamproof.mockserver.tables import Text, space_column

_Select = Select[tuple[Any, ...]]

metadata = MetaData()

streams = Table(
    "dotide_streams",
    metadata,
    space_column(),
    Column("database", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("rank", Text, nullable=False),
    Column("name", Text),
    Column("type", Text, nullable=False),
    Column("tags", Text),
    Column("properties", Text),
    Column("extra", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("current_t", BigInteger),
    Column("current_v", Text),
    Column("gone", Boolean, nullable=False, default=False),
    Column("stamp", BigInteger, nullable=False),
)
COLUMNS = (
    *("id", "name", "type", "tags", "properties", "extra", "created_at", "updated_at"),
    *("current_t", "current_v", "stamp"),
)
"""What is read of a stream, in this order, its stamp last."""
DOCUMENTS = ("tags", "properties", "extra")
"""Those that are JSON, and that a create and an update write."""

# PostgreSQL has no room for whole ids in an index, and sorts by the rest as it goes. SQLite would
# take four times as long for that. `gone` stands there so that an offset is counted in the index,
# the stamp so that a list of known texts looks nowhere else.
_home = (streams.c.space, streams.c.database, streams.c.gone, streams.c.place)
Index("dotide_streams_place", *_home).ddl_if(dialect="postgresql")
_all = (*_home, streams.c.rank, streams.c.id, streams.c.stamp)
Index("dotide_streams_order", *_all).ddl_if(dialect="sqlite")

tags = Table(
    "dotide_tags",
    metadata,
    space_column(),
    Column("database", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("place", Text, nullable=False),
    Index("dotide_tags_place", "space", "database", "tag", "place"),
)

datapoints = Table(
    "dotide_datapoints",
    metadata,
    space_column(),
    Column("database", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("t", BigInteger, primary_key=True),
    Column("v", Text, nullable=False),
)

tokens = Table(
    "dotide_tokens",
    metadata,
    space_column(),
    Column("database", Text, primary_key=True),
    Column("token", Text, primary_key=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

_here = and_(
    streams.c.space == bindparam("in_space"), streams.c.database == bindparam("in_database")
)
_one = and_(_here, streams.c.key == bindparam("of_key"))
_its_tags = and_(
    tags.c.space == bindparam("in_space"),
    tags.c.database == bindparam("in_database"),
    tags.c.key == bindparam("of_key"),
)

_shown = select(*(streams.c[name] for name in COLUMNS))
add = Quick(insert(streams).inline().on_conflict_do_nothing(), *streams.c.keys())
read = Quick(_shown.where(_one, streams.c.gone == false()))
change = update(streams).where(_one)
bury = update(streams).where(_one, streams.c.gone == false()).values(gone=True)
remove = delete(streams).where(_one)
add_tag = Quick(insert(tags), *tags.c.keys())
remove_tags = delete(tags).where(_its_tags)


def _part(found: _Select) -> _Select:
    limit, offset = (bindparam(name, type_=BigInteger) for name in ("limit", "offset"))
    return found.limit(limit).offset(offset)


def _page(by_ids: bool, by_tag: bool, shown: _Select = _shown) -> _Select:
    """A page of all, of those with one of `ids`, of those with the tag `tag` and all of `tags`."""
    place: ColumnElement[str] = streams.c.place
    if by_ids:  # written so that SQLite looks for keys, not along the index of the order
        page = shown.where(_here, streams.c.gone.is_not(true()))
        page = page.where(streams.c.key.in_(bindparam("ids", expanding=True)))
        place = place + ""
    else:
        page = shown.where(_here, streams.c.gone == false())
    if by_tag:
        page = page.join(tags, _is_tagged(tags)).where(
            tags.c.tag == bindparam("tag"), _others.scalar_subquery() == bindparam("tag_count")
        )
        place = place if by_ids else tags.c.place
    return _part(page.order_by(place, streams.c.rank, streams.c.id))


def _is_tagged(tagged: FromClause) -> ColumnElement[bool]:
    return and_(*(tagged.c[name] == streams.c[name] for name in ("space", "database", "key")))


_other = tags.alias()
_others = select(func.count()).where(
    _is_tagged(_other), _other.c.tag.in_(bindparam("tags", expanding=True))
)
page = Quick(_page(by_ids=False, by_tag=False))
stamps = Quick(_page(by_ids=False, by_tag=False, shown=select(streams.c.stamp)))
"""Those of a page."""
filtered = {(i, t): _page(i, t) for i in (False, True) for t in (False, True) if i or t}
"""The page of a list, by whether it is filtered by ids and by tags."""
_carriers = select(tags.c.tag).where(
    tags.c.space == bindparam("in_space"),
    tags.c.database == bindparam("in_database"),
    tags.c.tag == bindparam("tag"),
)
carriers = Quick(select(func.count()).select_from(_part(_carriers).subquery()))
"""How many streams have a tag, counted up to the limit."""


# -- datapoints and access tokens --------------------------------------------------------------

_its_datapoints = and_(
    datapoints.c.space == bindparam("in_space"),
    datapoints.c.database == bindparam("in_database"),
    datapoints.c.key == bindparam("of_key"),
)
_within = and_(
    _its_datapoints,
    datapoints.c.t >= bindparam("start", type_=BigInteger),
    datapoints.c.t <= bindparam("end", type_=BigInteger),
)
_insert_datapoint = insert(datapoints)
add_datapoint = _insert_datapoint.on_conflict_do_update(
    index_elements=[datapoints.c[name] for name in ("space", "database", "key", "t")],
    set_={"v": _insert_datapoint.excluded.v},
)
"""Of two at one instant the later stays."""
remove_datapoints = delete(datapoints).where(_its_datapoints)
remove_within = delete(datapoints).where(_within)
_points = select(datapoints.c.t, datapoints.c.v)
_latest = select(func.max(datapoints.c.t)).where(_its_datapoints).scalar_subquery()
_is_newest = and_(_its_datapoints, datapoints.c.t == _latest)
newest = Quick(_points.where(_is_newest))
within = Quick(_points.where(_within).order_by(datapoints.c.t))
"""Those of a span of time, its edges among them, the oldest first."""
pages = {
    "asc": Quick(_part(_points.where(_within).order_by(datapoints.c.t))),
    "desc": Quick(_part(_points.where(_within).order_by(datapoints.c.t.desc()))),
}

_of_tokens = and_(
    tokens.c.space == bindparam("in_space"), tokens.c.database == bindparam("in_database")
)
_one_token = and_(_of_tokens, tokens.c.token == bindparam("of_token"))
TOKEN_COLUMNS = ("token", "scopes", "created_at", "updated_at")
_token = select(*(tokens.c[name] for name in TOKEN_COLUMNS))
add_token = Quick(insert(tokens).inline().on_conflict_do_nothing(), *tokens.c.keys())
read_token = Quick(_token.where(_one_token))
list_tokens = Quick(_part(_token.where(_of_tokens).order_by(tokens.c.created_at, tokens.c.token)))
change_token = update(tokens).where(_one_token)
remove_token = delete(tokens).where(_one_token)
