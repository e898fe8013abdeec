"""Payment batches as they are kept, bytes and all, and what is waiting to be put into the next one."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, case, exists, func, insert, literal, null, select, update

from portal.domain.application import Status
from portal.domain.claim import Stage
from portal.domain.payment import Payment, PaymentKind, Prepared
from portal.store.claims import payees_of
from portal.store.rows import add_row, columns_of, every, in_days, locked, needed, one, total, values_of
from portal.store.session import NotFound, Session, Tampered, clash
from portal.store.tables import (
    ApplicationRow,
    ApplicationVersionRow,
    ClaimRow,
    DecisionRow,
    InvoiceRow,
    PaymentBatchRow,
    PaymentRow,
    PersonRow,
    PreparedRow,
)

FORMS = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class DuePayment:
    """A payment that waits for a batch, with all that its row says."""

    payment: Payment
    scheme: str
    currency: str
    participant_number: str
    participant: str
    unit: str
    title: str
    answers: Any
    invoice_number: str
    invoice_on: date | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch without its rows and bytes; amounts in minor units."""

    id: int
    fund: str
    number: int
    currency: str
    made_at: datetime
    made_by: int
    csv_sha256: str
    xlsx_sha256: str
    rows: int = 0
    paid_amount: int = 0
    reversed_amount: int = 0
    """At most 0."""


@dataclass(frozen=True, slots=True)
class BatchPosition:
    """Where an invoice stood in a batch."""

    application_id: int
    invoice_id: int
    kind: PaymentKind
    amount: int
    batch: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class BatchFile:
    """The bytes of a batch as they were made."""

    form: str
    content: bytes
    sha256: str


def due(session: Session, fund: str, *, for_update: bool = False) -> list[DuePayment]:
    """What the next batch of a fund holds: invoices and refunds not yet in one, then what is taken back.

    SQLite is told where to begin (INDEXED BY): with what is open, and not with the fund's applications of all years.
    """
    stated = (ClaimRow.stage == Stage.STATED) & ClaimRow.due_on.is_(None) & (ClaimRow.payable_amount > 0)
    granted = ApplicationRow.status == Status.GRANTED
    refunds = _due(fund, PaymentKind.PAY, null(), ClaimRow.payable_amount).where(granted, stated)
    refunds = refunds.with_hint(ClaimRow, "INDEXED BY claims_open_idx", "sqlite")
    invoices = _invoiced(fund, PaymentKind.PAY, InvoiceRow.amount, "invoices_unpaid_idx").where(
        granted,
        InvoiceRow.paid_on.is_(None),  # nothing is paid that has not stood in a batch
        InvoiceRow.credited_at.is_(None),
        ~_stood(PaymentKind.PAY),
    )
    credited = _invoiced(fund, PaymentKind.REVERSE, -InvoiceRow.amount, "invoices_credited_idx").where(
        InvoiceRow.credited_at.is_not(None), _stood(PaymentKind.PAY), ~_stood(PaymentKind.REVERSE)
    )
    found = [
        [_due_of(row) for row in session.execute(locked(each, for_update, ApplicationRow, ClaimRow))]
        for each in (refunds, invoices, credited)
    ]
    to_pay = sorted(
        found[0] + found[1], key=lambda one: (one.payment.application_id, one.payment.invoice_id or 0)
    )
    rows = [*to_pay, *found[2]]
    corrected = payees_of(session, {each.payment.application_id for each in rows})
    return [
        replace(each, answers={**each.answers, **corrected.get(each.payment.application_id, {})})
        for each in rows
    ]


def unconfirmed(session: Session, fund: str) -> tuple[int, int]:
    """The invoices that stand in a batch and that the ledger has not said to be paid: how many, and their sum."""
    statement = (
        select(func.count(), total(InvoiceRow.amount))
        .select_from(InvoiceRow)
        .join(ApplicationRow, ApplicationRow.id == InvoiceRow.application_id)
        .where(
            ApplicationRow.fund == fund,
            InvoiceRow.paid_on.is_(None),
            InvoiceRow.credited_at.is_(None),
            _stood(PaymentKind.PAY),
        )
        .with_hint(InvoiceRow, "INDEXED BY invoices_unpaid_idx", "sqlite")
    )
    number, amount = session.execute(statement).one()
    return number, amount


def _stood(kind: PaymentKind) -> Any:
    return exists().where(PaymentRow.invoice_id == InvoiceRow.id, PaymentRow.kind == kind)


