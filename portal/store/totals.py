"""What the whole register adds up to, kept in the transaction that changes it, so that no page has to count.

Each application counts under the month (UTC) in which it was received, the one in which it was decided, and the stage
of its claim; beside these by fund, status and currency. Each entry of a budget period's
ledger counts under its hour. `differences` proves what is kept by counting anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    union_all,
)

from portal.domain.application import Outcome
from portal.store.rows import total
from portal.store.session import Session, inserting_on
from portal.store.tables import ApplicationRow, BudgetEntryRow, BudgetHourRow, ClaimRow, DecisionRow, TotalRow
from portal.store.types import Whole

RECEIVED, DECIDED, CLAIMS = "received", "decided", "claims"

_BACK = func.coalesce(ClaimRow.released_amount, 0)
GRANTED = case((DecisionRow.outcome == Outcome.GRANT, DecisionRow.amount), else_=0)
STANDING = case((DecisionRow.cancelled_at.is_(None) | ClaimRow.stage.is_not(None), GRANTED - _BACK), else_=0)
"""What a decision has given that stands: of a cancelled grant, what was paid."""
SUMS: dict[str, Any] = {
    "applications": literal(1, Whole),
    "assessed_amount": ApplicationRow.amount,
    "granted_amount": case((DecisionRow.application_id.is_not(None), GRANTED), else_=0),
    "standing_amount": case((DecisionRow.application_id.is_not(None), STANDING), else_=0),
    "payable_amount": func.coalesce(ClaimRow.payable_amount, 0),
    "invoice_amount": func.coalesce(ClaimRow.invoice_amount, 0),
    "paid_amount": func.coalesce(ClaimRow.paid_amount, 0),
    "released_amount": _BACK,
}
"""What is added up, by its column's name."""
_KEY = ("by", "part", "fund", "status", "currency")


@contextmanager
def counted(session: Session, application_id: int) -> Iterator[None]:
    """Within it an application changes, its decision or its claim; what it counts for is moved with it."""
    session.execute(_adding(session.dialect.name, -1), {"application": application_id})
    yield
    count(session, application_id)


def count(session: Session, application_id: int) -> None:
    """Count a new application."""
    session.execute(_adding(session.dialect.name, 1), {"application": application_id})


def kept(session: Session, by: str, names: Sequence[str], *which: ColumnElement[bool]) -> list[Any]:
    """Rows of the currency and these sums, over the parts that were asked for."""
    statement = select(TotalRow.currency, *(total(getattr(TotalRow, each)) for each in names))
    return list(session.execute(statement.where(TotalRow.by == by, *which).group_by(TotalRow.currency)))


def plus(*found: tuple[int, Iterable[Sequence[Any]]]) -> list[list[Any]]:
    """Rows of a currency and its sums, added up by currency, each list with its sign; none that counts nothing."""
    sums: dict[str, list[int]] = {}
    for sign, rows in found:
        for currency, *amounts in rows:
            before = sums.get(currency, [0] * len(amounts))
            sums[currency] = [one + sign * more for one, more in zip(before, amounts, strict=True)]
    return [[currency, *amounts] for currency, amounts in sorted(sums.items()) if amounts[0]]


def differences(session: Session) -> int:
    """How many of the sums that are kept are not what counting anew gives."""
    dialect, wrong = session.dialect.name, 0
    for row, place, statement in ((TotalRow, len(_KEY), _anew(dialect)), (BudgetHourRow, 2, _hours(dialect))):
        kept_now = select(*row.__table__.columns)
        now, anew = (
            {tuple(each[:place]): tuple(each[place:]) for each in session.execute(asked) if any(each[place:])}
            for asked in (kept_now, statement)
        )
        wrong += sum(now.get(key) != anew.get(key) for key in now.keys() | anew.keys())
    return wrong


def recount(session: Session) -> None:
    """Keep what counting anew gives."""
    session.execute(delete(TotalRow))
    session.execute(insert(TotalRow).from_select([*_KEY, *SUMS], _anew(session.dialect.name)))
    session.execute(delete(BudgetHourRow))
    names = [each.name for each in BudgetHourRow.__table__.columns]
    session.execute(insert(BudgetHourRow).from_select(names, _hours(session.dialect.name)))


@cache
def _adding(dialect: str, sign: int) -> Any:
    """The statement that adds one application to all it counts in, or takes it away."""
    parts = [each.where(ApplicationRow.id == bindparam("application")) for each in _parts(dialect, sign)]
    added = inserting_on(dialect, TotalRow).from_select([*_KEY, *SUMS], union_all(*parts))
    changed = {each: getattr(TotalRow, each) + added.excluded[each] for each in SUMS}
    return added.on_conflict_do_update(index_elements=_KEY, set_=changed)


def _anew(dialect: str) -> Select[Any]:
    every = union_all(*_parts(dialect, 1)).subquery().c
    key = [every[each] for each in _KEY]
    return select(*key, *(total(every[each]).label(each) for each in SUMS)).group_by(*key)


def _hours(dialect: str) -> Select[*tuple[Any, ...]]:
    """What each hour of each budget period's entries adds up to."""
    row = BudgetEntryRow
    if dialect == "sqlite":
        hour = func.substr(row.entered_at, 1, len("2026-11-30T09"), type_=Text)
    else:
        hour = func.to_char(func.timezone("UTC", row.entered_at), 'YYYY-MM-DD"T"HH24', type_=Text)
    reserved = case((row.kind == "reserve", row.amount), else_=0)
    columns = row.period_id, hour.label("hour")
    return select(*columns, total(reserved), total(row.amount - reserved)).group_by(
        row.period_id, text("hour")
    )


def _parts(dialect: str, sign: int) -> list[Select[Any]]:
    """What every application counts for, in each of the three ways."""
    received, decided = (
        month(each, dialect) for each in (ApplicationRow.received_at, DecisionRow.decided_at)
    )
    sums = [(each * sign).label(name) for name, each in SUMS.items()]
    found = []
    for by, part in ((RECEIVED, received), (DECIDED, decided), (CLAIMS, cast(ClaimRow.stage, Text))):
        key = (literal(by), part, ApplicationRow.fund, ApplicationRow.status, ApplicationRow.currency)
        columns = [each.label(name) for name, each in zip(_KEY, key, strict=True)]
        found.append(
            select(*columns, *sums)
            .select_from(ApplicationRow)
            .outerjoin(DecisionRow, DecisionRow.application_id == ApplicationRow.id)
            .outerjoin(ClaimRow, ClaimRow.application_id == ApplicationRow.id)
            .where(part.is_not(None))
        )
    return found


def month(instant: Any, dialect: str) -> Any:
    """The month of an instant in UTC, as 2026-11."""
    if dialect == "sqlite":
        return func.substr(instant, 1, len("2026-11"), type_=Text)
    return func.to_char(func.timezone("UTC", instant), "YYYY-MM", type_=Text)
