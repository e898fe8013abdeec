"""Transactions: one `Database` for SQLite and PostgreSQL, a reading mode, a writing mode and the one retry loop.

Knows the traps of both engines; what is read and written is left to the modules named after it, and what a
transaction means to the actions.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

try:
    import pysqlite3.dbapi2 as sqlite_driver
except ImportError:  # not Linux on x86_64
    import sqlite3 as sqlite_driver

__all__ = [
    "Busy", "Clash", "Database", "NotFound", "Session", "Unsure", "clash", "inserting", "is_away", "sqlite_driver",
]  # fmt: skip

P = ParamSpec("P")
T = TypeVar("T")

# Nobody waits longer than 15 seconds without a word: the last attempt begins before the patience is over.
ATTEMPTS = 8
PATIENCE_SECONDS = 8.0
BUSY_MILLISECONDS = 4_000
# An index that holds all that is asked for is read where PostgreSQL, which thinks of disks that turn, would read the
# table: a search among 60 000 people takes a tenth of it.
PG_SETTINGS = (
    "-c statement_timeout={}s -c lock_timeout=4s -c idle_in_transaction_session_timeout=30s -c timezone=UTC "
    "-c random_page_cost=1.1"
)
STATEMENT_SECONDS, HURRIED_SECONDS, SILENT_SECONDS = 20, 9, 10
"""How long PostgreSQL may work at an answer; where people wait; and how long one that says nothing is waited for."""
RETRIED_STATES = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL: could not serialise, deadlock, lock not available."""

_AWAY_STATES = frozenset({"25006", "42P01"})
"""PostgreSQL: a server that only reads, as one that is about to take over; a database without the portal's tables."""
_SQLITE_FAULTS = frozenset({1, 18, 19, 20, 21, 25})
"""SQLite's codes for what is wrong with a statement or its values; the others say that the file cannot be used."""

_WARNED = "portal_warned"
_BEGIN = "portal_begin"

Session = Connection
"""A connection, for one transaction."""


class NotFound(LookupError):
    """What was asked for by its key is not there."""


class Tampered(Exception):
    """Bytes no longer have the SHA-256 that was kept with them."""


class Busy(Exception):
    """The database stayed busy longer than a person should wait; nothing was saved, trying again is right."""


class Unsure(Exception):
    """The database was lost while it committed: whether it has is not known."""


