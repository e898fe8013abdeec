"""Brings a database to the newest revision with Alembic; the revisions themselves are in `migrations/`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from portal.store.session import file_of

ROOT = Path(__file__).resolve().parent.parent.parent


def config(url: str | None = None) -> Config:
    """The settings in pyproject.toml, for one database."""
    settings = Config(toml_file=ROOT / "pyproject.toml")
    if url is not None:
        settings.attributes["url"] = url
    return settings


def upgrade(url: str, revision: str = "head") -> None:
    """Run every revision that the database lacks; one process at a time does the work, others wait for it."""
    if (file := file_of(make_url(url))) is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command.upgrade(config(url), revision)
