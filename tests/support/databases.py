"""Fixtures that give a test a database of its own, migrated, on SQLite, on PostgreSQL or on each in turn.

Each engine is migrated once a session; a test gets a copy (a file, or CREATE DATABASE ... TEMPLATE).

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
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support.postgres import NoPostgres, PostgresServer

if TYPE_CHECKING:
    from portal.store.session import Database

ENGINES = ("sqlite", "postgresql")


class PostgresDatabases:
    """Makes and drops databases in one server; knows nothing of what is in them but the migrated template."""

    def __init__(self, url: str) -> None:
        self._server = make_url(url)
        self._names = (f"portal_test_{os.getpid()}_{number}" for number in itertools.count())
        self._template: str | None = None
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
        if self._template is None:
            name = next(self._names)
            self._create(name, None)
            migrate(self._url(name))
            self._template = name
        with self._database(self._template) as name:
            yield self._url(name)

    def close(self) -> None:
        """Drop the template."""
        if self._template is not None:
            self._drop(self._template)
        self._admin.close()

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
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
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


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of the test's own."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'portal.sqlite3')}"


@pytest.fixture
def postgresql_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """A migrated PostgreSQL database of the test's own."""
    with postgres_databases.migrated() as url:
        yield url


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
