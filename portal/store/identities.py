"""The organisation's sign-in as it is kept: whom it means, the sessions it began, and the ways there and back."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, exists, func, insert, select, update

from portal.domain.person import Person
from portal.domain.personal_id import canonical
from portal.store.people import persons_on
from portal.store.rows import add_row, columns_of, every, one, values_of
from portal.store.session import Session, clash, inserting
from portal.store.tables import (
    DetourRow,
    IdentityRow,
    PersonRow,
    ProviderSessionRow,
    SessionRow,
    UnlinkedRow,
)


@dataclass(frozen=True, slots=True)
class Identity:
    """A subject of an issuer, and the person it is linked to; undone, it opens nothing."""

    id: int
    issuer: str
    subject: str
    person_id: int
    linked_at: datetime
    used_at: datetime
    undone_at: datetime | None = None
    undone_by: int | None = None


@dataclass(frozen=True, slots=True)
class Detour:
    """A way to the provider and back; `id` is the SHA-256 of its state."""

    id: str
    browser: str
    nonce: str
    verifier: str
    goes_to: str
    kept: str
    person_id: int | None
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Unlinked:
    """Somebody whom the provider knows and nobody here is linked to; `reason` is the code of what they were told."""

    subject: str
    claim: str
    value: str
    name: str
    reason: str
    times: int
    first_at: datetime
    last_at: datetime


_IDENTITY = columns_of(IdentityRow, Identity)
_DETOUR = columns_of(DetourRow, Detour)


def find(session: Session, issuer: str, subject: str) -> Identity | None:
    """The link of a subject, under a row lock."""
    which = (IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    return one(session.execute(select(*_IDENTITY).where(*which).with_for_update()), Identity)


def get(session: Session, identity_id: int) -> Identity | None:
    statement = select(*_IDENTITY).where(IdentityRow.id == identity_id).with_for_update()
    return one(session.execute(statement), Identity)


def of_person(session: Session, person_id: int) -> list[Identity]:
    """The links of a person, the newest first, also those undone."""
    rows = session.execute(
        select(*_IDENTITY).where(IdentityRow.person_id == person_id).order_by(IdentityRow.id.desc())
    )
    return every(rows, Identity)


def candidates(session: Session, *, number: str = "", email: str = "", day: date) -> list[Person]:
    """The active persons with that personal id, or that address in any case; two at most."""
    which = PersonRow.number == canonical(number) if number else func.lower(PersonRow.email) == email.lower()
    return every(session.execute(persons_on(day).where(PersonRow.active, which).limit(2)), Person)


def link(session: Session, issuer: str, subject: str, person_id: int, *, at: datetime) -> int:
    """Link a subject that is not linked yet. Raises Clash when the person has another link of that issuer."""
    row = {"issuer": issuer, "subject": subject, "person_id": person_id, "linked_at": at, "used_at": at}
    with _one_in_use():
        return add_row(session, IdentityRow, row)


def move(session: Session, identity_id: int, person_id: int) -> None:
    """Let a link be somebody else's. Raises Clash when that person has another link of that issuer."""
    with _one_in_use():
        session.execute(update(IdentityRow).where(IdentityRow.id == identity_id).values(person_id=person_id))


def add_unlinked(
    session: Session, issuer: str, subject: str, said: Mapping[str, str], *, at: datetime
) -> bool:
    """Keep that a subject could not be linked, once more or for the first time; whether it is the first."""
    times: int = session.execute(
        inserting(session, UnlinkedRow)
        .values(issuer=issuer, subject=subject, times=1, first_at=at, last_at=at, **said)
        .on_conflict_do_update(
            index_elements=["issuer", "subject"], set_={**said, "times": UnlinkedRow.times + 1, "last_at": at}
        )
        .returning(UnlinkedRow.times)
    ).scalar_one()
    return times == 1


