"""What waits for the reader of the start page: questions, signatures, invoices, e-mails, and what follows a grant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from portal.actions import paying
from portal.actions.attesting import asking
from portal.actions.judging import closes_on
from portal.actions.preparing import may_settle_it
from portal.domain.application import Application, Status
from portal.domain.claim import Stage
from portal.domain.periods import lapses_soon, local_day
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.queue import Tab, stretches
from portal.language.vocabularies import LACKS
from portal.store import (
    administration,
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
from portal.store.queue import Queued
from portal.web import current
from portal.web.language import _, amount_of, capitalized, count, fund_name, money, standing, words
from portal.web.people.seats import terms_of_seats
from portal.web.signoff.queue_page import left_next


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for this person."""

    title: str
    href: str
    tag: tuple[str, str]
    """Its kind and its word."""
    hint: str = ""
    due: date | None = None
    more: Sequence[str] = ()
    """What else bears on it: what the money comes to, a line each."""


def of(me: Person, mine: Sequence[Application]) -> list[Task]:
    """All of them: what others wait for first, then what the person owes after a grant, the first due first."""
    tasks = [*_to_mend(me), *_to_answer(mine), *_to_attest(me), *_to_sign(me)]
    if me.pays():
        tasks += [*_to_second(me), *_of_finance(me)]
    if ADMINISTRATOR in me.roles:
        tasks += (*_parked(), *_seats(), *_incomplete())
    after = sorted(
        (*_to_use(mine), *_to_state(me, mine), *_to_record(me), *_to_confirm(me)), key=lambda each: each[0]
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
            scheme = current.schemes().get(each.scheme)
            due = closes_on(current.reading(), each, scheme) if scheme else None
            yield Task(title, href, standing(each.status), _with(each.number, amount_of(each)), due)


def _to_attest(me: Person) -> Iterator[Task]:
    """For a head: the applications that ask for their word."""
    for each in heads.awaited_of(current.reading(), me.id, asking(current.schemes())):
        application = each.application
        title = _("Confirm the counter-financing of %(title)s", title=application.title)
        href = url_for("heads.word", number=application.number)
        hint = _with(each.participant, amount_of(application), application.number)
        yield Task(title, href, ("waiting", _("Your word")), _with(hint, _begins(application.starts_on)))


def _to_sign(me: Person) -> Iterator[Task]:
    """For an approver: how many applications wait for their signature."""
    if not me.approves:
        return
    session, day = current.reading(), current.today()
    held: dict[str, frozenset[str]] = {}
    for each in seats.held_by(session, me.id, day=day):
        held[each.fund] = held.get(each.fund, frozenset()) | {each.seat}
    wanted = stretches(Tab.MINE, current.schemes().values(), held, current.now())
    lines = queue.page(session, wanted, reader_id=me.id, parties=False, limit=queue.PAGE + 1)
    waiting = len(lines)
    if waiting > queue.PAGE:
        title = _("More than %(number)s applications wait for your signature", number=queue.PAGE)
    else:
        title = count(
            "%(num)s application waits for your signature",
            "%(num)s applications wait for your signature",
            waiting,
        )
    if waiting:
        warned = sum(bool(each.marks) or each.stopped for each in lines)
        hint = _with(
            count("%(num)s with a warning", "%(num)s with warnings", warned) if warned else _("No warnings"),
            _("the next event is %(title)s", title=lines[0].title),
            _begins(lines[0].starts_on),
        )
        yield Task(title, url_for("signoff.queue"), ("waiting", _("Sign-off")), hint, more=list(_left(lines)))


def _left(lines: Sequence[Queued]) -> Iterator[str]:
    """Of each edition that something waits in: what is left, and what these ask for."""
    for key in dict.fromkeys(each.scheme for each in lines):
        scheme = current.schemes()[key]
        if (left := left_next(current.reading(), scheme)) is not None:
            asked = money(sum(each.amount for each in lines if each.scheme == key), scheme.currency)
            yield _(
                "%(period)s: %(left)s left, %(asked)s asked for",
                period=capitalized(words(left[0].label)),
                left=money(left[1], scheme.currency),
                asked=asked,
            )


def _of_finance(me: Person) -> Iterator[Task]:
    """For finance: invoices late and to register, and by fund what can be paid and what the ledger has not paid yet."""
    schemes = current.schemes()
    ours = [each for each in schemes.funds() if me.pays(each)]
    funds = tuple(sorted(ours, key=lambda each: schemes.of_fund(each)[0].language != me.language))
    overdue = ClaimFilter(funds, current.today(), claim_reports.LATE, but_aside=me.id)
    sums = claim_reports.totals(current.reading(), overdue)
    if late := sum(each.claims for each in sums):
        title = count("%(num)s invoice is late", "%(num)s invoices are late", late)
        hint = _with(*(_("%(amount)s granted", amount=money(s.granted_amount, s.currency)) for s in sums))
        yield Task(title, url_for("claims.claims", stage=claim_reports.LATE), ("late", _("Invoice")), hint)
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
            how_many = count("%(num)s payment", "%(num)s payments", len(payable))
            hint = _with(fund_name(current.schemes().of_fund(fund)[0]), how_many)
            yield Task(title, url_for("payments.payments"), ("waiting", _("Payment")), hint)
        number, amount = payments.unconfirmed(current.reading(), fund)
        if number:
            scheme = schemes.of_fund(fund)[0]
            title = _("Not yet paid by the ledger: %(sum)s", sum=money(amount, scheme.currency))
            hint = _with(fund_name(scheme), count("%(num)s payment", "%(num)s payments", number))
            yield Task(title, url_for("payments.ledger"), ("waiting", _("Payment")), hint)


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


def _incomplete() -> Iterator[Task]:
    """For an administrator: people of whom something is missing that the portal needs."""
    for lack, number in administration.known(current.reading()).lacking.items():
        if number and lack != "head":  # whoever leads everybody has none
            how_many = count("%(num)s person", "%(num)s people", number)
            title = f"{_(LACKS[lack])}: {how_many}"
            yield Task(title, url_for("people.people", lacks=lack), ("waiting", _("People")))


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


def _to_state(me: Person, known: Sequence[Application]) -> Iterator[tuple[date, Task]]:
    for number, event, claim in claims.owed_by_person(current.reading(), me.id):
        if claim.due_on is not None:
            title = _("State what %(title)s cost, for the invoice", title=event)
            tag = _invoice(late=claim.is_late(current.today()))
            mine = next((each for each in known if each.number == number), None)
            hint = _with(number, amount_of(mine) if mine else "")
            yield claim.due_on, Task(title, url_for("costs.show", number=number), tag, hint, claim.due_on)


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
            Task(title, href, ("waiting", _("Awaits your confirmation")), hint),
        )


def _with(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _begins(day: date) -> str:
    """How long it is until an event begins; nothing once it has."""
    ahead = (day - current.today()).days
    return count("begins in %(num)s day", "begins in %(num)s days", ahead) if ahead > 0 else ""


def _invoice(*, late: bool) -> tuple[str, str]:
    return ("late", _("Late")) if late else ("waiting", _("Invoice"))