def _invoiced(fund: str, kind: PaymentKind, amount: Any, index: str) -> Select[Any]:
    joined = _due(fund, kind, InvoiceRow.id, amount, InvoiceRow.number, InvoiceRow.invoice_on)
    joined = joined.join(InvoiceRow, InvoiceRow.application_id == ClaimRow.application_id)
    return joined.with_hint(InvoiceRow, f"INDEXED BY {index}", "sqlite").order_by(InvoiceRow.id)


def _due(
    fund: str, kind: PaymentKind, invoice_id: Any, amount: Any, number: Any = None, day: Any = None
) -> Select[Any]:
    return (
        select(
            ApplicationRow.id,
            ApplicationRow.number,
            literal(kind, PaymentRow.kind.type).label("kind"),
            amount.label("amount"),
            invoice_id.label("invoice_id"),
            ApplicationRow.scheme,
            ApplicationRow.currency,
            PersonRow.number.label("participant_number"),
            PersonRow.name.label("participant"),
            PersonRow.unit,
            ApplicationRow.title,
            ApplicationVersionRow.answers,
            (ApplicationRow.number if number is None else number).label("invoice_number"),
            (null() if day is None else day).label("invoice_on"),
        )
        .select_from(ApplicationRow)
        .join(ClaimRow, ClaimRow.application_id == ApplicationRow.id)
        .join(DecisionRow, DecisionRow.application_id == ApplicationRow.id)
        .join(
            ApplicationVersionRow,
            (ApplicationVersionRow.application_id == ApplicationRow.id)
            & (ApplicationVersionRow.number == DecisionRow.version),
        )
        .join(PersonRow, PersonRow.id == ApplicationRow.participant_id)
        .where(ApplicationRow.fund == fund)
        .order_by(ApplicationRow.id)
    )


def _due_of(row: Row[Any]) -> DuePayment:
    values = tuple(row)
    return DuePayment(Payment(*values[:5]), *values[5:])


def last_number(session: Session, fund: str) -> int:
    """The number of the fund's newest batch, or 0."""
    found: int | None = session.execute(
        select(func.max(PaymentBatchRow.number)).where(PaymentBatchRow.fund == fund)
    ).scalar_one()
    return found or 0


def add(
    session: Session,
    *,
    fund: str,
    number: int,
    currency: str,
    rows: Sequence[tuple[Payment, str]],
    csv: bytes,
    xlsx: bytes,
    by: int,
    at: datetime,
) -> Batch:
    """Keep a batch with its rows (each with its reference) and bytes. Raises Clash when another was made meanwhile."""
    with clash(
        payment_batches_fund_number_key="payment_batches.fund, payment_batches.number",
        payments_invoice_id_kind_key="payments.invoice_id, payments.kind",
    ):
        bytes_of = {"csv": csv, "xlsx": xlsx}
        hashes = {f"{form}_sha256": hashlib.sha256(each).hexdigest() for form, each in bytes_of.items()}
        made = {"fund": fund, "number": number, "currency": currency, "made_at": at, "made_by": by}
        batch_id = add_row(session, PaymentBatchRow, made | bytes_of | hashes)
        session.execute(
            insert(PaymentRow),
            [
                values_of(payment, but=("number",))
                | {"batch_id": batch_id, "position": position, "reference": reference}
                for position, (payment, reference) in enumerate(rows, 1)
            ],
        )
    return get(session, fund, number)


_KEPT = columns_of(PaymentBatchRow, Batch, but=("rows", "paid_amount", "reversed_amount"))


def _batches() -> Select[Any]:
    paid, back = (
        total(case((PaymentRow.kind == kind, PaymentRow.amount), else_=0))
        for kind in (PaymentKind.PAY, PaymentKind.REVERSE)
    )
    return (
        select(*_KEPT, func.count(), paid, back)
        .join(PaymentRow, PaymentRow.batch_id == PaymentBatchRow.id)
        .group_by(*_KEPT)
    )


def find(session: Session, fund: str, number: int) -> Batch | None:
    statement = _batches().where(PaymentBatchRow.fund == fund, PaymentBatchRow.number == number)
    return one(session.execute(statement), Batch)


def get(session: Session, fund: str, number: int) -> Batch:
    return needed(find(session, fund, number), "batch")


