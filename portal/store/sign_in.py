"""How people sign in: what administrators changed of it, sessions and browsers, and tries that failed.

A session and a browser are known by the SHA-256 of a token, never by the token. Tries are counted before they are
judged: those made at once, and in several processes, count together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import and_, bindparam, case, delete, exists, insert, or_, select, true, update

from portal.domain.person import Person
from portal.domain.sign_in import ADDRESS, CODE, HOLD, REMEMBERED, ROLE, SEAT, Shown, SignInChange
from portal.domain.tries import QUIET, Allowance, TooSoon
from portal.store.people import person_of, persons_on
from portal.store.rows import add_row, columns_of, every, one, values_of
from portal.store.session import Session, inserting
from portal.store.tables import (
    BrowserRow,
    PersonRow,
    ProviderSessionRow,
    SeatHoldingRow,
    SessionRow,
    SignInChangeRow,
    TryRow,
)
from portal.store.types import aliased

_CHANGE = columns_of(SignInChangeRow, SignInChange)
_LATER = aliased(SignInChangeRow)


def add(
    session: Session,
    person_id: int,
    kind: str,
    *,
    by: int | None,
    at: datetime,
    digest: str | None = None,
    valid_until: datetime | None = None,
) -> int:
    """Keep a change; its id."""
    change = {"person_id": person_id, "kind": kind, "changed_by": by, "changed_at": at}
    return add_row(session, SignInChangeRow, change | {"code_digest": digest, "valid_until": valid_until})


def of_person(session: Session, person_id: int) -> list[SignInChange]:
    """The changes of a person, the newest first."""
    rows = session.execute(
        select(*_CHANGE).where(SignInChangeRow.person_id == person_id).order_by(SignInChangeRow.id.desc())
    )
    return every(rows, SignInChange)


def since(session: Session, ids: Collection[int], *, after: datetime) -> tuple[SignInChange, ...]:
    """The changes of these people after an instant, in order."""
    rows = session.execute(
        select(*_CHANGE)
        .where(SignInChangeRow.person_id.in_(set(ids)), SignInChangeRow.changed_at > after)
        .order_by(SignInChangeRow.id)
    )
    return tuple(every(rows, SignInChange))


def find_open(session: Session, digest: str, *, at: datetime) -> SignInChange | None:
    """The change whose code that is, if it can be used now: not used, not too old, nothing newer, its owner here."""
    newer = exists().where(
        _LATER.person_id == SignInChangeRow.person_id,
        _LATER.id > SignInChangeRow.id,
        _LATER.kind.in_((CODE, ADDRESS)),
    )
    rows = session.execute(
        select(*_CHANGE)
        .join(PersonRow, PersonRow.id == SignInChangeRow.person_id)
        .where(
            SignInChangeRow.code_digest == digest,
            SignInChangeRow.used_at.is_(None),
            SignInChangeRow.valid_until > at,
            PersonRow.active,
            ~newer,
        )
    )
    return one(rows, SignInChange)


def mark_used(session: Session, change_id: int, *, at: datetime) -> None:
    """The code has been used."""
    session.execute(update(SignInChangeRow).where(SignInChangeRow.id == change_id).values(used_at=at))


def confirm(session: Session, ids: Collection[int], *, by: int, at: datetime) -> None:
    """Another administrator answers for these changes too."""
    session.execute(
        update(SignInChangeRow)
        .where(SignInChangeRow.id.in_(ids), SignInChangeRow.confirmed_by.is_(None))
        .values(confirmed_by=by, confirmed_at=at)
    )


def proof_of(session: Session, digest: str) -> Shown:
    """What is known of how a session's person has shown who they are."""
    row = session.execute(
        select(SessionRow.proved_at, ProviderSessionRow.acr, ProviderSessionRow.identity_id)
        .outerjoin(ProviderSessionRow, ProviderSessionRow.session_id == SessionRow.id)
        .where(SessionRow.id == digest)
    ).one_or_none()
    return Shown() if row is None else Shown(row.proved_at, row.acr or "", row.identity_id is not None)


