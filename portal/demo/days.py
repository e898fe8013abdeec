"""The demo's calendar: which days of an edition lie behind, as instants in office hours of the fund's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from portal.domain.periods import ONE_DAY, budget_period_on, local_day, pause_on
from portal.domain.scheme import BudgetPeriod, Scheme
from portal.schemes.loader import Schemes


@dataclass(frozen=True, slots=True)
class Editions:
    """The editions of the fund as seen from today; any may be missing."""

    today: date
    past: tuple[Scheme, ...]
    """Those whose year is over, the oldest first."""
    current: Scheme | None
    coming: Scheme | None
    """Next year's, once it takes applications."""


def editions(schemes: Schemes, fund: str, at: datetime) -> Editions:
    """Sort the editions of a fund by where they stand at an instant."""
    found = sorted(schemes.of_fund(fund), key=lambda scheme: scheme.year)
    today = local_day(at, found[-1])
    current = next((scheme for scheme in found if scheme.year == today.year), None)
    coming = next((s for s in found if s.year == today.year + 1 and s.opens_on < today), None)
    return Editions(today, tuple(s for s in found if s.year < today.year), current, coming)


def decision_days(scheme: Scheme, today: date) -> list[date]:
    """The working days before today on which the edition's applications could be decided."""
    day, last = scheme.decides_from, today - ONE_DAY
    if scheme.decides_until is not None:
        last = min(last, scheme.decides_until)
    days = (day + timedelta(days=n) for n in range((last - day).days + 1))
    return [each for each in days if each.weekday() < 5 and pause_on(scheme, each) is None]


def by_period(scheme: Scheme, days: Sequence[date]) -> list[tuple[BudgetPeriod, list[date]]]:
    """The days by the budget period that a decision on them draws from."""
    return [
        (period, found)
        for period in scheme.budget
        if (found := [day for day in days if budget_period_on(scheme, day) == period])
    ]


def spread(days: Sequence[date], count: int) -> list[date]:
    """So many of the days, evenly over all of them, some more than once when there are few."""
    return [days[n * len(days) // count] for n in range(count)]


def office_hour(scheme: Scheme, day: date, chance: Random) -> datetime:
    """Some minute of the working day where the fund is."""
    minute = time(chance.randrange(8, 16), chance.randrange(60), chance.randrange(60))
    return datetime.combine(day, minute, scheme.zone)
