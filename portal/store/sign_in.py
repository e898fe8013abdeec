"""What administrators changed of how people sign in, and when the password was last shown in a session."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import aliased

from portal.domain.sign_in import ADDRESS, CODE, Change
from portal.store.rows import columns_of, every, one
from portal.store.session import Session
from portal.store.tables import PersonRow, SessionRow, SignInChangeRow

_CHANGE = columns_of(SignInChangeRow, Change)
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
    change_id: int = session.execute(
        insert(SignInChangeRow)
        .values(
            person_id=person_id,
            kind=kind,
            changed_by=by,
            changed_at=at,
            code_digest=digest,
            valid_until=valid_until,
        )
        .returning(SignInChangeRow.id)
    ).scalar_one()
    return change_id


def of_person(session: Session, person_id: int) -> list[Change]:
    """The changes of a person, the newest first."""
    rows = session.execute(
        select(*_CHANGE).where(SignInChangeRow.person_id == person_id).order_by(SignInChangeRow.id.desc())
    )
    return every(rows, Change)


def since(session: Session, ids: Collection[int], *, after: datetime) -> tuple[Change, ...]:
    """The changes of these people after an instant, in order."""
    rows = session.execute(
        select(*_CHANGE)
        .where(SignInChangeRow.person_id.in_(set(ids)), SignInChangeRow.changed_at > after)
        .order_by(SignInChangeRow.id)
    )
    return tuple(every(rows, Change))


def find_open(session: Session, digest: str, *, at: datetime) -> Change | None:
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
    return one(rows, Change)


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


def proved_at(session: Session, digest: str) -> datetime | None:
    """When the password was last shown in a session."""
    found: datetime | None = session.execute(
        select(SessionRow.proved_at).where(SessionRow.id == digest)
    ).scalar_one_or_none()
    return found


def prove(session: Session, digest: str, *, at: datetime) -> None:
    """The password was shown in a session."""
    session.execute(update(SessionRow).where(SessionRow.id == digest).values(proved_at=at))
