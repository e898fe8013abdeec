"""Claims on grants as they are kept; what may follow what is judged in `domain.claim`."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from portal.domain.application import Status
from portal.domain.claim import Claim, Stage
from portal.store.rows import columns_of, locked, needed, one
from portal.store.session import Session
from portal.store.tables import ApplicationRow, ClaimRow

_COLUMNS = columns_of(ClaimRow, Claim)


def open_claim(
    session: Session, *, application_id: int, granted_amount: int, due_on: date | None, stated: bool
) -> None:
    """Open the claim on a grant; `stated` where what was granted is payable as it is."""
    session.execute(
        insert(ClaimRow).values(
            application_id=application_id,
            granted_amount=granted_amount,
            due_on=due_on,
            stage=Stage.STATED if stated else Stage.WAITING,
            costs={},
            payable_amount=granted_amount if stated else 0,
            released_amount=0,
            revision=1,
            invoice_number="",
            invoice_amount=0,
        )
    )


def find(session: Session, application_id: int, *, for_update: bool = False) -> Claim | None:
    """The claim on a grant, its row locked when asked; None where there is none, as on a pre-approval."""
    statement = select(*_COLUMNS).where(ClaimRow.application_id == application_id)
    return one(session.execute(locked(statement, for_update)), Claim)


def get(session: Session, application_id: int, *, for_update: bool = False) -> Claim:
    return needed(find(session, application_id, for_update=for_update), "claim")


def move(session: Session, claim: Claim, stage: Stage, **values: Any) -> None:
    """Keep that a claim has come to a stage, with what was said then, in a next revision."""
    session.execute(
        update(ClaimRow)
        .where(ClaimRow.application_id == claim.application_id)
        .values(stage=stage, revision=claim.revision + 1, **values)
    )


def keep_invoice(
    session: Session, claim: Claim, *, number: str, day: date | None, amount: int, by: int, at: datetime
) -> int:
    """Keep the invoice; gives what it leaves over, which is released."""
    released = claim.granted_amount - amount
    invoice = {
        "invoice_number": number,
        "invoice_on": day,
        "invoice_amount": amount,
        "released_amount": released,
    }
    move(session, claim, Stage.INVOICED, **invoice, registered_at=at, registered_by=by)
    return released


def with_same_invoice(session: Session, claim: Claim, fund: str, *, limit: int = 5) -> list[str]:
    """Numbers of other applications to the fund that an invoice of the same number is registered on."""
    rows = session.scalars(
        select(ApplicationRow.number)
        .join(ClaimRow, ApplicationRow.id == ClaimRow.application_id)
        .where(
            func.lower(ClaimRow.invoice_number) == func.lower(claim.invoice_number),
            ClaimRow.invoice_on.is_not(None),
            ClaimRow.application_id != claim.application_id,
            ApplicationRow.fund == fund,
        )
        .order_by(ApplicationRow.id)
        .limit(limit)
    )
    return list(rows)


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
