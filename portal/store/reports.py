"""What finance asks of the whole register: applications with their decisions, and what they add up to.

One filter answers the page, its totals and the download, so that they cannot differ. What a column means, and how it is
written in a file, is `finance.sheets`'; who may ask is the web's guard's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, case, func, select

from portal.domain.alphabet import folded
from portal.domain.application import Outcome, Status
from portal.store.rows import as_text, every, in_days, total
from portal.store.session import Session
from portal.store.signing import not_aside
from portal.store.tables import ApplicationRow, BudgetPeriodRow, ClaimRow, DecisionRow, PersonRow
from portal.store.types import aliased

RECEIVED, DECIDED = "received", "decided"
BATCH = 1_000

_PARTICIPANT = aliased(PersonRow, name="participant")
_APPLICANT = aliased(PersonRow, name="applicant")
_FIRST = aliased(PersonRow, name="first_signer")
_SECOND = aliased(PersonRow, name="second_signer")


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """Which applications: received or decided from a day until a day (both included), of these funds."""

    first: date
    last: date
    zone: ZoneInfo
    """Where the days begin at midnight."""
    funds: tuple[str, ...]
    by: str = RECEIVED
    status: Status | None = None
    search: str = ""
    """Words that must all stand in number, title, names or unit."""
    but_aside: int | None = None
    """Leave out the cases from which this person stepped aside."""


@dataclass(frozen=True, slots=True)
class ApplicationTotal:
    """Sums over a filter in one currency, in minor units; currencies are never added."""

    currency: str
    applications: int
    assessed_amount: int
    granted_amount: int
    standing_amount: int


@dataclass(frozen=True, slots=True)
class ApplicationCursor:
    """The keyset of a row, for the page after it."""

    at: datetime
    id: int


def page(
    session: Session, wanted: ApplicationFilter, *, after: ApplicationCursor | None = None, limit: int = 25
) -> Sequence[Row[Any]]:
    """Rows of the filter with values by column key, and `id`, newest first; a keyset page."""
    at = _instant(wanted)
    # Each fund's newest come along its index; all funds' newest are among them, and nothing is sorted but those.
    parts = [wanted] if wanted.by == DECIDED else [replace(wanted, funds=(fund,)) for fund in wanted.funds]
    found: list[Row[Any]] = []
    for part in parts:
        statement = _selected(part, [ApplicationRow.id.label("id"), *_values().values()])
        if after is not None:
            statement = statement.where((at < after.at) | ((at == after.at) & (ApplicationRow.id < after.id)))
        found += session.execute(statement.limit(limit)).all()
    newest = attrgetter("decided_at" if wanted.by == DECIDED else "received_at", "id")
    return sorted(found, key=newest, reverse=True)[:limit]


@contextmanager
def stream(session: Session, wanted: ApplicationFilter, keys: Sequence[str]) -> Iterator[Iterator[Row[Any]]]:
    """All rows of the filter in the page's order, the columns as named; a server-side cursor, a thousand at a time.

    Days and instants (UTC) come as ISO text, which is what they are stored or sent as.
    """
    values = _values()
    spelt = [as_text(values[key], session.dialect.name).label(key) for key in keys]
    statement = _selected(wanted, spelt)
    options = {"stream_results": True, "yield_per": BATCH}
    with session.execute(statement, execution_options=options) as rows:
        yield iter(rows)


def totals(session: Session, wanted: ApplicationFilter) -> list[ApplicationTotal]:
    """What the rows of the filter add up to in each currency, by currency."""
    values = _values()
    sums = (total(values[key].element) for key in ("assessed_amount", "granted_amount", "standing_amount"))
    statement = (
        select(ApplicationRow.currency, func.count(), *sums)
        .select_from(ApplicationRow)
        .outerjoin(DecisionRow, DecisionRow.application_id == ApplicationRow.id)
        .outerjoin(ClaimRow, ClaimRow.application_id == ApplicationRow.id)
        .where(*_conditions(wanted))
        .group_by(ApplicationRow.currency)
        .order_by(ApplicationRow.currency)
    )
    return every(session.execute(statement), ApplicationTotal)


def _values() -> Mapping[str, Any]:
    """Every value there is by the key of its column."""
    granted = case((DecisionRow.outcome == Outcome.GRANT, DecisionRow.amount), else_=0)
    decided = DecisionRow.application_id.is_not(None)
    back = func.coalesce(ClaimRow.released_amount, 0)
    values: dict[str, Any] = {
        "number": ApplicationRow.number,
        "scheme": ApplicationRow.scheme,
        "kind": ApplicationRow.kind,
        "status": ApplicationRow.status,
        "received_at": ApplicationRow.received_at,
        "version": ApplicationRow.version,
        "participant_number": _PARTICIPANT.number,
        "participant": _PARTICIPANT.name,
        "unit": ApplicationRow.unit,
        "applicant": _APPLICANT.name,
        "title": ApplicationRow.title,
        "starts_on": ApplicationRow.starts_on,
        "ends_on": ApplicationRow.ends_on,
        "zone": ApplicationRow.zone,
        "year": ApplicationRow.year,
        "currency": ApplicationRow.currency,
        "assessed_amount": ApplicationRow.amount,
        "outcome": DecisionRow.outcome,
        "decided_at": DecisionRow.decided_at,
        "decided_by": _FIRST.name,
        "decided_with": _SECOND.name,
        "period": BudgetPeriodRow.scheme + "/" + BudgetPeriodRow.key,
        "granted_amount": case((decided, granted)),
        "cancelled_at": DecisionRow.cancelled_at,
        "standing_amount": case(
            (
                decided,
                case(
                    (DecisionRow.cancelled_at.is_(None) | ClaimRow.stage.is_not(None), granted - back),
                    else_=0,
                ),
            )
        ),
    }
    return {key: value.label(key) for key, value in values.items()}


def _selected(wanted: ApplicationFilter, columns: Sequence[Any]) -> Select[Any]:
    """The statement of the filter over these columns, newest first."""
    at = _instant(wanted)
    statement = (
        select(*columns)
        .select_from(ApplicationRow)
        .join(_PARTICIPANT, _PARTICIPANT.id == ApplicationRow.participant_id)
        .join(_APPLICANT, _APPLICANT.id == ApplicationRow.applicant_id)
        .outerjoin(DecisionRow, DecisionRow.application_id == ApplicationRow.id)
        .outerjoin(ClaimRow, ClaimRow.application_id == ApplicationRow.id)
        .outerjoin(_FIRST, _FIRST.id == DecisionRow.signer_a)
        .outerjoin(_SECOND, _SECOND.id == DecisionRow.signer_b)
        .outerjoin(BudgetPeriodRow, BudgetPeriodRow.id == DecisionRow.period_id)
    )
    return statement.where(*_conditions(wanted)).order_by(at.desc(), ApplicationRow.id.desc())


def _conditions(wanted: ApplicationFilter) -> list[ColumnElement[bool]]:
    days = in_days(_instant(wanted), wanted.first, wanted.last, wanted.zone)
    conditions = [days, _of_funds(wanted.funds), not_aside(wanted.but_aside)]
    if wanted.status is not None:
        conditions.append(ApplicationRow.status == wanted.status)
    conditions += [
        ApplicationRow.search_text.contains(word, autoescape=True)
        for word in folded(wanted.search).split()[:8]
    ]
    return conditions


def _of_funds(funds: Sequence[str]) -> ColumnElement[bool]:
    # One fund is asked for by equality, so that the index over fund and instant gives the order too.
    return ApplicationRow.fund == funds[0] if len(funds) == 1 else ApplicationRow.fund.in_(funds)


def _instant(wanted: ApplicationFilter) -> Any:
    return DecisionRow.decided_at if wanted.by == DECIDED else ApplicationRow.received_at
