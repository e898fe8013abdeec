"""What comes next on a grant, with its days: the event, its claim (told by `claims.coming`) and the follow-up."""

from collections.abc import Iterator
from datetime import date

from portal.domain.application import Application, Status
from portal.domain.followup import FollowUp
from portal.domain.periods import local_day
from portal.domain.scheme import Scheme
from portal.store import claims, followups
from portal.web import current
from portal.web.claims import coming
from portal.web.language import _, day
from portal.web.pages.applications import TimelineItem

Step = tuple[date, tuple[TimelineItem, ...]]


def after_grant(application: Application, scheme: Scheme) -> Iterator[TimelineItem]:
    """What is still to come on a grant that stands, the first due first."""
    if application.status is not Status.GRANTED:
        return
    today = local_day(current.now(), scheme)
    steps = [_of_claim(application, scheme), _of_followup(application, today)]
    if today < application.starts_on:
        begins = application.starts_on
        yield TimelineItem(_("The course or conference begins"), "next", day(begins), begins.isoformat())
    for _due, items in sorted(steps, key=lambda step: step[0]):
        yield from items


def _of_claim(application: Application, scheme: Scheme) -> Step:
    claim = claims.find(current.reading(), application.id)
    due = claim.due_on if claim is not None else None
    return due or date.max, tuple(coming.coming(application, scheme))


def _of_followup(application: Application, today: date) -> Step:
    followup = followups.find(current.reading(), application.id)
    if followup is None or followup.confirmed_at is not None or not (followup.owed or followup.recorded):
        return date.max, ()
    items = () if followup.recorded else (_to_record(followup, today),)
    state = "now" if followup.recorded else "next"
    return followup.planned_on, (*items, TimelineItem(_("The head confirms the follow-up"), state))


def _to_record(followup: FollowUp, today: date) -> TimelineItem:
    planned, late = followup.planned_on, followup.is_overdue(today)
    return TimelineItem(
        title=_("Bring it home and record the follow-up"),
        state="now" if late else "next",
        at=day(planned),
        datetime=planned.isoformat(),
        text=_("Late") if late else "",
    )
