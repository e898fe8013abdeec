"""Signing in and out, the ways to sign in that an administrator gives, and what people keep about themselves.

No administrator becomes somebody else: the old password ceases at once and every session ends; the new one is chosen by
whoever gets the code. Those who decide and the other administrators are told.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

from portal.actions.notices import tell_account, tell_onlookers, tell_person
from portal.domain.access import NOT_FOUND, may
from portal.domain.alphabet import composed
from portal.domain.events import Event
from portal.domain.passwords import LONGEST
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.sign_in import (
    ADDRESS,
    CODE,
    VALID,
    SignInChange,
    digest_of,
    held_until,
    may_change,
    may_confirm,
)
from portal.domain.tries import Allowance
from portal.store import audit, outbox, people, seats
from portal.store import sign_in as store
from portal.store.session import Clash, Session
from portal.store.sign_in import NOWHERE, Client

OWN = Refusal(
    "sign-in.oneself",
    N_(
        "You cannot give yourself a way to sign in. Change your password under My account, or ask a colleague."
    ),
)
NO_ADDRESS = Refusal(
    "sign-in.no-address",
    N_("The code is sent to the person alone, and they have no e-mail address. Add one first."),
)
NO_CODE = Refusal(
    "sign-in.no-code",
    N_("The code is wrong, has been used or is older than an hour. An administrator can send a new one."),
)
NOTHING_HELD = Refusal("sign-in.nothing-held", N_("There is nothing left to confirm."))
LOGIN_TAKEN = Refusal("person.login-taken", N_("Somebody else has that login."))


def check_administers(session: Session, by: Person | None, at: datetime) -> None:
    """The command line does anything; an administrator whom another has just let in changes nothing. Raises Refused."""
    if by is None:
        return
    refuse(may(by, "administer") or may_change(store.of_person(session, by.id), by.id, at))


def give(
    session: Session,
    *,
    person_id: int,
    login: str,
    code: str,
    seed: str | None,
    by: Person | None,
    at: datetime,
) -> None:
    """Let a person choose a password with a one-time code; only its SHA-256 is kept. Raises Refused.

    With `seed` the code is sent to its owner: the relay works it out anew, so that no row and no backup ever holds it.
    Without one whoever runs the command line hands it over.
    """
    check_administers(session, by, at)
    if by is not None:
        refuse(_unfit(session, person_id, by, at))
    seats.of_person(session, person_id)  # row lock: a signature under way comes before, or sees the change
    try:
        people.set_login(session, person_id, login=login, password_hash=None)
    except Clash:
        raise Refused(LOGIN_TAKEN) from None
    until = at + VALID
    actor = None if by is None else by.id
    change = store.add(session, person_id, CODE, by=actor, at=at, digest=digest_of(code), valid_until=until)
    store.revoke_all(session, person_id, at=at)
    if seed is None:
        tell_person(session, "sign-in-changed", person_id, at=at, occasion=change)
    else:
        params = {"seed": seed, "until": until.isoformat()}
        tell_person(session, "sign-in-code", person_id, at=at, occasion=change, **params)
    if _matters(session, person_id, at):
        tell_onlookers(session, "sign-in-changed-other", person_id, by=actor, at=at, occasion=change)
    audit.log(session, "set-account", by, at, person=person_id, change=change)


def _unfit(session: Session, person_id: int, by: Person, at: datetime) -> Refusal | None:
    if by.id == person_id:
        return OWN
    person = people.find(session, person_id, day=at.date())
    if person is None or people.has_left(session, person_id):
        return NOT_FOUND
    if not person.email:
        return NO_ADDRESS
    until = held_until(store.of_person(session, person_id), person_id, at, kinds=(ADDRESS,))
    if until is not None:
        return Refusal(
            "sign-in.new-address",
            N_(
                "The e-mail address has just been changed. A code can be sent to it from %(at)s, "
                "or as soon as another administrator confirms the change below."
            ),
            {"at": until},
        )
    return None


def _matters(session: Session, person_id: int, at: datetime) -> bool:
    """Whether the person decides, will decide, or administers: then others are told too."""
    person, day = people.get(session, person_id, day=at.date()), at.astimezone(UTC).date()
    held = (each.ends_on is None or each.ends_on >= day for each in seats.of_person(session, person_id))
    return ADMINISTRATOR in person.roles or any(held)


def readdress(session: Session, *, before: Person, by: Person, at: datetime) -> None:
    """An administrator has changed where somebody's codes go: told to both addresses, and held like a code."""
    change = 0
    if by.id != before.id:
        change = store.add(session, before.id, ADDRESS, by=by.id, at=at)
    for place, to in enumerate((before.email, "")):
        occasion = f"{change or at.isoformat()}-{place}"
        params = {"to": to} if to else {}
        tell_person(session, "sign-in-changed", before.id, at=at, occasion=occasion, **params)
    if _matters(session, before.id, at):
        tell_onlookers(
            session, "sign-in-changed-other", before.id, by=by.id, at=at, occasion=change or at.isoformat()
        )


