"""What finance asks of the claims: how far each grant has come, filtered, page by page, added up and as rows of a file.

One filter answers the page, its totals and the download, so that they cannot differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, null, select

from portal.domain.application import Status
from portal.domain.claim import Stage
from portal.domain.payment import PaymentKind
from portal.store.reports import BATCH
from portal.store.rows import as_text, total
from portal.store.session import Session
from portal.store.signing import declared, not_aside
from portal.store.tables import (
    ApplicationRow,
    ClaimRow,
    InvoiceRow,
    PaymentBatchRow,
    PaymentRow,
    PersonRow,
    TotalRow,
)
from portal.store.totals import CLAIMS, SUMS, kept, plus

LATE, CANCELLED = "late", "cancelled"
FILTERS = (
    Stage.WAITING,
    Stage.STATED,
    LATE,
    Stage.PART,
    Stage.INVOICED,
    Stage.PAID,
    Stage.RELEASED,
    CANCELLED,
)

_OPEN = (Stage.WAITING, Stage.STATED)
_REGISTERED = (Stage.PART, Stage.INVOICED, Stage.PAID)


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims: of these funds, at a stage (one of FILTERS; empty for all grants that stand)."""

    funds: tuple[str, ...]
    today: date
    stage: str = ""
    but_aside: int | None = None
    """Leave out the cases from which this person stepped aside."""


@dataclass(frozen=True, slots=True)
class ClaimTotal:
    """Sums over a filter in one currency, in minor units; currencies are never added."""

    currency: str
    claims: int
    granted_amount: int
    payable_amount: int
    invoiced_amount: int
    paid_amount: int
    released_amount: int


def page(
    session: Session, wanted: ClaimFilter, *, after: int | None = None, limit: int = 25
) -> Sequence[Row[Any]]:
    """Rows of the filter with values by column key, `id` and `fund`, the newest application first; a keyset page."""
    statement = _selected(wanted, [ApplicationRow.id, ApplicationRow.fund, *_values(wanted).values()])
    if after is not None:
        statement = statement.where(ClaimRow.application_id < after)
    return session.execute(statement.limit(limit)).all()


@contextmanager
def stream(session: Session, wanted: ClaimFilter, keys: Sequence[str]) -> Iterator[Iterator[Row[Any]]]:
    """All rows of the filter in the page's order, the columns as named, days as ISO text; a thousand at a time."""
    values, dialect = _values(wanted), session.dialect.name
    statement = _selected(wanted, [as_text(values[key], dialect).label(key) for key in keys])
    options = {"stream_results": True, "yield_per": BATCH}
    with session.execute(statement, execution_options=options) as rows:
        yield iter(rows)


def totals(session: Session, wanted: ClaimFilter) -> list[ClaimTotal]:
    """What the rows of the filter add up to in each currency, by currency; only what is late is counted for it."""
    if wanted.stage == LATE:
        return [ClaimTotal(*each) for each in plus((1, _counted(session, wanted)))]
    which = [TotalRow.fund.in_(wanted.funds), TotalRow.status == _status(wanted)]
    if wanted.stage and wanted.stage != CANCELLED:
        which.append(TotalRow.part == wanted.stage)
    aside = ClaimRow.application_id.in_(declared(wanted.but_aside))
    rows = plus(
        (1, kept(session, CLAIMS, _SUMS, *which)),
        (-1, _counted(session, replace(wanted, but_aside=None), aside)),
    )
    return [ClaimTotal(*each) for each in rows]


_SUMS = (
    "applications",
    "granted_amount",
    "payable_amount",
    "invoice_amount",
    "paid_amount",
    "released_amount",
)


def _counted(session: Session, wanted: ClaimFilter, *which: ColumnElement[bool]) -> Sequence[Any]:
    sums = {**SUMS, "granted_amount": ClaimRow.granted_amount}
    statement = (
        select(ApplicationRow.currency, *(total(sums[each]) for each in _SUMS))
        .select_from(ClaimRow)
        .outerjoin(ApplicationRow, ApplicationRow.id == ClaimRow.application_id)
        .where(*_conditions(wanted), *which)
        .group_by(ApplicationRow.currency)
    )
    return session.execute(statement).all()


