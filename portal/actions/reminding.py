"""Reminders: who is told by e-mail that an invoice or a follow-up is due, or late, or that a year's decisions begin.

Each of them once. What is to be told is found while reading; only what nobody has been told yet is written. Run it as
often as you like.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.domain import claim, followup
from portal.domain.application import Application
from portal.domain.periods import first_decision_day, local_day, start_of
from portal.domain.scheme import Scheme
from portal.store import applications, claims, followups, outbox, seats
from portal.store.session import Session

_MOST = 10_000
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One e-mail that somebody should get."""

    kind: str
    number: str
    """Of the application, or the edition's key."""
    day: date
    receiver_id: int

    @property
    def key(self) -> str:
        """The same deadline is told once, and once more when it has passed."""
        return f"{self.kind}/{self.number}/{self.day.isoformat()}/{self.receiver_id}"


def reminders_due(session: Session, *, schemes: Mapping[str, Scheme], at: datetime) -> list[Reminder]:
    """Whom to tell what is due within a week or late, in the fund's own days, and who has not been told."""
    found = (
        *_invoices(session, schemes, at),
        *_follow_ups(session, schemes, at),
        *_years_begun(session, schemes, at),
    )
    wanted = {each.key: each for each in found}
    known = outbox.known(session, wanted)
    return [each for key, each in wanted.items() if key not in known]


def remind(session: Session, *, reminders: Sequence[Reminder], at: datetime) -> None:
    """Put them into the outbox; one that somebody else has put there meanwhile stays one."""
    for each in reminders:
        outbox.add(
            session,
            key=each.key,
            receiver_id=each.receiver_id,
            kind=each.kind,
            params={"number": each.number, "day": each.day.isoformat()},
            at=at,
        )


def _invoices(session: Session, schemes: Mapping[str, Scheme], at: datetime) -> Iterator[Reminder]:
    for number, each in claims.due_by(session, at.date() + claim.REMIND_BEFORE + _A_DAY, limit=_MOST):
        application = applications.get(session, number=number)
        today = local_day(at, schemes[application.scheme])
        if each.due_on is not None and (each.is_late(today) or each.is_due_soon(today)):
            kind = "invoice-late" if each.is_late(today) else "invoice-due"
            yield from _to_parties(kind, application, each.due_on)


def _follow_ups(session: Session, schemes: Mapping[str, Scheme], at: datetime) -> Iterator[Reminder]:
    for lesson in followups.owed_by(session, at.date() + followup.REMIND_BEFORE + _A_DAY, limit=_MOST):
        application = applications.get(session, number=lesson.number)
        today, owed = local_day(at, schemes[application.scheme]), lesson.followup
        if owed.is_overdue(today) or owed.is_due_soon(today):
            kind = "follow-up-late" if owed.is_overdue(today) else "follow-up-due"
            yield from _to_parties(kind, application, owed.planned_on)


def _years_begun(session: Session, schemes: Mapping[str, Scheme], at: datetime) -> Iterator[Reminder]:
    """Tell the signers that what was kept can be decided: "sparas och beslut fattas in på nya året".

    One e-mail for all of it, on the first day a decision can be taken or after it; who came to a seat later has been
    told of the queue with the appointment.
    """
    for scheme in schemes.values():
        today, first = local_day(at, scheme), first_decision_day(scheme, scheme.decides_from)
        if first is None or today < first or first_decision_day(scheme, today) != today:
            continue
        parties = applications.parties_of_kept(session, scheme.key, before=start_of(first, scheme))
        sitting = {h.person_id for h in seats.in_force(session, scheme.fund, today) if h.starts_on <= first}
        for receiver in sorted(sitting):
            if any(receiver not in apart for apart in parties):
                yield Reminder("year-begun", scheme.key, first, receiver)


def _to_parties(kind: str, application: Application, day: date) -> Iterator[Reminder]:
    for receiver in sorted({application.applicant_id, application.participant_id}):
        yield Reminder(kind, application.number, day, receiver)
