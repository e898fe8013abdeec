"""What `portal doctor` looks at, quickly at any size, and what to do about it; only the proof of the log takes long."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from portal.domain.person import ADMINISTRATOR
from portal.domain.scheme import Scheme
from portal.environment import FILE, NAMES, told
from portal.openid.ways import read_ways
from portal.schemes.loader import load
from portal.schemes.table import SchemeError
from portal.settings import ObjectStore, Places, Settings, WrongSettings, connections
from portal.store import applications, audit, backup, letters, outbox, people, seats, totals
from portal.store.migrate import newest
from portal.store.session import Database, Session, file_of, sqlite_version, wal_is_safe
from portal.store.soundness import soundness
from portal.store.trouble import NotReady, in_words, refuse_unless_there, revision_in_words

_PATIENCE = timedelta(hours=1)
"""How long an e-mail or a letter may wait before something is wrong."""
_BACKUP_AGE = timedelta(hours=30)
"""How old the newest backup may be: a night's, and some hours of grace."""
_LEAST_ROOM = 1 << 30


@dataclass(frozen=True, slots=True)
class Point:
    """One thing looked at, and how it stands."""

    good: bool
    text: str


def examine(database: Database, places: Places, *, at: datetime, deep: bool = False) -> Iterator[Point]:
    """Look at everything, in an order in which the first bad point explains those after it."""
    environ = told()
    yield from _settings(environ)
    yield from _for_others(database, places, environ)
    yield from _folders(database, places)
    if places.object_store is not None:
        yield _object_store(places.object_store)
    yield _engine(database)
    revision = _revision(database)
    yield revision
    schemes, point = _schemes(places)
    yield point
    yield _backups(places, at)
    if not revision.good:
        return
    with database.reading() as session:
        yield _log(session, deep)
        if deep:
            yield _totals(session)
            yield from _decided(session)
        yield from _editions(session, schemes) if point.good else ()
        administrators = people.with_role(session, ADMINISTRATOR, day=at.date())
        how = "" if administrators else "; portal add-person --role administrator --login … adds the first"
        yield Point(bool(administrators), f"administrators: {len(administrators)}{how}")
        yield from _break_glass(session, environ, at)
        yield _mail(session, at, sends_mail=bool(_said(environ, "SMTP_URL")))
        yield _letters(session, at)
        for scheme in schemes:
            yield from _seats(session, scheme, at)


def _said(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name) or environ.get(f"{name}_FILE") or "").strip()


def _settings(environ: Mapping[str, str]) -> Iterator[Point]:
    """Where they come from, everything that would stop a start, and how others are talked to."""
    yield Point(True, f"settings: {environ.get(FILE) or f'the environment alone; {FILE} can name a file'}")
    try:
        settings = Settings.from_env(environ)
    except WrongSettings as wrong:
        for line in str(wrong).splitlines():
            yield Point(False, line)
    else:
        old = "; SECRET_KEY_OLD is set: take it out once SESSION_ABSOLUTE_MINUTES have passed"
        yield Point(True, f"secret: set{old if settings.secret_key_old else ''}")
        yield _ways(settings)
        proxy = settings.proxy_not_counted
        yield Point(proxy is None, f"proxies: {proxy or f'{settings.trusted_proxies} counted'}")
    yield from (Point(True, line) for good, line in connections(environ) if good)


def _ways(settings: Settings) -> Point:
    """How people sign in; who gets in when the organisation's sign-in is away is looked at with the people."""
    try:
        ways = read_ways(settings.sign_in)
    except WrongSettings as wrong:
        return Point(False, str(wrong))
    by = [
        *(["passwords"] if ways.local else [f"the password of {ways.break_glass}"]),
        *([f"the provider {ways.provider.issuer}"] if ways.provider else []),
        *([f"the header {ways.header.name}"] if ways.header else []),
    ]
    return Point(True, f"sign-in: by {', '.join(by)}")


def _break_glass(session: Session, environ: Mapping[str, str], at: datetime) -> Iterator[Point]:
    """Whether the one who gets in when local accounts are off is there, administers and has a password."""
    try:
        ways = read_ways(Settings.from_env(environ).sign_in)
    except WrongSettings:
        return
    if not ways.local:
        person = people.find_by_number(session, ways.break_glass, day=at.date())
        good = person is not None and ADMINISTRATOR in person.roles
        good = good and people.find_login_of(session, person.id if person else 0, day=at.date()) is not None
        how = (
            ""
            if good
            else ": they must be an administrator with a password; portal sign-in-code makes a code"
        )
        yield Point(good, f"break-glass: {ways.break_glass}{how}")


def _for_others(database: Database, places: Places, environ: Mapping[str, str]) -> Iterator[Point]:
    """What is kept, where others on the machine than its owner may look or write."""
    file = file_of(database.url)
    named = (None if places.object_store else places.uploads_dir, places.backups_dir, places.exports_dir)
    kept = [each for each in named if each]
    try:
        if file is not None:
            kept += [file.parent, *file.parent.glob(f"{file.name}*")]
        for path in (each for each in kept if each.exists()):
            if mode := wider(path):
                yield Point(False, f"{path} is open to others on this machine ({mode}): chmod go= {path}")
        secrets = (environ.get(name, "") for name in (FILE, *(f"{each}_FILE" for each in NAMES)))
        for path in (Path(each) for each in secrets if each.strip() and Path(each).is_file()):
            if path.stat().st_mode & 0o027:  # root may own it, and the portal's group read it
                yield Point(False, f"{path} is open to others on this machine: chmod g=r,o= {path}")
    except OSError as error:
        yield Point(False, in_words(error) or str(error))


