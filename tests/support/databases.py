"""Fixtures that give a test a database of its own, migrated, on SQLite, on PostgreSQL or on each in turn.

Each engine is migrated once a session. A test finds its database as it was then, always at the same address: SQLite's
file is copied anew, PostgreSQL's rows are taken away (or its database, when a test has changed more than rows). So one
engine a process serves all tests, with every statement that it has compiled, and on PostgreSQL with its connections.
`prepared` puts people and seats into it: written by the actions once a process, from then on as copied rows.

    database_url            address of a migrated database, the test runs once for each engine
    database                the same as an opened portal.store.session.Database
    empty_database_url      address of a database with nothing in it, once for each engine
    sqlite_url              a migrated SQLite database only (quick: for tests that are not about the store)
    sqlite_database         the same, opened
    postgresql_url          a migrated PostgreSQL database only
    postgresql_database     the same, opened

TEST_DATABASE_URL names a PostgreSQL server to use instead of a throw-away one; its user must be allowed to
create databases.
"""

import itertools
import os
import shutil
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support.postgres import NoPostgres, PostgresServer

if TYPE_CHECKING:
    from portal.store.session import Database

ENGINES = ("sqlite", "postgresql")

T = TypeVar("T")


WATCH = """
CREATE SCHEMA watch;
CREATE TABLE watch.changed (what text);
CREATE FUNCTION watch.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO watch.changed VALUES (tg_tag); END $$;
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch.note();
"""
"""Notes whatever changes more than rows."""

SWEEPING = """
SELECT string_agg(format('DELETE FROM %I', tablename), ';') || ';' || (
    SELECT string_agg(format('SELECT setval(%L, %s, false)', quote_ident(sequencename), start_value), ';')
    FROM pg_sequences WHERE schemaname = 'public'
) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
"""Writes the statements that take every row away and begin every count anew."""

LEFT_OPEN = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
"""Ends what a test has left open: it would hold locks. What is idle waits in a pool for the next test."""

SHARED = "portal_test_shared_"
"""How the names of databases begin that tests share by turns."""


class PostgresDatabases:
    """Makes and drops databases in one server; knows nothing of what is in them but the migrated template."""

    def __init__(self, url: str) -> None:
        self._server = make_url(url)
        self._names = (f"portal_test_{os.getpid()}_{number}" for number in itertools.count())
        self._template: str | None = None
        self._filled: dict[str, str] = {}
        self._swept: str | None = None
        self._broom: psycopg.Connection[Any] | None = None
        self._sweeping = ""
        self._admin = psycopg.connect(
            self._server.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )

    @contextmanager
    def empty(self) -> Iterator[str]:
        """A new database with no tables."""
        with self._database(None) as name:
            yield self._url(name)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """A copy of the template, which is migrated the first time it is needed."""
        with self._database(self._migrated_template()) as name:
            yield self._url(name)

    @contextmanager
    def filled(self, what: str, fill: Callable[[str], None]) -> Iterator[str]:
        """A copy of a migrated database as `fill` leaves the one at the address it is given, the first time."""
        if what not in self._filled:
            name = next(self._names)
            self._create(name, self._migrated_template())
            fill(self._url(name))
            self._filled[what] = name
        with self._database(self._filled[what]) as name:
            yield self._url(name)

    def swept(self) -> str:
        """The address of the one migrated database that tests share by turns, as empty as when it was migrated."""
        if self._broom is None or not self._sweep(self._broom):
            self._swept = self._swept or f"{SHARED}{os.getpid()}"
            self._put_away_the_broom()
            self._drop(self._swept)
            self._create(self._swept, self._migrated_template())
            self._broom = self._connected(self._swept)
            self._broom.execute(WATCH)
            # Neither triggers nor keys stand in the broom's way.
            self._broom.execute("SET session_replication_role = replica")
            [(self._sweeping,)] = self._broom.execute(SWEEPING)
        return self._url(self._swept or "")

    def close(self) -> None:
        """Drop the templates and what was shared."""
        self._put_away_the_broom()
        for name in (self._template, self._swept, *self._filled.values()):
            if name is not None:
                self._drop(name)
        self._admin.close()

    def _put_away_the_broom(self) -> None:
        if self._broom is not None:
            self._broom.close()

    def _migrated_template(self) -> str:
        if self._template is None:
            name = next(self._names)
            self._create(name, None)
            migrate(self._url(name))
            self._template = name
        return self._template

    def _sweep(self, broom: psycopg.Connection[Any]) -> bool:
        """Take every row away and begin every count anew; False when a test has changed more than rows."""
        broom.execute(LEFT_OPEN)
        if broom.execute("SELECT 1 FROM watch.changed").fetchone():
            return False
        broom.execute(self._sweeping)
        return True

    def _connected(self, name: str) -> psycopg.Connection[Any]:
        url = self._server.set(database=name, drivername="postgresql")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def _database(self, template: str | None) -> Iterator[str]:
        name = next(self._names)
        self._create(name, template)
        try:
            yield name
        finally:
            self._drop(name)

    def _create(self, name: str, template: str | None) -> None:
        self._admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template or "template0")
            )
        )

    def _drop(self, name: str) -> None:
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate(url: str) -> None:
    """Bring a database to the newest revision by the portal's own door."""
    from portal.store.migrate import upgrade

    upgrade(url)


