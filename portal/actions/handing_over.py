"""A case passes to a colleague: who wrote it for somebody else has left or is away, and what waits for them goes on."""

from collections.abc import Mapping
from datetime import datetime

from portal.actions.attesting import pass_word_on
from portal.actions.notices import tell
from portal.domain.access import GOES_ON, NOT_FOUND, may_give_back, may_take_over
from portal.domain.alphabet import folded
from portal.domain.application import Application, Status
from portal.domain.attest import is_attested, standing_word
from portal.domain.person import Person
from portal.domain.refusal import Refused, refuse
from portal.domain.scheme import Scheme
from portal.store import applications, audit, handing_over, heads, people, signing
from portal.store.session import Session


def offered(session: Session, by: Person) -> list[tuple[Application, str, bool]]:
    """What the person may take over from colleagues, with who answers for it now and whether they are still here."""
    written = handing_over.written_in(session, by.unit, GOES_ON) if by.unit else []
    return [
        each
        for each in written
        if may_take_over(by, each[0], near=True, tied=_is_tied(session, each[0], by)) is None
    ]


def _is_tied(session: Session, application: Application, by: Person) -> bool:
    acted = {each.signer_id for each in signing.signatures_on(session, application.id)}
    acted |= {each.person_id for each in signing.conflicts_in(session, application.id)}
    acted |= {each.head_id for each in heads.words_on(session, application.id)}
    return by.id in acted or heads.stands_for(session, application.id) == by.id


def take_over(
    session: Session, *, number: str, schemes: Mapping[str, Scheme], by: Person, at: datetime
) -> Application:
    """Answer from now on for what a colleague of the same unit wrote, or, as who wrote it, answer for it again.

    Twice gives the same answer. Raises Refused.
    """
    application, me = _taken(session, number, by, at)
    if application.applicant_id == by.id:
        return application
    former = people.get(session, application.applicant_id, day=at.date())
    near = bool(me.unit) and me.unit == former.unit
    refuse(may_take_over(me, application, near=near, tied=_is_tied(session, application, me)))
    return _pass(session, application, me, schemes, act="take-over", by=by, at=at)


def give_back(
    session: Session, *, number: str, schemes: Mapping[str, Scheme], by: Person, at: datetime
) -> Application:
    """Let who wrote it answer for it again. Raises Refused."""
    application, me = _taken(session, number, by, at)
    left = people.has_left(session, application.author_id)
    refuse(may_give_back(me, application, author_left=left))
    author = people.get(session, application.author_id, day=at.date())
    return _pass(session, application, author, schemes, act="give-back", by=by, at=at)


def _taken(session: Session, number: str, by: Person, at: datetime) -> tuple[Application, Person]:
    application = applications.find(session, number=number, for_update=True)
    if application is None:
        raise Refused(NOT_FOUND)
    return application, people.get(session, by.id, day=at.date())


def _pass(
    session: Session,
    application: Application,
    to: Person,
    schemes: Mapping[str, Scheme],
    *,
    act: str,
    by: Person,
    at: datetime,
) -> Application:
    """Hand it over, and tell everybody whom it concerns but who does it."""
    former, stood = application.applicant_id, heads.stands_for(session, application.id)
    handing_over.hand_over(session, application, to.id, folded(to.name), at=at)
    now = applications.get_by_id(session, application.id)
    asked = now.status is Status.WAITING and is_attested(schemes[now.scheme], now)
    moved = (
        heads.stands_for(session, now.id) != stood
    )  # to whom it could not be while they were the applicant
    if asked and moved and standing_word(heads.words_on(session, now.id)) is None:
        pass_word_on(session, [now.number], at=at)
    occasion = at.isoformat()
    if to.id != by.id:
        tell(session, "given-back", now, [to.id], at=at, occasion=occasion)
    elif not people.has_left(session, former):
        tell(session, "taken-from", now, [former], at=at, occasion=occasion)
    concerned = {now.participant_id} | ({now.head_id} if now.head_id is not None else set())
    tell(session, "taken-over", now, concerned, at=at, occasion=occasion)
    audit.log(session, act, by, at, now.id, version=now.version, was=former, applicant=to.id)
    return now
