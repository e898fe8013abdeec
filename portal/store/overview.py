"""What is asked of a whole year: how decisions fell, where the money went, how long it took, and what has followed.

Everything is added up by the database, for several editions in one statement; what the sums mean side by side is
`finance.overview`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    select,
)

from portal.domain.application import Outcome
from portal.domain.claim import Stage
from portal.store.ledger import BudgetEntryRow, BudgetPeriodRow, DecisionRow
from portal.store.reports import as_text
from portal.store.session import Session
from portal.store.settlement import ClaimRow, FollowUpRow
from portal.store.tables import ApplicationRow, PersonRow

PLANNED, LATE, RECORDED, CONFIRMED = "planned", "late", "recorded", "confirmed"
_OPEN = (Stage.WAITING.value, Stage.STATED.value)
_SECONDS = 86_400
_HOUR = len("2026-01-01T12")
_STANDS = (DecisionRow.outcome == Outcome.GRANT.value) & DecisionRow.cancelled_at.is_(None)


@dataclass(frozen=True, slots=True)
class Span:
    """Editions, and the instants at which the months of their year begin, with the one at which the year is over."""

    schemes: tuple[str, ...]
    begins: tuple[datetime, ...]
    today: date


@dataclass(frozen=True, slots=True)
class Used:
    """What decisions of one part of the year came to, in minor units of the edition's currency."""

    decisions: int
    grants: int
    """Those that stand."""
    refusals: int
    cancelled: int
    granted_amount: int
    """Of grants that stand."""
    released_amount: int
    """What came back of it when the costs turned out lower."""

    @property
    def used_amount(self) -> int:
        return self.granted_amount - self.released_amount

    def __add__(self, other: "Used") -> "Used":
        return Used(
            self.decisions + other.decisions,
            self.grants + other.grants,
            self.refusals + other.refusals,
            self.cancelled + other.cancelled,
            self.granted_amount + other.granted_amount,
            self.released_amount + other.released_amount,
        )


@dataclass(frozen=True, slots=True)
class Followed:
    """How many grants that stand have come how far: stage of the claim, whether its invoice is late, follow-up."""

    stage: str | None
    late: bool
    followup: str | None
    grants: int
    granted_amount: int
    invoice_amount: int
    released_amount: int


def entries(session: Session, schemes: Sequence[str]) -> Sequence[Row[Any]]:
    """What was taken from each budget period and given back, by the hour: scheme, period, hour (UTC), amounts."""
    at = as_text(BudgetEntryRow.entered_at.label("at"), session.get_bind().dialect.name)
    hour = func.substr(at, 1, _HOUR).label("hour")
    reserved = case((BudgetEntryRow.kind == "reserve", BudgetEntryRow.amount), else_=0)
    return session.execute(
        select(
            BudgetPeriodRow.scheme,
            BudgetPeriodRow.key.label("period"),
            hour,
            func.sum(reserved).label("reserved_amount"),
            func.sum(BudgetEntryRow.amount - reserved).label("returned_amount"),
        )
        .join(BudgetPeriodRow, BudgetPeriodRow.id == BudgetEntryRow.period_id)
        .where(BudgetPeriodRow.scheme.in_(schemes))
        .group_by(BudgetPeriodRow.id, hour)
    ).all()


def by_month(session: Session, span: Span) -> list[tuple[str, int, str, str | None, Used]]:
    """The year's decisions by edition, month (1 to 12), kind of application and zone."""
    month = case(
        *((DecisionRow.decided_at < begins, number) for number, begins in enumerate(span.begins[1:-1], 1)),
        else_=literal(12, Integer),
    ).label("month")
    keys = (ApplicationRow.scheme, month, ApplicationRow.kind, ApplicationRow.zone)
    rows = session.execute(_decided(session, span, (*keys, *_measures())).group_by(*keys).order_by(*keys))
    return [(row.scheme, row.month, row.kind, row.zone, _used(row)) for row in rows]


def by_unit(session: Session, span: Span) -> list[tuple[str, str, Used]]:
    """The year's decisions by edition and the participant's unit as it is called now."""
    keys = (ApplicationRow.scheme, PersonRow.unit)
    statement = _decided(session, span, (*keys, *_measures())).join(
        PersonRow, PersonRow.id == DecisionRow.participant_id
    )
    rows = session.execute(statement.group_by(*keys).order_by(*keys))
    return [(row.scheme, row.unit, _used(row)) for row in rows]


