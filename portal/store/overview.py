"""What is asked of a whole year: how decisions fell, where the money went, how long it took, and what has followed.

Everything is added up by the database, for several editions in one statement; what the sums mean side by side is
`finance.overview`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    CompoundSelect,
    Integer,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from portal.domain.application import Outcome
from portal.domain.claim import Stage
from portal.store.session import Session
from portal.store.tables import (
    ApplicationRow,
    BudgetHourRow,
    BudgetPeriodRow,
    ClaimRow,
    DecisionRow,
    FollowUpRow,
    PersonRow,
)

STANDS, REFUSED, CANCELLED = "stands", "refused", "cancelled"
PLANNED, LATE, RECORDED, CONFIRMED = "planned", "late", "recorded", "confirmed"
_OPEN = (Stage.WAITING, Stage.STATED)
_SECONDS = 86_400
_AMOUNTS = (DecisionRow.amount, ClaimRow.released_amount, ClaimRow.invoice_amount)
_HOWS = (STANDS, REFUSED, CANCELLED)
_STAGES = (None, *Stage)
_LATE = (False, True)
_FOLLOWUPS = (None, PLANNED, LATE, RECORDED, CONFIRMED)
_STATES = (_HOWS, _STAGES, _LATE, _FOLLOWUPS)
"""A state is packed into one number, the month and then the indexes in these: grouping by text takes twice as long."""
_BY_STATE, _BY_UNIT, _BY_DAYS = 1, 2, 3


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


@dataclass(frozen=True, slots=True)
class State:
    """How a decision stands, and how far what follows a grant that stands has come."""

    month: int
    """1 to 12."""
    kind: str
    zone: str | None
    how: str
    """STANDS, REFUSED or CANCELLED."""
    stage: str | None
    """Of the claim."""
    late: bool
    followup: str | None


@dataclass(frozen=True, slots=True)
class Sums:
    """Decisions that stand alike, and what was granted in them, came back and was invoiced, in minor units."""

    decisions: int
    amount: int
    released_amount: int
    invoice_amount: int


@dataclass(frozen=True, slots=True)
class YearDecisions:
    """The year's decisions of an edition, in three divisions of the same ones."""

    states: list[tuple[State, Sums]]
    units: list[tuple[str, str, Sums]]
    """By the participant's unit as it is called now, and how they stand."""
    days: dict[int, int]
    """Whole days from the day the application came in -> how many took so many."""


def entries(session: Session, schemes: Sequence[str]) -> list[tuple[str, str, datetime, int, int]]:
    """What was taken from each budget period and given back, by the hour: scheme, period, hour (UTC), amounts."""
    row = BudgetHourRow
    rows = session.execute(
        select(
            BudgetPeriodRow.scheme, BudgetPeriodRow.key, row.hour, row.reserved_amount, row.returned_amount
        )
        .join(BudgetPeriodRow, BudgetPeriodRow.id == row.period_id)
        .where(BudgetPeriodRow.scheme.in_(schemes))
    )
    return [
        (each.scheme, each.key, datetime.fromisoformat(f"{each.hour}:00:00+00:00"), each[3], each[4])
        for each in rows
    ]


def decided(session: Session, span: Span) -> dict[str, YearDecisions]:
    """The year's decisions by edition: gone through once, and divided in three ways."""
    found = {scheme: YearDecisions([], [], {}) for scheme in span.schemes}
    for row in session.execute(_statement(session, span)):
        mine = found[row.scheme]
        sums = Sums(int(row.decisions), int(row.amount), int(row.released_amount), int(row.invoice_amount))
        if row.division == _BY_STATE:
            mine.states.append((_state(int(row.number), row.word, row.zone), sums))
        elif row.division == _BY_UNIT:
            mine.units.append((row.word, _HOWS[int(row.number)], sums))
        else:
            mine.days[int(row.number)] = sums.decisions
    return found


def _statement(session: Session, span: Span) -> CompoundSelect[*tuple[Any, ...]]:
    """Three divisions of one pass, each in the columns of the first."""
    every = _decisions(session, span).c
    states = _division(_BY_STATE, every, every.state, every.kind, every.zone)
    # By person first: grouping thousands of integers is faster than grouping their units, which are then added up.
    persons = (
        select(every.scheme, every.participant_id, every.how, func.count().label("decisions"), *_sums(every))
        .group_by(every.participant_id, every.how, every.scheme)
        .subquery()
    )
    units = _division(
        _BY_UNIT, persons.c, persons.c.how, PersonRow.unit, decisions=func.sum(persons.c.decisions)
    ).join(PersonRow, PersonRow.id == persons.c.participant_id)
    nothing = [literal(0, BigInteger).label(each.key) for each in _AMOUNTS]
    days = _division(_BY_DAYS, every, every.days, sums=nothing)  # each sum is one more thing to sort
    return union_all(states, units, days)


