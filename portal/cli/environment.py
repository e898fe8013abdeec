"""What every command may need around it: the clock, the settings, the database and folders of the environment.

Besides `web.current` the command line is the only place with a clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from portal.schemes.loader import Schemes
    from portal.settings import Places, Settings
    from portal.store.files import Files
    from portal.store.session import Database

FOLDER = click.Path(path_type=Path, file_okay=False)


def now() -> datetime:
    return datetime.now(UTC)


def settings() -> "Settings":
    """Everything the environment says, or a sentence for each thing that is wrong."""
    from portal.openid.ways import read_ways
    from portal.settings import Settings, WrongSettings

    try:
        told = Settings.from_env()
        read_ways(told.sign_in)
    except WrongSettings as wrong:
        raise click.ClickException(f"the portal cannot start:\n{wrong}") from None
    return told


@contextmanager
def any_database() -> "Iterator[Database]":
    """The database of the environment, closed afterwards, there or not; looking after it needs no secret."""
    from portal.settings import database_url_from_env
    from portal.store.session import Database

    database = Database(database_url_from_env())
    try:
        yield database
    finally:
        database.close()


@contextmanager
def database() -> "Iterator[Database]":
    """The same, which has the tables that this portal works on. Raises NotReady: none is made by looking for it."""
    from portal.store.trouble import refuse_unless_right, refuse_unless_there

    with any_database() as database:
        refuse_unless_there(database.url)
        refuse_unless_right(database)
        yield database


def places() -> "Places":
    """Where the portal keeps what it keeps."""
    from portal.settings import Places

    return Places.from_env()


def schemes() -> "Schemes":
    from portal.schemes.loader import load

    known = places()
    return load(*known.scheme_folders, funds=known.funds)


def files() -> "Files":
    from portal.store.files import files_of

    return files_of(places())


def in_words(error: Exception) -> str | None:
    """A sentence for what an operator can mend; None for a fault of the portal."""
    from portal.domain.refusal import Refused
    from portal.schemes.table import SchemeError
    from portal.settings import WrongSettings
    from portal.store.budgets import Unfit
    from portal.store.copies import CannotCopy
    from portal.store.files import Away
    from portal.store.trouble import NotReady
    from portal.store.trouble import in_words as of_the_machine

    match error:
        case Refused():
            return error.refusal.text % error.refusal.values
        case WrongSettings() | CannotCopy() | SchemeError() | NotReady() | Unfit():
            return str(error)
        case Away():
            return f"{error.strerror}."
    return of_the_machine(error)
