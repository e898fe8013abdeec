"""The follow-up: what the participant brought back to the unit, when, where and to whom, and the head's word on it.

"Den sökande ska återkoppla innehållet i kursen/konferensen/digitala kursen till verksamheten på det sätt
verksamhetschefen bestämmer" (Uppföljning).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.domain.application import Application, Status
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal

REMIND_BEFORE = timedelta(days=7)
LONGEST = 4000
"""Characters of what colleagues may read and search."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What was planned, and what has been recorded and confirmed of it."""

    application_id: int
    planned_on: date
    held_on: date | None = None
    forum: str = ""
    audience: str = ""
    lesson: str = ""
    """What colleagues can learn from it, in the participant's words."""
    recorded_at: datetime | None = None
    confirmed_by: int | None = None
    confirmed_at: datetime | None = None
    owed: bool = True
    """Whether it is to be recorded; not when the whole grant has gone back, but it still can be."""

    @property
    def recorded(self) -> bool:
        return self.recorded_at is not None

    def is_overdue(self, today: date) -> bool:
        """Whether the planned day has passed with nothing recorded."""
        return self.owed and not self.recorded and today > self.planned_on

    def is_due_soon(self, today: date) -> bool:
        """Whether the planned day is within a week, with nothing recorded."""
        near = self.planned_on - REMIND_BEFORE <= today <= self.planned_on
        return self.owed and not self.recorded and near


@dataclass(frozen=True, slots=True)
class Denial:
    """A head's word that what was recorded is not so; the day is the one that was recorded."""

    application_id: int
    head_id: int
    held_on: date
    reason: str
    said_at: datetime


NO_REASON = Refusal("followup.no-reason", N_("Write what is not so."))


def may_record(application: Application, followup: FollowUp, by: Person, today: date) -> Refusal | None:
    """None when the person may record the follow-up today, else why not."""
    if by.id not in (application.participant_id, application.applicant_id):
        return Refusal(
            "followup.not-yours", N_("Only the participant or the applicant records the follow-up.")
        )
    if application.status is not Status.GRANTED:
        return Refusal("followup.not-granted", N_("There is a follow-up only after a grant."))
    if today < application.ends_on:
        return Refusal(
            "followup.early",
            N_("The follow-up can be recorded from the last day of the event, %(day)s."),
            {"day": application.ends_on},
        )
    if followup.confirmed_at is not None:
        return Refusal(
            "followup.confirmed", N_("Your head has confirmed the follow-up, so it stays as it is.")
        )
    return None


def may_confirm(
    followup: FollowUp, by: Person, *, confirmer: int | None, denial: Denial | None = None
) -> Refusal | None:
    """None when the person may confirm what was recorded, else why not; `confirmer` is the head whose word it is.

    Who has said that it is not so, `denial`, may find that it is, as long as nothing else is recorded.
    """
    if followup.confirmed_at is None and by.id != confirmer:
        return Refusal("followup.not-head", N_("Only the participant’s head confirms the follow-up."))
    if not followup.recorded and denial is None:
        return Refusal("followup.unrecorded", N_("Nothing has been recorded to confirm yet."))
    if followup.confirmed_at is not None:
        return Refusal("followup.already", N_("The follow-up is already confirmed."))
    return None


def may_deny(followup: FollowUp, by: Person, *, confirmer: int | None) -> Refusal | None:
    """None when the person may say that what was recorded is not so, else why not."""
    return may_confirm(followup, by, confirmer=confirmer)


def check_record(
    application: Application, held_on: date | None, forum: str, audience: str, lesson: str, today: date
) -> dict[str, Refusal]:
    """What is missing or wrong, by field; empty when it can be recorded."""
    wrong: dict[str, Refusal] = {}
    if held_on is None:
        wrong["held_on"] = Refusal("followup.day", N_("Give the day as a date that exists."))
    elif not application.ends_on <= held_on <= today:
        wrong["held_on"] = Refusal(
            "followup.day-range",
            N_("The day must be between the last day of the event, %(day)s, and today."),
            {"day": application.ends_on},
        )
    for name, text in (("forum", forum), ("audience", audience), ("lesson", lesson)):
        if not text.strip():
            wrong[name] = Refusal("followup.missing", N_("Fill this in."))
        elif len(text) > LONGEST:
            wrong[name] = Refusal("followup.long", N_("The text is too long. Shorten it."))
    return wrong