def _division(
    which: int,
    of: Any,
    number: Any,
    word: Any = None,
    zone: Any = None,
    *,
    decisions: Any = None,
    sums: Sequence[Any] | None = None,
) -> Select[Any]:
    """The sums by a number, and by words where there are any."""
    said = [(cast(null(), Text) if each is None else each) for each in (word, zone)]
    return select(
        literal(which, Integer).label("division"),
        of.scheme,
        number.label("number"),
        said[0].label("word"),
        said[1].label("zone"),
        (func.count() if decisions is None else decisions).label("decisions"),
        *(_sums(of) if sums is None else sums),
    ).group_by(number, *(each for each in (word, zone) if each is not None), of.scheme)


def _sums(of: Any) -> list[Any]:
    return [func.coalesce(func.sum(getattr(of, each.key)), 0).label(each.key) for each in _AMOUNTS]


def _decisions(session: Session, span: Span) -> CTE:
    """The year's decisions with what is asked of each, gone through once.

    Four covering indexes hold all of it, the decisions' in order of time. SQLite is told to use them (INDEXED BY): left
    to itself it would look up each row.
    """
    begins, dialect = span.begins, session.dialect.name
    within = (DecisionRow.decided_at >= begins[0]) & (DecisionRow.decided_at < begins[-1])
    ours = ApplicationRow.scheme.in_(span.schemes)
    days = (_epoch(DecisionRow.decided_at, dialect) - _epoch(ApplicationRow.received_at, dialect)) // _SECONDS
    side_by_side = dialect == "sqlite"
    statement = (
        select(
            ApplicationRow.scheme,
            ApplicationRow.kind,
            ApplicationRow.zone,
            DecisionRow.participant_id,
            days.label("days"),
            _how().label("how"),
            _packed(_month(begins), _how(), *_following(span.today)).label("state"),
            *_AMOUNTS,
        )
        .select_from(DecisionRow)
        .join(ApplicationRow, ApplicationRow.id == DecisionRow.application_id, isouter=side_by_side)
        .outerjoin(ClaimRow, ClaimRow.application_id == DecisionRow.application_id)
        .outerjoin(FollowUpRow, FollowUpRow.application_id == DecisionRow.application_id)
    )  # fmt: skip
    for row in (DecisionRow, ApplicationRow, ClaimRow, FollowUpRow):
        statement = statement.with_hint(row, f"INDEXED BY {row.__tablename__}_year_idx", "sqlite")
    # As an expression it invites no other index and keeps the join order.
    statement = statement.where(within, case((ours, 1), else_=0) == 1 if side_by_side else ours)
    return statement.cte("decided").prefix_with("MATERIALIZED")


def _month(begins: Sequence[datetime]) -> Any:
    """The month of a decision, 1 to 12, found by binary search."""

    def among(first: int, last: int) -> Any:
        if first == last:
            return first
        half = (first + last) // 2
        return case((DecisionRow.decided_at < begins[half], among(first, half)), else_=among(half + 1, last))

    return among(1, 12)


def _how() -> Any:
    """The place in _HOWS."""
    return case(
        (DecisionRow.cancelled_at.is_not(None), 2), (DecisionRow.outcome == Outcome.GRANT, 0), else_=1
    )


def _following(today: date) -> tuple[Any, Any, Any]:
    """Of a grant that stands, the places of: the stage of its claim, whether its invoice is late, its follow-up."""
    stage = case(*((ClaimRow.stage == each, place) for place, each in enumerate(_STAGES) if each), else_=0)
    late = case((ClaimRow.stage.in_(_OPEN) & (ClaimRow.due_on < today), 1), else_=0)
    followup = case(
        (FollowUpRow.application_id.is_(None), _FOLLOWUPS.index(None)),
        (FollowUpRow.confirmed_at.is_not(None), _FOLLOWUPS.index(CONFIRMED)),
        (FollowUpRow.recorded_at.is_not(None), _FOLLOWUPS.index(RECORDED)),
        (ClaimRow.stage == Stage.RELEASED, _FOLLOWUPS.index(None)),  # owes none
        (FollowUpRow.planned_on < today, _FOLLOWUPS.index(LATE)),
        else_=_FOLLOWUPS.index(PLANNED),
    )
    return stage, late, followup


def _packed(month: Any, *places: Any) -> Any:
    """One number of a month and the places in _STATES."""
    number = month
    for place, each in zip(places, _STATES, strict=True):
        number = number * len(each) + place
    return number


def _state(number: int, kind: str, zone: str | None) -> State:
    """The state that such a number says."""
    said: list[Any] = []
    for each in reversed(_STATES):
        number, place = divmod(number, len(each))
        said.insert(0, each[place])
    return State(number, kind, zone, *said)


def _epoch(at: Any, dialect: str) -> Any:
    """An instant in Unix seconds."""
    if dialect == "sqlite":
        return cast(func.strftime("%s", at), Integer)
    return cast(func.floor(func.date_part("epoch", at)), BigInteger)
