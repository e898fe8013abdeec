"""What happens to one application, act by act, each as one call of the action behind the same button.

A tale yields the instant of its next act and is resumed at it, so that all tales are played in the order of time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from portal.actions import (
    attesting,
    claiming,
    documents,
    drafting,
    following_up,
    handing_over,
    paying,
    preparing,
    signing,
    submitting,
)
from portal.actions.submitting import submit
from portal.demo.data import CastMember, FateStep, Story, content, courses, steps, workday
from portal.demo.documents import jpeg, pdf, png
from portal.documents.inspecting import inspect
from portal.domain.application import Outcome
from portal.domain.attest import is_attested
from portal.domain.payment import LedgerLine, PaymentKind, shown_digest
from portal.domain.periods import ONE_DAY, local_day
from portal.domain.person import Person
from portal.domain.scheme import Kind, Scheme
from portal.schemes.loader import Schemes
from portal.store import applications, budgets, claims, heads, payments, people
from portal.store.files import Files
from portal.store.session import Session

FINANCE: Final = "malmberg"
OLD: Final = timedelta(days=150)
PAYDAY: Final = 25
PAYDAYS: Final = 14
"""Months in which finance has made batches."""
SETTLING: Final = timedelta(days=12)
"""The last invoices always wait for a batch."""


@dataclass(frozen=True)
class Simulation:
    """One transaction in which a fund's tales are played, and the chance they share."""

    session: Session
    schemes: Schemes
    cast: Mapping[str, CastMember]
    ids: Mapping[str, int]
    files: Files
    chance: Random
    today: date
    texts: Mapping[str, Iterator[str]]
    """By act: reasons for those that bring none, in turn."""
    second: bool = False
    """Whether finance's acts wait for a second person."""
    _persons: dict[tuple[str, date], Person] = field(default_factory=dict)

    def person(self, key: str, at: datetime) -> Person:
        """Somebody of the cast as they are that day."""
        known = (key, at.date())
        if known not in self._persons:
            self._persons[known] = people.get(self.session, self.ids[key], day=at.date())
        return self._persons[known]


def office_hour(scheme: Scheme, day: date, chance: Random) -> datetime:
    """Some minute of the working day where the fund is."""
    minute = time(chance.randrange(8, 16), chance.randrange(60), chance.randrange(60))
    return datetime.combine(day, minute, scheme.zone)