def use_code(session: Session, *, code: str, password_hash: str, at: datetime) -> str:
    """Keep the password that the owner of a code has chosen; the code ends. Gives their login. Raises Refused."""
    digest = digest_of(code)
    found = store.find_open(session, digest, at=at)
    if found is not None:
        people.lock(session, found.person_id)  # somebody else may use it, or replace it, meanwhile
        found = store.find_open(session, digest, at=at)
    if found is None:
        raise Refused(NO_CODE)
    people.set_password(session, found.person_id, password_hash)
    store.mark_used(session, found.id, at=at)
    store.revoke_all(session, found.person_id, at=at)
    account = people.find_login_of(session, found.person_id, day=at.date())
    audit.append(session, Event("use-code", found.person_id, at, body={"change": found.id}))
    return account.login if account else ""


def confirm(session: Session, *, person_id: int, seen: int, by: Person, at: datetime) -> None:
    """Answer as another administrator for the changes of a person up to the one seen. Raises Refused."""
    refuse(may(by, "administer"))
    held = [each for each in store.of_person(session, person_id) if each.holds(at) and each.id <= seen]
    own = store.of_person(session, by.id)
    refusals = {each.id: may_confirm(each, by.id, own, at, of_maker=of_maker(session, each)) for each in held}
    good = [each for each, refusal in refusals.items() if refusal is None]
    if not good:
        raise Refused(next((each for each in refusals.values() if each is not None), NOTHING_HELD))
    store.confirm(session, good, by=by.id, at=at)
    confirmed = "+".join(map(str, sorted(good)))[:80]
    audit.log(session, "confirm-sign-in", by, at, person=person_id, changes=confirmed)


def of_maker(session: Session, change: SignInChange) -> list[SignInChange]:
    """The changes of the administrator who made one; the command line's has none."""
    return [] if change.changed_by is None else store.of_person(session, change.changed_by)


def prove(session: Session, *, digest: str, at: datetime) -> None:
    """Note that the password was shown anew in a session."""
    store.prove(session, digest, at=at)


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
    shown_at: datetime | None = None,
    way: str = "password",
) -> None:
    """Begin a session for somebody who has shown who they are; `digest` is the SHA-256 of the token they get.

    `counted` is what the try was counted by; `better_kept` is the hash of their password, and the one to keep instead;
    `instead_of` is the session that their browser held until now, which ends; `shown_at` is when they showed who they
    are, where that is known.
    """
    store.give_back_try(session, counted=counted, at=at)
    if better_kept is not None:
        people.set_password(session, by.id, better_kept[1], instead_of=better_kept[0])
    store.revoke(session, digest=instead_of, at=at)  # what the browser held until now
    store.forget(session, created_before=at - _REMEMBERED)
    store.forget_browsers(session, unused_since=at - _BROWSER_REMEMBERED)
    is_new = bool(client.browser) and store.remember_browser(session, client.browser, by.id, at=at)
    store.add_session(session, digest=digest, person_id=by.id, client=client, shown_at=shown_at, at=at)
    if is_new:
        tell_account(session, "new-browser", by.id, at=at, zone=zone, client=client)
    audit.log(session, "sign-in", by, at, way=way)
    if is_new:
        audit.log(session, "sign-in-new-browser", by, at)


def note_wrong_passwords(session: Session, *, account: Person, failures: int, at: datetime) -> None:
    """Note that many tries in a row to sign in as somebody have failed."""
    audit.log(session, "wrong-passwords", account, at, failures=failures)


def sign_out(session: Session, *, digest: str, by: Person, at: datetime) -> None:
    store.revoke(session, digest=digest, at=at)
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
    if not is_mine:
        refuse(may(by, "administer"))
    ended = store.revoke_all(session, person_id, at=at, but=but, only=only)
    if ended and not is_mine:
        tell_account(session, "signed-out", person_id, at=at, zone=zone)
    if ended:
        act = "sign-out-elsewhere" if is_mine else "end-sessions"
        audit.log(session, act, by, at, person=person_id, ended=ended)
    return ended


def choose_mail(session: Session, *, daily: bool, by: Person, at: datetime) -> None:
    """Have the e-mails that can wait once a day, or each as it comes."""
    outbox.set_daily(session, by.id, daily=daily, at=at)
    audit.log(session, "choose-mail", by, at, daily=daily)


def choose_language(session: Session, *, language: str, by: Person, at: datetime) -> None:
    """Remember the language the person reads."""
    people.set_language(session, by.id, language)
    audit.log(session, "choose-language", by, at, language=language)


def change_password(session: Session, *, password_hash: str, but: str, by: Person, at: datetime) -> None:
    """Keep a new password and end every session but one, known browsers too: whoever knew the old one is out."""
    people.set_password(session, by.id, password_hash)
    store.revoke_all(session, by.id, at=at, but=but)
    store.forget_other_browsers(session, by.id, but=but)
    audit.log(session, "change-password", by, at)


_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's floor for Argon2id: 19 MiB, two passes, one lane."""


def hash_password(password: str) -> str:
    """What is kept of a password; every character counts, however its keyboard composed it."""
    return _hasher.hash(composed(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether it is the password that was kept; takes as long when none was."""
    if len(password) > LONGEST:
        password = ""
    try:
        _hasher.verify(kept or _nobodys(), composed(password))
    except Argon2Error:
        return False
    return kept is not None


def better_kept(password: str, kept: str) -> str | None:
    """The hash to keep of a password that has just been right, when the one that is kept is of another strength."""
    return hash_password(password) if _hasher.check_needs_rehash(kept) else None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
