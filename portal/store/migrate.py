"""Brings a database to the newest revision with Alembic; the revisions themselves are in `migrations/`."""

from pathlib import Path

from alembic import command
from alembic.config import Config

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
