"""What an administrator has to know of everybody at once: whence people come, what they lack, and who is signed in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from portal.store.people import LACKING
from portal.store.rows import columns_of, every
from portal.store.session import Session
from portal.store.tables import ApplicationRow, IdentityRow, PersonRow, SessionRow


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
    return Headcount(*row[:3], *links, dict(zip(LACKING, row[3:], strict=True)))


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
