"""What keeps a command from its database, in a sentence for whoever operates the portal; no address, for it may hold
a password.
"""

import re
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal.store.migrate import current, is_known, newest
from portal.store.session import Busy, Database, Unsure, file_of, sqlite_driver

_SAID = re.compile(
    r'(FATAL: +.*|Connection refused|No such file or directory|timeout expired|[^:"]*certificate.*)'
)
_SQLITE = {
    "unable to open": "cannot be opened: does this user own the file, and may they enter its folder?",
    "readonly": "may not be written by this user, or lies on a disk that is read only: run the command as its owner.",
    "is full": "cannot grow: the disk is full. Make room, then run the command again; nothing was half done.",
    "disk I/O": "cannot be read or written: the disk fails or is full. Look at the system's log.",
    "not a database": "is no SQLite database: look at what DATABASE_URL names.",
    "malformed": "is damaged: stop the portal, keep the file aside, and restore the newest backup.",
    "locked": "is held by another program. Nothing was done; run the command again.",
    "no such": "has not the tables of this portal: run `portal migrate`.",
    "already exists": "has tables that are not this portal's, or another one is migrating: look at DATABASE_URL.",
}
_POSTGRES = {
    "08": "does not answer. Is PostgreSQL running, and may this machine reach it?",
    "25006": "takes no writes: it is a standby, or was told to be read only.",
    "28": "does not let this user in: look at the user and password in DATABASE_URL, and at pg_hba.conf.",
    "3D000": "is not there: make it with createdb.",
    "42501": "does not let this user do that: the user must own the database's tables.",
    "42P": "has not the tables of this portal: run `portal migrate`.",
    "42703": "has not the tables of this portal: run `portal migrate`.",
    "53100": "cannot grow: its disk is full. Make room, then run the command again; nothing was half done.",
    "53300": "has no connection left: raise max_connections, or run fewer workers.",
    "55P03": "is held by another program. Nothing was done; run the command again.",
    "57P": "is being stopped or started. Run the command again in a moment.",
    "57014": "took too long over an answer and was stopped. Nothing was done; run the command again.",
}


class NotReady(Exception):
    """A database that a command cannot work on; the message says why and what to do."""


def is_missing(url: URL) -> bool:
    """Whether opening an SQLite database would make a new and empty one."""
    try:
        return (file := file_of(url)) is not None and not file.stat()
    except FileNotFoundError:
        return True


def refuse_unless_there(url: URL) -> None:
    """Raises NotReady where there is no database yet, or none any more."""
    if is_missing(url):
        raise NotReady(
            f"there is no database {url.database}: `portal migrate` makes one. "
            "If there should be one, look at DATABASE_URL."
        )


def refuse_unless_right(database: Database) -> None:
    """Raises NotReady unless the database has the tables that this code works on."""
    if (said := revision_in_words(database)) is not None:
        raise NotReady(said)


def refuse_newer(database: Database) -> None:
    """Raises NotReady for a database that a newer portal has migrated: it cannot be brought to what this one needs."""
    revision = current(database)
    if revision is not None and not is_known(revision):
        raise NotReady(_newer(revision))


def revision_in_words(database: Database) -> str | None:
    """Why the database has not the tables that this code works on, or None."""
    revision = current(database)
    if revision == newest():
        return None
    if revision is None:
        return "the database is empty: run `portal migrate`."
    if is_known(revision):
        return (
            f"the database is at revision {revision}, and this portal needs {newest()}: run `portal migrate`."
        )
    return _newer(revision)


def _newer(revision: str) -> str:
    return (
        f"the database is at revision {revision}, which this portal does not know: it was migrated by a newer one. "
        "Install that version, or restore the backup made before it."
    )


def in_words(error: Exception) -> str | None:
    """A sentence for what the database or the disk did not do; None for what only a fault in the portal explains."""
    match error:
        case Busy() | PoolTimeout():
            return "the database is busy. Nothing was done; run the command again."
        case Unsure():
            return "the database was lost while it saved: look whether it was done before you run the command again."
        case DBAPIError():
            return in_words(error.orig) if isinstance(error.orig, Exception) else None
        case sqlite_driver.Error():
            return _first(_SQLITE, lambda sign: sign in str(error))
        case OSError() if error.strerror:
            return f"{Path(str(error.filename)) if error.filename else 'the system'}: {error.strerror}."
    return _of_postgres(error)


def _of_postgres(error: Exception) -> str | None:
    import psycopg

    if not isinstance(error, psycopg.Error):
        return None
    if error.sqlstate is not None:
        return _first(_POSTGRES, error.sqlstate.startswith)
    if not isinstance(error, psycopg.OperationalError):
        return None
    found = _SAID.search(str(error))
    why = f" It said: {found[0].strip()}." if found else ""
    if why and "FATAL" in why:
        return (
            f"the database answers, and lets nobody in: look at DATABASE_URL, and at PostgreSQL's log.{why}"
        )
    return f"the database {_POSTGRES['08']}{why}"


def _first(sentences: dict[str, str], is_sign: Callable[[str], bool]) -> str | None:
    return next((f"the database {text}" for sign, text in sentences.items() if is_sign(sign)), None)
