"""The follow-up: the participant records it, the head confirms it, or says that it is not so.

"Den sökande ska återkoppla innehållet … på det sätt verksamhetschefen bestämmer" (Uppföljning).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from portal.actions.cases import said, take
from portal.actions.notices import tell, tell_parties
from portal.domain.access import NOT_FOUND, may
from portal.domain.alphabet import folded
from portal.domain.application import Application
from portal.domain.fields import Typed
from portal.domain.followup import (
    NO_REASON,
    Denial,
    FollowUp,
    check_record,
    may_confirm,
    may_deny,
    may_record,
)
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.schemes.loader import Schemes
from portal.store import applications, audit, followups
from portal.store.session import Session


class Incomplete(Refused):
    """The record lacks something: nothing was kept, and `wrong` says what is wrong with which field."""

    def __init__(self, wrong: Mapping[str, Refusal]) -> None:
        super().__init__(Refusal("followup.incomplete", N_("Something is missing in the follow-up.")))
        self.wrong = wrong


def open_followup(session: Session, application: Application, typed: Typed) -> None:
    """Note the follow-up that was planned, if any, in the transaction that grants the application."""
    planned_on = typed[typed.kind.planned_on] if typed.kind.planned_on else None
    if planned_on is not None:
        followups.open_followup(session, application_id=application.id, planned_on=planned_on)


def record_followup(
    session: Session,
    *,
    number: str,
    schemes: Schemes,
    held_on: date | None,
    forum: str,
    audience: str,
    lesson: str,
    by: Person,
    at: datetime,
) -> None:
    """Record when, where and to whom the knowledge was brought back, and what colleagues can learn from it.

    It can be recorded anew until the head confirms it. Raises Incomplete, or Refused when the person may not.
    """
    application, followup = _take(session, number, by)
    today = local_day(at, schemes[application.scheme])
    refuse(may_record(application, followup, by, today))
    forum, audience, lesson = said(forum), said(audience), said(lesson)
    if wrong := check_record(application, held_on, forum, audience, lesson, today):
        raise Incomplete(wrong)
    record = {"held_on": held_on, "forum": forum, "audience": audience, "lesson": lesson}
    search_text = folded(f"{application.title} {forum} {lesson}")[:20_000]
    followups.keep(session, followup, **record, search_text=search_text, recorded_at=at, recorded_by=by.id)
    head = followups.confirmer(session, application.id)
    heads = () if head is None else (head,)
    tell(session, "follow-up-recorded", application, heads, at=at, occasion=at.isoformat(timespec="seconds"))
    audit.log(session, "record-follow-up", by, at, application.id)


def confirm_followup(session: Session, *, number: str, by: Person, at: datetime) -> None:
    """Confirm, as head, what was recorded; confirming twice gives the same answer. Raises Refused."""
    application, confirmer, followup, denial = _take_for_word(session, number, by)
    if followup.confirmed_by == by.id:
        return
    refuse(may_confirm(followup, by, confirmer=confirmer, denial=denial))
    again = {} if denial is None else {"held_on": denial.held_on, "recorded_at": at}
    followups.keep(session, followup, confirmed_at=at, confirmed_by=by.id, **again)
    if denial is not None:
        tell_parties(session, "follow-up-accepted", application, at=at)
    audit.log(session, "confirm-follow-up", by, at, application.id)


def deny_followup(session: Session, *, number: str, reason: str, by: Person, at: datetime) -> None:
    """Say, as head, that what was recorded is not so, and why: it is owed again, and the parties are told.

    The same no twice is said once. Raises Refused.
    """
    application, confirmer, followup, before = _take_for_word(session, number, by)
    reason = said(reason)
    if before is not None and (before.head_id, before.reason) == (by.id, reason):
        return
    refuse(may_deny(followup, by, confirmer=confirmer))
    if not reason:
        raise Refused(NO_REASON)
    assert followup.held_on is not None  # noqa: S101 - what is recorded has its day
    followups.add_denial(session, Denial(application.id, by.id, followup.held_on, reason, at))
    occasion = at.isoformat(timespec="seconds")
    tell_parties(session, "follow-up-denied", application, at=at, occasion=occasion)
    audit.log(session, "deny-follow-up", by, at, application.id)


def _take_for_word(
    session: Session, number: str, by: Person
) -> tuple[Application, int | None, FollowUp, Denial | None]:
    """The locked case, the head who confirms now, the follow-up and an earlier no."""
    application = applications.find(session, number=number, for_update=True)
    if application is None:
        raise Refused(NOT_FOUND)
    confirmer = followups.confirmer(session, application.id)
    refuse(None if by.id == confirmer else may(by, "see", application))
    return application, confirmer, _locked(session, application), followups.denied(session, application.id)


def _take(session: Session, number: str, by: Person) -> tuple[Application, FollowUp]:
    application = take(session, number=number, act="see", by=by)
    return application, _locked(session, application)


def _locked(session: Session, application: Application) -> FollowUp:
    followup = followups.find(session, application.id, for_update=True)
    if followup is None:
        raise Refused(NOT_FOUND)
    return followup


def pass_on(session: Session, numbers: Iterable[str], *, at: datetime) -> None:
    """Tell whoever confirms these now, where it was somebody else's word before, or nobody's."""
    for application in (applications.get(session, number=number) for number in numbers):
        head = followups.confirmer(session, application.id)
        heads = () if head is None else (head,)
        tell(session, "follow-up-recorded", application, heads, at=at, occasion="passed-on")
