"""Copies of a whole database as a file, and back: SQLite's own way, or PostgreSQL's programs.

Knows how each engine gives a consistent snapshot while others write, and when a copy of it is sound. What is kept
beside it is `backup`'s.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg.conninfo import make_conninfo
from sqlalchemy import inspect, text
from sqlalchemy.engine import URL

from portal.store import audit, documents
from portal.store.migrate import current_in
from portal.store.session import Database, Session, file_of

NAMES: Mapping[str, str] = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
"""What a copy is called, by engine."""

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database: of another database than the one it finds it beside, it does harm."""


class CannotCopy(Exception):
    """A copy that could not be made or put in place; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a database held when it was copied."""

    revision: str
    events: int
    head: str
    hashes: tuple[str, ...]
    """The documents that its rows name."""


def copy_out(database: Database, folder: Path) -> Moment:
    """Copy the database as it is at one moment into a folder, while the portal runs. Raises CannotCopy."""
    path = folder / NAMES[database.dialect]
    path.touch(mode=0o600, exist_ok=False)
    if database.dialect == "postgresql":
        return _dump(database, path)
    file = sqlite_file(database.url)
    if not file.is_file() or not file.stat().st_size:
        raise CannotCopy(f"there is no database {file}.")
    connection = database.engine.raw_connection()
    try:
        # It reads in one transaction and fills the empty file; in WAL nobody who writes waits for it.
        driver: Any = connection.driver_connection
        driver.execute("VACUUM INTO ?", (str(path),)).close()
    finally:
        connection.close()
    with opened_copy(path) as copy, copy.reading() as session:
        return moment_of(session)


def moment_of(session: Session) -> Moment:
    """What a database holds now. Raises CannotCopy when it holds no portal."""
    revision = current_in(session)
    if revision is None:
        raise CannotCopy("the database is empty: there is nothing to keep.")
    events, head = audit.head(session)
    return Moment(revision, events, head, tuple(documents.hashes(session)))


@contextmanager
def opened_copy(path: Path) -> Iterator[Database]:
    """A copied SQLite file, read as it lies: nothing is written into it or beside it."""
    how = {"mode": "ro", "immutable": "1", "uri": "true"}
    copy = Database(URL.create("sqlite", database=f"file:{quote(str(path.resolve()))}", query=how))
    try:
        yield copy
    finally:
        copy.close()


def faults_of_sqlite(session: Session) -> list[str]:
    """What SQLite itself finds wrong with a database, in sentences."""
    said = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check(5)"))]
    faults = [] if said == ["ok"] else [f"SQLite finds the database damaged: {each}." for each in said]
    strays = {str(row[0]) for row in session.execute(text("PRAGMA foreign_key_check"))}
    return faults + [f"rows of {table} point at rows that are not there." for table in sorted(strays)]


def faults_of_dump(path: Path) -> list[str]:
    """What pg_restore finds wrong when it reads a whole dump, in sentences. Raises CannotCopy without pg_restore."""
    done = _run("pg_restore", ["--file=/dev/null", str(path)])
    return [] if done.returncode == 0 else [f"pg_restore cannot read the dump: {_last(done)}"]


def refuse_unless_empty(database: Database) -> None:
    """Raises CannotCopy when a database already holds something, or something lies beside where it would be."""
    if database.dialect == "sqlite":
        file = sqlite_file(database.url)
        for beside in (file.with_name(file.name + end) for end in _BESIDE):
            if beside.exists() and not file.exists():
                raise CannotCopy(f"{beside} is left of another database: move it away first.")
        if not file.exists() or not file.stat().st_size:
            return
    with database.reading() as session:
        if inspect(session).get_table_names():
            raise CannotCopy("there is a database already, and it is not empty: nothing was changed.")


def copy_in(database: Database, path: Path) -> None:
    """Put a copy in the place of an empty database. Raises CannotCopy; on PostgreSQL nothing is left then."""
    if database.dialect == "postgresql":
        arguments, secret = _address(database.url)
        done = _run(
            "pg_restore",
            [
                "--single-transaction",
                "--exit-on-error",
                "--no-owner",
                "--no-privileges",
                arguments,
                str(path),
            ],
            secret,
        )
        if done.returncode:
            raise CannotCopy(f"pg_restore could not restore the database: {_last(done)}")
        return
    file = sqlite_file(database.url)
    database.close()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    arriving = file.with_name(f".{file.name}.{secrets.token_hex(4)}.arriving")
    try:
        arriving.touch(mode=0o600, exist_ok=False)
        shutil.copyfile(path, arriving)
        sync(arriving)
        for beside in (file.with_name(file.name + end) for end in _BESIDE):
            beside.unlink(missing_ok=True)  # of the empty one
        arriving.replace(file)
        sync(file.parent)
    finally:
        arriving.unlink(missing_ok=True)


def sqlite_file(url: URL) -> Path:
    """The file of an SQLite database. Raises CannotCopy for one that has none."""
    file = file_of(url)
    if file is None:
        raise CannotCopy("DATABASE_URL names no file.")
    return file


def sync(path: Path) -> None:
    """fsync a file or a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _dump(database: Database, path: Path) -> Moment:
    """Let pg_dump read the same exported snapshot as this session."""
    with database.reading() as session:
        # The snapshot lasts until the program has ended, however long that takes.
        session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        moment = moment_of(session)
        snapshot: str = session.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        arguments, secret = _address(database.url)
        done = _run(
            "pg_dump",
            ["--format=custom", f"--snapshot={snapshot}", f"--file={path}", arguments],
            secret,
        )
    if done.returncode:
        raise CannotCopy(f"pg_dump could not copy the database: {_last(done)}")
    return moment


def _address(url: URL) -> tuple[str, Mapping[str, str]]:
    """How PostgreSQL's programs are told of a database, and what is told where nobody else on the machine sees it."""
    _none, said = url.get_dialect()().create_connect_args(url)
    password = said.pop("password", None)
    told = {name: value for name, value in said.items() if value is not None}
    return f"--dbname={make_conninfo('', **told)}", {"PGPASSWORD": str(password)} if password else {}


def _run(
    program: str, arguments: Sequence[str], secret: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    found = shutil.which(program)
    if found is None:
        raise CannotCopy(
            f"{program} is not on PATH: install PostgreSQL's client programs, of the server's version or newer."
        )
    return subprocess.run(  # noqa: S603 - a program of PostgreSQL's, and no shell
        [found, *arguments],
        env={**os.environ, **(secret or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )


def _last(done: subprocess.CompletedProcess[bytes]) -> str:
    """The last line that a program complained with."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else f"exit status {done.returncode}"
