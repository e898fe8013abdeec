"""What waits for the reader of the start page: questions, signatures, invoices, e-mails, and what follows a grant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from portal.actions import paying
from portal.actions.attesting import asking
from portal.actions.preparing import may_settle_it
from portal.domain.application import Application, Status
from portal.domain.claim import Stage
from portal.domain.periods import lapses_soon, local_day
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.queue import Tab, stretches
from portal.store import (
    applications,
    claim_reports,
    claims,
    followups,
    heads,
    outbox,
    payments,
    people,
    queue,
    seats,
)
from portal.store.claim_reports import ClaimFilter
from portal.web import current
from portal.web.language import _, count, fund_name, money, standing, words
from portal.web.people.seats import terms_of_seats


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for this person."""

    title: str
    href: str
    tag: tuple[str, str]
    """Its kind and its word."""
    hint: str = ""
    due: date | None = None


def of(me: Person, mine: Sequence[Application]) -> list[Task]:
    """All of them: what others wait for first, then what the person owes after a grant, the first due first."""
    tasks = [*_to_mend(me), *_to_answer(mine), *_to_attest(me), *_to_sign(me)]
    if me.pays():
        tasks += [*_to_second(me), *_of_finance(me)]
    if ADMINISTRATOR in me.roles:
        tasks += (*_parked(), *_seats())
    after = sorted(
        (*_to_use(mine), *_to_state(me), *_to_record(me), *_to_confirm(me)), key=lambda each: each[0]
    )
    return [*tasks, *(task for _due, task in after)]


def _to_mend(me: Person) -> Iterator[Task]:
    """The address, where what the portal sends comes back: nobody can tell them by mail."""
    if people.bounced_at(current.reading(), me.id) is not None:
        title = _("E-mails to %(email)s come back. Have your address changed.", email=me.email)
        yield Task(title, url_for("account.account"), ("late", _("Not delivered")))


def _to_answer(mine: Sequence[Application]) -> Iterator[Task]:
    """Returned applications, which wait for an answer."""
    for each in mine:
        if each.status is Status.RETURNED:
            title = _("Answer the question about %(title)s", title=each.title)
            href = url_for("applications.case", number=each.number)
            yield Task(title, href, standing(each.status), each.number)


def _to_attest(me: Person) -> Iterator[Task]:
    """For a head: the applications that ask for their word."""
    for each in heads.awaited_of(current.reading(), me.id, asking(current.schemes())):
        title = _("Confirm the counter-financing of %(title)s", title=each.application.title)
        href = url_for("heads.word", number=each.application.number)
        yield Task(
            title, href, ("waiting", _("Your word")), f"{each.participant} · {each.application.number}"
        )


def _to_sign(me: Person) -> Iterator[Task]:
    """For an approver: how many applications wait for their signature."""
    if not me.approves:
        return
    session, day = current.reading(), current.today()
    held: dict[str, frozenset[str]] = {}
    for each in seats.held_by(session, me.id, day=day):
        held[each.fund] = held.get(each.fund, frozenset()) | {each.seat}
    wanted = stretches(Tab.MINE, current.schemes().values(), held, current.now())
    waiting = len(queue.page(session, wanted, reader_id=me.id, parties=False, limit=queue.PAGE + 1))
    if waiting > queue.PAGE:
        title = _("More than %(number)s applications wait for your signature", number=queue.PAGE)
    else:
        title = count(
            "%(num)s application waits for your signature",
            "%(num)s applications wait for your signature",
            waiting,
        )
    if waiting:
        yield Task(title, url_for("signoff.queue"), ("waiting", _("Sign-off")))


def _of_finance(me: Person) -> Iterator[Task]:
    """For finance: invoices that are late, those to register, and what can be paid, each fund's sum."""
    funds = tuple(each for each in current.schemes().funds() if me.pays(each))
    overdue = ClaimFilter(funds, current.today(), claim_reports.LATE, but_aside=me.id)
    late = sum(each.claims for each in claim_reports.totals(current.reading(), overdue))
    if late:
        title = count("%(num)s invoice is late", "%(num)s invoices are late", late)
        yield Task(title, url_for("claims.claims", stage=claim_reports.LATE), _invoice(late=True))
    number, first = claims.stated(current.reading(), funds)
    if first is not None:
        title = count("%(num)s invoice to register", "%(num)s invoices to register", number)
        href = url_for("claims.claims", stage=Stage.STATED.value)
        yield Task(title, href, _invoice(late=False), due=first)
    for fund in funds:
        due, _others = paying.due_for(current.reading(), fund, me)
        payable = paying.with_references(due, current.schemes())
        if payable:
            amount = sum(each.payment.amount for each, _to in payable)
            title = _("Ready to pay: %(sum)s", sum=money(amount, payable[0][0].currency))
            hint = fund_name(current.schemes().of_fund(fund)[0])
            yield Task(title, url_for("payments.payments"), ("waiting", _("Payment")), hint)


