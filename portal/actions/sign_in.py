"""Giving somebody a way to sign in, using it, and answering for it: no administrator becomes somebody else.

The old password ceases at once and every session ends; the new one is chosen by whoever gets the code. Those who
decide and the other administrators are told.
"""

from datetime import UTC, datetime

from portal.actions.notices import tell_onlookers, tell_person
from portal.domain.access import NOT_FOUND, may
from portal.domain.events import Event
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.sign_in import ADDRESS, CODE, VALID, Change, digest_of, held_until, may_change, may_confirm
from portal.store import audit, people, seats, sessions, sign_in
from portal.store.session import Clash, Session

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
    refusal = may(by, "administer") or may_change(sign_in.of_person(session, by.id), by.id, at)
    if refusal is not None:
        raise Refused(refusal)


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
    if by is not None and (refusal := _unfit(session, person_id, by, at)) is not None:
        raise Refused(refusal)
    seats.of_person(session, person_id)  # a signature under way comes before, or sees the change
    try:
        people.set_login(session, person_id, login=login, password_hash=None)
    except Clash:
        raise Refused(LOGIN_TAKEN) from None
    until = at + VALID
    actor = None if by is None else by.id
    change = sign_in.add(session, person_id, CODE, by=actor, at=at, digest=digest_of(code), valid_until=until)
    sessions.revoke_all(session, person_id, at=at)
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
    until = held_until(sign_in.of_person(session, person_id), person_id, at, kinds=(ADDRESS,))
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
        change = sign_in.add(session, before.id, ADDRESS, by=by.id, at=at)
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
    found = sign_in.find_open(session, digest, at=at)
    if found is not None:
        people.lock(session, found.person_id)  # somebody else may use it, or replace it, meanwhile
        found = sign_in.find_open(session, digest, at=at)
    if found is None:
        raise Refused(NO_CODE)
    people.set_password(session, found.person_id, password_hash)
    sign_in.mark_used(session, found.id, at=at)
    sessions.revoke_all(session, found.person_id, at=at)
    account = people.find_login_of(session, found.person_id, day=at.date())
    audit.append(session, Event("use-code", found.person_id, at, body={"change": found.id}))
    return account.login if account else ""


def confirm(session: Session, *, person_id: int, seen: int, by: Person, at: datetime) -> None:
    """Answer as another administrator for the changes of a person up to the one seen. Raises Refused."""
    if (refusal := may(by, "administer")) is not None:
        raise Refused(refusal)
    held = [each for each in sign_in.of_person(session, person_id) if each.holds(at) and each.id <= seen]
    own = sign_in.of_person(session, by.id)
    refusals = {each.id: may_confirm(each, by.id, own, at, of_maker=of_maker(session, each)) for each in held}
    good = [each for each, refusal in refusals.items() if refusal is None]
    if not good:
        raise Refused(next((each for each in refusals.values() if each is not None), NOTHING_HELD))
    sign_in.confirm(session, good, by=by.id, at=at)
    changes = "+".join(map(str, sorted(good)))[:80]
    audit.log(session, "confirm-sign-in", by, at, person=person_id, changes=changes)


def of_maker(session: Session, change: Change) -> list[Change]:
    """The changes of the administrator who made one; the command line's has none."""
    return [] if change.changed_by is None else sign_in.of_person(session, change.changed_by)


def prove(session: Session, *, digest: str, at: datetime) -> None:
    """Note that the password was shown anew in a session."""
    sign_in.prove(session, digest, at=at)
