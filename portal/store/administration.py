"""What an administrator has to know of everybody at once: whence people come, what they lack, and who is signed in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from portal.store.identities import Unlinked
from portal.store.people import LACKING
from portal.store.rows import columns_of, every
from portal.store.session import Session
from portal.store.tables import ApplicationRow, IdentityRow, PersonRow, SessionRow, UnlinkedRow


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many of those who are here come from where, sign in how, and lack what."""

    here: int
    from_directory: int
    with_password: int
    linked: int
    """To the organisation's sign-in."""
    undone: int
    """Links that an administrator has undone."""
    unlinked: int
    """Whom the sign-in knows and nobody here is linked to."""
    lacking: dict[str, int]
    """By the keys of `people.LACKING`."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that may still be open."""

    id: str
    person_id: int
    name: str
    created_at: datetime
    agent: str
    address: str


def known(session: Session) -> Headcount:
    """In one pass over everybody."""
    lacking = [func.count().filter(which) for which in LACKING.values()]
    row = session.execute(
        select(
            func.count(),
            func.count().filter(PersonRow.origin.is_not(None)),
            func.count().filter(PersonRow.password_hash.is_not(None)),
            *lacking,
        )
        .select_from(PersonRow)
        .where(PersonRow.active)
    ).one()
    undone = IdentityRow.undone_at.is_not(None)
    links = session.execute(
        select(func.count().filter(~undone), func.count().filter(undone)).select_from(IdentityRow)
    ).one()
    unlinked = session.execute(select(func.count()).select_from(UnlinkedRow)).scalar_one()
    return Headcount(*row[:3], *links, unlinked, dict(zip(LACKING, row[3:], strict=True)))


@dataclass(frozen=True, slots=True)
class Link:
    """Somebody's link to the organisation's sign-in."""

    id: int
    person_id: int
    name: str
    linked_at: datetime
    used_at: datetime
    undone_at: datetime | None
    undone_by: int | None


def links(
    session: Session, *, undone: bool, before: tuple[datetime, int] | None = None, limit: int = 50
) -> list[Link]:
    """Links that were undone, or those that count, the latest first; a keyset page before an instant and id."""
    own = columns_of(IdentityRow, Link, but=("name",))
    when = IdentityRow.undone_at if undone else IdentityRow.used_at
    statement = (
        select(*own[:2], PersonRow.name, *own[2:])
        .join(PersonRow, PersonRow.id == IdentityRow.person_id)
        .where(IdentityRow.undone_at.is_not(None) if undone else IdentityRow.undone_at.is_(None))
        .order_by(when.desc(), IdentityRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(or_(when < before[0], (when == before[0]) & (IdentityRow.id < before[1])))
    return every(session.execute(statement), Link)


def unlinked(
    session: Session, *, before: tuple[datetime, str] | None = None, limit: int = 50
) -> list[Unlinked]:
    """Whom the sign-in knows and nobody here is linked to, the latest first; a keyset page at a time."""
    when, last = UnlinkedRow.last_at, UnlinkedRow.subject
    statement = select(*columns_of(UnlinkedRow, Unlinked)).order_by(when.desc(), last.desc()).limit(limit)
    if before is not None:
        statement = statement.where(or_(when < before[0], (when == before[0]) & (last < before[1])))
    return every(session.execute(statement), Unlinked)


def signed_in(session: Session, *, since: datetime) -> int:
    """How many people have a session that began after an instant and was not ended."""
    people = func.count(SessionRow.person_id.distinct())
    return session.execute(select(people).where(*_open(since))).scalar_one()


def sessions(
    session: Session, *, since: datetime, before: tuple[datetime, str] | None = None, limit: int = 50
) -> list[OpenSession]:
    """Those sessions, the latest first; a keyset page at a time before an instant and id."""
    own = columns_of(SessionRow, OpenSession, but=("name",))
    columns: list[Any] = [*own[:2], PersonRow.name, *own[2:]]
    statement = (
        select(*columns)
        .join(PersonRow, PersonRow.id == SessionRow.person_id)
        .where(*_open(since))
        .order_by(SessionRow.created_at.desc(), SessionRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        at, last = before
        statement = statement.where(
            or_(SessionRow.created_at < at, (SessionRow.created_at == at) & (SessionRow.id < last))
        )
    return every(session.execute(statement), OpenSession)


def _open(since: datetime) -> tuple[Any, ...]:
    return SessionRow.created_at > since, SessionRow.revoked_at.is_(None)


def heads_gone(session: Session, funds: Collection[str], *, limit: int = 50) -> list[tuple[int, str, int]]:
    """Heads who have left and are named in open applications of these funds: id, name, in how many."""
    named = func.count()
    rows = session.execute(
        select(PersonRow.id, PersonRow.name, named)
        .join(ApplicationRow, ApplicationRow.head_id == PersonRow.id)
        .where(
            ApplicationRow.fund.in_(funds),
            ApplicationRow.queue.in_(("waiting", "returned")),
            ~PersonRow.active,
        )
        .group_by(PersonRow.id, PersonRow.name)
        .order_by(named.desc(), PersonRow.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]
