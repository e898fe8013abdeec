"""What comes next on a grant, with its days: the event, the costs, the invoice, the payment and the follow-up."""

from collections.abc import Iterator
from datetime import date

from portal.domain.application import Application, Status
from portal.domain.claim import Claim, Stage
from portal.domain.followup import FollowUp
from portal.domain.periods import local_day
from portal.domain.scheme import Scheme
from portal.store import claims, followups
from portal.web import current
from portal.web.language import _, day
from portal.web.pages.applications import TimelineItem

_LAST = date.max
"""Where in the order stands what has no day."""


def after_grant(application: Application, scheme: Scheme) -> tuple[TimelineItem, ...]:
    """What is still to come on a grant that stands, in the order of its days."""
    if application.status is not Status.GRANTED:
        return ()
    session, today = current.reading(), local_day(current.now(), scheme)
    claim = claims.find(session, application.id)
    followup = followups.find(session, application.id)
    steps = [
        *_of_event(application, today),
        *(_of_claim(claim, today) if claim is not None else ()),
        *(_of_followup(followup, today) if followup is not None else ()),
    ]
    return tuple(item for _day, item in sorted(steps, key=lambda step: step[0]))


def _of_event(application: Application, today: date) -> Iterator[tuple[date, TimelineItem]]:
    if today < application.starts_on:
        yield (
            application.starts_on,
            _item(_("The course or conference begins"), day(application.starts_on), application.starts_on),
        )


def _of_claim(claim: Claim, today: date) -> Iterator[tuple[date, TimelineItem]]:
    if claim.stage in (Stage.PAID, Stage.RELEASED):
        return
    due = claim.due_on
    if due is not None and claim.stage in (Stage.WAITING, Stage.STATED):
        by, late = _("by %(day)s", day=day(due)), _late(claim.is_late(today))
        if claim.stage is Stage.WAITING:
            yield due, _item(_("State what it cost"), by, due, late)
        yield due, _item(_("Send the invoice"), by, due, late)
    yield _LAST, TimelineItem(_("Payment"), "next")


def _of_followup(followup: FollowUp, today: date) -> Iterator[tuple[date, TimelineItem]]:
    if not followup.recorded:
        on, late = followup.planned_on, _late(followup.is_overdue(today))
        yield on, _item(_("Bring it home and record the follow-up"), day(on), on, late)
    if followup.confirmed_at is None:
        yield _LAST, TimelineItem(_("The head confirms the follow-up"), "next")


def _late(late: bool) -> str:
    return _("Late") if late else ""


def _item(title: str, at: str, on: date, text: str = "") -> TimelineItem:
    """A step with its day; one that is late is told to be the reader's turn."""
    return TimelineItem(title, "now" if text else "next", at, on.isoformat(), "", text)
