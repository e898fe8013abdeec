"""What a list is searched by: which rows can hold the words, without reading every row.

An index of every three signs in a row (FTS5 on SQLite, GIN on PostgreSQL) says which rows come into question, and LIKE
judges them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Text,
    column,
    false,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY

from portal.store.session import Session

MOST = 1000
"""With more rows in question LIKE soon fills a page by itself."""
INDEXED = ("applications", "followups")


def candidates(session: Session, key: Column[int], words: Iterable[str]) -> Sequence[int] | None:
    """The keys of the rows whose search text can hold every word; None where they are too many, or no index says it."""
    grams = sorted({word[at : at + 3] for word in words for at in range(len(word) - 2)})
    if not grams:
        return None
    if session.dialect.name == "sqlite":
        index = f"{key.table.name}_search"
        wanted = " AND ".join('"' + gram.replace('"', '""') + '"' for gram in grams)
        rowid = table(index, column("rowid", Integer)).c.rowid
        statement = select(rowid).where(literal_column(index).op("MATCH")(wanted))
    else:
        held = func.search_grams(key.table.c.search_text)
        statement = select(key).where(held.op("@>")(literal(grams, ARRAY(Text))))
    found = session.execute(statement.limit(MOST + 1)).scalars().all()
    return None if len(found) > MOST else found


def among_candidates(session: Session, key: Column[int], words: Iterable[str]) -> list[ColumnElement[Any]]:
    """The condition that a row is among them; none where they are not known."""
    found = candidates(session, key, words)
    if found is None:
        return []
    return [key.in_(found) if found else false()]


def leave_nothing(session: Session) -> None:
    """Take what was deleted out of SQLite's index for good; until then its signs are only marked as gone."""
    for name in INDEXED if session.dialect.name == "sqlite" else ():
        index = f"{name}_search"
        session.execute(insert(table(index, column(index))).values({index: "optimize"}))
