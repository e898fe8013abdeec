"""What finance asks of the whole register: applications with their decisions, and what they add up to.

One filter answers the page, its totals and the download, so that they cannot differ. What a column means, and how it is
written in a file, is `finance.sheets`'; who may ask is the web's guard's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, case, select

from portal.domain.alphabet import folded
from portal.domain.application import Status
from portal.store.rows import as_text, bounds, in_days, total
from portal.store.search import among_candidates
from portal.store.session import Session
from portal.store.signing import declared, not_aside
from portal.store.tables import ApplicationRow, BudgetPeriodRow, ClaimRow, DecisionRow, PersonRow, TotalRow
from portal.store.totals import DECIDED, GRANTED, RECEIVED, STANDING, SUMS, kept, plus
from portal.store.types import aliased

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
        statement = _selected(session, part, [ApplicationRow.id.label("id"), *_values().values()])
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
    statement = _selected(session, wanted, spelt)
    options = {"stream_results": True, "yield_per": BATCH}
    with session.execute(statement, execution_options=options) as rows:
        yield iter(rows)


def totals(session: Session, wanted: ApplicationFilter) -> list[ApplicationTotal]:
    """What the rows of the filter add up to in each currency, by currency.

    What whole months (UTC) add up to is kept; counted is what lies between them and where the filter begins and ends.
    """
    begins, ends = bounds(wanted.first, wanted.last, wanted.zone)
    opens, closes = _nearest_month(begins), _nearest_month(ends)
    if wanted.search or opens >= closes:
        return [ApplicationTotal(*each) for each in plus((1, _counted(session, wanted, begins, ends)))]
    months = [TotalRow.part >= f"{opens:%Y-%m}", TotalRow.part < f"{closes:%Y-%m}"]
    months.append(TotalRow.fund.in_(wanted.funds))
    if wanted.status is not None:
        months.append(TotalRow.status == wanted.status)
    aside = ApplicationRow.id.in_(declared(wanted.but_aside))
    rows = plus(
        (1, kept(session, wanted.by, _SUMS, *months)),
        (-1, _counted(session, replace(wanted, but_aside=None), opens, closes, aside)),
        _between(session, wanted, begins, opens),
        _between(session, wanted, closes, ends),
    )
    return [ApplicationTotal(*each) for each in rows]


_SUMS = ("applications", "assessed_amount", "granted_amount", "standing_amount")


def _nearest_month(instant: datetime) -> datetime:
    """When the month of UTC begins that begins nearest."""
    month = (instant + timedelta(days=15)).astimezone(UTC)
    return month.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _between(
    session: Session, wanted: ApplicationFilter, one: datetime, other: datetime
) -> tuple[int, Sequence[Any]]:
    """What lies from one instant to the other, to be added, or where that one is earlier, taken away."""
    sign = 1 if one <= other else -1
    return sign, _counted(session, wanted, min(one, other), max(one, other))


def _counted(
    session: Session,
    wanted: ApplicationFilter,
    begins: datetime,
    ends: datetime,
    *which: ColumnElement[bool],
) -> Sequence[Any]:
    at = _instant(wanted)
    statement = (
        select(ApplicationRow.currency, *(total(SUMS[each]) for each in _SUMS))
        .select_from(ApplicationRow)
        .outerjoin(DecisionRow, DecisionRow.application_id == ApplicationRow.id)
        .outerjoin(ClaimRow, ClaimRow.application_id == ApplicationRow.id)
        .where(at >= begins, at < ends, *_conditions(session, wanted), *which)
        .group_by(ApplicationRow.currency)
    )
    return session.execute(statement).all()


def _values() -> Mapping[str, Any]:
    """Every value there is by the key of its column."""
    decided = DecisionRow.application_id.is_not(None)
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
        "granted_amount": case((decided, GRANTED)),
        "cancelled_at": DecisionRow.cancelled_at,
        "standing_amount": case((decided, STANDING)),
    }
    return {key: value.label(key) for key, value in values.items()}


def _selected(session: Session, wanted: ApplicationFilter, columns: Sequence[Any]) -> Select[Any]:
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
    days = in_days(at, wanted.first, wanted.last, wanted.zone)
    return statement.where(days, *_conditions(session, wanted)).order_by(at.desc(), ApplicationRow.id.desc())


def _conditions(session: Session, wanted: ApplicationFilter) -> list[ColumnElement[bool]]:
    """The conditions of the filter besides its days."""
    conditions = [_of_funds(wanted.funds), not_aside(wanted.but_aside)]
    if wanted.status is not None:
        conditions.append(ApplicationRow.status == wanted.status)
    words = folded(wanted.search).split()[:8]
    conditions += [ApplicationRow.search_text.contains(word, autoescape=True) for word in words]
    return conditions + among_candidates(session, ApplicationRow.id, words)


def _of_funds(funds: Sequence[str]) -> ColumnElement[bool]:
    # One fund is asked for by equality, so that the index over fund and instant gives the order too.
    return ApplicationRow.fund == funds[0] if len(funds) == 1 else ApplicationRow.fund.in_(funds)


def _instant(wanted: ApplicationFilter) -> Any:
    return DecisionRow.decided_at if wanted.by == DECIDED else ApplicationRow.received_at
