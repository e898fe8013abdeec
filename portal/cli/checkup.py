"""What `portal doctor` looks at: the engine, the revision, the log, the schemes, and who sits in which seat."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.domain.person import ADMINISTRATOR
from portal.domain.scheme import Scheme
from portal.schemes.loader import load
from portal.schemes.table import SchemeError
from portal.store import audit, people, seats
from portal.store.session import Database, Session, sqlite_version, wal_is_safe


@dataclass(frozen=True, slots=True)
class Point:
    """One thing looked at, and how it stands."""

    good: bool
    text: str


def examine(database: Database, *, folders: tuple[Path, ...] = (), at: datetime) -> Iterator[Point]:
    """Look at everything, in an order in which the first bad point explains those after it."""
    yield _engine(database)
    revision = _revision(database)
    yield revision
    schemes, point = _schemes(folders)
    yield point
    if not revision.good:
        return
    with database.reading() as session:
        found = audit.verify(session)
        fault = "" if found.whole else f", broken at event {found.broken_at}"
        yield Point(found.whole, f"audit log: {found.count} events{fault}")
        administrators = people.with_role(session, ADMINISTRATOR, day=at.date())
        yield Point(bool(administrators), f"administrators: {len(administrators)}")
        for scheme in schemes:
            yield from _seats(session, scheme, at)


def _engine(database: Database) -> Point:
    if database.dialect != "sqlite":
        return Point(True, f"database: {database.dialect}")
    number = sqlite_version()
    version = ".".join(map(str, number))
    if wal_is_safe(number):
        return Point(True, f"database: SQLite {version}, write-ahead log")
    return Point(
        True,
        f"database: SQLite {version} can corrupt a write-ahead log, so it runs without one, more slowly; "
        "the package pysqlite3 brings a mended version",
    )


def _revision(database: Database) -> Point:
    from portal.store.migrate import newest, pending

    try:
        missing = pending(database)
    except Exception as error:
        return Point(False, f"the database does not answer: {type(error).__name__}")
    text = f"revision: {newest()}"
    return Point(not missing, f"{text}; run portal migrate" if missing else text)


def _schemes(folders: tuple[Path, ...]) -> tuple[tuple[Scheme, ...], Point]:
    try:
        schemes = load(*folders)
    except SchemeError as wrong:
        return (), Point(False, f"schemes: {wrong}")
    return tuple(schemes.values()), Point(True, f"schemes: {', '.join(schemes)}")


def _seats(session: Session, scheme: Scheme, at: datetime) -> Iterator[Point]:
    day = at.astimezone(scheme.zone).date()
    if scheme.decides_until is not None and day > scheme.decides_until:
        return
    held = {each.seat for each in seats.in_force(session, scheme.fund, day)}
    for seat in scheme.seats:
        taken = seat.key in held
        yield Point(taken, f"{scheme.key}, seat {seat.key}: {'held' if taken else 'nobody holds it today'}")