def _late(today: date) -> ColumnElement[bool]:
    return ClaimRow.stage.in_(_OPEN) & (ClaimRow.due_on < today)


def _values(wanted: ClaimFilter) -> Mapping[str, Any]:
    """Every value there is by the key of its column."""
    cancelled = ApplicationRow.status == Status.CANCELLED
    registered = ClaimRow.stage.in_(_REGISTERED)
    stated = ClaimRow.stage != Stage.WAITING
    values: dict[str, Any] = {
        "number": ApplicationRow.number,
        "scheme": ApplicationRow.scheme,
        "participant_number": PersonRow.number,
        "participant": PersonRow.name,
        "unit": ApplicationRow.unit,
        "title": ApplicationRow.title,
        "starts_on": ApplicationRow.starts_on,
        "due_on": ClaimRow.due_on,
        "stage": case((cancelled, CANCELLED), else_=ClaimRow.stage),
        "late": case((~cancelled & _late(wanted.today), LATE), else_=null()),
        "currency": ApplicationRow.currency,
        "granted_amount": ClaimRow.granted_amount,
        "payable_amount": case((stated, ClaimRow.payable_amount), else_=null()),
        "invoice_number": func.coalesce(_of_invoices(func.aggregate_strings(InvoiceRow.number, ", ")), ""),
        "invoice_on": _of_invoices(func.max(InvoiceRow.invoice_on, type_=InvoiceRow.invoice_on.type)),
        "invoice_amount": case((registered, ClaimRow.invoice_amount), else_=null()),
        "released_amount": ClaimRow.released_amount,
        "batch": _of_invoices(func.max(PaymentBatchRow.number), in_batch=True),
        "paid_on": ClaimRow.paid_on,
    }
    return {key: value.label(key) for key, value in values.items()}


def _of_invoices(value: Any, *, in_batch: bool = False) -> Any:
    """A value over the invoices of a claim that stand."""
    statement = (
        select(value)
        .select_from(InvoiceRow)
        .where(InvoiceRow.application_id == ClaimRow.application_id, InvoiceRow.credited_at.is_(None))
    )
    if in_batch:
        pays = (PaymentRow.invoice_id == InvoiceRow.id) & (PaymentRow.kind == PaymentKind.PAY)
        statement = statement.join(PaymentRow, pays).join(
            PaymentBatchRow, PaymentBatchRow.id == PaymentRow.batch_id
        )
    return statement.correlate(ClaimRow).scalar_subquery()


def _selected(wanted: ClaimFilter, columns: Sequence[Any]) -> Select[Any]:
    # Outer joins, and conditions behind a function: SQLite then walks the claims in order until the page is full.
    return (
        select(*columns)
        .select_from(ClaimRow)
        .outerjoin(ApplicationRow, ApplicationRow.id == ClaimRow.application_id)
        .outerjoin(PersonRow, PersonRow.id == ApplicationRow.participant_id)
        .where(*_conditions(wanted))
        .order_by(ClaimRow.application_id.desc())
    )


def _status(wanted: ClaimFilter) -> Status:
    return Status.CANCELLED if wanted.stage == CANCELLED else Status.GRANTED


def _conditions(wanted: ClaimFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        func.coalesce(ApplicationRow.fund, "").in_(wanted.funds),
        func.coalesce(ApplicationRow.status, "") == _status(wanted),
        not_aside(wanted.but_aside, ClaimRow.application_id),
    ]
    if wanted.stage == LATE:
        conditions.append(_late(wanted.today))
    elif wanted.stage and wanted.stage != CANCELLED:
        conditions.append(ClaimRow.stage == wanted.stage)
    return conditions
