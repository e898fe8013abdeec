"""Who is signed in: sessions that can be ended from elsewhere, known by the SHA-256 of their token."""

from datetime import date, datetime

from sqlalchemy import bindparam, delete, insert, select, update

from portal.domain.person import Person
from portal.store.people import person_of, persons_on
from portal.store.session import Session, run
from portal.store.tables import PersonRow, SessionRow

_SIGNED_IN = (
    persons_on(bindparam("day"))
    .join(SessionRow, SessionRow.person_id == PersonRow.id)
    .where(
        SessionRow.id == bindparam("digest"),
        SessionRow.revoked_at.is_(None),
        SessionRow.created_at > bindparam("created_after"),
        PersonRow.active,
    )
)


def find_person(session: Session, *, digest: str, created_after: datetime, day: date) -> Person | None:
    """The active person of a session that is neither ended nor too old, in one statement; else None."""
    row = run(session, _SIGNED_IN, digest=digest, created_after=created_after, day=day).one_or_none()
    return None if row is None else person_of(row)


def add(session: Session, *, digest: str, person_id: int, at: datetime) -> None:
    """Keep a new session."""
    session.execute(insert(SessionRow).values(id=digest, person_id=person_id, created_at=at, revoked_at=None))


def revoke(session: Session, *, digest: str, at: datetime) -> None:
    """End one session; ending it twice changes nothing."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.id == digest, SessionRow.revoked_at.is_(None))
        .values(revoked_at=at)
    )


def revoke_all(session: Session, person_id: int, *, at: datetime, but: str | None = None) -> int:
    """End every session of a person, but one if so told; the number of those ended."""
    statement = update(SessionRow).where(SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None))
    if but is not None:
        statement = statement.where(SessionRow.id != but)
    ended = session.execute(statement.values(revoked_at=at).returning(SessionRow.id))
    return len(ended.all())


def open_since(session: Session, person_id: int, *, created_after: datetime) -> list[tuple[str, datetime]]:
    """The sessions of a person that still hold: each one's digest and when it was begun, newest first."""
    rows = session.execute(
        select(SessionRow.id, SessionRow.created_at)
        .where(
            SessionRow.person_id == person_id,
            SessionRow.revoked_at.is_(None),
            SessionRow.created_at > created_after,
        )
        .order_by(SessionRow.created_at.desc())
    )
    return [(row.id, row.created_at) for row in rows]


def forget(session: Session, *, created_before: datetime) -> int:
    """Delete sessions that are over long since; the number of those deleted."""
    gone = session.execute(
        delete(SessionRow).where(SessionRow.created_at < created_before).returning(SessionRow.id)
    )
    return len(gone.all())
