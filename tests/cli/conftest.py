"""A portal in use for the commands that look after it: the demo on one engine, with its documents and editions."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.store.session import Database
from tests.support.databases import ENGINES, PostgresDatabases, opened
from tests.support.demonstrations import Demonstration
from tests.support.postgres import NoPostgres, installation


@dataclass(frozen=True)
class Place:
    """Where a portal keeps what it keeps, and the environment that says so."""

    url: str
    documents: Path
    editions: Path
    path: str

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "DATABASE_URL": self.url,
            "UPLOADS_DIR": str(self.documents),
            "SCHEMES_DIR": str(self.editions),
            "PATH": self.path,
        }

    def run(self, *words: str | Path) -> Result:
        """A command as somebody types it here."""
        return CliRunner().invoke(main, [str(word) for word in words], env=self.environment)

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")


@pytest.fixture(scope="session")
def programs() -> str:
    """A PATH on which PostgreSQL's own programs are, of the version of the server in use."""
    path = os.environ.get("PATH", "")
    if os.environ.get("TEST_DATABASE_URL"):
        return path
    try:
        return f"{installation() / 'bin'}{os.pathsep}{path}"
    except NoPostgres:
        return path


@pytest.fixture(params=ENGINES)
def lived_in(
    request: pytest.FixtureRequest, autumn_demo: Demonstration, tmp_path: Path, programs: str
) -> Iterator[Place]:
    """The demo, in a place of the test's own, once for each engine."""
    documents = shutil.copytree(autumn_demo.documents, tmp_path / "lived-in" / "documents")
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = autumn_demo.copy_to(tmp_path / "lived-in" / "portal.sqlite3")
        else:
            databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
            url = stack.enter_context(databases.filled("demo", autumn_demo.copy_into))
        yield Place(url, documents, autumn_demo.editions, programs)


@pytest.fixture
def new_place(
    request: pytest.FixtureRequest, autumn_demo: Demonstration, tmp_path: Path, programs: str
) -> Iterator[Callable[[Place], Place]]:
    """new_place(lived_in): an empty place for a portal of the same engine."""
    with ExitStack() as stack:

        def place(like: Place) -> Place:
            if like.is_sqlite:
                url = f"sqlite:///{tmp_path / 'new' / 'portal.sqlite3'}"
            else:
                databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
                url = stack.enter_context(databases.empty())
            return Place(url, tmp_path / "new" / "documents", autumn_demo.editions, programs)

        yield place


@pytest.fixture
def lived_in_database(lived_in: Place) -> Iterator[Database]:
    """The database of that place, opened beside whatever a command does."""
    with opened(lived_in.url) as database:
        yield database


@pytest.fixture
def sqlite_lived_in(autumn_demo: Demonstration, tmp_path: Path, programs: str) -> Place:
    """The demo in a place of the test's own, on SQLite: for what only its files show."""
    documents = shutil.copytree(autumn_demo.documents, tmp_path / "lived-in" / "documents")
    url = autumn_demo.copy_to(tmp_path / "lived-in" / "portal.sqlite3")
    return Place(url, documents, autumn_demo.editions, programs)