@dataclass
class Tale:
    """One application as it is told: who applies for what, and the days that its acts count from."""

    stage: Simulation
    scheme: Scheme
    story: Story
    who: str
    answers: Mapping[str, Any]
    event: str
    written_on: date
    starts_on: date
    signed_on: date
    decided_on: date
    token: str = ""
    number: str = ""
    reason: str = ""
    """The words of a refusal, which the second seat repeats."""

    @property
    def kind(self) -> Kind:
        return self.scheme.kinds[self.story.kind or self.scheme.main_kind.key]

    def told(self) -> Iterator[datetime]:
        fate = self.story.fate
        if self.starts_on < self.stage.today - OLD:
            fate = content("fates")[fate].get("old", fate)
        before: datetime | None = None
        for step in steps(fate):
            at = self._instant(step, before)
            if local_day(at, self.scheme) >= self.stage.today:
                return
            yield at
            if step.act == "grant" and not self._is_affordable(step, at):
                return
            ACTS[step.act](self, step, at)
            before = at

    def _is_affordable(self, step: FateStep, at: datetime) -> bool:
        """Whether the period has that much left; otherwise nobody signs, and it waits."""
        period = budgets.standing_on(self.stage.session, self.scheme, local_day(at, self.scheme))
        return period is None or self.amount(step) <= period.left

    def amount(self, step: FateStep) -> int:
        """The assessed amount, or the share of it that the step says."""
        return applications.get(self.stage.session, number=self.number).amount * step.share // 100

    def _instant(self, step: FateStep, before: datetime | None) -> datetime:
        """In office hours of its day, and after what came before."""
        soonest = None if before is None else before + timedelta(hours=step.hours)
        if soonest is not None and not step.start:
            return soonest
        days = {"signed": self.signed_on, "decided": self.decided_on, "event": self.starts_on}
        on = workday(days.get(step.start, self.written_on) + timedelta(days=step.days))
        at = office_hour(self.scheme, on, self.stage.chance)
        return max(at, soonest or at)

    def person(self, step: FateStep, at: datetime) -> Person:
        """Who acts: the applicant unless the step says otherwise; the first seat is the one that the story names."""
        seats = [seat.key for seat in self.scheme.seats]
        holders = dict(zip(seats, content("people")["seats"][self.scheme.fund], strict=False))
        first = self.story.first or seats[0]
        second = next(seat for seat in seats if seat != first)
        known = {"first": holders[first], "second": holders[second], "finance": FINANCE}
        return self.stage.person(known.get(step.by, self.story.by or self.who), at)

    def said(self, step: FateStep) -> str:
        return self.story.text or next(self.stage.texts[step.act])

    def attach(self, token: str, proves: str, by: Person, at: datetime, *, again: bool = False) -> None:
        """Attach a document, through the action behind the button."""
        file = inspect(*self._paper(proves, again=again))
        with self.stage.files.keeping():
            self.stage.files.put(file.content)
            documents.attach(
                self.stage.session, token=token, kind=self.kind, proves=proves, file=file, by=by, at=at
            )

    def _paper(self, proves: str, *, again: bool) -> tuple[str, bytes]:
        """A document's name, and its content."""
        who, when = self.stage.cast[self.who].name, self.starts_on.strftime("%d.%m.%Y")
        fee = f"Kursavgift kr {self.answers['fee']}"
        if proves == "certificate":
            days = (date.fromisoformat(self.answers["ends_on"]) - self.starts_on).days + 1
            return "Kursbevis.pdf", pdf(("Kursbevis", who, self.event, f"{when}, {days} dager"))
        if proves == "absence":
            return f"Fravær, {who}.png", png(f"{who} {when}")
        if again:
            return "Kvittering (ny kopi).pdf", pdf(("Kvittering", who, self.event, fee))
        if "," in fee:
            return "Bilde av kvittering.jpg", jpeg(len(self.event))
        return "Faktura fra SKIL.pdf", pdf(("Faktura", who, self.event, fee))


def draft(tale: Tale, step: FateStep, at: datetime) -> None:
    """Begin it, with its documents."""
    by, usual = tale.person(step, at), content(tale.scheme.fund).get("proves", {}).get(tale.kind.key, ())
    answers, head = tale.answers, tale.stage.cast[tale.who].head
    if head is not None and by.id == tale.stage.ids[head] and "head" in tale.kind.fields:
        answers = {
            **answers,
            "head": by.head_number,
        }  # a head who applies for their own names the next in line
    tale.token = drafting.start_draft(
        tale.stage.session,
        scheme=tale.scheme,
        kind=tale.kind.key,
        by=by,
        at=at,
        participant_id=tale.stage.ids[tale.who],
        answers=answers,
    ).token
    for proves in usual if tale.story.proves is None else tale.story.proves:
        tale.attach(tale.token, proves, by, at)


def send(tale: Tale, step: FateStep, at: datetime) -> None:
    draft(tale, step, at)
    by, schemes = tale.person(step, at), tale.stage.schemes
    tale.number = submit(tale.stage.session, token=tale.token, schemes=schemes, by=by, at=at).number


def sign(tale: Tale, step: FateStep, at: datetime) -> None:
    """Grant, or refuse: the second seat with the words of the first."""
    grants, amount, reason = step.act == "grant", 0, ""
    if grants:
        amount = tale.amount(step)
        reason = tale.said(step) if step.share < 100 or step.half_days is not None else ""
    else:
        reason = tale.reason = tale.reason or tale.said(step)
    signing.sign(
        tale.stage.session,
        number=tale.number,
        schemes=tale.stage.schemes,
        outcome=Outcome.GRANT if grants else Outcome.REFUSE,
        amount=amount,
        days=step.half_days,
        reason=reason,
        shown=None,
        by=tale.person(step, at),
        at=at,
    )


def take_over(tale: Tale, _step: FateStep, at: datetime) -> None:
    """A colleague of who wrote it answers for it from now on."""
    by = tale.stage.person(tale.story.taker, at)
    handing_over.take_over(tale.stage.session, number=tale.number, schemes=tale.stage.schemes, by=by, at=at)