def _to_second(me: Person) -> Iterator[Task]:
    """What others in finance have prepared for somebody to confirm."""
    session, funds = current.reading(), [each for each in current.schemes().funds() if me.pays(each)]
    waiting = payments.prepared_in(session, funds, waiting=True)
    able = [each for each in waiting if may_settle_it(session, each, "decline", me, at=current.now()) is None]
    if able:
        title = count("%(num)s act of finance to confirm", "%(num)s acts of finance to confirm", len(able))
        href = (
            url_for("prepared.one", prepared_id=able[0].id) if len(able) == 1 else url_for("prepared.listed")
        )
        yield Task(title, href, ("waiting", _("To confirm")))


def _parked() -> Iterator[Task]:
    _waiting, parked, _since = outbox.waiting(current.reading())
    if parked:
        title = count("%(num)s e-mail could not be sent", "%(num)s e-mails could not be sent", parked)
        yield Task(title, url_for("outbox.show"), ("late", _("Given up")))


def _seats() -> Iterator[Task]:
    """For an administrator: the seats that nobody holds today, and those whose holder nobody can stand in for."""
    for each in terms_of_seats(seats.all_of_them(current.reading())):
        name = f"{words(each.seat.title)} ({each.scheme.prefix})"
        if each.vacant:
            title, tag = _("Nobody holds the seat today"), ("late", _("Vacant"))
        elif not each.has_substitute:
            title, tag = _("Name somebody who can stand in"), ("waiting", _("Seat"))
        else:
            continue
        yield Task(f"{name}: {title}", url_for("seats.seats"), tag)


def _to_use(mine: Sequence[Application]) -> Iterator[tuple[date, Task]]:
    """What was approved, is used by nothing and lapses soon."""
    for each in mine:
        scheme = current.schemes().get(each.scheme)
        if scheme is None or each.status is not Status.GRANTED:
            continue
        lapses = lapses_soon(scheme.kinds[each.kind], each.ends_on, local_day(current.now(), scheme))
        if lapses is not None and applications.find_user(current.reading(), each.id) is None:
            title = _("Use the approval of %(title)s before it lapses", title=each.title)
            href = url_for("applications.case", number=each.number)
            yield lapses, Task(title, href, ("waiting", _("Approved")), each.number, lapses)


def _to_state(me: Person) -> Iterator[tuple[date, Task]]:
    for number, event, claim in claims.owed_by_person(current.reading(), me.id):
        if claim.due_on is not None:
            title = _("State what %(title)s cost, for the invoice", title=event)
            tag = _invoice(late=claim.is_late(current.today()))
            yield claim.due_on, Task(title, url_for("costs.show", number=number), tag, number, claim.due_on)


def _to_record(me: Person) -> Iterator[tuple[date, Task]]:
    for each in followups.owed_by_person(current.reading(), me.id):
        due, title = each.followup.planned_on, _("Record the follow-up of %(title)s", title=each.event)
        late = each.followup.is_overdue(current.today())
        tag = ("late", _("Late")) if late else ("waiting", _("Planned"))
        yield due, Task(title, url_for("followups.show", number=each.number), tag, each.number, due)


def _to_confirm(me: Person) -> Iterator[tuple[date, Task]]:
    for each in followups.to_confirm(current.reading(), me.id):
        title = _("Confirm the follow-up of %(title)s", title=each.event)
        href, hint = url_for("followups.show", number=each.number), f"{each.participant} · {each.number}"
        yield (
            each.followup.held_on or each.followup.planned_on,
            Task(title, href, ("signed", _("Recorded")), hint),
        )


def _invoice(*, late: bool) -> tuple[str, str]:
    return ("late", _("Late")) if late else ("waiting", _("Invoice"))
