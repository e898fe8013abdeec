"""Who is signed in, and from which browsers before: both are known by the SHA-256 of a token, never by the token."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, exists, insert, select, update

from portal.domain.person import Person
from portal.store.people import person_of, persons_on
from portal.store.session import Session, inserting, run
from portal.store.tables import BrowserRow, PersonRow, SessionRow


@dataclass(frozen=True, slots=True)
class Client:
    """Where somebody signs in from."""

    browser: str = ""
    """The SHA-256 of the browser's own token; empty: it is not remembered."""
    agent: str = ""
    address: str = ""


NOWHERE = Client()


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session as it is listed; one that is too old is not marked as ended."""

    digest: str
    began_at: datetime
    ended_at: datetime | None
    agent: str
    address: str


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


def add(session: Session, *, digest: str, person_id: int, client: Client, at: datetime) -> None:
    """Keep a new session of somebody who has just shown who they are."""
    session.execute(
        insert(SessionRow).values(
            id=digest,
            person_id=person_id,
            created_at=at,
            revoked_at=None,
            proved_at=at,
            browser=client.browser,
            agent=client.agent,
            address=client.address,
        )
    )


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


def revoke_one(session: Session, person_id: int, digest: str, *, at: datetime) -> int:
    """End that session if it is the person's; the number of those ended."""
    mine = update(SessionRow).where(SessionRow.id == digest, SessionRow.person_id == person_id)
    ended = session.execute(
        mine.where(SessionRow.revoked_at.is_(None)).values(revoked_at=at).returning(SessionRow.id)
    )
    return len(ended.all())


def of_person(session: Session, person_id: int, *, limit: int = 50) -> list[SignIn]:
    """The sessions of a person that are still remembered, newest first."""
    rows = session.execute(
        select(
            SessionRow.id.label("digest"),
            SessionRow.created_at.label("began_at"),
            SessionRow.revoked_at.label("ended_at"),
            SessionRow.agent,
            SessionRow.address,
        )
        .where(SessionRow.person_id == person_id)
        .order_by(SessionRow.created_at.desc(), SessionRow.id)
        .limit(limit)
    )
    return [SignIn(**row._asdict()) for row in rows]


def forget(session: Session, *, created_before: datetime) -> int:
    """Delete sessions that are over long since; the number of those deleted."""
    gone = session.execute(
        delete(SessionRow).where(SessionRow.created_at < created_before).returning(SessionRow.id)
    )
    return len(gone.all())


def is_known_browser(session: Session, digest: str, person_id: int) -> bool:
    """Whether the person has signed in from that browser before."""
    known = exists().where(BrowserRow.id == digest, BrowserRow.person_id == person_id)
    return bool(session.execute(select(known)).scalar_one())


def remember_browser(session: Session, digest: str, person_id: int, *, at: datetime) -> bool:
    """Remember that the person signs in from that browser; whether it is new to somebody who had another before."""
    others = session.execute(select(exists().where(BrowserRow.person_id == person_id))).scalar_one()
    known = is_known_browser(session, digest, person_id)
    session.execute(
        inserting(session, BrowserRow)
        .values(id=digest, person_id=person_id, first_at=at, last_at=at)
        .on_conflict_do_update(index_elements=["id", "person_id"], set_={"last_at": at})
    )
    return bool(others) and not known


def forget_browsers(session: Session, *, unused_since: datetime) -> None:
    """Forget browsers that nobody has come back with."""
    session.execute(delete(BrowserRow).where(BrowserRow.last_at < unused_since))


def forget_other_browsers(session: Session, person_id: int, *, but: str) -> None:
    """Know a person from no other browser than that of one session."""
    this = select(SessionRow.browser).where(SessionRow.id == but).scalar_subquery()
    session.execute(delete(BrowserRow).where(BrowserRow.person_id == person_id, BrowserRow.id != this))
