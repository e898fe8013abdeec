"""The year of an edition in figures: page and files are given the same ones, so that they cannot differ.

Each figure stands in one currency, and what decisions came to is told three times: granted by what stands, what came
back of it, and used, which is the one less the other: the amount in force of the applications' file, and what the
budget's file calls granted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import accumulate
from typing import Any, TypeVar

from portal.domain.periods import budget_period_on, local_day
from portal.domain.scheme import BudgetPeriod, Scheme
from portal.finance.downloads import BudgetLine, budget_lines
from portal.finance.sheets import YEAR
from portal.store import overview
from portal.store.overview import Followed, Span, State, Sums, Used
from portal.store.session import Session

Key = TypeVar("Key")

NOTHING = Used(0, 0, 0, 0, 0, 0)
MEDIAN, MOST = 50, 90


@dataclass(frozen=True, slots=True)
class DailyMovement:
    """What happened to a budget period on a day, in minor units; a day on which nothing did has none."""

    on: date
    reserved_amount: int
    returned_amount: int
    """At most 0."""
    sum_amount: int
    """Everything until the end of the day."""


@dataclass(frozen=True, slots=True)
class PeriodFigure:
    """A budget period against time, on the days of it that lie in the year."""

    period: BudgetPeriod
    first: date
    last: date
    today: date
    is_now: bool
    """Whether a decision of today draws from it."""
    allocated_amount: int
    before_amount: int
    """What was used before the portal, until `before_on` and by `before_source`."""
    before_on: date | None
    before_source: str
    granted_amount: int
    waiting_amount: int
    opening_amount: int
    """What was granted before the year, where the money lasts longer than one."""
    days: tuple[DailyMovement, ...]
    projected_amount: int | None
    """What it would come to by the last day; None where nothing is left to guess."""


@dataclass(frozen=True, slots=True)
class YearFigures:
    """One edition's year."""

    scheme: Scheme
    year: int
    today: date
    periods: tuple[PeriodFigure, ...]
    total: Used
    months: tuple[tuple[int, Used], ...]
    """All twelve."""
    kinds: tuple[tuple[str, Used], ...]
    zones: tuple[tuple[str | None, Used], ...]
    units: tuple[tuple[str, Used], ...]
    """Each kind of part: what was used most first."""
    days_taken: Mapping[int, int]
    """Whole days from received to decided -> how many decisions."""
    followed: tuple[Followed, ...]

    @property
    def median_days(self) -> int | None:
        return percentile(self.days_taken, MEDIAN)

    @property
    def most_days(self) -> int | None:
        """What nine in ten decisions did not exceed."""
        return percentile(self.days_taken, MOST)

    @property
    def weeks_taken(self) -> tuple[tuple[int, int], ...]:
        """Whole weeks -> decisions, without a gap from the same week to the longest."""
        weeks: dict[int, int] = defaultdict(int)
        for days, number in self.days_taken.items():
            weeks[days // 7] += number
        return tuple((week, weeks[week]) for week in range(max(weeks, default=-1) + 1))


def years_of(scheme: Scheme, today: date) -> range:
    """The years in which the edition decides, as far as they have begun; the edition's own one always."""
    last = scheme.decides_until.year if scheme.decides_until else max(today.year, scheme.year)
    return range(scheme.year, max(last, scheme.year) + 1)


def figures(session: Session, editions: Sequence[Scheme], year: int, at: datetime) -> list[YearFigures]:
    """The year of each edition, in the order given; those whose months begin alike are asked for together."""
    together: dict[tuple[datetime, ...], list[Scheme]] = defaultdict(list)
    for scheme in editions:
        together[_begins(scheme, year)].append(scheme)
    found: dict[str, YearFigures] = {}
    for begins, schemes in together.items():
        span = Span(tuple(each.key for each in schemes), begins, local_day(at, schemes[0]))
        found |= _figures(session, schemes, span, year, at)
    return [found[each.key] for each in editions]


def _figures(
    session: Session, schemes: Sequence[Scheme], span: Span, year: int, at: datetime
) -> dict[str, YearFigures]:
    lines, entries = budget_lines(session, schemes, at), _by_day(session, schemes)
    found = {}
    for key, decided in overview.decided(session, span).items():
        scheme = next(each for each in schemes if each.key == key)
        states = [(state, _used(state.how, sums)) for state, sums in decided.states]
        by_month = _added((state.month, used) for state, used in states)
        found[key] = YearFigures(
            scheme=scheme,
            year=year,
            today=local_day(at, scheme),
            periods=tuple(
                _period(line, entries[key, line.period.key], year, at)
                for line in lines
                if line.scheme == scheme and _overlaps(line.period, year)
            ),
            total=sum(by_month.values(), NOTHING),
            months=tuple((month, by_month.get(month, NOTHING)) for month in range(1, 13)),
            kinds=_most_first(_added((state.kind, used) for state, used in states)),
            zones=_most_first(_added((state.zone, used) for state, used in states)),
            units=_most_first(_added((unit, _used(how, sums)) for unit, how, sums in decided.units)),
            days_taken=dict(sorted(decided.days.items())),
            followed=_followed(decided.states),
        )
    return found


def _begins(scheme: Scheme, year: int) -> tuple[datetime, ...]:
    """The instants at which the year's months begin where the fund is, and the next year."""
    firsts = [date(year, month, 1) for month in range(1, 13)] + [date(year + 1, 1, 1)]
    return tuple(datetime.combine(first, time.min, scheme.zone).astimezone(UTC) for first in firsts)


def _by_day(
    session: Session, schemes: Sequence[Scheme]
) -> dict[tuple[str, str], dict[date, tuple[int, int]]]:
    """By edition and period: what was taken and given back on each day where the fund is.

    An hour of UTC lies in one day where the fund is whole hours from UTC, as in Europe.
    """
    zones = {scheme.key: scheme.zone for scheme in schemes}
    found: dict[tuple[str, str], dict[date, tuple[int, int]]] = defaultdict(dict)
    for scheme, period, hour, taken, back in overview.entries(session, tuple(zones)):
        day = hour.astimezone(zones[scheme]).date()
        days = found[scheme, period]
        reserved, returned = days.get(day, (0, 0))
        days[day] = (reserved + taken, returned + back)
    return found


def _overlaps(period: BudgetPeriod, year: int) -> bool:
    return period.starts_on.year <= year and (period.ends_on is None or period.ends_on.year >= year)


def _period(
    line: BudgetLine, entries: Mapping[date, tuple[int, int]], year: int, at: datetime
) -> PeriodFigure:
    period, today = line.period, local_day(at, line.scheme)
    first = max(period.starts_on, date(year, 1, 1))
    last = min(period.ends_on or date.max, date(year, 12, 31))
    opening = sum(sum(amounts) for day, amounts in entries.items() if day < first)
    # What comes back after a period's last day counts where the money went out, as in the budget's file; money without
    # a last day is looked at until the year is over.
    ends = date.max if period.ends_on else last
    inside = sorted((day, *amounts) for day, amounts in entries.items() if first <= day <= ends)
    sums = accumulate((taken + back for _day, taken, back in inside), initial=opening)
    next(sums)
    days = tuple(DailyMovement(*row, so_far) for row, so_far in zip(inside, sums, strict=True))
    granted = days[-1].sum_amount if days else opening
    is_now = budget_period_on(line.scheme, today) == period and first <= today <= last
    return PeriodFigure(
        period=period,
        first=first,
        last=last,
        today=today,
        is_now=is_now,
        allocated_amount=line.allocated_amount,
        before_amount=line.before_amount,
        before_on=line.before_on,
        before_source=line.before_source,
        granted_amount=granted,
        waiting_amount=line.waiting_amount if today <= last else 0,
        opening_amount=opening,
        days=days,
        projected_amount=projected(opening, granted - opening, first, last, today),
    )


def _used(how: str, sums: Sums) -> Used:
    """Decisions that stand alike as a part of the year."""
    if how == overview.STANDS:
        return Used(sums.decisions, sums.decisions, 0, 0, sums.amount, sums.released_amount)
    if how == overview.REFUSED:
        return Used(sums.decisions, 0, sums.decisions, 0, 0, 0)
    # What was paid of a cancelled grant is used all the same.
    return Used(sums.decisions, 0, 0, sums.decisions, sums.invoice_amount, 0)


def _followed(states: Iterable[tuple[State, Sums]]) -> tuple[Followed, ...]:
    """How far the grants that stand have come, in an order that is the same each time."""
    found: dict[tuple[str | None, bool, str | None], list[Sums]] = defaultdict(list)
    for state, sums in states:
        if state.how == overview.STANDS:
            found[state.stage, state.late, state.followup].append(sums)
    return tuple(
        Followed(
            *key,
            grants=sum(each.decisions for each in mine),
            granted_amount=sum(each.amount for each in mine),
            invoice_amount=sum(each.invoice_amount for each in mine),
            released_amount=sum(each.released_amount for each in mine),
        )
        for key, mine in sorted(found.items(), key=lambda part: [str(each or "") for each in part[0]])
    )


def _added(parts: Iterable[tuple[Key, Used]]) -> dict[Key, Used]:
    found: dict[Key, Used] = {}
    for key, used in parts:
        found[key] = found.get(key, NOTHING) + used
    return found


def _most_first(parts: Mapping[Key, Used]) -> tuple[tuple[Key, Used], ...]:
    return tuple(sorted(parts.items(), key=lambda part: (-part[1].used_amount, str(part[0]))))


def rows(year: YearFigures, key: str) -> Iterator[tuple[Any, ...]]:
    """The rows of one of the year's files, out of the very figures that the page shows."""
    for of, cells in _rows(year, key):
        yield YEAR[key].row(of, scheme=year.scheme.key, currency=year.scheme.currency, **cells)


def _rows(year: YearFigures, key: str) -> Iterable[tuple[object, dict[str, Any]]]:
    """What a row is about, and the cells that are called otherwise there."""
    match key:
        case "budget":
            for each in year.periods:
                days = {"starts_on": each.first.isoformat(), "ends_on": each.last.isoformat()}
                yield each, {"period": f"{year.scheme.key}/{each.period.key}", **days}
        case "days":
            for each in year.periods:
                whole = {
                    "period": f"{year.scheme.key}/{each.period.key}",
                    "allocated_amount": each.allocated_amount,
                }
                yield from ((day, {"day": day.on.isoformat(), **whole}) for day in each.days)
        case "units" | "zones" | "kinds":
            yield from ((used, {key.removesuffix("s"): part}) for part, used in getattr(year, key))
        case "months":
            yield from ((used, {"month": f"{year.year}-{month:02d}"}) for month, used in year.months)
        case "times":
            yield from ((None, {"days": days, "decisions": n}) for days, n in sorted(year.days_taken.items()))
        case "after":
            yield from ((each, {"late": "late" if each.late else None}) for each in year.followed)


def projected(opening_amount: int, used_amount: int, first: date, last: date, today: date) -> int | None:
    """What would be used by the last day if it went on as it has since the first, both days included.

    Minor units, rounded down. `opening_amount` was used before the first day and is not counted into the pace. None
    outside those days, when there is nothing to go by or nothing left to guess.
    """
    if not first <= today <= last:
        return None
    passed, whole = (today - first).days + 1, (last - first).days + 1
    return opening_amount + used_amount * whole // passed


def percentile(counts: Mapping[int, int], share: int) -> int | None:
    """The least value that at least `share` in a hundred do not exceed (nearest rank); None where there are none."""
    number = sum(counts.values())
    rank, reached = -(-number * share // 100), 0
    for value in sorted(counts):
        reached += counts[value]
        if reached >= max(rank, 1):
            return value
    return None
