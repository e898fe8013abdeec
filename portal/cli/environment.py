"""What every command may need around it: the clock, the settings, the database, folders, and refusals in words.

What only some need is imported when it is asked for, so that `portal --help` and `assess` start at once. Besides
`web.current` the command line is the only place with a clock.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from portal.settings import Settings
    from portal.store.session import Database

FOLDER = click.Path(path_type=Path, file_okay=False)


def now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


def settings() -> "Settings":
    """Everything the environment says, or a sentence for each thing that is wrong."""
    from portal.settings import Settings, WrongSettings

    try:
        return Settings.from_env()
    except WrongSettings as wrong:
        raise click.ClickException(f"the portal cannot start:\n{wrong}") from None


@contextmanager
def database() -> "Iterator[Database]":
    """The database of the environment, closed afterwards."""
    from portal.store.session import Database

    database = Database(database_url())
    try:
        yield database
    finally:
        database.close()


def database_url() -> str:
    """Only the address of the database: looking after it needs no secret."""
    from portal.settings import WrongSettings, database_url_from_env

    try:
        return database_url_from_env()
    except WrongSettings as wrong:
        raise click.ClickException(str(wrong)) from None


def zone() -> ZoneInfo:
    """Where instants are shown where no fund says otherwise."""
    from portal.settings import WrongSettings, zone_from_env

    try:
        return zone_from_env()
    except WrongSettings as wrong:
        raise click.ClickException(str(wrong)) from None


def proxy() -> str | None:
    """What is wrong with the proxies in front."""
    from portal.settings import WrongSettings, proxy_from_env

    try:
        return proxy_from_env()
    except WrongSettings as wrong:
        raise click.ClickException(str(wrong)) from None


def folders() -> list[Path]:
    """The folder with further scheme files, when there is one."""
    added = os.environ.get("SCHEMES_DIR", "").strip()
    return [Path(added)] if added else []


def uploads() -> Path:
    """The folder of documents."""
    from portal.settings import Settings

    return Path(os.environ.get("UPLOADS_DIR", "").strip() or Settings.uploads_dir)


@contextmanager
def refusals() -> Iterator[None]:
    """Say in words what the portal refuses."""
    from portal.domain.refusal import Refused

    try:
        yield
    except Refused as refused:
        raise click.ClickException(refused.refusal.text % refused.refusal.values) from None