def prove(session: Session, digest: str, *, at: datetime) -> None:
    """The password was shown in a session."""
    session.execute(update(SessionRow).where(SessionRow.id == digest).values(proved_at=at))


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
    bounds = {"let_in_after": at - HOLD, "appointed_after": at - REMEMBERED, "created_after": created_after}
    row = session.execute(_SIGNED_IN, {"digest": digest, "day": day, **bounds}).one_or_none()
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


def add_session(
    session: Session, *, digest: str, person_id: int, client: Client, shown_at: datetime | None, at: datetime
) -> None:
    """Keep a session; `shown_at` is when its person has shown who they are, where that is known."""
    session.execute(
        insert(SessionRow).values(
            id=digest,
            person_id=person_id,
            created_at=at,
            revoked_at=None,
            proved_at=shown_at,
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


def revoke_all(
    session: Session, person_id: int, *, at: datetime, but: str | None = None, only: str = ""
) -> int:
    """End every session of a person, or all but one, or that one if it is theirs; the number of those ended."""
    statement = update(SessionRow).where(SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None))
    if but is not None:
        statement = statement.where(SessionRow.id != but)
    if only:
        statement = statement.where(SessionRow.id == only)
    return len(session.execute(statement.values(revoked_at=at).returning(SessionRow.id)).all())


def sessions_of(session: Session, person_id: int, *, limit: int = 50) -> list[SignIn]:
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


def is_known_browser(session: Session, digest: str, person_id: int | None = None) -> bool:
    """Whether the person, or anybody, has signed in from that browser before."""
    whose = true() if person_id is None else BrowserRow.person_id == person_id
    known = exists().where(BrowserRow.id == digest, whose)
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


_KEPT = timedelta(days=1)


def check_tries(session: Session, *, counted: Mapping[str, Allowance], at: datetime) -> None:
    """Raise TooSoon when that can be seen without writing: a flood of tries must not keep others from the database."""
    rows = session.execute(
        select(TryRow.subject, TryRow.failures, TryRow.last_at).where(TryRow.subject.in_(counted))
    )
    waits = ((each.last_at, counted[each.subject].wait(each.failures)) for each in rows)
    left: timedelta = max((last_at + wait - at for last_at, wait in waits if wait), default=timedelta())
    if left > timedelta():
        raise TooSoon(left)


def reserve_try(session: Session, *, counted: Mapping[str, Allowance], at: datetime) -> dict[str, int]:
    """Count a try for each subject as if it had failed; how many have, with this one.

    Raises TooSoon when one of them has to wait, and then counts nothing: let that end the transaction.
    """
    failures = {}
    # In one order, so that two that share subjects do not wait for each other.
    for subject in sorted(counted):
        made = _count(session, subject, counted[subject], at)
        if made is None:
            check_tries(session, counted={subject: counted[subject]}, at=at)
            raise TooSoon(timedelta(seconds=1))  # another process's clock is a little ahead
        failures[subject] = made
    return failures


def _count(session: Session, subject: str, allowance: Allowance, at: datetime) -> int | None:
    """An upsert: of two at once the second sees what the first has counted; None: too soon."""
    allowed = or_(
        TryRow.failures < allowance.free,
        *(and_(TryRow.failures <= n, TryRow.last_at <= at - wait) for n, wait in allowance.steps()),
        TryRow.last_at <= at - allowance.longest,
    )
    failures = case((TryRow.last_at < at - QUIET, 1), else_=TryRow.failures + 1)
    made: int | None = session.execute(
        inserting(session, TryRow)
        .values(subject=subject, failures=1, last_at=at)
        .on_conflict_do_update(
            index_elements=["subject"], set_={"failures": failures, "last_at": at}, where=allowed
        )
        .returning(TryRow.failures)
    ).scalar_one_or_none()
    return made


def give_back_try(session: Session, *, counted: Mapping[str, Allowance], at: datetime) -> None:
    """The try that was counted for each subject has succeeded."""
    for subject in sorted(counted):
        mine = TryRow.subject == subject
        if counted[subject].forgiving:
            session.execute(delete(TryRow).where(mine))
        else:
            fewer = update(TryRow).where(mine, TryRow.failures > 0)
            session.execute(fewer.values(failures=TryRow.failures - 1))
    session.execute(delete(TryRow).where(TryRow.last_at < at - _KEPT))