@contextmanager
def opened(url: str) -> Iterator["Database"]:
    """The portal's own store over a database, closed afterwards."""
    from portal.store.session import Database

    database = Database(url)
    try:
        yield database
    finally:
        database.close()


_PREPARED: dict[tuple[str, Hashable], tuple[Any, Any]] = {}


def prepared(database: "Database", key: Hashable, prepare: Callable[[], T]) -> T:
    """Let an empty database hold what `prepare` writes, and give what it gives.

    It is called once a process for each engine and key; afterwards the rows are copied.
    """
    kept = _PREPARED.get((database.dialect, key))
    if kept is None:
        given = prepare()
        copies = _SqliteFile if database.dialect == "sqlite" else _PostgresRows
        kept = _PREPARED[database.dialect, key] = copies(database), given
    else:
        kept[0].put(database)
    return kept[1]


class _SqliteFile:
    """A whole SQLite database as the file it is when nobody has it open."""

    def __init__(self, database: "Database") -> None:
        self._content = self._closed(database).read_bytes()

    def put(self, database: "Database") -> None:
        self._closed(database).write_bytes(self._content)

    @staticmethod
    def _closed(database: "Database") -> Path:
        database.close()
        path = Path(database.url.database or "")
        left = [each.name for each in path.parent.glob(f"{path.name}-*")]
        assert not left, f"somebody else has the database open: {left}"
        return path