def _on_case(action: Callable[..., object], *, named: str = "", by_scheme: bool = True) -> "Act":
    """An act that is one call about the application; `named` is what the action calls the words said."""

    def act(tale: Tale, step: FateStep, at: datetime) -> None:
        more: dict[str, Any] = {"schemes": tale.stage.schemes} if by_scheme else {}
        if named:
            more[named] = tale.said(step)
        action(tale.stage.session, number=tale.number, by=tale.person(step, at), at=at, **more)

    return act


def answer(tale: Tale, step: FateStep, at: datetime) -> None:
    """Answer a return, with more words or another copy; or only begin to."""
    stage, by = tale.stage, tale.person(step, at)
    begun = drafting.start_answer(stage.session, number=tale.number, by=by, at=at)
    if step.attach:
        tale.attach(begun.token, step.attach, by, at, again=True)
    else:
        typed = {**begun.answers, "participation": content("courses")["texts"]["more"]}
        drafting.save_draft(
            stage.session, token=begun.token, expected=begun.revision, answers=typed, by=by, at=at
        )
    if step.send:
        submit(stage.session, token=begun.token, schemes=stage.schemes, by=by, at=at)


def state_costs(tale: Tale, step: FateStep, at: datetime) -> None:
    """State what was applied for as the actual costs, or all but the last of it."""
    session = tale.stage.session
    application = applications.get(session, number=tale.number)
    lines = list(applications.version_of(session, application).answers["costs"])
    claiming.state_costs(
        session,
        number=tale.number,
        schemes=tale.stage.schemes,
        costs={"costs": lines[:-1] if step.fewer else lines},
        revision=claims.get(session, application.id).revision,
        by=tale.person(step, at),
        at=at,
    )


def record(tale: Tale, _step: FateStep, at: datetime) -> None:
    """The participant records the follow-up as held that day, with what the course taught."""
    forum = tale.stage.chance.choice(content("courses")["texts"]["forums"])
    lesson = tale.stage.chance.choice(next(each.lessons for each in courses() if each.name == tale.event))
    following_up.record_followup(
        tale.stage.session,
        number=tale.number,
        schemes=tale.stage.schemes,
        held_on=local_day(at, tale.scheme),
        forum=forum,
        audience="Klinikens läkare",
        lesson=lesson,
        by=tale.stage.person(tale.who, at),
        at=at,
    )


def confirm(tale: Tale, _step: FateStep, at: datetime) -> None:
    """The participant's head confirms the follow-up."""
    if (head := tale.stage.cast[tale.who].head) is not None:
        by = tale.stage.person(head, at)
        following_up.confirm_followup(tale.stage.session, number=tale.number, by=by, at=at)


def deny(tale: Tale, step: FateStep, at: datetime) -> None:
    """The participant's head says that it is not so."""
    if (head := tale.stage.cast[tale.who].head) is not None:
        by, reason = tale.stage.person(head, at), tale.said(step)
        following_up.deny_followup(tale.stage.session, number=tale.number, reason=reason, by=by, at=at)


def attest(tale: Tale, step: FateStep, at: datetime) -> None:
    """The head confirms everything that the unit promises, or says no and why; nothing where no head is asked."""
    session, schemes = tale.stage.session, tale.stage.schemes
    application = applications.get(session, number=tale.number)
    head = heads.stands_for(session, application.id)
    if head is None or not is_attested(tale.scheme, application):
        return
    shown: dict[str, Any] = {
        "number": tale.number,
        "version": application.version,
        "schemes": schemes,
        "at": at,
    }
    shown["by"] = people.get(session, head, day=at.date())
    if step.act == "say-no":
        attesting.say_no(session, reason=tale.said(step), **shown)
    else:
        attesting.give_word(session, confirmed=[each.key for each in tale.kind.confirms], **shown)


def invoice(tale: Tale, step: FateStep, at: datetime) -> None:
    """Register an invoice for all that is payable or a part of it, or let the grant go back where nothing is."""
    session = tale.stage.session
    claim = claims.get(session, applications.get(session, number=tale.number).id)
    amount = claim.payable_amount * step.share // 100
    if not amount:
        release(tale, step, at)
        return
    claiming.register_invoice(
        session,
        number=tale.number,
        schemes=tale.stage.schemes,
        invoice_number=f"{700000 + tale.stage.chance.randrange(90000)}",
        invoice_on=local_day(at, tale.scheme),
        amount=amount,
        whole=step.share == 100,
        revision=claim.revision,
        by=tale.person(step, at),
        at=at,
    )


