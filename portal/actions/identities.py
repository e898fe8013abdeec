"""Signing in by the organisation: whom a provider means, the first link, roles from a claim, and its sign-out.

A link is made by one claim to exactly one active person, never by name, and told to them; an administrator undoes it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from portal.actions.notices import tell_account, tell_onlookers, tell_person
from portal.actions.sign_in import sign_in
from portal.domain.access import NOT_FOUND, may
from portal.domain.person import ADMINISTRATOR, Person, mailable
from portal.domain.personal_id import canonical, check
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.openid.answers import Told, text_of
from portal.openid.ways import APPLICANT, EMAIL, Provider, Ways
from portal.store import audit, identities, people
from portal.store import sign_in as store
from portal.store.identities import Detour, Identity
from portal.store.personal import joined_to
from portal.store.session import Clash, Session
from portal.store.sign_in import Client

UNKNOWN = Refusal("sign-in.unknown", N_("The portal does not know you yet, so you cannot sign in."))
UNCLEAR = Refusal(
    "sign-in.unclear",
    N_("The portal cannot tell for certain who you are here, so nobody was signed in."),
)
TAKEN = Refusal("sign-in.taken", UNCLEAR.text)
NO_CLAIM = Refusal("sign-in.no-claim", UNKNOWN.text)
UNDONE = Refusal(
    "sign-in.undone",
    N_("An administrator has undone the link between your sign-in and a person in the portal."),
)
LEFT = Refusal("sign-in.left", N_("In the portal you are somebody who has left, so you cannot sign in."))
ANOTHER = Refusal(
    "sign-in.another",
    N_("Somebody else signed in than who is signed in here, so nothing was done. Sign out first."),
)
SHOWN_ONLY = (UNKNOWN, NO_CLAIM, UNCLEAR, TAKEN, UNDONE, LEFT, ANOTHER)
"""What somebody is told whom a provider knows and the portal does not let in."""
NOT_UNDONE = Refusal("sign-in.not-undone", N_("The link is not undone, or the person has another one."))
OWN_LINK = Refusal("sign-in.own-link", N_("Another administrator does this for you."))

FORGOTTEN = timedelta(hours=1)
"""How long a way to the provider and back may take, and a form waits after it."""
REMEMBERED = timedelta(days=30)
"""How long administrators see who could not be linked."""


def set_out(session: Session, *, detour: Detour, at: datetime) -> None:
    """Remember a way to the provider."""
    identities.forget_detours(session, begun_before=at - FORGOTTEN)
    identities.forget_unlinked(session, before=at - REMEMBERED)
    identities.add_detour(session, detour)


def come_back(session: Session, *, state: str, browser: str, at: datetime) -> Detour | None:
    """The way that a state stands for, once and in the browser it began in; None for any other."""
    detour = identities.take_detour(session, state)
    if detour is None or detour.browser != browser or at > detour.begun_at + FORGOTTEN:
        return None
    return detour


def sign_in_by_provider(
    session: Session,
    *,
    told: Told,
    ways: Ways,
    detour: Detour,
    digest: str,
    client: Client,
    zone: tzinfo,
    language: str,
    instead_of: str,
    at: datetime,
) -> Person:
    """Begin a session for whom the provider means. Raises Refused with one of `SHOWN_ONLY`."""
    provider = ways.provider
    if provider is None:
        raise Refused(UNKNOWN)
    identity_id, person = _whom(session, told, provider, language=language, zone=zone, at=at)
    if detour.person_id is not None and detour.person_id != person.id:
        raise Refused(ANOTHER)
    person = _with_roles(session, person, told, ways, at)
    sign_in(
        session,
        digest=digest,
        by=person,
        at=at,
        client=client,
        zone=zone,
        instead_of=instead_of,
        shown_at=told.auth_time,
        way="provider",
    )
    identities.add_session(session, digest, identity_id, acr=told.acr, sid=told.sid, token=told.id_token)
    if detour.kept:
        identities.keep_form(session, detour, digest)
    return person


def _whom(
    session: Session, told: Told, provider: Provider, *, language: str, zone: tzinfo, at: datetime
) -> tuple[int, Person]:
    """The link of the subject and its person; a first one is made where one person alone can be meant."""
    known = identities.find(session, told.issuer, told.subject)
    if known is not None:
        if known.undone_at is not None:
            raise Refused(UNDONE)
        person_id = known.person_id
        while (kept := joined_to(session, person_id)) is not None:
            person_id = kept
        if people.has_left(session, person_id):
            raise Refused(LEFT)
        person = people.get(session, person_id, day=at.date())
        if person_id != known.person_id:
            _follow(session, known, person, zone=zone, at=at)
        identities.use(session, known.id, at=at)
        return known.id, person
    value = _value(told.claims, provider)
    if not value:
        raise Refused(NO_CLAIM)
    key = {"email": value} if provider.link_to == EMAIL else {"number": value}
    found = identities.candidates(session, **key, day=at.date())
    if len(found) > 1:
        raise Refused(UNCLEAR)
    person = found[0] if found else _add(session, value, told.claims, provider, language, at)
    try:
        identity_id = identities.link(session, told.issuer, told.subject, person.id, at=at)
    except Clash:
        raise Refused(TAKEN) from None
    identities.forget_unlinked(session, subject=(told.issuer, told.subject))
    tell_account(session, "linked", person.id, at=at, zone=zone)
    audit.log(session, "link-identity", person, at, identity=identity_id)
    return identity_id, person


def _follow(session: Session, known: Identity, person: Person, *, zone: tzinfo, at: datetime) -> None:
    """Let the link of a record that was joined with another be that one's, which has none; the person is told."""
    try:
        identities.move(session, known.id, person.id)
    except Clash:
        raise Refused(TAKEN) from None
    tell_account(session, "linked", person.id, at=at, zone=zone)
    audit.log(session, "link-identity", person, at, identity=known.id, joined=known.person_id)