class _PostgresRows:
    """The rows of a PostgreSQL database as it writes them itself, and where its counts stand."""

    def __init__(self, database: "Database") -> None:
        with self._connected(database) as connection:
            tables = connection.execute(
                "SELECT format('%I', tablename) FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            self._rows = {}
            for (table,) in tables:
                with connection.cursor().copy(f"COPY {table} TO STDOUT") as out:
                    self._rows[table] = b"".join(out)
            [(counts,)] = connection.execute(
                "SELECT string_agg(format('SELECT setval(%L, %s)', quote_ident(sequencename), last_value), ';')"
                " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
            )
            self._counts = counts or "SELECT"

    def put(self, database: "Database") -> None:
        with self._connected(database) as connection:
            connection.execute("SET LOCAL session_replication_role = replica")  # rows come in any order
            for table, rows in self._rows.items():
                if rows:
                    with connection.cursor().copy(f"COPY {table} FROM STDIN") as into:
                        into.write(rows)
            connection.execute(self._counts)
            connection.commit()

    @staticmethod
    @contextmanager
    def _connected(database: "Database") -> Iterator[Any]:
        raw = database.engine.raw_connection()
        try:
            yield raw.driver_connection
        finally:
            raw.close()


@contextmanager
def listening(database: "Database", when: str, note: Callable[..., None]) -> Iterator[None]:
    """Let something be told of what an engine does; the engine lives on after the test."""
    from sqlalchemy import event

    event.listen(database.engine, when, note)
    try:
        yield
    finally:
        event.remove(database.engine, when, note)


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    """One PostgreSQL server for the whole session of one test process."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        databases = PostgresDatabases(given)
        yield databases
        databases.close()
        return
    try:
        server = PostgresServer()
    except NoPostgres as reason:
        pytest.skip(str(reason))
    try:
        server.start()
        databases = PostgresDatabases(server.url())
        yield databases
        databases.close()
    finally:
        server.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "portal.sqlite3"
    migrate(f"sqlite:///{path}")
    leftover = [file.name for file in path.parent.iterdir() if file != path]
    assert not leftover, f"a connection to the template is still open: a copy would lack {leftover}"
    return path


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQLite database of the test that runs lies."""
    return tmp_path_factory.mktemp("database") / "portal.sqlite3"


@pytest.fixture(scope="session", autouse=True)
def engines_kept() -> Iterator[None]:
    """One engine for each address in a process: what it compiled stays, on the shared database its connections too."""
    from portal.store import session

    make, owner, stays = session.make_engine, os.getpid(), ExitStack()
    kept: dict[tuple[Any, int], Any] = {}
    inherited: dict[Any, Any] = {}

    def engine(url: Any, pool_size: int = 8, **_hurried: bool) -> Any:
        if os.getpid() != owner:
            return of_a_child(url, pool_size)
        if (url, pool_size) not in kept:
            made = kept[url, pool_size] = make(url, pool_size, hurried=True)
            if (url.database or "").startswith(SHARED):
                dispose = made.dispose
                made.dispose = lambda close=True: None if close else dispose(close=False)
                stays.callback(dispose)
        return kept[url, pool_size]

    def of_a_child(url: Any, pool_size: int) -> Any:
        """The parent's engine with what it compiled, on connections of the child's own."""
        if url not in inherited:
            known = [made for (address, _), made in kept.items() if address == url]
            for made in known:
                made.dispose(close=False)
            inherited[url] = known[0] if known else make(url, pool_size, hurried=True)
        return inherited[url]

    session.make_engine = engine
    with stays:
        yield
    session.make_engine = make


@pytest.fixture
def sqlite_url(sqlite_template: Path, sqlite_place: Path) -> str:
    """A migrated SQLite database of the test's own."""
    for left in sqlite_place.parent.glob(f"{sqlite_place.name}*"):
        left.unlink()
    return f"sqlite:///{shutil.copy(sqlite_template, sqlite_place)}"


@pytest.fixture
def postgresql_url(postgres_databases: PostgresDatabases) -> str:
    """A migrated PostgreSQL database of the test's own."""
    return postgres_databases.swept()


@pytest.hookimpl(tryfirst=True)
def pages_on_sqlite(metafunc: pytest.Metafunc) -> None:
    """Let a folder's tests of pages run on SQLite, and on PostgreSQL too where they are marked each_engine.

    That every page can be asked for on PostgreSQL is tested with the doors; actions are tested on each engine.
    """
    if "database_url" in metafunc.fixturenames and not metafunc.definition.get_closest_marker("each_engine"):
        metafunc.definition.add_marker(pytest.mark.parametrize("database_url", ["sqlite"], indirect=True))


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of the test's own, once for each engine."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with no tables, once for each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    with databases.empty() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator["Database"]:
    """A migrated, opened database of the test's own, once for each engine."""
    with opened(database_url) as database:
        yield database


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator["Database"]:
    """A migrated, opened SQLite database of the test's own."""
    with opened(sqlite_url) as database:
        yield database


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator["Database"]:
    """A migrated, opened PostgreSQL database of the test's own."""
    with opened(postgresql_url) as database:
        yield database


@pytest.fixture
def open_database() -> Iterator[Callable[[str], "Database"]]:
    """Opens further stores over a database (another process' eyes) and closes them after the test."""
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(opened(url))