def wider(path: Path) -> str:
    """The mode of a file or folder, when somebody else than its owner has a right to it."""
    mode = path.stat().st_mode
    return f"{mode & 0o777:03o}" if mode & 0o077 else ""


def _folders(database: Database, places: Places) -> Iterator[Point]:
    """Whether this user may write where the portal must, and how much room there is on each disk."""
    file = file_of(database.url)
    disks: dict[int, Path] = {}
    documents = None if places.object_store else places.uploads_dir
    named = {"documents": documents, "backups": places.backups_dir, "exports": places.exports_dir}
    for name, folder in {"database": file.parent if file else None, **named}.items():
        if folder is None:
            continue
        there = next(each for each in (folder, *folder.parents) if os.path.exists(each))  # noqa: PTH110 - see below
        disks.setdefault(there.stat().st_dev, there)  # Path.exists raises where it may not look
        if not os.access(there, os.W_OK | os.X_OK):
            yield Point(False, f"{name}: this user may not write in {there}: chown it to the portal's user")
        elif name == "documents":
            yield Point(True, f"documents: {folder}{'' if there == folder else ', made with the first one'}")
    for folder in disks.values():
        free = shutil.disk_usage(folder).free
        text = f"disk of {folder}: {free / (1 << 30):.1f} GB free"
        good = free >= _LEAST_ROOM
        yield Point(
            good, text if good else f"{text}; make room: below 1 GB the portal soon takes nothing more"
        )


def _object_store(told: ObjectStore) -> Point:
    from portal.store.files import NoRoom
    from portal.store.objects import Bucket

    try:
        Bucket(told).try_out()
    except OSError as error:
        return Point(False, f"documents: {error.strerror}")
    except NoRoom:
        return Point(False, f"documents: {told.url} is full; make room or raise its quota")
    return Point(True, f"documents: {told.url}, written, read and deleted")


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
    only = "" if places.funds else "; SCHEMES can name the funds that are run"
    return tuple(schemes.values()), Point(True, f"schemes: {', '.join(schemes)}{only}")


def _backups(places: Places, at: datetime) -> Point:
    if places.backups_dir is None:
        return Point(False, "backups: BACKUPS_DIR is not set; set it, and let portal nightly run each night")
    made = backup.newest(places.backups_dir)
    if made is None:
        return Point(False, f"backups: none in {places.backups_dir}; run portal nightly")
    hours = (at - made.at).total_seconds() / 3600
    text = f"backups: the newest is {made.folder}, {hours:.0f} h old"
    late = at - made.at > _BACKUP_AGE
    return Point(not late, f"{text}; see why portal nightly has not run or what it said" if late else text)


def _log(session: Session, deep: bool) -> Point:
    if not deep:
        events, head = audit.head(session)
        return Point(True, f"audit log: {events} events, head {head[:16]}…; doctor --deep proves it")
    found = audit.verify(session)
    fault = "" if found.whole else f", broken at event {found.broken_at}; compare with a backup's"
    return Point(found.whole, f"audit log: {found.count} events, proved to head {found.head[:16]}…{fault}")


def _totals(session: Session) -> Point:
    wrong = totals.differences(session)
    how = f"{wrong} are not what counting gives; portal recount mends them, and somebody has changed the database"
    return Point(not wrong, f"totals: {how if wrong else 'as counted anew'}")


def _decided(session: Session) -> Iterator[Point]:
    """Budget periods and decisions, against the entries and signatures that they stand on."""
    found = soundness(session)
    text = f"{found.applications} applications and {found.decisions} decisions"
    yield Point(not found.faults, f"decisions and budgets: {text}")
    for name, which in found.faults.items():
        yield Point(False, f"{name}: {', '.join(which[:20])}; compare with a backup's (portal rehearse)")


def _editions(session: Session, schemes: Iterable[Scheme]) -> Iterator[Point]:
    for key in applications.editions_besides(session, [scheme.key for scheme in schemes]):
        yield Point(
            False,
            f"{key} has applications, and no page can show them: put its file back in SCHEMES_DIR, "
            "and name its fund in SCHEMES",
        )


def _mail(session: Session, at: datetime, *, sends_mail: bool) -> Point:
    waiting, parked, since = outbox.waiting(session)
    text = f"e-mails: {waiting} wait, {parked} are parked"
    if parked:
        return Point(False, f"{text}; an administrator can look at them and try them again")
    if not sends_mail:
        return Point(
            not waiting, f"{text}; SMTP_URL is not set, so none is sent: set it, or tell people by hand"
        )
    if since is not None and at - since > _PATIENCE:
        hours = (at - since).total_seconds() / 3600
        away = outbox.server_away(session)
        what = "start portal send-mail" if away is None else f"look at the mail server of SMTP_URL ({away})"
        return Point(False, f"{text}, the oldest for {hours:.0f} h; {what}")
    return Point(True, text)


def _letters(session: Session, at: datetime) -> Point:
    waiting, since = letters.waiting(session)
    text = f"letters: {waiting} wait to be printed"
    late = since is not None and at - since > _PATIENCE
    return Point(not late, f"{text}; start portal send-mail, which prints them" if late else text)


def _seats(session: Session, scheme: Scheme, at: datetime) -> Iterator[Point]:
    day = at.astimezone(scheme.zone).date()
    if scheme.decides_until is not None and day > scheme.decides_until:
        return
    held = {each.seat for each in seats.in_force(session, scheme.fund, day)}
    missing = "nobody holds it today; an administrator appoints somebody on the page People"
    for seat in scheme.seats:
        taken = seat.key in held
        yield Point(taken, f"{scheme.key}, seat {seat.key}: {'held' if taken else missing}")
