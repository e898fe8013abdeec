"""Signing in and out, and what people keep about themselves: their language and their password."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from portal.actions.notices import tell_account
from portal.domain.access import may
from portal.domain.person import Person
from portal.domain.refusal import Refused
from portal.domain.tries import Allowance
from portal.store import audit, people, sessions, tries
from portal.store.session import Session
from portal.store.sessions import NOWHERE, Client

_REMEMBERED = timedelta(days=30)
"""How long a session that is over stays in the table; that it was begun stays in the log."""
_BROWSER_REMEMBERED = timedelta(days=365)
_NOTHING: Mapping[str, Allowance] = {}


def sign_in(
    session: Session,
    *,
    digest: str,
    by: Person,
    at: datetime,
    client: Client = NOWHERE,
    zone: tzinfo = UTC,
    counted: Mapping[str, Allowance] = _NOTHING,
    better_kept: tuple[str, str] | None = None,
    instead_of: str = "",
) -> None:
    """Begin a session for somebody who has shown who they are; `digest` is the SHA-256 of the token they get.

    `counted` is what the try was counted by; `better_kept` is the hash of their password, and the one to keep instead;
    `instead_of` is the session that their browser held until now, which ends.
    """
    tries.give_back(session, counted=counted, at=at)
    if better_kept is not None:
        people.set_password(session, by.id, better_kept[1], instead_of=better_kept[0])
    sessions.revoke(session, digest=instead_of, at=at)  # what the browser held until now
    sessions.forget(session, created_before=at - _REMEMBERED)
    sessions.forget_browsers(session, unused_since=at - _BROWSER_REMEMBERED)
    is_new = bool(client.browser) and sessions.remember_browser(session, client.browser, by.id, at=at)
    sessions.add(session, digest=digest, person_id=by.id, client=client, at=at)
    if is_new:
        tell_account(session, "new-browser", by.id, at=at, zone=zone, client=client)
    audit.log(session, "sign-in", by, at)
    if is_new:
        audit.log(session, "sign-in-new-browser", by, at)


def note_wrong_passwords(session: Session, *, account: Person, failures: int, at: datetime) -> None:
    """Note that many tries in a row to sign in as somebody have failed."""
    audit.log(session, "wrong-passwords", account, at, failures=failures)


def sign_out(session: Session, *, digest: str, by: Person, at: datetime) -> None:
    """End the session."""
    sessions.revoke(session, digest=digest, at=at)
    audit.log(session, "sign-out", by, at)


def end_sessions(
    session: Session,
    *,
    person_id: int,
    by: Person,
    at: datetime,
    only: str = "",
    but: str | None = None,
    zone: tzinfo = UTC,
) -> int:
    """End one session of a person, or all, or all but one; the number of those ended. Raises Refused.

    The person is told when somebody else did it.
    """
    is_mine = person_id == by.id
    if not is_mine and (refusal := may(by, "administer")) is not None:
        raise Refused(refusal)
    if only:
        ended = sessions.revoke_one(session, person_id, only, at=at)
    else:
        ended = sessions.revoke_all(session, person_id, at=at, but=but)
    if ended and not is_mine:
        tell_account(session, "signed-out", person_id, at=at, zone=zone)
    if ended:
        act = "sign-out-elsewhere" if is_mine else "end-sessions"
        audit.log(session, act, by, at, person=person_id, ended=ended)
    return ended


def choose_language(session: Session, *, language: str, by: Person, at: datetime) -> None:
    """Remember the language the person reads."""
    people.set_language(session, by.id, language)
    audit.log(session, "choose-language", by, at, language=language)


def change_password(session: Session, *, password_hash: str, but: str, by: Person, at: datetime) -> None:
    """Keep a new password and end every session but one, known browsers too: whoever knew the old one is out."""
    people.set_password(session, by.id, password_hash)
    sessions.revoke_all(session, by.id, at=at, but=but)
    sessions.forget_other_browsers(session, by.id, but=but)
    audit.log(session, "change-password", by, at)