def forget_unlinked(
    session: Session, *, before: datetime | None = None, subject: tuple[str, str] = ("", "")
) -> None:
    """Take away those who last came before an instant, or one of an issuer and subject."""
    one = (UnlinkedRow.issuer == subject[0]) & (UnlinkedRow.subject == subject[1])
    session.execute(delete(UnlinkedRow).where(one if before is None else UnlinkedRow.last_at < before))


def use(session: Session, identity_id: int, *, at: datetime) -> None:
    session.execute(update(IdentityRow).where(IdentityRow.id == identity_id).values(used_at=at))


def undo(session: Session, identity_id: int, *, by: int, at: datetime) -> None:
    values = {"undone_at": at, "undone_by": by}
    session.execute(update(IdentityRow).where(IdentityRow.id == identity_id).values(values))


def restore(session: Session, identity_id: int) -> None:
    """Let a link that was undone open again. Raises Clash when the person has another one by now."""
    with _one_in_use():
        values = {"undone_at": None, "undone_by": None}
        session.execute(update(IdentityRow).where(IdentityRow.id == identity_id).values(values))


def _one_in_use() -> AbstractContextManager[None]:
    return clash(identities_in_use_key="identities.person_id, identities.issuer")


def add_session(
    session: Session, session_id: str, identity_id: int, *, acr: str, sid: str, token: str
) -> None:
    """What the provider said of the sign-in that a session began with."""
    values = {"session_id": session_id, "identity_id": identity_id, "acr": acr, "sid": sid, "id_token": token}
    session.execute(insert(ProviderSessionRow).values(values))


def token_of(session: Session, session_id: str) -> str | None:
    """The ID token that a session began with; None for a session of a local account."""
    token: str | None = session.execute(
        select(ProviderSessionRow.id_token).where(ProviderSessionRow.session_id == session_id)
    ).scalar_one_or_none()
    return token


def open_sessions(session: Session, issuer: str, *, subject: str, sid: str) -> list[tuple[str, int]]:
    """The open sessions, with their persons, of a subject or of one of the provider's own sessions."""
    which = [IdentityRow.issuer == issuer, SessionRow.revoked_at.is_(None)]
    which += [IdentityRow.subject == subject] if subject else []
    which += [ProviderSessionRow.sid == sid] if sid else []
    rows = session.execute(
        select(SessionRow.id, SessionRow.person_id)
        .join(ProviderSessionRow, ProviderSessionRow.session_id == SessionRow.id)
        .join(IdentityRow, IdentityRow.id == ProviderSessionRow.identity_id)
        .where(*which)
    )
    return [(row.id, row.person_id) for row in rows]


def add_detour(session: Session, detour: Detour) -> None:
    session.execute(insert(DetourRow).values(values_of(detour)))


def take_detour(session: Session, state: str) -> Detour | None:
    """The way that a state stands for, which ends: the same state a second time finds none."""
    rows = session.execute(delete(DetourRow).where(DetourRow.id == state).returning(*_DETOUR))
    return one(rows, Detour)


def is_known_detour(session: Session, *, state: str, browser: str) -> bool:
    """Whether such a way began in that browser, without ending it."""
    began = exists().where(
        DetourRow.id == state, DetourRow.browser == browser, DetourRow.session_id.is_(None)
    )
    return bool(session.execute(select(began)).scalar_one())


def keep_form(session: Session, detour: Detour, session_id: str) -> None:
    """Let the form that was sent before a way wait in the session that the way led to."""
    bare = values_of(detour) | {"nonce": "", "verifier": "", "session_id": session_id}
    session.execute(insert(DetourRow).values(bare))


def waiting_form(session: Session, session_id: str) -> str | None:
    """The form that waits in a session, sealed."""
    form: str | None = session.execute(
        select(DetourRow.kept)
        .where(DetourRow.session_id == session_id)
        .order_by(DetourRow.begun_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    return form


def forget_detours(session: Session, *, begun_before: datetime) -> None:
    """Ways that nobody has come back from, and forms that have waited long enough."""
    session.execute(delete(DetourRow).where(DetourRow.begun_at < begun_before))
