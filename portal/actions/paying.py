"""Payment batches, and marking as paid what the ledger says it has paid.

A batch is made once and never changed. A refund needs no invoice: the batch that pays it registers it under the
application's own number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.actions.cases import check_settles
from portal.domain.access import NOT_FOUND, may, may_settle
from portal.domain.application import Application, Status
from portal.domain.claim import NOT_GRANTED, Claim, Stage, may_move
from portal.domain.payment import (
    Known,
    LedgerLine,
    PaymentKind,
    check_line,
    is_known,
    may_pay,
    reference_of,
    shown_digest,
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
    session: Session, *, fund: str, number: int, shown: str, schemes: Schemes, by: Person, at: datetime
) -> Batch:
    """Make the fund's batch with that number of what the page `shown` (its `shown_digest`); again gives the same.

    Raises Refused when nothing is due, when it is not what was shown, or when not finance's.
    """
    refuse(may(by, "register-payment", fund=fund))
    if (made := payments.find(session, fund, number)) is not None:
        return made
    due, _left_out = due_for(session, fund, by, for_update=True)
    if not due:
        raise Refused(NOTHING_DUE)
    same = number == payments.last_number(session, fund) + 1
    if not same or shown != shown_digest([each.payment for each in due]):
        raise Refused(BATCH_CHANGED)
    refunds = _register_refunds(session, due, by, at)
    rows = [(each, reference_of(schemes[each.scheme], each.answers)) for each in due]
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
    for application_id, amount, released in refunds:
        audit.log(session, "register-invoice", by, at, application_id, amount=amount, released=released)
    acts = {PaymentKind.PAY: "ask-payment", PaymentKind.REVERSE: "reverse-payment"}
    for each in due:
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


def due_for(
    session: Session, fund: str, by: Person, *, for_update: bool = False
) -> tuple[list[DuePayment], list[DuePayment]]:
    """What the fund's next batch holds when this person makes it, and what is left out for somebody else to batch."""
    own, due = signing.cases_of(session, by.id), payments.due(session, fund, for_update=for_update)
    parts: tuple[list[DuePayment], list[DuePayment]] = ([], [])
    for each in due:
        parts[may_settle(by, fund, each.payment.application_id, own) is not None].append(each)
    return parts


def _register_refunds(
    session: Session, due: Sequence[DuePayment], by: Person, at: datetime
) -> list[tuple[int, int, int]]:
    """A refund is payable as it was decided, so nobody sends an invoice for it: application, amount, released."""
    registered = []
    for each in due:
        claim = claims.get(session, each.payment.application_id, for_update=True)
        if each.payment.kind is PaymentKind.PAY and claim.stage is Stage.STATED:
            amount = claim.payable_amount
            number = each.payment.number
            released = claims.keep_invoice(
                session, claim, number=number, day=None, amount=amount, by=by.id, at=at
            )
            registered.append((each.payment.application_id, amount, released))
    return registered


def mark_paid(
    session: Session, *, number: str, paid_on: date, schemes: Schemes, by: Person, at: datetime
) -> Claim:
    """Mark what stood in a batch as paid on a day. Raises Refused."""
    known = _known(session, number, schemes, by)
    if known is None:
        raise Refused(NOT_FOUND)
    check_settles(session, known.application, by)
    refuse(_may_stand(known) or may_move(known.claim, "pay"))
    refuse(may_pay(known.known, paid_on, local_day(at, known.scheme)))
    claims.move(session, known.claim, Stage.PAID, paid_on=paid_on)
    audit.log(session, "pay", by, at, known.application.id, amount=known.claim.invoice_amount)
    return claims.get(session, known.application.id)


def mark_paid_by_ledger(
    session: Session, *, lines: Sequence[LedgerLine], schemes: Schemes, by: Person, at: datetime
) -> Marked:
    """Mark every line of a ledger's file as paid, or none: the same file again changes nothing.

    Raises WrongLines with what is wrong in each line, and Refused when not finance's.
    """
    marked, taken = _judge(session, lines, schemes, by, at)
    for each, line in taken:
        claims.move(session, each.claim, Stage.PAID, paid_on=line.paid_on)
    for each, _line in taken:
        audit.log(session, "pay", by, at, each.application.id, amount=each.claim.invoice_amount)
    return marked


def preview_ledger(
    session: Session, *, lines: Sequence[LedgerLine], schemes: Schemes, by: Person, at: datetime
) -> Marked:
    """What marking them would come to; nothing is written. Raises as marking does."""
    return _judge(session, lines, schemes, by, at, for_update=False)[0]


@dataclass(frozen=True, slots=True)
class _Taken:
    """An application in the ledger's file, under a row lock."""

    application: Application
    scheme: Scheme
    known: Known

    @property
    def claim(self) -> Claim:
        return self.known.claim


def _judge(
    session: Session,
    lines: Sequence[LedgerLine],
    schemes: Schemes,
    by: Person,
    at: datetime,
    *,
    for_update: bool = True,
) -> tuple[Marked, list[tuple[_Taken, LedgerLine]]]:
    refuse(may(by, "register-payment"))
    found = {
        number: _known(session, number, schemes, by, for_update=for_update)
        for number in sorted({line.number for line in lines})
    }
    wrong: list[tuple[int, Refusal]] = []
    first: dict[tuple[str, bool], LedgerLine] = {}
    taken, same, left_out, own = [], 0, 0, signing.cases_of(session, by.id)
    for line in lines:
        each = found[line.number]
        today = local_day(at, each.scheme) if each is not None else at.date()
        before = first.setdefault((line.number, line.amount < 0), line)
        refusal = check_line(line, each.known if each is not None else None, today)
        if before is not line and (before.amount, before.paid_on) != (line.amount, line.paid_on):
            refusal = TWICE
        if refusal is not None:
            wrong.append((line.line, refusal))
        elif each is None or before is not line or is_known(line, each.known):
            same += 1
        elif may_settle(by, each.application.fund, each.application.id, own) is not None:
            left_out += 1
        else:
            taken.append((each, line))
    if wrong:
        raise WrongLines(wrong)
    return Marked(len(taken), same, left_out), taken


def _known(
    session: Session, number: str, schemes: Schemes, by: Person, *, for_update: bool = True
) -> _Taken | None:
    """The application with its claim and its places in batches, or None where nothing can be paid by this person."""
    application = applications.find(session, number=number, for_update=for_update)
    if application is None or may(by, "register-payment", application) is not None:
        return None
    claim = claims.find(session, application.id, for_update=for_update)
    if claim is None:
        return None
    scheme = schemes[application.scheme]
    stood = {each.kind: each for each in payments.places(session, [application.id])}
    pay, back = stood.get(PaymentKind.PAY), stood.get(PaymentKind.REVERSE)
    known = Known(
        claim=claim,
        currency=scheme.currency,
        batch=pay.batch if pay else None,
        batch_on=local_day(pay.made_at, scheme) if pay else None,
        reversed_amount=back.amount if back else 0,
    )
    return _Taken(application, scheme, known)


def _may_stand(each: _Taken) -> Refusal | None:
    """A cancelled grant that stood in a batch may have been paid all the same; the next batch takes it back."""
    stands = each.application.status is Status.GRANTED or each.known.batch is not None
    return None if stands else NOT_GRANTED
