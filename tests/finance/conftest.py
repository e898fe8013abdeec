"""The demo of one day as data to report on: loaded once for each engine, read by every test here, changed by none."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.schemes.loader import Schemes
from portal.store.session import Database
from tests.support.databases import ENGINES, PostgresDatabases, opened
from tests.support.demonstrations import AUTUMN, Demonstration
from tests.support.portals import Clock, Visitor

NOW = AUTUMN


@pytest.fixture(scope="session")
def schemes(autumn_demo: Demonstration) -> Schemes:
    """The editions of that day."""
    return autumn_demo.schemes()


@pytest.fixture(scope="session")
def demo_on_sqlite(
    autumn_demo: Demonstration, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The demo in a file."""
    with opened(autumn_demo.copy_to(tmp_path_factory.mktemp("demo") / "portal.sqlite3")) as database:
        yield database


@pytest.fixture(scope="session")
def demo_on_postgresql(
    autumn_demo: Demonstration, postgres_databases: PostgresDatabases
) -> Iterator[Database]:
    """The demo on a server."""
    with postgres_databases.migrated() as url, opened(url) as database:
        autumn_demo.copy_into(url)
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


@pytest.fixture
def swedish_afterwards(be: Callable[[str], Visitor]) -> Iterator[None]:
    """Finance finds the portal in Swedish again, whichever language a test chose for them."""
    yield
    be("100305").post("/language", {"lang": "sv"})
