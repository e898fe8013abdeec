"""What is kept as a sum, or follows from something else, counted anew: budget periods, decisions, signatures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from portal.domain.application import Outcome, Status
from portal.store.session import Session
from portal.store.tables import (
    ApplicationRow,
    ApplicationVersionRow,
    BudgetEntryRow,
    BudgetPeriodRow,
    ClaimRow,
    DecisionRow,
    InvoiceRow,
    LetterRow,
    OutboxRow,
    PersonRow,
    SignatureRow,
)


@dataclass(frozen=True, slots=True)
class Soundness:
    """How much there is, and what is not as it has to be, each by its name or number."""

    applications: int
    decisions: int
    overspent: tuple[str, ...]
    """Budget periods out of which more is granted than they hold."""
    unequal: tuple[str, ...]
    """Budget periods whose kept sum is not that of their entries, or not that of what stands granted."""
    one_person: tuple[str, ...]
    """Decisions without two signatures that stand, by two people in two seats, none of them a party."""
    undecided: tuple[str, ...]
    """Applications that stand otherwise than their decision, or have none."""

    @property
    def faults(self) -> dict[str, tuple[str, ...]]:
        """What is wrong, by what to call it; empty when nothing is."""
        found = {
            "granted above what the period holds": self.overspent,
            "sums that are not those of their entries and grants": self.unequal,
            "decisions without two people's signatures": self.one_person,
            "applications that are not as they were decided": self.undecided,
        }
        return {name: which for name, which in found.items() if which}


def soundness(session: Session) -> Soundness:
    """Count everything anew; a few statements that each walk through a table."""
    entered = _sums(session, select(BudgetEntryRow.period_id, func.sum(BudgetEntryRow.amount)))
    standing = _sums(
        session,
        select(
            DecisionRow.period_id, func.sum(DecisionRow.amount - func.coalesce(ClaimRow.released_amount, 0))
        )
        .outerjoin(ClaimRow, ClaimRow.application_id == DecisionRow.application_id)
        .where(DecisionRow.outcome == Outcome.GRANT)
        .where(DecisionRow.cancelled_at.is_(None) | ClaimRow.application_id.is_not(None)),
    )
    overspent, unequal = [], []
    row = BudgetPeriodRow
    holds = row.allocated_amount + row.carried_amount
    for period in session.execute(
        select(row.id, row.scheme, row.key, row.granted_amount, holds.label("holds"))
    ):
        name = f"{period.scheme}/{period.key}"
        if not 0 <= period.granted_amount <= period.holds:
            overspent.append(name)
        if not period.granted_amount == entered.get(period.id, 0) == standing.get(period.id, 0):
            unequal.append(name)
    return Soundness(
        session.execute(select(func.count()).select_from(ApplicationRow)).scalar_one(),
        session.execute(select(func.count()).select_from(DecisionRow)).scalar_one(),
        tuple(overspent),
        tuple(unequal),
        _one_person(session),
        _undecided(session),
    )


def _sums(session: Session, statement: Any) -> Mapping[int, int]:
    grouped = statement.group_by(statement.selected_columns[0])
    return {period: int(amount) for period, amount in session.execute(grouped) if period is not None}


def _one_person(session: Session) -> tuple[str, ...]:
    row, first, second = ApplicationRow, SignatureRow.__table__.alias(), SignatureRow.__table__.alias()
    a, b = first.c, second.c
    parties = (row.applicant_id, row.author_id, row.participant_id, row.head_id)
    sound = and_(
        a.signer_id != b.signer_id,
        a.seat != b.seat,
        *(
            and_(
                each.application_id == DecisionRow.application_id,
                each.version == DecisionRow.version,
                each.digest == DecisionRow.digest,
                each.outcome == DecisionRow.outcome,
                each.amount == DecisionRow.amount,
                each.withdrawn_at.is_(None),
            )
            for each in (a, b)
        ),
    )
    tied = or_(*(party.in_((a.signer_id, b.signer_id)) for party in parties))
    statement = (
        select(row.number)
        .join(DecisionRow, DecisionRow.application_id == row.id)
        .outerjoin(first, a.id == DecisionRow.signature_a)
        .outerjoin(second, b.id == DecisionRow.signature_b)
        .where(or_(a.id.is_(None), b.id.is_(None), ~sound, tied))
    )
    return tuple(session.execute(statement.order_by(row.number)).scalars())


def _undecided(session: Session) -> tuple[str, ...]:
    refused, cancelled = DecisionRow.outcome == Outcome.REFUSE, DecisionRow.cancelled_at.is_not(None)
    granted = (DecisionRow.outcome == Outcome.GRANT) & DecisionRow.cancelled_at.is_(None)
    is_so = or_(
        and_(ApplicationRow.status == Status.REFUSED, refused),
        and_(ApplicationRow.status == Status.CANCELLED, cancelled),
        and_(ApplicationRow.status == Status.GRANTED, granted),
    )
    decided = ApplicationRow.status.in_((Status.REFUSED, Status.CANCELLED, Status.GRANTED))
    statement = (
        select(ApplicationRow.number)
        .outerjoin(DecisionRow, DecisionRow.application_id == ApplicationRow.id)
        .where(
            or_(
                and_(decided, DecisionRow.application_id.is_(None)),
                and_(DecisionRow.application_id.is_not(None), ~is_so),
            )
        )
    )
    return tuple(session.execute(statement.order_by(ApplicationRow.number)).scalars())


def titles(session: Session) -> dict[str, tuple[int, str, Status]]:
    """Every application by its number: its id, what it is called and how it stands."""
    row = ApplicationRow
    return {
        number: (key, title, status)
        for number, key, title, status in session.execute(select(row.number, row.id, row.title, row.status))
    }


KEPT = {"applications": ApplicationRow, "versions": ApplicationVersionRow, "decisions": DecisionRow,
        "signatures": SignatureRow, "invoices": InvoiceRow, "letters": LetterRow, "people": PersonRow}  # fmt: skip
"""Tables whose rows stay, by what they hold."""


def rows_kept(session: Session) -> dict[str, int]:
    """How many rows there are of what stays."""
    return {
        name: session.execute(select(func.count()).select_from(row)).scalar_one()
        for name, row in KEPT.items()
    }


def message_ids(session: Session) -> list[str]:
    """The Message-ID of every e-mail that was ever to be sent."""
    return list(session.execute(select(OutboxRow.message_id)).scalars())
