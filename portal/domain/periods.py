"""The fund's calendar: local days, pauses, decision days and budget periods; always from an instant given."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.domain.refusal import N_, Refusal
from portal.domain.scheme import BudgetPeriod, Kind, Pause, Scheme

ONE_DAY = timedelta(days=1)
_REACH = timedelta(days=3653)
"""Ten years: no day that people here write down lies further away; a slip of the finger (0024, 2204) does."""


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days in half days, for messages; calculations use the bare integers."""

    half_days: int


def local_day(at: datetime, scheme: Scheme) -> date:
    """The day that an instant falls on where the fund is. Raises ValueError for an instant without zone."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(scheme.zone).date()


def start_of(day: date, scheme: Scheme) -> datetime:
    """The instant at which a day begins where the fund is."""
    return datetime.combine(day, time.min, tzinfo=scheme.zone)


def is_in_force(starts_on: date, ends_on: date | None, day: date) -> bool:
    """Whether a dated entry, such as a substitute's term, holds on a day; both days included."""
    return starts_on <= day and (ends_on is None or day <= ends_on)


def far_away(code: str, day: date | None, today: date) -> Refusal | None:
    """Why a day that somebody wrote cannot be meant, or None."""
    if day is None or abs(day - today) <= _REACH:
        return None
    return Refusal(
        code, N_("The year of %(day)s cannot be right. Write a day within ten years of today."), {"day": day}
    )


def is_open(scheme: Scheme, day: date) -> bool:
    """Whether the edition takes applications on a day."""
    return is_in_force(scheme.opens_on, scheme.ends_on, day)


def edition_that_begins(editions: Iterable[Scheme], day: date) -> Scheme | None:
    """The open edition in which an application begins, its event not known yet: of this year, else the next."""
    found = sorted((each for each in editions if is_open(each, day)), key=lambda each: each.starts_on)
    begun = [each for each in found if each.starts_on <= day]
    return next(iter(begun[-1:] or found[:1]), None)


def edition_of_event(editions: Iterable[Scheme], begun: Scheme, starts_on: date | None, day: date) -> Scheme:
    """The edition that an event starting on that day belongs to, where that one is open; else the one begun in."""
    if starts_on is None or is_in_force(begun.starts_on, begun.ends_on, starts_on):
        return begun
    holding = (each for each in editions if is_in_force(each.starts_on, each.ends_on, starts_on))
    return next((each for each in holding if is_open(each, day)), begun)


def pause_on(scheme: Scheme, day: date) -> Pause | None:
    """The decision pause a day falls in ("beslut tas inte under sommar- och julledigheter")."""
    return next((p for p in scheme.pauses if p.starts_on <= day <= p.ends_on), None)


def first_decision_day(scheme: Scheme, day: date) -> date | None:
    """The first day on or after `day` on which two approvers could decide, or None when none is left.

    No decision before the edition's year ("sparas och beslut fattas in på nya året"), in a pause, or after it.
    """
    day = max(day, scheme.decides_from)
    while (pause := pause_on(scheme, day)) is not None:
        day = pause.ends_on + ONE_DAY
    if scheme.decides_until is not None and day > scheme.decides_until:
        return None
    return day


def last_decision_day(scheme: Scheme) -> date | None:
    """The last day on which two approvers can decide, or None for an edition that goes on."""
    day = scheme.decides_until
    while day is not None and (pause := pause_on(scheme, day)) is not None:
        day = pause.starts_on - ONE_DAY
    return day


def budget_period_on(scheme: Scheme, day: date) -> BudgetPeriod | None:
    """The budget period that a decision on that day draws from."""
    return next(
        (p for p in scheme.budget if p.starts_on <= day and (p.ends_on is None or day <= p.ends_on)),
        None,
    )


def lapses_on(kind: Kind, ends_on: date) -> date | None:
    """The last day on which a granted application of that kind can be used, by the last day of its event."""
    return None if kind.lapses is None else months_after(ends_on, kind.lapses.months)


def lapses_soon(kind: Kind, ends_on: date, today: date) -> date | None:
    """That day, while its parties are to be told of it."""
    day = lapses_on(kind, ends_on)
    if kind.lapses is None or day is None:
        return None
    return day if day - timedelta(days=kind.lapses.told_days) <= today <= day else None


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last ("senast 1 mån efter kursstart")."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
