"""The demo of one day as data to look at: loaded once for all test processes of a run, then copied.

    autumn_demo     the day's editions, its database as a SQLite file, and its documents: look, and change nothing

That the demo can be loaded on either engine and on any day is the business of tests/demo.
"""

import fcntl
import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support.databases import migrate, opened

if TYPE_CHECKING:
    from portal.schemes.loader import Schemes

AUTUMN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""A day in the second half-year, in no pause, when applications for next year wait."""


@cache
def _read(editions: Path) -> "Schemes":
    from portal.schemes.loader import load

    return load(editions)


@dataclass(frozen=True)
class Demonstration:
    """Where the demo of a day lies."""

    folder: Path

    @property
    def path(self) -> Path:
        """The database, a SQLite file."""
        return self.folder / "portal.sqlite3"

    @property
    def editions(self) -> Path:
        """The folder with the rolled editions."""
        return self.folder / "editions"

    @property
    def documents(self) -> Path:
        return self.folder / "documents"

    def schemes(self) -> "Schemes":
        """The editions of that day."""
        return _read(self.editions)

    def copy_to(self, path: Path) -> str:
        """A copy of the database in another file; gives its address."""
        return f"sqlite:///{shutil.copy(self.path, path)}"

    def copy_into(self, url: str) -> None:
        """The same rows in a migrated PostgreSQL database."""
        import sqlite3

        from portal.store.tables import Base

        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with closing(sqlite3.connect(self.path)) as source, psycopg.connect(plain) as target:
            target.execute(
                "SET session_replication_role = replica"
            )  # neither triggers nor keys stand in the way
            for table in Base.metadata.tables:
                rows = source.execute(f'SELECT * FROM "{table}"')
                names = sql.SQL(", ").join(sql.Identifier(column[0]) for column in rows.description)
                statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
                with target.cursor().copy(statement) as into:
                    for row in rows:
                        into.write_row(row)
            for table, column in target.execute(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND (is_identity = 'YES' OR column_default LIKE 'nextval(%')"
            ).fetchall():
                target.execute(
                    sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}").format(
                        table, column, sql.Identifier(column), sql.Identifier(table)
                    )
                )


@pytest.fixture(scope="session")
def autumn_demo(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demo of that day; whichever process wants it first loads it, the others wait."""
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    made = Demonstration(place / "autumn")
    with (place / "autumn.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.folder.exists():
            load_demonstration(Demonstration(place / "autumn.begun"))
            (place / "autumn.begun").rename(made.folder)
    return made


def load_demonstration(demonstration: Demonstration) -> None:
    """Load the demo of that day into a folder that is there or not."""
    from portal.demo import load, roll_editions
    from portal.store.files import Folder

    roll_editions(demonstration.editions, AUTUMN.year)
    url = f"sqlite:///{demonstration.path}"
    migrate(url)
    with opened(url) as database:
        load(database, demonstration.schemes(), at=AUTUMN, files=Folder(demonstration.documents))
