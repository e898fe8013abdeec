"""What `portal doctor` looks at: the engine, the revision, the log, the schemes, the seats, e-mails and letters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from portal.domain.person import ADMINISTRATOR
from portal.domain.scheme import Scheme
from portal.schemes.loader import load
from portal.schemes.table import SchemeError
from portal.settings import Places
from portal.store import audit, letters, outbox, people, seats
from portal.store.migrate import newest
from portal.store.session import Database, Session, file_of, sqlite_version, wal_is_safe
from portal.store.trouble import NotReady, in_words, refuse_unless_there, revision_in_words

_PATIENCE = timedelta(hours=1)
"""How long an e-mail or a letter may wait before something is wrong."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing looked at, and how it stands."""

    good: bool
    text: str


def examine(
    database: Database,
    *,
    places: Places,
    at: datetime,
    sends_mail: bool = True,
    proxy: str | None = None,
) -> Iterator[Point]:
    """Look at everything, in an order in which the first bad point explains those after it."""
    yield _engine(database)
    yield from _for_others(database, places.uploads_dir)
    yield Point(proxy is None, f"proxies: {proxy or 'counted, or none in front'}")
    revision = _revision(database)
    yield revision
    schemes, point = _schemes(places)
    yield point
    if not revision.good:
        return
    with database.reading() as session:
        found = audit.verify(session)
        fault = "" if found.whole else f", broken at event {found.broken_at}"
        yield Point(found.whole, f"audit log: {found.count} events{fault}")
        administrators = people.with_role(session, ADMINISTRATOR, day=at.date())
        yield Point(bool(administrators), f"administrators: {len(administrators)}")
        yield _mail(session, at, sends_mail)
        yield _letters(session, at)
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


def _for_others(database: Database, documents: Path) -> Iterator[Point]:
    """What is kept, where others on the machine than its owner may look or write."""
    file = file_of(database.url)
    kept = [file.parent, *file.parent.glob(f"{file.name}*")] if file is not None else []
    kept.append(documents)
    for path in (each for each in kept if each.exists()):
        if mode := wider(path):
            yield Point(False, f"{path} is open to others on this machine ({mode}): chmod go= {path}")


def wider(path: Path) -> str:
    """The mode of a file or folder, when somebody else than its owner has a right to it."""
    mode = path.stat().st_mode
    return f"{mode & 0o777:03o}" if mode & 0o077 else ""


def _revision(database: Database) -> Point:
    try:
        refuse_unless_there(database.url)
        said = revision_in_words(database)
    except Exception as error:
        said = str(error) if isinstance(error, NotReady) else in_words(error) or f"the database: {error!r}"
    return Point(said is None, said or f"revision: {newest()}")


def _schemes(places: Places) -> tuple[tuple[Scheme, ...], Point]:
    try:
        schemes = load(*places.scheme_folders, funds=places.funds)
    except SchemeError as wrong:
        return (), Point(False, f"schemes: {wrong}")
    return tuple(schemes.values()), Point(True, f"schemes: {', '.join(schemes)}")


def _mail(session: Session, at: datetime, sends_mail: bool) -> Point:
    waiting, parked, since = outbox.waiting(session)
    text = f"e-mails: {waiting} wait, {parked} are parked"
    if parked:
        return Point(False, f"{text}; an administrator can look at them and try them again")
    if not sends_mail:
        return Point(not waiting, f"{text}; SMTP_URL is not set, so none is sent")
    if since is not None and at - since > _PATIENCE:
        hours = (at - since).total_seconds() / 3600
        return Point(False, f"{text}, the oldest for {hours:.0f} h; is portal send-mail running?")
    return Point(True, text)


def _letters(session: Session, at: datetime) -> Point:
    waiting, since = letters.waiting(session)
    text = f"letters: {waiting} wait to be printed"
    late = since is not None and at - since > _PATIENCE
    return Point(not late, f"{text}; portal send-mail prints them" if late else text)


def _seats(session: Session, scheme: Scheme, at: datetime) -> Iterator[Point]:
    day = at.astimezone(scheme.zone).date()
    if scheme.decides_until is not None and day > scheme.decides_until:
        return
    held = {each.seat for each in seats.in_force(session, scheme.fund, day)}
    for seat in scheme.seats:
        taken = seat.key in held
        yield Point(taken, f"{scheme.key}, seat {seat.key}: {'held' if taken else 'nobody holds it today'}")