def correct_payee(tale: Tale, step: FateStep, at: datetime) -> None:
    """Put right who is paid, as the story says it."""
    session, before = tale.stage.session, applications.get(tale.stage.session, number=tale.number)
    answers = {**applications.version_of(session, before).answers, **tale.story.payee}
    how: dict[str, Any] = {
        "number": tale.number,
        "schemes": tale.stage.schemes,
        "by": tale.person(step, at),
        "at": at,
    }
    preparing.do(session, act="correct-payee", second=tale.stage.second, answers=answers, **how)


def correct(tale: Tale, step: FateStep, at: datetime) -> None:
    """Let the invoice stand with a part of its amount."""
    session = tale.stage.session
    claim = claims.get(session, applications.get(session, number=tale.number).id)
    for before in claims.invoices_of(session, claim.application_id)[-1:]:
        claiming.correct_invoice(
            session,
            number=tale.number,
            schemes=tale.stage.schemes,
            invoice_id=before.id,
            invoice_number=before.number,
            invoice_on=before.invoice_on,
            amount=before.amount * step.share // 100,
            whole=True,
            reason=next(tale.stage.texts["correct"]),
            revision=claim.revision,
            by=tale.person(step, at),
            at=at,
        )


def release(tale: Tale, step: FateStep, at: datetime) -> None:
    session = tale.stage.session
    claiming.release(
        session,
        number=tale.number,
        reason=next(tale.stage.texts["release"]),
        revision=claims.get(session, applications.get(session, number=tale.number).id).revision,
        by=tale.person(step, at),
        at=at,
    )


Act = Callable[[Tale, FateStep, datetime], None]

ACTS: Final[Mapping[str, Act]] = {
    "draft": draft,
    "send": send,
    "grant": sign,
    "refuse": sign,
    "take-back": _on_case(signing.take_back),
    "ask": _on_case(signing.return_with_question, named="question"),
    "answer": answer,
    "step-aside": _on_case(signing.declare_conflict, named="note"),
    "withdraw": _on_case(submitting.withdraw, by_scheme=False),
    "cancel": _on_case(submitting.cancel, named="reason"),
    "state-costs": state_costs,
    "record": record,
    "confirm": confirm,
    "deny": deny,
    "comment": _on_case(signing.comment, named="text"),
    "attest": attest,
    "say-no": attest,
    "invoice": invoice,
    "correct": correct,
    "correct-payee": correct_payee,
    "register": _on_case(signing.register, named="registration"),
    "take-over": take_over,
    "release": release,
}


def paydays(stage: Simulation, scheme: Scheme) -> Iterator[datetime]:
    """Each month finance makes a batch, and some days later the ledger says that it is paid."""
    session, fund, this = stage.session, scheme.fund, stage.today.year * 12 + stage.today.month - 1
    for month in range(this - PAYDAYS, this + 1):
        day = date(month // 12, month % 12 + 1, PAYDAY)
        if day >= stage.today - SETTLING:
            return
        at = office_hour(scheme, day, stage.chance)
        yield at
        rows = paying.with_references(payments.due(session, fund), stage.schemes)
        if not rows:
            continue
        paying.make_batch(
            session,
            fund=fund,
            number=payments.last_number(session, fund) + 1,
            shown=shown_digest([(each.payment, reference) for each, reference in rows]),
            schemes=stage.schemes,
            by=stage.person(FINANCE, at),
            at=at,
        )
        paid_on = day + 5 * ONE_DAY
        at = office_hour(scheme, paid_on, stage.chance)
        yield at
        lines = [
            LedgerLine(line, each.payment.number, each.payment.amount, paid_on)
            for line, (each, _reference) in enumerate(rows, 2)
            if each.payment.kind is PaymentKind.PAY
        ]
        by = stage.person(FINANCE, at)
        paying.mark_paid_by_ledger(session, lines=lines, schemes=stage.schemes, by=by, at=at)
