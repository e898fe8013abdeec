"""Payment batches, and marking as paid what the ledger says it has paid.

A batch is made once and never changed. A refund needs no invoice: the batch that pays it registers it under the
application's own number.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from portal.actions.cases import check_settles
from portal.actions.claiming import settle
from portal.domain.access import NOT_FOUND, may, may_settle
from portal.domain.application import Application, Status
from portal.domain.claim import NOT_GRANTED, Claim
from portal.domain.payment import (
    Known,
    LedgerLine,
    PaymentKind,
    Reference,
    check_line,
    is_known,
    may_pay,
    reference_of,
    shown_digest,
    spoken_of,
    unknown,
)
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.scheme import Scheme
from portal.finance.batches import files
from portal.schemes.loader import Schemes
from portal.store import applications, audit, claims, payments, signing
from portal.store.payments import Batch, DuePayment
from portal.store.session import Clash, Session

NOTHING_DUE = Refusal("batch.nothing", N_("Nothing waits to be paid or taken back."))
BATCH_CHANGED = Refusal(
    "batch.changed",
    N_("What waits to be paid has changed since the page was shown. No batch was made. Look at it again."),
)


class WrongLines(Exception):
    """Nothing of a file was marked: what is wrong, by its line."""

    def __init__(self, wrong: Sequence[tuple[int, Refusal]]) -> None:
        super().__init__(f"{len(wrong)} wrong lines")
        self.wrong = tuple(wrong)


TWICE = Refusal("ledger.twice", N_("The application stands in the file before, with other values."))


@dataclass(frozen=True, slots=True)
class Marked:
    """What a file of the ledger came to, in lines."""

    paid: int
    known: int
    """Lines that said only what was so already."""
    left_out: int = 0
    """Lines of cases in which the one who sent the file takes part; somebody else sends it once more."""


def make_batch(
    session: Session,
    *,
    fund: str,
    number: int,
    shown: str,
    schemes: Schemes,
    by: Person,
    at: datetime,
    only: Collection[Sequence[Any]] | None = None,
) -> Batch:
    """Make the fund's batch with that number of what the page `shown` (its `shown_digest`); again gives the same.

    `only` are the rows that were prepared, where others may be due since: application, invoice and kind.
    Raises Refused when nothing is due, when it is not what was shown, or when not finance's.
    """
    refuse(may(by, "register-payment", fund=fund))
    if (made := payments.find(session, fund, number)) is not None:
        return made
    due, _left_out = due_for(session, fund, by, for_update=True)
    rows = with_references(due, schemes)
    if only is not None:
        wanted = {tuple(each) for each in only}
        rows = [each for each in rows if line_of(each[0]) in wanted]
    if not rows:
        raise Refused(NOTHING_DUE)
    same = number == payments.last_number(session, fund) + 1
    if not same or shown != shown_digest([(each.payment, reference) for each, reference in rows]):
        raise Refused(BATCH_CHANGED)
    rows = [(_registered(session, each, by, at), reference) for each, reference in rows]
    scheme = schemes[due[-1].scheme]
    csv, xlsx = files(scheme, number, rows, at=at)
    try:
        batch = payments.add(
            session,
            fund=fund,
            number=number,
            currency=scheme.currency,
            rows=[(each.payment, str(reference)[:400]) for each, reference in rows],
            csv=csv,
            xlsx=xlsx,
            by=by.id,
            at=at,
        )
    except Clash:
        raise Refused(BATCH_CHANGED) from None
    acts = {PaymentKind.PAY: "ask-payment", PaymentKind.REVERSE: "reverse-payment"}
    for each, _reference in rows:
        payment = each.payment
        act = acts[payment.kind]
        audit.log(session, act, by, at, payment.application_id, batch=number, amount=payment.amount)
    audit.log(
        session,
        "make-batch",
        by,
        at,
        fund=fund,
        batch=number,
        rows=batch.rows,
        amount=batch.paid_amount + batch.reversed_amount,
        csv=batch.csv_sha256,
        xlsx=batch.xlsx_sha256,
    )
    return batch


def line_of(due: DuePayment) -> tuple[int, int | None, str]:
    """By what a row is known before it has its place in a batch."""
    return due.payment.application_id, due.payment.invoice_id, due.payment.kind.value


def due_for(
    session: Session, fund: str, by: Person, *, for_update: bool = False
) -> tuple[list[DuePayment], list[DuePayment]]:
    """What the fund's next batch holds when this person makes it, and what is left out for somebody else to batch."""
    own, due = signing.cases_of(session, by.id), payments.due(session, fund, for_update=for_update)
    parts: tuple[list[DuePayment], list[DuePayment]] = ([], [])
    for each in due:
        parts[may_settle(by, fund, each.payment.application_id, own) is not None].append(each)
    return parts


def with_references(due: Sequence[DuePayment], schemes: Schemes) -> list[tuple[DuePayment, Reference]]:
    """Each payment with what the ledger finds its payee by; one whose payee is not stated waits until it is."""
    rows = ((each, reference_of(schemes[each.scheme], each.answers)) for each in due)
    return [(each, to) for each, to in rows if to.account or each.payment.kind is PaymentKind.REVERSE]


