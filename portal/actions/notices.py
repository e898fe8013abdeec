"""Who is told what: puts e-mails into the outbox in the transaction of what they tell. Their words are `mail`'s.

A reminder tells that an invoice or a follow-up is due, or late, or that a year's decisions begin; each of them once.
What is to be told is found while reading; only what nobody has been told yet is written. Run it as often as you like.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from portal.domain import claim, followup
from portal.domain.access import may
from portal.domain.application import Application
from portal.domain.periods import first_decision_day, lapses_soon, last_decision_day, local_day, start_of
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.refusal import refuse
from portal.domain.scheme import Scheme, Words
from portal.domain.signoff import Holding, tie
from portal.store import applications, audit, claims, followups, heads, outbox, people, seats, signing
from portal.store.session import Session
from portal.store.sign_in import NOWHERE, Client


def tell_parties(
    session: Session,
    kind: str,
    application: Application,
    *,
    at: datetime,
    occasion: str = "",
    what: Words | None = None,
) -> None:
    """Tell the applicant and the participant; `occasion` tells two of a kind on one version apart."""
    parties = (application.applicant_id, application.participant_id)
    tell(session, kind, application, parties, at=at, occasion=occasion, what=what)


def tell(
    session: Session,
    kind: str,
    application: Application,
    receivers: Iterable[int],
    *,
    at: datetime,
    occasion: str = "",
    what: Words | None = None,
) -> None:
    """Tell each receiver once. An e-mail holds a number and a link, never what was written; `what` names questions."""
    by = application.starts_on if kind in ("to-sign", "to-attest", "attest-late") else None
    for receiver in sorted(set(receivers)):
        outbox.add(
            session,
            key=_key(kind, application, application.version, occasion, receiver),
            receiver_id=receiver,
            kind=kind,
            params={
                "number": application.number,
                "version": application.version,
                **({"what": what} if what else {}),
            },
            at=at,
            by=by,
        )


def _key(kind: str, application: Application, version: int, occasion: str, receiver: int) -> str:
    return f"{kind}/{application.number}/{version}/{occasion}/{receiver}"


def is_told(
    session: Session, kind: str, application: Application, receiver: int, *, occasions: Sequence[str]
) -> bool:
    """Whether somebody has been told that of any version, on one of these occasions."""
    versions = range(1, application.version + 1)
    keys = [_key(kind, application, each, occasion, receiver) for each in versions for occasion in occasions]
    return bool(outbox.known(session, keys))


def tell_signers(
    session: Session,
    application: Application,
    applicant: Person,
    participant: Person,
    *,
    day: date,
    at: datetime,
    kind: str = "to-sign",
    seat: str | None = None,
    but: str | None = None,
    occasion: str = "",
) -> list[int]:
    """Tell whoever sits in the fund's seats, or in one, or in all but one, that day: nobody tied or stepped aside.

    Gives whom was told.
    """
    free = _free_to_sign(session, application, applicant, participant, day, seat, but)
    tell(session, kind, application, free, at=at, occasion=occasion)
    return free


def _free_to_sign(
    session: Session,
    application: Application,
    applicant: Person,
    participant: Person,
    day: date,
    seat: str | None = None,
    but: str | None = None,
) -> list[int]:
    aside = {each.person_id for each in signing.conflicts_in(session, application.id)}
    aside |= {each.head_id for each in heads.words_on(session, application.id)}
    held = seats.in_force(session, application.fund, day)
    sitting = {each.person_id for each in held if seat in (None, each.seat) and each.seat != but} - aside
    signers = people.get_all(session, sitting, day=day).values()
    return [each.id for each in signers if tie(application, applicant, participant, each) is None]


def tell_appointed(session: Session, holding: Holding, *, at: datetime) -> None:
    """Tell somebody that they hold a seat, or stand in for its holder."""
    outbox.add(
        session,
        key=f"substitute/{holding.id}",
        receiver_id=holding.person_id,
        kind="substitute",
        params={"day": holding.starts_on.isoformat()},
        at=at,
    )


def tell_person(
    session: Session, kind: str, receiver: int, *, at: datetime, occasion: object, **params: str
) -> None:
    """Tell one person something that is about no application; `occasion` tells two of a kind apart."""
    outbox.add(
        session, key=f"{kind}/{occasion}/{receiver}", receiver_id=receiver, kind=kind, params=params, at=at
    )


def tell_account(
    session: Session,
    kind: str,
    receiver: int,
    *,
    at: datetime,
    zone: tzinfo = UTC,
    client: Client = NOWHERE,
) -> None:
    """Tell somebody what happened to the way they sign in: when, and from where."""
    local = at.astimezone(zone)
    where = {"agent": client.agent, "address": client.address}
    told = {"day": local.date().isoformat(), "time": f"{local:%H:%M}", **where}
    tell_person(session, kind, receiver, at=at, occasion=at.isoformat(), **told)


def tell_onlookers(
    session: Session, kind: str, about: int, *, by: int | None, at: datetime, occasion: object
) -> None:
    """Tell everybody who holds a seat and every administrator, but for who did it and whom it is about."""
    day = at.astimezone(UTC).date()
    watching = {each.person_id for each in seats.all_of_them(session) if each.holds_on(day)}
    watching |= {each.id for each in people.with_role(session, ADMINISTRATOR, day=day)}
    for receiver in sorted(watching - {about, by}):
        tell_person(session, kind, receiver, at=at, occasion=occasion)


_MOST = 10_000
_A_DAY = timedelta(days=1)
_A_WEEK = timedelta(days=7)


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
    found = (each(session, schemes, at) for each in _DUE)
    wanted = {each.key: each for reminders in found for each in reminders}
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
            by=each.day,
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


def _head_words(session: Session, schemes: Mapping[str, Scheme], at: datetime) -> Iterator[Reminder]:
    """Tell a head once, some days after the application came, that their word is still awaited."""
    for key, scheme in schemes.items():
        if scheme.attest == "off":
            continue
        for asked in heads.awaited(session, [key], limit=_MOST):
            day = local_day(asked.application.submitted_at, scheme) + timedelta(
                days=scheme.attest_reminded_after
            )
            if asked.head_id is not None and day <= local_day(at, scheme):
                yield Reminder("attest-late", asked.application.number, day, asked.head_id)


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


def _decision_days(session: Session, schemes: Mapping[str, Scheme], at: datetime) -> Iterator[Reminder]:
    """Tell the signers what waits when a pause has ended, and some time before nothing more can be granted."""
    for scheme in schemes.values():
        today, last = local_day(at, scheme), last_decision_day(scheme)
        begins = first_decision_day(scheme, scheme.decides_from)
        for pause in scheme.pauses:
            first = first_decision_day(scheme, pause.ends_on + _A_DAY)
            if first is not None and first != begins and first <= today < first + _A_WEEK:
                yield from _to_signers(session, "pause-over", scheme, first, before=start_of(first, scheme))
        call = scheme.last_call_days
        if last is not None and call is not None and last - timedelta(days=call) <= today <= last:
            yield from _to_signers(session, "last-call", scheme, last, before=at)


def _to_signers(
    session: Session, kind: str, scheme: Scheme, day: date, *, before: datetime
) -> Iterator[Reminder]:
    """One e-mail for all that waits, to whoever sits that day and may sign any of it."""
    parties = applications.parties_of_kept(session, scheme.key, before=before)
    sitting = {h.person_id for h in seats.in_force(session, scheme.fund, local_day(before, scheme))}
    for receiver in sorted(sitting):
        if any(receiver not in apart for apart in parties):
            yield Reminder(kind, scheme.key, day, receiver)


def _answers(session: Session, schemes: Mapping[str, Scheme], at: datetime) -> Iterator[Reminder]:
    """Tell the parties that an answer is still waited for, and until when; then the signers that it can be refused."""
    for scheme in schemes.values():
        if scheme.answer_reminded_days is None or scheme.answer_days is None:
            continue
        for application, asked_at in applications.unanswered(session, scheme.key):
            asked_on, today = local_day(asked_at, scheme), local_day(at, scheme)
            until = asked_on + timedelta(days=scheme.answer_days)
            if today > until:
                parties = (application.applicant_id, application.participant_id)
                people_of = people.get_all(session, parties, day=today)
                applicant, participant = (people_of[each] for each in parties)
                for receiver in _free_to_sign(session, application, applicant, participant, today):
                    yield Reminder("answer-missing", application.number, until, receiver)
            elif today >= asked_on + timedelta(days=scheme.answer_reminded_days):
                yield from _to_parties("answer-awaited", application, until)


def _approvals(session: Session, schemes: Mapping[str, Scheme], at: datetime) -> Iterator[Reminder]:
    """Tell the parties what was approved and is used by nothing, some time before it lapses."""
    for scheme in schemes.values():
        today = local_day(at, scheme)
        for kind in scheme.kinds.values():
            for each in applications.unused(session, scheme.key, kind.key) if kind.lapses else ():
                lapses = lapses_soon(kind, each.ends_on, today)
                if lapses is not None:
                    yield from _to_parties("approval-lapses", each, lapses)


def _to_parties(kind: str, application: Application, day: date) -> Iterator[Reminder]:
    for receiver in sorted({application.applicant_id, application.participant_id}):
        yield Reminder(kind, application.number, day, receiver)


_DUE = (_invoices, _follow_ups, _head_words, _years_begun, _decision_days, _answers, _approvals)


def retry_mail(session: Session, *, mail_id: int, by: Person, at: datetime) -> bool:
    """Try an e-mail again from the beginning; False when it is sent or under way. Raises Refused."""
    _administers(by)
    begun = outbox.retry(session, mail_id, at=at)
    if begun:
        audit.log(session, "retry-mail", by, at, mail=mail_id)
    return begun


def retry_parked(session: Session, *, by: Person, at: datetime) -> int:
    """Try every e-mail that was given up again; says how many. Raises Refused."""
    _administers(by)
    count = outbox.retry_parked(session, at=at)
    if count:
        audit.log(session, "retry-mails", by, at, count=count)
    return count


def mark_bounced(session: Session, *, mail_id: int, bounced: bool, by: Person, at: datetime) -> bool:
    """Note that a sent e-mail came back, or that this was a mistake; False when it stood so. Raises Refused.

    The receiver reads it at their start page. One sent to an address that was changed by it says nothing of theirs.
    """
    _administers(by)
    entry = outbox.set_bounced(session, mail_id, at=at if bounced else None)
    if entry is None:
        return False
    if not entry.params.get("to"):
        people.set_bounced(session, entry.receiver_id, at=at if bounced else None)
    act = "mark-bounced" if bounced else "unmark-bounced"
    audit.log(session, act, by, at, mail=mail_id, person=entry.receiver_id)
    return True


def _administers(by: Person) -> None:
    refuse(may(by, "administer"))