def newest(
    session: Session, funds: Collection[str], *, before: int | None = None, limit: int = 25
) -> list[Batch]:
    """The batches of some funds, the newest first, from before an id."""
    ids = select(PaymentBatchRow.id).where(PaymentBatchRow.fund.in_(funds))
    if before is not None:
        ids = ids.where(PaymentBatchRow.id < before)
    some = ids.order_by(PaymentBatchRow.id.desc()).limit(limit).scalar_subquery()
    statement = _batches().where(PaymentBatchRow.id.in_(some))  # those alone are added up
    return every(session.execute(statement.order_by(PaymentBatchRow.id.desc())), Batch)


def made_in(session: Session, funds: Collection[str], first: date, last: date, zone: ZoneInfo) -> list[Batch]:
    """The batches of some funds that were made from a day until a day (both included), the oldest first."""
    made = in_days(PaymentBatchRow.made_at, first, last, zone)
    statement = _batches().where(PaymentBatchRow.fund.in_(funds), made)
    return every(session.execute(statement.order_by(PaymentBatchRow.id)), Batch)


def name_of(fund: str, number: int, form: str) -> str:
    """What the file of a batch is called."""
    return f"payments_{fund}_{number}.{form}"


def read_file(session: Session, fund: str, number: int, form: str) -> BatchFile:
    """The bytes of a batch, as they were made. Raises NotFound, and Tampered when they have changed."""
    if form not in FORMS:
        raise NotFound("no such form")
    content, sha256 = getattr(PaymentBatchRow, form), getattr(PaymentBatchRow, f"{form}_sha256")
    row = session.execute(
        select(content, sha256).where(PaymentBatchRow.fund == fund, PaymentBatchRow.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound("no such batch")
    if hashlib.sha256(row[0]).hexdigest() != row[1]:
        raise Tampered(f"batch {number} of {fund} is not what was kept")
    return BatchFile(form, bytes(row[0]), row[1])


def places(session: Session, ids: Collection[int]) -> list[BatchPosition]:
    """In which batches the invoices of some applications stood, in order."""
    rows = session.execute(
        select(
            PaymentRow.application_id,
            PaymentRow.invoice_id,
            PaymentRow.kind,
            PaymentRow.amount,
            PaymentBatchRow.number,
            PaymentBatchRow.made_at,
        )
        .join(PaymentBatchRow, PaymentBatchRow.id == PaymentRow.batch_id)
        .where(PaymentRow.application_id.in_(ids))
        .order_by(PaymentRow.application_id, PaymentRow.batch_id)
    )
    return every(rows, BatchPosition)


_PREPARED = columns_of(PreparedRow, Prepared)


def add_prepared(session: Session, *, fund: str, application_id: int | None, **values: Any) -> int:
    """Keep what one person prepared. Raises Clash where something for the same claim, or fund's batch, waits."""
    subject = fund if application_id is None else str(application_id)
    own = {"fund": fund, "application_id": application_id, "subject": subject, "reason": ""}
    with clash(prepared_waits_key="prepared.subject"):
        return add_row(session, PreparedRow, own | values)


def get_prepared(session: Session, prepared_id: int, *, for_update: bool = False) -> Prepared:
    statement = select(*_PREPARED).where(PreparedRow.id == prepared_id)
    return needed(one(session.execute(locked(statement, for_update)), Prepared), "prepared act")


def find_waiting(session: Session, subject: int | str) -> Prepared | None:
    """What waits to be confirmed for an application by its id, or for a fund's batch."""
    statement = select(*_PREPARED).where(PreparedRow.subject == str(subject), PreparedRow.outcome.is_(None))
    return one(session.execute(statement), Prepared)


def prepared_in(
    session: Session, funds: Collection[str], *, waiting: bool, limit: int = 100
) -> list[Prepared]:
    """What was prepared in some funds and waits, or is settled; the newest first."""
    statement = select(*_PREPARED).where(
        PreparedRow.fund.in_(funds), PreparedRow.outcome.is_(None) == waiting
    )
    return every(session.execute(statement.order_by(PreparedRow.id.desc()).limit(limit)), Prepared)


def settle_prepared(
    session: Session, prepared_id: int, outcome: str, *, by: int, at: datetime, reason: str = ""
) -> None:
    values = {"outcome": outcome, "settled_by": by, "settled_at": at, "reason": reason}
    session.execute(update(PreparedRow).where(PreparedRow.id == prepared_id).values(values))
