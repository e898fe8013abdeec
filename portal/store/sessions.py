"""Who is signed in, and from which browsers before: both are known by the SHA-256 of a token, never by the token."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from portal.domain.person import Person
from portal.domain.sign_in import HOLD, REMEMBERED, ROLE, SEAT
from portal.store.people import person_of, persons_on
from portal.store.rows import every, values_of
from portal.store.session import Session, inserting, run
from portal.store.tables import BrowserRow, PersonRow, SeatHoldingRow, SessionRow, SignInChangeRow


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


_LET_IN = (
    SignInChangeRow.person_id == PersonRow.id,
    SignInChangeRow.changed_by.is_not(None),
    SignInChangeRow.confirmed_by.is_(None),
    SignInChangeRow.changed_at > bindparam("let_in_after"),
)
_SIGNED_IN = (
    persons_on(bindparam("day"))
    .add_columns(
        exists().where(*_LET_IN, SignInChangeRow.kind == ROLE).label("roles_rest"),
        or_(
            exists().where(*_LET_IN, SignInChangeRow.kind == SEAT),
            exists().where(
                *_LET_IN,
                SeatHoldingRow.person_id == PersonRow.id,
                SeatHoldingRow.appointed_by == SignInChangeRow.changed_by,
                SeatHoldingRow.appointed_at > bindparam("appointed_after"),
            ),
        ).label("seats_rest"),
    )
    .join(SessionRow, SessionRow.person_id == PersonRow.id)
    .where(
        SessionRow.id == bindparam("digest"),
        SessionRow.revoked_at.is_(None),
        SessionRow.created_at > bindparam("created_after"),
        PersonRow.active,
    )
)


def find_person(
    session: Session, *, digest: str, created_after: datetime, day: date, at: datetime
) -> Person | None:
    """The active person of a session that is neither ended nor too old, in one statement; else None.

    Roles and seats that an administrator has just given rest for a day, unless another one has confirmed them: nobody
    makes up a person and acts through them at once. So do seats given of late by whoever then changed the sign-in.
    """
    bounds = {"let_in_after": at - HOLD, "appointed_after": at - REMEMBERED}
    row = run(
        session, _SIGNED_IN, digest=digest, created_after=created_after, day=day, **bounds
    ).one_or_none()
    if row is None:
        return None
    person = person_of(row)
    if row.roles_rest or row.seats_rest:
        person = replace(
            person,
            roles=frozenset() if row.roles_rest else person.roles,
            funds=frozenset() if row.seats_rest else person.funds,
        )
    return person


def add(session: Session, *, digest: str, person_id: int, client: Client, at: datetime) -> None:
    """Keep a new session of somebody who has just shown who they are."""
    session.execute(
        insert(SessionRow).values(
            id=digest,
            person_id=person_id,
            created_at=at,
            revoked_at=None,
            proved_at=at,
            **values_of(client),
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
            SessionRow.id, SessionRow.created_at, SessionRow.revoked_at, SessionRow.agent, SessionRow.address
        )
        .where(SessionRow.person_id == person_id)
        .order_by(SessionRow.created_at.desc(), SessionRow.id)
        .limit(limit)
    )
    return every(rows, SignIn)


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
