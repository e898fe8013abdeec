"""What each budget period was given, has granted and has left; each change is an entry, their sum is kept beside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, insert, or_, select, update

from portal.domain.application import Status
from portal.domain.money import plain
from portal.domain.periods import budget_period_on
from portal.domain.scheme import Scheme
from portal.store.rows import columns_of, total
from portal.store.session import Session, inserting
from portal.store.tables import ApplicationRow, BudgetEntryRow, BudgetHourRow, BudgetPeriodRow

UNOPENED = 0
"""The id of a period that nothing has been entered in yet, so that it has no row."""


@dataclass(frozen=True, slots=True)
class PeriodStanding:
    """How a budget period stands, in minor units."""

    id: int
    key: str
    starts_on: date
    ends_on: date | None
    allocated_amount: int
    carried_amount: int
    granted_amount: int
    opening_amount: int = 0
    """What was used before the portal; `carried_amount` is less it."""
    opening_on: date | None = None
    opening_source: str = ""

    @property
    def left(self) -> int:
        return self.allocated_amount + self.carried_amount - self.granted_amount


COLUMNS = columns_of(BudgetPeriodRow, PeriodStanding)


class Unfit(Exception):
    """The file's budget does not fit what has been granted; the message says of which period, and what to write."""


def check_periods(session: Session, scheme: Scheme) -> None:
    """Raises Unfit for a period that has granted money and is no longer in the file, or is given less than that."""
    periods = {key: each for each in scheme.budget for key in (each.key, each.was) if key is not None}
    for row in map(_standing, session.execute(_periods(scheme.key))):
        period = periods.get(row.key)
        if period is None and row.granted_amount:
            raise Unfit(
                f"{scheme.key}: {plain(row.granted_amount)} is granted of the budget period {row.key}, which the file "
                f'no longer has. If it is renamed, write was = "{row.key}" in the period that it has become.'
            )
        if period is not None and period.amount + row.carried_amount < row.granted_amount:
            raise Unfit(
                f"{scheme.key}: the budget period {period.key} is given {plain(period.amount)}, but "
                f"{plain(row.granted_amount)} of it is granted already. Give it at least as much."
            )


def are_as_told(session: Session, scheme: Scheme) -> bool:
    """Whether the scheme's periods have their rows, with what the file allocates. Raises Unfit."""
    check_periods(session, scheme)
    rows = map(_standing, session.execute(_periods(scheme.key)))
    kept = {(each.key, each.starts_on, each.ends_on, each.allocated_amount) for each in rows}
    return all((each.key, each.starts_on, each.ends_on, each.amount) in kept for each in scheme.budget)


def ensure_periods(session: Session, scheme: Scheme) -> None:
    """Give the scheme's periods their rows, under the keys they have now, and let what the file allocates hold.

    Raises Unfit where that is not possible.
    """
    check_periods(session, scheme)
    kept = {each.key for each in map(_standing, session.execute(_periods(scheme.key)))}
    for period in scheme.budget:
        if period.was in kept and period.key not in kept:
            renamed = (BudgetPeriodRow.scheme == scheme.key) & (BudgetPeriodRow.key == period.was)
            session.execute(update(BudgetPeriodRow).where(renamed).values(key=period.key))
        days = {"starts_on": period.starts_on, "ends_on": period.ends_on, "allocated_amount": period.amount}
        session.execute(
            inserting(session, BudgetPeriodRow)
            .values(scheme=scheme.key, key=period.key, carried_amount=0, granted_amount=0, **days)
            .on_conflict_do_nothing(index_elements=["scheme", "key"])
        )
        session.execute(
            update(BudgetPeriodRow)
            .where(
                BudgetPeriodRow.scheme == scheme.key,
                BudgetPeriodRow.key == period.key,
                or_(
                    BudgetPeriodRow.starts_on != period.starts_on,
                    BudgetPeriodRow.ends_on.is_distinct_from(period.ends_on),
                    BudgetPeriodRow.allocated_amount != period.amount,
                ),
            )
            .values(**days)
        )


def set_opening(session: Session, standing: PeriodStanding, *, amount: int, on: date, source: str) -> None:
    """Keep what was used of a period before the portal; what is left changes with it."""
    less = BudgetPeriodRow.carried_amount + BudgetPeriodRow.opening_amount - amount
    said = {"opening_amount": amount, "opening_on": on, "opening_source": source, "carried_amount": less}
    session.execute(update(BudgetPeriodRow).where(BudgetPeriodRow.id == standing.id).values(said))


def standings(session: Session, scheme: Scheme) -> list[PeriodStanding]:
    """Every budget period of the scheme as it stands, in order."""
    return _standings(scheme, session.execute(_OF_SCHEME, {"scheme": scheme.key}))


def standing_on(session: Session, scheme: Scheme, day: date) -> PeriodStanding | None:
    """The period that a decision on that day draws from, or None where the scheme has none."""
    period = budget_period_on(scheme, day)
    return None if period is None else _carried(scheme, standings(session, scheme), day, period.key)


def left_on(session: Session, scheme: Scheme, day: date) -> int | None:
    """What is left, in minor units, for a decision on that day; None where the scheme has no period."""
    standing = standing_on(session, scheme, day)
    return None if standing is None else standing.left