def _registered(session: Session, due: DuePayment, by: Person, at: datetime) -> DuePayment:
    """A refund is payable as it was decided, so nobody sends an invoice for it: the batch registers one."""
    payment = due.payment
    if payment.invoice_id is not None:
        return due
    application = applications.get_by_id(session, payment.application_id)
    claim = claims.get(session, application.id, for_update=True)
    kept: dict[str, Any] = {
        "number": payment.number,
        "day": None,
        "amount": payment.amount,
        "by": by.id,
        "at": at,
    }
    invoice_id = claims.add_invoice(session, application.id, **kept)
    released = settle(session, application, claim, whole=True, at=at)
    told = {"invoice": invoice_id, "amount": payment.amount, "released": released}
    audit.log(session, "register-invoice", by, at, application.id, **told)
    return replace(due, payment=replace(payment, invoice_id=invoice_id))


def mark_paid(
    session: Session,
    *,
    number: str,
    paid_on: date,
    schemes: Schemes,
    by: Person,
    at: datetime,
    invoice_id: int | None = None,
) -> Claim:
    """Mark an invoice that stood in a batch as paid on a day; the only one, unless told which. Raises Refused."""
    taken = _taken(session, number, schemes, by)
    if taken is None:
        raise Refused(NOT_FOUND)
    check_settles(session, taken.application, by)
    stood = [each for each in taken.stood if invoice_id in (None, each.invoice.id)]
    unpaid = [each for each in stood if each.invoice.paid_on is None]
    if not taken.stood and taken.application.status is not Status.GRANTED:
        raise Refused(NOT_GRANTED)
    known = next(iter(unpaid or stood), None)
    refuse(may_pay(known, paid_on, local_day(at, taken.scheme)))
    assert known is not None  # noqa: S101 - `may_pay` has said so
    _pay(session, taken, known, paid_on, by, at)
    return claims.get(session, taken.application.id)


def _pay(session: Session, taken: "_Taken", known: Known, paid_on: date, by: Person, at: datetime) -> None:
    invoice, application = known.invoice, taken.application
    claims.change_invoice(session, invoice.id, paid_on=paid_on)
    claim = claims.get(session, application.id, for_update=True)
    settle(session, application, claim, whole=claim.is_whole, at=at)
    audit.log(session, "pay", by, at, application.id, invoice=invoice.id, amount=invoice.amount)


def mark_paid_by_ledger(
    session: Session, *, lines: Sequence[LedgerLine], schemes: Schemes, by: Person, at: datetime
) -> Marked:
    """Mark every line of a ledger's file as paid, or none: the same file again changes nothing.

    Raises WrongLines with what is wrong in each line, and Refused when not finance's.
    """
    marked, taken = _judge(session, lines, schemes, by, at)
    for each, known, line in taken:
        _pay(session, each, known, line.paid_on, by, at)
    return marked


def preview_ledger(
    session: Session, *, lines: Sequence[LedgerLine], schemes: Schemes, by: Person, at: datetime
) -> Marked:
    """What marking them would come to; nothing is written. Raises as marking does."""
    return _judge(session, lines, schemes, by, at, for_update=False)[0]


@dataclass(frozen=True, slots=True)
class _Taken:
    """An application in the ledger's file, under a row lock, and what of it stood in batches."""

    application: Application
    scheme: Scheme
    stood: Sequence[Known]


def _judge(
    session: Session,
    lines: Sequence[LedgerLine],
    schemes: Schemes,
    by: Person,
    at: datetime,
    *,
    for_update: bool = True,
) -> tuple[Marked, list[tuple[_Taken, Known, LedgerLine]]]:
    refuse(may(by, "register-payment"))
    found = {
        number: _taken(session, number, schemes, by, for_update=for_update)
        for number in sorted({line.number for line in lines})
    }
    wrong: list[tuple[int, Refusal]] = []
    told: dict[tuple[int, bool], LedgerLine] = {}
    """What the file has said of each invoice, paid or taken back."""
    taken, same, left_out, own = [], 0, 0, signing.cases_of(session, by.id)
    for line in lines:
        each, back = found[line.number], line.amount < 0
        if each is None:
            wrong.append((line.line, unknown(line.number)))
            continue
        free = [known for known in each.stood if (known.invoice.id, back) not in told]
        known = spoken_of(line, free or each.stood)
        before = told.setdefault((known.invoice.id, back), line) if known is not None else line
        refusal = check_line(line, known, local_day(at, each.scheme))
        if before is not line and (before.amount, before.paid_on) != (line.amount, line.paid_on):
            refusal = TWICE
        if refusal is not None:
            wrong.append((line.line, refusal))
        elif known is None or before is not line or is_known(line, known):
            same += 1
        elif may_settle(by, each.application.fund, each.application.id, own) is not None:
            left_out += 1
        else:
            taken.append((each, known, line))
    if wrong:
        raise WrongLines(wrong)
    return Marked(len(taken), same, left_out), taken


def _taken(
    session: Session, number: str, schemes: Schemes, by: Person, *, for_update: bool = True
) -> _Taken | None:
    """The application with its invoices that stood in batches, or None where nothing can be paid by this person."""
    application = applications.find(session, number=number, for_update=for_update)
    if application is None or may(by, "register-payment", application) is not None:
        return None
    if claims.find(session, application.id, for_update=for_update) is None:
        return None
    scheme = schemes[application.scheme]
    stood = {(each.invoice_id, each.kind): each for each in payments.places(session, [application.id])}
    known = []
    for invoice in claims.invoices_of(session, application.id):
        pay, back = (stood.get((invoice.id, kind)) for kind in (PaymentKind.PAY, PaymentKind.REVERSE))
        if pay is not None:
            made_on = local_day(pay.made_at, scheme)
            taken_back = back.amount if back else 0
            known.append(Known(invoice, scheme.currency, pay.batch, made_on, taken_back))
    return _Taken(application, scheme, known)
