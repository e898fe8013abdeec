"""Brings a database to the newest revision; the revisions themselves are in `migrations/`."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from portal.store.session import Database, make_engine

ROOT = Path(__file__).resolve().parent.parent.parent


def config(url: str | None = None) -> Config:
    """The settings in pyproject.toml, for one database."""
    settings = Config(toml_file=ROOT / "pyproject.toml")
    if url is not None:
        settings.attributes["url"] = url
    return settings


def upgrade(url: str, revision: str = "head") -> None:
    """Run every revision that the database lacks; one process at a time does the work, others wait for it."""
    command.upgrade(config(url), revision)


@cache
def newest() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations")
    return head


def current(url: str) -> str | None:
    """The revision that the database is at, None when it is empty."""
    engine = make_engine(make_url(url))
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def pending(database: Database) -> bool:
    """Whether an opened database is at another revision than this code needs, older or newer."""
    with database.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision() != newest()