def note_unlinked(session: Session, *, told: Told, provider: Provider, why: Refusal, at: datetime) -> None:
    """Let administrators see whom the provider knows and nobody here is linked to; in the log the first time."""
    said = {
        "claim": provider.link_claim,
        "value": text_of(told.claims.get(provider.link_claim), 254),
        "name": text_of(told.claims.get("name"), 200),
        "reason": why.code,
    }
    if identities.add_unlinked(session, told.issuer, told.subject, said, at=at):
        audit.log(session, "not-linked", None, at, reason=why.code)


def _value(claims: Mapping[str, Any], provider: Provider) -> str:
    """What the claim says that a person is known by; of an address only one that the provider has verified."""
    value = claims.get(provider.link_claim)
    if provider.link_to == EMAIL and claims.get("email_verified") is not True:
        return ""
    return text_of(value, 254)


def _add(
    session: Session,
    number: str,
    claims: Mapping[str, Any],
    provider: Provider,
    language: str,
    at: datetime,
) -> Person:
    """Somebody unknown, as an applicant, where the operator lets them be one."""
    name = text_of(claims.get("name"), 200)
    if provider.unknown != APPLICANT or not name:
        raise Refused(UNKNOWN)
    if people.find_id(session, number) is not None:
        raise Refused(LEFT)
    if check(number) is not None or len(number) > _LONGEST_NUMBER:
        raise Refused(UNKNOWN)
    try:
        email = mailable(text_of(claims.get("email"), 254))
    except ValueError:
        email = ""
    person = Person(id=0, number=canonical(number), name=name, email=email, unit="", language=language)
    person = replace(person, id=people.add(session, person))
    audit.log(session, "add-applicant", person, at, person=person.id)
    return person


_LONGEST_NUMBER = 40


def _with_roles(session: Session, person: Person, told: Told, ways: Ways, at: datetime) -> Person:
    """The person with the roles that a claim gives, which no administrator does; told when they change."""
    provider = ways.provider
    if provider is None or not provider.roles or is_break_glass(person, ways):
        return person
    said = told.claims.get(provider.role_claim)
    values = {said} if isinstance(said, str) else set(map(str, said)) if isinstance(said, list) else set()
    given = {role for role, wanted in provider.roles.items() if values & set(wanted)}
    roles = (person.roles - provider.roles.keys()) | given
    if roles == person.roles:
        return person
    people.set_roles(session, person.id, roles)
    if person.roles - roles:
        store.revoke_all(session, person.id, at=at)
    occasion = at.isoformat()
    tell_person(session, "roles-by-claim", person.id, at=at, occasion=occasion)
    tell_onlookers(session, "roles-by-claim-other", person.id, by=None, at=at, occasion=occasion)
    audit.log(session, "take-roles", person, at, person=person.id, roles="+".join(sorted(roles)))
    return replace(person, roles=roles)


def is_break_glass(person: Person, ways: Ways) -> bool:
    """Whether somebody is the administrator who gets in when nothing else does."""
    return bool(ways.break_glass) and person.number == canonical(ways.break_glass)


def note_break_glass(session: Session, *, by: Person, at: datetime, client: Client, zone: tzinfo) -> None:
    """Tell every administrator that the break-glass account was used."""
    for each in people.with_role(session, ADMINISTRATOR, day=at.date()):
        tell_account(session, "break-glass", each.id, at=at, zone=zone, client=client)
    audit.log(session, "break-glass", by, at)


def undo_link(session: Session, *, identity_id: int, by: Person, at: datetime) -> None:
    """Let a subject open nothing more; the person is out at once and told. Raises Refused."""
    identity = _administered(session, identity_id, by)
    if identity.undone_at is not None:
        return
    identities.undo(session, identity.id, by=by.id, at=at)
    store.revoke_all(session, identity.person_id, at=at)
    tell_person(session, "link-undone", identity.person_id, at=at, occasion=f"{identity.id}-{at.isoformat()}")
    audit.log(session, "undo-link", by, at, person=identity.person_id, identity=identity.id)


def restore_link(session: Session, *, identity_id: int, by: Person, at: datetime) -> None:
    """Let a link that was undone open again; the person is told. Raises Refused."""
    identity = _administered(session, identity_id, by)
    if identity.undone_at is None:
        raise Refused(NOT_UNDONE)
    try:
        identities.restore(session, identity.id)
    except Clash:
        raise Refused(NOT_UNDONE) from None
    tell_account(session, "linked", identity.person_id, at=at)
    audit.log(session, "restore-link", by, at, person=identity.person_id, identity=identity.id)


def _administered(session: Session, identity_id: int, by: Person) -> Identity:
    refuse(may(by, "administer"))
    identity = identities.get(session, identity_id)
    if identity is None:
        raise Refused(NOT_FOUND)
    if identity.person_id == by.id:
        raise Refused(OWN_LINK)
    return identity


def end_by_provider(session: Session, *, issuer: str, subject: str, sid: str, at: datetime) -> int:
    """End the sessions that the provider says are over; how many."""
    found = identities.open_sessions(session, issuer, subject=subject, sid=sid)
    for digest, person_id in found:
        store.revoke(session, digest=digest, at=at)
        audit.log(session, "sign-out-by-provider", None, at, person=person_id)
    return len(found)
