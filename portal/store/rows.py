"""Rows as the dataclasses they stand for: the columns are named by the fields, once, and a row is taken by position."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    Cast,
    Column,
    ColumnElement,
    Result,
    Select,
    Text,
    and_,
    cast,
    func,
    insert,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from portal.store.session import NotFound, Session
from portal.store.tables import Base
from portal.store.types import Day, Instant, Json, Whole, Word

T = TypeVar("T")


def columns_of(row: type[Base], made: type[Any], *, but: Collection[str] = ()) -> tuple[Column[Any], ...]:
    """The columns of a table that hold the fields of a dataclass, in their order: `made(*row)` makes one of a row."""
    return tuple(getattr(row, field.name) for field in fields(made) if field.name not in but)


def values_of(kept: Any, *, but: Collection[str] = ()) -> dict[str, Any]:
    """The fields of a dataclass's instance, as values of the columns of those names."""
    return {each.name: getattr(kept, each.name) for each in fields(kept) if each.name not in but}


def one(rows: Result[*tuple[Any, ...]], made: Callable[..., T]) -> T | None:
    """What the only row stands for, or None without one."""
    row = rows.one_or_none()
    return None if row is None else made(*row)


def every(rows: Result[*tuple[Any, ...]], made: Callable[..., T]) -> list[T]:
    """What each row stands for."""
    return [made(*row) for row in rows]


def needed(found: T | None, name: str) -> T:
    """What was asked for by its key. Raises NotFound where there is none."""
    if found is None:
        raise NotFound(f"no such {name}")
    return found


def add_row(session: Session, row: type[Base], values: Mapping[str, Any]) -> int:
    """Insert a row, and give the id that the database chose for it."""
    chosen: int = session.execute(insert(row).values(values).returning(row.__table__.c.id)).scalar_one()
    return chosen


def locked(statement: Select[Any], for_update: bool, *of: Any) -> Select[Any]:
    """The statement; for an update with row locks, on those `of` some tables where given."""
    return statement.with_for_update(of=of or None) if for_update else statement


def batched(values: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The values in tuples of at most so many."""
    rest = iter(values)
    while some := tuple(islice(rest, size)):
        yield some


def pattern(text: str) -> str:
    """The pattern for LIKE … ESCAPE '/' that finds texts holding this one, its % and _ escaped."""
    return f"%{text.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"


def in_days(instant: Any, first: date, last: date, zone: tzinfo) -> ColumnElement[bool]:
    """Whether an instant lies between two days of a time zone, both included."""
    begins, ends = bounds(first, last, zone)
    return and_(instant >= begins, instant < ends)


def bounds(first: date, last: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the first of some days begins, and when the last of them is over."""
    return datetime.combine(first, time.min, zone), datetime.combine(last + timedelta(days=1), time.min, zone)


def total(amount: Any) -> Cast[int]:
    """The sum of a column, 0 without rows; cast, for PostgreSQL sums bigint to numeric."""
    return cast(func.coalesce(func.sum(amount), 0), Whole)


def as_text(labelled: Any, dialect: str) -> Any:
    """A day, an instant, a word or JSON as text, with no Python value made of it on the way; anything else as it is."""
    value = getattr(labelled, "element", labelled)
    kind: TypeEngine[Any] = value.type
    if isinstance(kind, Instant):
        if dialect == "sqlite":
            return type_coerce(value, Text)
        return func.to_char(func.timezone("UTC", value), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
    if isinstance(kind, Day) and dialect != "sqlite":
        return cast(value, Text)
    if isinstance(kind, (Day, Word, Json)):
        return type_coerce(value, Text)
    return labelled
