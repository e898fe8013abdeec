"""What tables are made of: column types that mean the same on SQLite (STRICT tables) and PostgreSQL, named constraints.

Every constraint stands behind a friendlier check in the domain or an action.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from inspect import get_annotations
from types import NoneType, SimpleNamespace, UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast, get_args

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from portal.domain.application import Outcome, Status
from portal.domain.claim import Stage
from portal.domain.digest import canonical
from portal.domain.payment import PaymentKind

Whole = BigInteger().with_variant(Integer(), "sqlite")
"""Ids, counts and amounts in minor units: 64 bits on both engines, never a float."""
Sorted = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by code point on both engines, whatever the database's collation is."""


class Instant(TypeDecorator[datetime]):
    """A UTC instant with microseconds; on SQLite as ISO text, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.isoformat(timespec="microseconds") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        instant: datetime = value
        return instant.astimezone(UTC)


class Day(TypeDecorator[date]):
    """A calendar day; on SQLite as ISO text."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        if isinstance(value, datetime):
            raise ValueError("a day has no time")  # noqa: TRY004 - the value is wrong, as for Instant
        return value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


class Flag(TypeDecorator[bool]):
    """Yes or no; on SQLite as 1 or 0."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class Word(TypeDecorator[StrEnum]):
    """A member of an enumeration, as its text; that it is one of them is for a CHECK (`tables.one_of`) to say."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class WordSet(TypeDecorator[frozenset[str]]):
    """A set of words, as `aggregate_strings` joins them with commas; for reading only."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str]:
        return frozenset(value.split(",")) if value else frozenset()


class Json(TypeDecorator[Any]):
    """Canonical JSON as text: what is kept can be hashed as it stands."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical(dict(value) if isinstance(value, Mapping) else value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


PERSON, APPLICATION = "people.id", "applications.id"


TYPES: Mapping[Any, Any] = {
    str: Text(),
    int: Whole,
    bool: Flag(),
    bytes: LargeBinary(),
    date: Day(),
    datetime: Instant(),
    dict[str, Any]: Json(),
    list[Any]: Json(),
    Status: Word(Status),
    Outcome: Word(Outcome),
    Stage: Word(Stage),
    PaymentKind: Word(PaymentKind),
}
"""What a column of a row is kept as."""

T = TypeVar("T")
R = TypeVar("R", bound="type[Base]")


class Mapped(Generic[T]):
    """What a row class says of a column, and what stands there once the table is made."""

    if TYPE_CHECKING:

        def __get__(self, instance: None, owner: Any) -> Column[T]: ...


class Base:
    """A table, written as a class: `name: Mapped[str]` makes a column, which the class then has by that name.

    Such a class stands for its table in every statement, and there are no instances of it.
    """

    metadata: ClassVar = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "ck": "%(table_name)s_%(constraint_name)s",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        }
    )
    __tablename__: ClassVar[str]
    __table_args__: ClassVar[tuple[Any, ...]]
    __table__: ClassVar[Table]

    def __init_subclass__(cls) -> None:
        columns = [
            _column(name, kind, cls.__dict__.get(name, {})) for name, kind in get_annotations(cls).items()
        ]
        *constraints, options = cls.__table_args__
        cls.__table__ = Table(cls.__tablename__, cls.metadata, *columns, *constraints, **options)
        for made in columns:
            setattr(cls, made.name, made)

    @classmethod
    def __clause_element__(cls) -> Table:
        """What SQLAlchemy asks of whatever stands in a statement."""
        return cls.__table__


def _column(name: str, annotation: Any, more: Mapping[str, Any]) -> Column[Any]:
    (kind,) = get_args(annotation)
    kinds = set(get_args(kind)) if isinstance(kind, UnionType) else {kind}
    (type_,) = (TYPES[each] for each in kinds - {NoneType})
    options = {"type_": type_, "nullable": NoneType in kinds, **more}
    return Column(name, *options.pop("args", ()), **options)


def mapped_column(*args: Any, **options: Any) -> Any:
    """What a column has beside its name and type, as SQLAlchemy's `Column` takes it."""
    return {"args": args, **options}


def aliased(row: R, name: str | None = None) -> R:
    """The same table a second time in a statement."""
    alias = row.__table__.alias(name)
    return cast("R", SimpleNamespace(**alias.c, __clause_element__=lambda: alias))


def strict(*constraints: Any) -> tuple[Any, ...]:
    """Table arguments: the constraints, and on SQLite a table that refuses values of another type."""
    return (*constraints, {"sqlite_strict": True})


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """The column holds one of these words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def within(column: str, least: int, most: int) -> CheckConstraint:
    """The text has a length between these, in characters."""
    return CheckConstraint(f"length({column}) BETWEEN {least} AND {most}", name=f"{column}_length")


def flag(column: str) -> CheckConstraint:
    """The column is yes or no on SQLite too (the cast is PostgreSQL's)."""
    return CheckConstraint(f"CAST({column} AS INTEGER) IN (0, 1)", name=f"{column}_flag")


def a_key() -> Any:
    """A number that the database gives."""
    return mapped_column(primary_key=True)