class Clash(Exception):
    """A uniqueness constraint or CHECK stood in the way: a business answer, for the action to put into words."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


@dataclass(frozen=True, slots=True)
class _Engines:
    """The engine of one process, and the same for reading and for writing: every request asks for one of them."""

    plain: Engine
    reading: Engine
    writing: Engine
    pid: int

    @classmethod
    def of(cls, engine: Engine) -> "_Engines":
        reading = engine
        if engine.dialect.name == "postgresql":
            reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return cls(engine, reading, engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}), os.getpid())


class Database:
    """One database by its address; connections are opened on first use, anew in each process after a fork."""

    def __init__(self, url: str | URL, *, pool_size: int = 8, hurried: bool = False) -> None:
        self.url: URL = make_url(url)
        self._pool_size, self._hurried = pool_size, hurried
        self._made: _Engines | None = None

    @property
    def engine(self) -> Engine:
        """The engine of this process."""
        return self._engines().plain

    def _engines(self) -> _Engines:
        if self._made is None or self._made.pid != os.getpid():
            if self._made is not None:
                self._made.plain.dispose(close=False)  # those connections are the parent's
            self._made = _Engines.of(make_engine(self.url, self._pool_size, hurried=self._hurried))
        return self._made

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self.url.get_backend_name()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that reads one snapshot and writes nothing (on PostgreSQL it cannot)."""
        with self._engines().reading.connect() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is committed at the end, or not at all. Raises Unsure where that is not known."""
        with self._engines().writing.connect() as session:
            # A PostgreSQL transaction begins with its first statement; SQLite takes the write lock now.
            session.begin()
            yield session
            session.info.pop(_WARNED, None)
            try:
                session.commit()
            except DBAPIError as error:
                if is_away(error) and not is_passing(error) and not _is_full(error):
                    raise Unsure from error
                raise
            if session.info.pop(_WARNED, None):
                raise Unsure  # it is on this machine, and a standby that each commit waits for has not got it

    def write(self, action: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action as one transaction, retried from the start after what `is_passing`.

        Raises what the action raises (rolled back then), and Busy when the retries run out.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.writing() as session:
                    return action(session, *args, **kwargs)
            except (DBAPIError, sqlite_driver.OperationalError) as error:
                if not is_passing(error):
                    raise
                if attempt == ATTEMPTS or time.monotonic() > deadline:
                    raise Busy("the database is busy") from error
            time.sleep(random.uniform(0.5, 1.5) * 0.01 * 2**attempt)  # noqa: S311 - jitter, not a secret
        raise AssertionError("the loop returns or raises")

    def tidy(self, table: str) -> None:
        """Let PostgreSQL plan with what a table holds now, after much of it was written; SQLite needs none of it."""
        if self.dialect == "postgresql":
            with (
                self._engines().plain.execution_options(isolation_level="AUTOCOMMIT").connect() as connection
            ):
                connection.exec_driver_sql(f"VACUUM (ANALYZE) {table}")

    def close(self) -> None:
        """Close every connection of this process."""
        if self._made is not None and self._made.pid == os.getpid():
            self._made.plain.dispose()
        self._made = None


def make_engine(url: URL, pool_size: int = 8, *, hurried: bool = False) -> Engine:
    """An engine with the settings of stack: WAL where it is safe, foreign keys, timeouts, begin modes.

    A `hurried` one is for people who wait.
    """
    if url.get_backend_name() == "postgresql":
        seconds = HURRIED_SECONDS if hurried else STATEMENT_SECONDS
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            pool_timeout=10,
            connect_args={"options": PG_SETTINGS.format(seconds), "connect_timeout": 3},
        )
        # False would say READ WRITE, also to a database that its operator has told to take no writes.
        engine.dialect.set_readonly = lambda raw, value: setattr(raw, "read_only", value or None)  # type: ignore[attr-defined]
        event.listen(engine, "connect", _note_warnings)
        if hurried:
            event.listen(
                engine, "do_connect", lambda _d, _r, cargs, values: _hurried().connect(*cargs, **values)
            )
        return engine
    if url.get_backend_name() != "sqlite":
        raise ValueError("DATABASE_URL must start with sqlite:/// or postgresql+psycopg://")
    engine = create_engine(
        url,
        module=sqlite_driver,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            "timeout": BUSY_MILLISECONDS / 1000,
        },
    )
    engine.dialect.statement_compiler = _SqliteCompiler
    file = file_of(url)
    event.listen(engine, "do_connect", lambda *_how: _make_for_owner(file))
    event.listen(engine, "connect", _prepare_sqlite)
    if file is not None:
        event.listen(engine, "connect", lambda _raw, record: record.info.update(file=_which(file)))
        event.listen(engine, "checkout", lambda _raw, record, _proxy: _refuse_another(file, record))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _note_warnings(connection: Any, record: Any) -> None:
    """Remember that PostgreSQL has warned: at COMMIT that is how it says that it waited for a standby in vain."""

    def note(said: Any) -> None:
        if said.severity_nonlocalized == "WARNING":
            record.info[_WARNED] = True

    connection.add_notice_handler(note)


@cache
def _hurried() -> Any:
    """Connections that give up a server which is there and says nothing: no time-out of its own would end that."""
    import psycopg

    class Hurried(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, timeout or SILENT_SECONDS)
            except psycopg.errors._WaitTimeout:  # noqa: SLF001 - it has no other name
                self.close()
                raise

    return Hurried


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database that is written to, None for any other."""
    named = url.database if url.get_backend_name() == "sqlite" else None
    return Path(named) if named and named != ":memory:" and not named.startswith("file:") else None


