"""Claims on grants as they are kept; what may follow what is judged in `domain.claim`."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from portal.domain.alphabet import folded
from portal.domain.application import Answers, Application, Status
from portal.domain.claim import Claim, Invoice, Stage
from portal.domain.payment import PaymentKind
from portal.store import totals
from portal.store.applications import version_of
from portal.store.rows import add_row, columns_of, every, locked, needed, one
from portal.store.session import Session
from portal.store.tables import ApplicationRow, ClaimRow, InvoiceRow, PayeeRow, PaymentRow

_COLUMNS = columns_of(ClaimRow, Claim)
_INVOICE = columns_of(InvoiceRow, Invoice)


def open_claim(
    session: Session, *, application_id: int, granted_amount: int, due_on: date | None, stated: bool
) -> None:
    """Open the claim on a grant; `stated` where what was granted is payable as it is."""
    opened = insert(ClaimRow).values(
        application_id=application_id,
        granted_amount=granted_amount,
        due_on=due_on,
        stage=Stage.STATED if stated else Stage.WAITING,
        costs={},
        payable_amount=granted_amount if stated else 0,
        released_amount=0,
        revision=1,
        invoice_amount=0,
        paid_amount=0,
        release_reason="",
    )
    with totals.counted(session, application_id):
        session.execute(opened)


def find(session: Session, application_id: int, *, for_update: bool = False) -> Claim | None:
    """The claim on a grant, its row locked when asked; None where there is none, as on a pre-approval."""
    statement = select(*_COLUMNS).where(ClaimRow.application_id == application_id)
    return one(session.execute(locked(statement, for_update)), Claim)


def get(session: Session, application_id: int, *, for_update: bool = False) -> Claim:
    return needed(find(session, application_id, for_update=for_update), "claim")


def move(session: Session, claim: Claim, **values: Any) -> None:
    """Keep what has come of a claim, in a next revision."""
    with totals.counted(session, claim.application_id):
        session.execute(
            update(ClaimRow)
            .where(ClaimRow.application_id == claim.application_id)
            .values(revision=claim.revision + 1, **values)
        )


def invoices_of(session: Session, application_id: int) -> list[Invoice]:
    """Every invoice that was ever registered on a grant, in order; those of a claim are locked with it."""
    statement = select(*_INVOICE).where(InvoiceRow.application_id == application_id)
    return every(session.execute(statement.order_by(InvoiceRow.id)), Invoice)


def add_invoice(
    session: Session,
    application_id: int,
    *,
    number: str,
    day: date | None,
    amount: int,
    by: int,
    at: datetime,
    replaces: int | None = None,
) -> int:
    values = {"number": number, "invoice_on": day, "amount": amount, "registered_at": at, "registered_by": by}
    more = {"application_id": application_id, "search_text": folded(number), "replaces": replaces}
    return add_row(session, InvoiceRow, values | more | {"returned_amount": 0})


def change_invoice(session: Session, invoice_id: int, **values: Any) -> None:
    """Keep that an invoice is paid or credited, or what has come back of it; what it says never changes."""
    session.execute(update(InvoiceRow).where(InvoiceRow.id == invoice_id).values(**values))


def with_same_invoice(session: Session, application_id: int, fund: str, *, limit: int = 5) -> list[str]:
    """Numbers of other applications to the fund on which an invoice of the same number stands as on this one."""
    mine = select(InvoiceRow.search_text).where(InvoiceRow.application_id == application_id, *_STANDS)
    rows = session.scalars(
        select(ApplicationRow.number)
        .join(InvoiceRow, ApplicationRow.id == InvoiceRow.application_id)
        .where(
            InvoiceRow.search_text.in_(mine),
            InvoiceRow.application_id != application_id,
            ApplicationRow.fund == fund,
            *_STANDS,
        )
        .group_by(ApplicationRow.id)
        .order_by(ApplicationRow.id)
        .limit(limit)
    )
    return list(rows)


_STANDS = (InvoiceRow.credited_at.is_(None), InvoiceRow.invoice_on.is_not(None))
"""Neither credited nor a refund, which has the application's own number."""


def payees_of(session: Session, ids: Collection[int]) -> dict[int, Answers]:
    """Who is paid by those grants whose payee was corrected: the last answers to the questions about it."""
    last = (
        select(func.max(PayeeRow.id))
        .where(PayeeRow.application_id.in_(ids))
        .group_by(PayeeRow.application_id)
    )
    rows = session.execute(select(PayeeRow.application_id, PayeeRow.answers).where(PayeeRow.id.in_(last)))
    return {each.application_id: each.answers for each in rows}


def answered(session: Session, application: Application) -> Answers:
    """The answers of the version that counts, with who is paid as it was corrected last."""
    answers = version_of(session, application).answers
    return {**answers, **payees_of(session, [application.id]).get(application.id, {})}


def add_payee(session: Session, application_id: int, answers: Answers, *, by: int, at: datetime) -> int:
    values = {"application_id": application_id, "answers": dict(answers), "changed_by": by, "changed_at": at}
    return add_row(session, PayeeRow, values)


def is_in_batch(session: Session, application_id: int) -> bool:
    """Whether an invoice on the grant stood in a batch and has not been taken back by another."""
    rows = select(PaymentRow.invoice_id).where(PaymentRow.application_id == application_id)
    back = rows.where(PaymentRow.kind == PaymentKind.REVERSE)
    return session.execute(select(rows.where(PaymentRow.invoice_id.not_in(back)).exists())).scalar_one()


def due_by(session: Session, day: date, *, limit: int = 500) -> list[tuple[str, Claim]]:
    """Numbers and claims whose invoice should have come by a day, of grants in force, the longest due first."""
    rows = session.execute(
        select(ApplicationRow.number, *_COLUMNS)
        .join(ApplicationRow, ApplicationRow.id == ClaimRow.application_id)
        .where(
            ClaimRow.stage.in_((Stage.WAITING, Stage.STATED)),
            ClaimRow.due_on <= day,
            ApplicationRow.status == Status.GRANTED,
        )
        .order_by(ClaimRow.due_on, ClaimRow.application_id)
        .limit(limit)
    )
    return [(number, Claim(*claim)) for number, *claim in rows]


def owed_by_person(session: Session, person_id: int, *, limit: int = 100) -> list[tuple[str, str, Claim]]:
    """Numbers, titles and claims of the grants whose costs a party has not stated, the first due first."""
    rows = session.execute(
        select(ApplicationRow.number, ApplicationRow.title, *_COLUMNS)
        .join(ApplicationRow, ApplicationRow.id == ClaimRow.application_id)
        .where(
            or_(ApplicationRow.applicant_id == person_id, ApplicationRow.participant_id == person_id),
            ApplicationRow.status == Status.GRANTED,
            ClaimRow.stage == Stage.WAITING,
        )
        .order_by(ClaimRow.due_on, ClaimRow.application_id)
        .limit(limit)
    )
    return [(number, title, Claim(*claim)) for number, title, *claim in rows]


def stated(session: Session, funds: Collection[str]) -> tuple[int, date | None]:
    """How many grants of these funds wait for the invoice, their costs stated, and when the first of them is due."""
    row = session.execute(
        select(func.count(), func.min(ClaimRow.due_on, type_=ClaimRow.due_on.type))
        .join(ApplicationRow, ApplicationRow.id == ClaimRow.application_id)
        .where(
            ApplicationRow.fund.in_(funds),
            ClaimRow.stage == Stage.STATED,
            ClaimRow.due_on.is_not(None),
            ApplicationRow.status == Status.GRANTED,
        )
    ).one()
    return row[0], row[1]
