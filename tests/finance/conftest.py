"""The demo of one day as data to report on: loaded once for each engine, read by every test here, changed by none."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.demo import load
from portal.schemes.loader import FOLDER, Schemes
from portal.schemes.loader import load as load_schemes
from portal.schemes.roll import roll_file
from portal.store.files import Files
from portal.store.session import Database
from tests.support.databases import ENGINES, PostgresDatabases, migrate, opened
from tests.support.portals import Clock, Visitor

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""A day in the second half-year, in no pause, when applications for next year wait."""


@pytest.fixture(scope="session")
def schemes(tmp_path_factory: pytest.TempPathFactory) -> Schemes:
    """The editions of that day."""
    folder = tmp_path_factory.mktemp("editions")
    for year in (2025, 2026, 2027):
        roll_file(FOLDER / "rfr-2024.toml", to_year=year, into=folder)
    return load_schemes(folder)


@pytest.fixture(scope="session")
def demo_on_sqlite(tmp_path_factory: pytest.TempPathFactory, schemes: Schemes) -> Iterator[Database]:
    """The demo in a file."""
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    migrate(url)
    with opened(url) as database:
        load(database, schemes, at=NOW, files=Files(folder / "documents"))
        yield database


@pytest.fixture(scope="session")
def demo_on_postgresql(
    postgres_databases: PostgresDatabases, schemes: Schemes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The demo on a server."""
    with postgres_databases.migrated() as url, opened(url) as database:
        load(database, schemes, at=NOW, files=Files(tmp_path_factory.mktemp("documents")))
        yield database


@pytest.fixture
def demo(request: pytest.FixtureRequest) -> Callable[[str], Database]:
    """demo("sqlite"), demo("postgresql"): the demo on that engine."""

    def on(engine: str) -> Database:
        database: Database = request.getfixturevalue(f"demo_on_{engine}")
        return database

    return on


@pytest.fixture(params=ENGINES)
def register(request: pytest.FixtureRequest, demo: Callable[[str], Database]) -> Database:
    """The demo, once for each engine."""
    return demo(request.param)


@pytest.fixture
def site(register: Database, schemes: Schemes, make_app: Callable[..., Flask], clock: Clock) -> Flask:
    """The portal over the demo of each engine."""
    clock.set(NOW)
    return make_app(schemes, database_url=register.url.render_as_string(hide_password=False))


@pytest.fixture
def be(site: Flask, register: Database) -> Callable[[str], Visitor]:
    """be("100305"): a visitor signed in as the person with that personal id."""

    def signed_in(number: str) -> Visitor:
        from portal.store import people

        with register.reading() as session:
            person = people.find_by_number(session, number, day=NOW.date())
        assert person is not None
        return Visitor(site.test_client()).sign_in(person.id)

    return signed_in