def left_of(scheme: Scheme, rows: Iterable[Sequence[Any]], day: date) -> int | None:
    """The same by rows that begin with `COLUMNS`, for whoever has read them."""
    period = budget_period_on(scheme, day)
    return None if period is None else _carried(scheme, _standings(scheme, rows), day, period.key).left


def lock_on(session: Session, scheme: Scheme, day: date) -> PeriodStanding | None:
    """The period that a decision on that day draws from, its row locked until the transaction ends."""
    if budget_period_on(scheme, day) is None:
        return None
    rows = session.execute(_periods(scheme.key).with_for_update()).all()
    if len(rows) < len(scheme.budget):
        ensure_periods(session, scheme)
        rows = session.execute(_periods(scheme.key).with_for_update()).all()
    if scheme.carry_over_budget:
        _carry_over(session, scheme, [_standing(row) for row in rows], day)
    return standing_on(session, scheme, day)


def reserve(
    session: Session, *, period_id: int, application_id: int, amount: int, at: datetime, kind: str = "reserve"
) -> bool:
    """Take an amount from a period ("retake" what was given back); False, and nothing taken, when less is left."""
    taken = session.execute(
        update(BudgetPeriodRow)
        .where(
            BudgetPeriodRow.id == period_id,
            BudgetPeriodRow.granted_amount + amount
            <= BudgetPeriodRow.allocated_amount + BudgetPeriodRow.carried_amount,
        )
        .values(granted_amount=BudgetPeriodRow.granted_amount + amount)
        .returning(BudgetPeriodRow.id)
    )
    if taken.one_or_none() is None:
        return False
    _enter(session, period_id, application_id, kind, amount, at)
    return True


def give_back(
    session: Session, *, period_id: int, application_id: int, amount: int, kind: str, at: datetime
) -> None:
    """Return an amount to the period it was taken from: "cancel" the whole grant, "release" what is left over."""
    session.execute(
        update(BudgetPeriodRow)
        .where(BudgetPeriodRow.id == period_id)
        .values(granted_amount=BudgetPeriodRow.granted_amount - amount)
    )
    _enter(session, period_id, application_id, kind, -amount, at)


def waiting_amount(session: Session, scheme: Scheme) -> int:
    """What the applications that wait for a decision would take if all were granted, in minor units."""
    waiting = (ApplicationRow.scheme == scheme.key, ApplicationRow.queue == Status.WAITING)
    return session.execute(select(total(ApplicationRow.amount)).where(*waiting)).scalar_one()


def _periods(scheme: str | BindParameter[str]) -> Select[*tuple[Any, ...]]:
    return select(*COLUMNS).where(BudgetPeriodRow.scheme == scheme).order_by(BudgetPeriodRow.id)


_OF_SCHEME = _periods(bindparam("scheme"))


def _standing(row: Sequence[Any]) -> PeriodStanding:
    return PeriodStanding(*row[: len(COLUMNS)])


def _standings(scheme: Scheme, rows: Iterable[Sequence[Any]]) -> list[PeriodStanding]:
    kept = {standing.key: standing for standing in map(_standing, rows)}
    return [
        kept.get(p.key) or PeriodStanding(UNOPENED, p.key, p.starts_on, p.ends_on, p.amount, 0, 0)
        for p in scheme.budget
    ]


def _carried(scheme: Scheme, periods: list[PeriodStanding], day: date, key: str) -> PeriodStanding:
    """The period with what earlier ones left, where the scheme carries it over."""
    standing = next(p for p in periods if p.key == key)
    over = _over(periods, day) if scheme.carry_over_budget else []
    more = sum(p.left for p in over)
    return replace(standing, carried_amount=standing.carried_amount + more)


def _over(periods: list[PeriodStanding], day: date) -> list[PeriodStanding]:
    return [p for p in periods if p.ends_on is not None and p.ends_on < day]


def _carry_over(session: Session, scheme: Scheme, periods: list[PeriodStanding], day: date) -> None:
    """Move what the periods that are over have left to the one in force, row by row."""
    period = budget_period_on(scheme, day)
    now = next((p for p in periods if period is not None and p.key == period.key), None)
    for past in _over(periods, day):
        if now is None or past.left == 0:
            continue
        for row_id, amount in ((past.id, -past.left), (now.id, past.left)):
            session.execute(
                update(BudgetPeriodRow)
                .where(BudgetPeriodRow.id == row_id)
                .values(carried_amount=BudgetPeriodRow.carried_amount + amount)
            )


def _enter(
    session: Session, period_id: int, application_id: int, kind: str, amount: int, at: datetime
) -> None:
    session.execute(
        insert(BudgetEntryRow).values(
            period_id=period_id, application_id=application_id, kind=kind, amount=amount, entered_at=at
        )
    )
    row, reserved = BudgetHourRow, amount if kind == "reserve" else 0
    values = {"period_id": period_id, "hour": f"{at.astimezone(UTC):%Y-%m-%dT%H}"}
    sums = {"reserved_amount": reserved, "returned_amount": amount - reserved}
    session.execute(
        inserting(session, row)
        .values(values | sums)
        .on_conflict_do_update(
            index_elements=["period_id", "hour"],
            set_={name: getattr(row, name) + more for name, more in sums.items()},
        )
    )
