"""Signing in and out, and what people keep about themselves: their language and their password."""

from datetime import datetime, timedelta

from portal.domain.events import Event
from portal.domain.person import Person
from portal.store import audit, people, sessions
from portal.store.session import Session

_REMEMBERED = timedelta(days=30)
"""How long a session that is over stays in the table; that it was begun stays in the log."""


def sign_in(session: Session, *, digest: str, by: Person, at: datetime) -> None:
    """Begin a session for somebody who has shown who they are; `digest` is the SHA-256 of the token they get."""
    sessions.forget(session, created_before=at - _REMEMBERED)
    sessions.add(session, digest=digest, person_id=by.id, at=at)
    audit.append(session, Event("sign-in", by.id, at))


def sign_out(session: Session, *, digest: str, by: Person, at: datetime) -> None:
    """End the session."""
    sessions.revoke(session, digest=digest, at=at)
    audit.append(session, Event("sign-out", by.id, at))


def end_others(session: Session, *, but: str, by: Person, at: datetime) -> int:
    """End every session of the person but one; the number of those ended."""
    ended = sessions.revoke_all(session, by.id, at=at, but=but)
    audit.append(session, Event("sign-out-elsewhere", by.id, at, body={"ended": ended}))
    return ended


def choose_language(session: Session, *, language: str, by: Person, at: datetime) -> None:
    """Remember the language the person reads."""
    people.set_language(session, by.id, language)
    audit.append(session, Event("choose-language", by.id, at, body={"language": language}))


def change_password(session: Session, *, password_hash: str, but: str, by: Person, at: datetime) -> None:
    """Keep a new password and end every session but one: whoever knew the old one is out."""
    people.set_password(session, by.id, password_hash)
    sessions.revoke_all(session, by.id, at=at, but=but)
    audit.append(session, Event("change-password", by.id, at))
