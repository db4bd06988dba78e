"""What every API's tables share. The space stands first in every key."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, String

metadata = MetaData()


def space_column() -> Column[str]:
    """The first column of every table's primary key."""
    return Column("space", String, primary_key=True)