def days_taken(session: Session, span: Span) -> list[tuple[str, int, int]]:
    """By edition: how many of the year's decisions took so many whole days from the day the application came in."""
    decided, received = (
        _epoch(at, session.get_bind().dialect.name)
        for at in (DecisionRow.decided_at, ApplicationRow.received_at)
    )
    days = ((decided - received) // _SECONDS).label("days")
    statement = (
        _decisions(session, span, (ApplicationRow.scheme, days, func.count().label("number")))
        .group_by(ApplicationRow.scheme, days)
        .order_by(ApplicationRow.scheme, days)
    )
    return [(row.scheme, row.days, row.number) for row in session.execute(statement)]


def followed(session: Session, span: Span) -> list[tuple[str, Followed]]:
    """By edition: how far the year's grants that stand have come."""
    late = (ClaimRow.stage.in_(_OPEN) & (ClaimRow.due_on < span.today)).label("late")
    planned = case((FollowUpRow.planned_on < span.today, LATE), else_=PLANNED)
    followup = case(
        (FollowUpRow.application_id.is_(None), None),
        (FollowUpRow.confirmed_at.is_not(None), CONFIRMED),
        (FollowUpRow.recorded_at.is_not(None), RECORDED),
        else_=cast(planned, Text),
    ).label("followup")
    keys = (ApplicationRow.scheme, ClaimRow.stage, late, followup)
    sums = [
        func.coalesce(func.sum(amount), 0).label(name)
        for name, amount in (
            ("granted_amount", DecisionRow.amount),
            ("invoice_amount", ClaimRow.invoice_amount),
            ("released_amount", ClaimRow.released_amount),
        )
    ]
    statement = (
        _decided(session, span, (*keys, func.count().label("grants"), *sums), only=_STANDS)
        .outerjoin(FollowUpRow, FollowUpRow.application_id == DecisionRow.application_id)
        .group_by(*keys)
    )
    return [
        (
            row.scheme,
            Followed(
                row.stage,
                bool(row.late),
                row.followup,
                row.grants,
                int(row.granted_amount),
                int(row.invoice_amount),
                int(row.released_amount),
            ),
        )
        for row in session.execute(statement)
    ]


def _epoch(at: Any, dialect: str) -> Any:
    """An instant as whole seconds."""
    if dialect == "sqlite":
        return cast(func.strftime("%s", at), Integer)
    return cast(func.floor(func.extract("epoch", at)), BigInteger)


def _decided(
    session: Session, span: Span, columns: Sequence[Any], only: ColumnElement[bool] | None = None
) -> Select[Any]:
    """The same with their claims."""
    return _decisions(session, span, columns, only).outerjoin(
        ClaimRow, ClaimRow.application_id == DecisionRow.application_id
    )


def _decisions(
    session: Session, span: Span, columns: Sequence[Any], only: ColumnElement[bool] | None = None
) -> Select[Any]:
    """The year's decisions with their applications.

    SQLite would follow an index to nearly every row there is, in another order than they lie: five times the work. So
    it is told to go through the decisions as they lie, by conditions that no index serves.
    """
    within = and_(
        DecisionRow.decided_at >= span.begins[0],
        DecisionRow.decided_at < span.begins[-1],
        DecisionRow.amount >= 0,  # always so, and in no index: an index cannot answer alone
        ApplicationRow.scheme.in_(span.schemes),
        *(() if only is None else (only,)),
    )
    as_they_lie = session.get_bind().dialect.name == "sqlite"
    return (
        select(*columns)
        .select_from(DecisionRow)
        .join(ApplicationRow, ApplicationRow.id == DecisionRow.application_id, isouter=as_they_lie)
        .where(case((within, 1), else_=0) == 1 if as_they_lie else within)
    )


def _measures() -> list[Any]:
    def number(condition: ColumnElement[bool], name: str) -> Any:
        return func.sum(case((condition, 1), else_=0)).label(name)

    return [
        func.count().label("decisions"),
        number(_STANDS, "grants"),
        number(DecisionRow.outcome == Outcome.REFUSE.value, "refusals"),
        number(DecisionRow.cancelled_at.is_not(None), "cancelled"),
        func.sum(case((_STANDS, DecisionRow.amount), else_=0)).label("granted_amount"),
        func.sum(case((_STANDS, func.coalesce(ClaimRow.released_amount, 0)), else_=0)).label(
            "released_amount"
        ),
    ]


def _used(row: Row[Any]) -> Used:
    return Used(
        row.decisions,
        int(row.grants),
        int(row.refusals),
        int(row.cancelled),
        int(row.granted_amount),
        int(row.released_amount),
    )