def _which(file: Path) -> tuple[int, int] | None:
    """What tells a file from another of the same name."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _refuse_another(file: Path, record: Any) -> None:
    """A kept connection goes on in a file that was taken away, where what it writes is lost: connect anew."""
    if _which(file) != record.info["file"]:
        raise DisconnectionError("the database's file is another one now")


def _make_for_owner(file: Path | None) -> None:
    """Make the file that SQLite would make for everybody to read; what it keeps beside it gets the same mode."""
    if file is not None and file.parent.is_dir() and not file.exists():
        file.touch(mode=0o600)


class _SqliteCompiler(SQLiteCompiler):
    """Writes what `with_hint` says of a table after its name: SQLite's INDEXED BY stands there."""

    def get_from_hint_text(self, _table: Any, text: str | None) -> str | None:
        return text


def sqlite_version() -> tuple[int, ...]:
    version: tuple[int, ...] = sqlite_driver.sqlite_version_info
    return version


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the fault that can corrupt a database while its WAL is reset.

    Versions 3.7.0 to 3.51.2 have it; it was mended in 3.51.3, 3.50.7 and 3.44.6.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if wal_is_safe(sqlite_driver.sqlite_version_info):
        journal = ("journal_mode=WAL", "synchronous=FULL")
    else:
        journal = ("journal_mode=DELETE", "synchronous=EXTRA")
    waiting = f"busy_timeout={BUSY_MILLISECONDS}"
    for pragma in (waiting, *journal, "foreign_keys=ON", "trusted_schema=OFF", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # The driver is in autocommit; a deferred one that upgrades to a write lock fails at once, whatever the timeout.
    mode = connection.get_execution_options().get(_BEGIN, "BEGIN DEFERRED")
    driver: Any = connection.connection.driver_connection
    driver.execute(mode).close()


def is_passing(error: Exception) -> bool:
    """Whether the transaction can be retried: serialisation failure, deadlock or lock timeout."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(origin, "sqlstate", None)
    if state is not None:
        return state in RETRIED_STATES
    return isinstance(origin, sqlite_driver.OperationalError) and "locked" in str(origin)


def _is_full(error: DBAPIError) -> bool:
    """Whether SQLite has rolled back because there is no room: that much is known."""
    return getattr(error.orig, "sqlite_errorname", "") == "SQLITE_FULL"


def is_away(error: BaseException | None) -> bool:
    """Whether the database could not be reached or serves nobody just now, so that the same may succeed later."""
    if isinstance(error, NoConnectionLeft | Unsure):
        return True
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite_driver.DatabaseError):
        code = getattr(origin, "sqlite_errorcode", 0) & 0xFF
        return code not in _SQLITE_FAULTS or "no such table" in str(origin)
    if not isinstance(error, DBAPIError):
        return False
    return isinstance(error, OperationalError | InterfaceError) or (
        error.connection_invalidated or getattr(origin, "sqlstate", None) in _AWAY_STATES
    )


@contextmanager
def clash(**constraints: str) -> Iterator[None]:
    """Turn the violation of a named constraint into Clash: `clash(applications_one_grant_key="applications.once_key")`.

    PostgreSQL names the constraint, SQLite the columns, hence both. Other violations pass as they are.
    """
    try:
        yield
    except IntegrityError as error:
        named = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        for constraint, columns in constraints.items():
            if named == constraint or (named is None and str(error.orig).endswith(f"failed: {columns}")):
                raise Clash(constraint) from error
        raise


def inserting(session: Session, row: Any) -> Any:
    """An INSERT that can say ON CONFLICT, which each engine's dialect has of its own."""
    return inserting_on(session.dialect.name, row)


def inserting_on(dialect: str, row: Any) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as into_postgresql

        return into_postgresql(row)
    from sqlalchemy.dialects.sqlite import insert as into_sqlite

    return into_sqlite(row)
