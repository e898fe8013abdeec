"""The calendar: local days, pauses, decision days, budget periods and due days, at their edges."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.domain.claim import due_on
from portal.domain.periods import (
    budget_period_on,
    first_decision_day,
    last_decision_day,
    local_day,
    months_after,
    pause_on,
)
from tests.support.portals import own_schemes

RFR = own_schemes()["rfr-2024"]
KF = own_schemes()["kvalitetsfondet-2023"]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2024-01-01T22:59:59", "2024-01-01"),
        ("2024-01-01T23:00:00", "2024-01-02"),
        ("2024-07-01T21:59:59", "2024-07-01"),
        ("2024-07-01T22:00:00", "2024-07-02"),
        ("2024-03-30T23:00:00", "2024-03-31"),
        ("2024-03-31T21:59:59", "2024-03-31"),
        ("2024-03-31T22:00:00", "2024-04-01"),
        ("2024-10-26T22:00:00", "2024-10-27"),
        ("2024-10-27T22:59:59", "2024-10-27"),
        ("2024-10-27T23:00:00", "2024-10-28"),
        ("2024-02-28T23:00:00", "2024-02-29"),
        ("2023-12-31T23:00:00", "2024-01-01"),
    ],
)
def test_a_day_begins_at_midnight_where_the_fund_is(instant: str, day: str) -> None:
    at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert local_day(at, RFR) == local_day(at, KF) == date.fromisoformat(day)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2024, 1, 1), RFR)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        ("2023-12-19", None), ("2023-12-20", "julledigheten"), ("2024-01-06", "julledigheten"), ("2024-01-07", None),
        ("2024-06-23", None), ("2024-06-24", "sommarledigheten"), ("2024-08-04", "sommarledigheten"),
        ("2024-08-05", None), ("2024-12-19", None), ("2024-12-20", "julledigheten"), ("2025-01-06", "julledigheten"),
        ("2025-01-07", None),
    ],
)  # fmt: skip
def test_both_days_of_a_pause_belong_to_it(day: str, label: str | None) -> None:
    pause = pause_on(RFR, date.fromisoformat(day))
    assert (pause.label["sv"] if pause else None) == label


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2023-08-01", "2024-01-07"), ("2024-01-07", "2024-01-07"), ("2024-06-30", "2024-08-05"),
        ("2024-12-19", "2024-12-19"), ("2024-12-20", None), ("2024-12-31", None), ("2025-01-07", None),
    ],
)  # fmt: skip
def test_a_decision_is_never_before_the_year_in_a_pause_or_after_the_year(
    day: str, first: str | None
) -> None:
    assert first_decision_day(RFR, date.fromisoformat(day)) == (date.fromisoformat(first) if first else None)


def test_every_day_of_the_year_draws_from_the_half_year_it_is_in() -> None:
    day = date(2023, 12, 31)
    assert budget_period_on(RFR, day) is None
    for _ in range(366):
        day += timedelta(days=1)
        period = budget_period_on(RFR, day)
        assert period is not None
        assert period.key == ("H1" if day.month <= 6 else "H2")
    assert budget_period_on(RFR, day + timedelta(days=1)) is None


def test_the_appropriation_is_one_period_without_end() -> None:
    assert budget_period_on(KF, date(2023, 7, 2)) is None
    assert budget_period_on(KF, date(2023, 7, 3)) == budget_period_on(KF, date(2040, 1, 1)) == KF.budget[0]
    assert KF.budget[0].amount == 24_000_000_00
    assert sum(period.amount for period in RFR.budget) == 3_500_000_00


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2024-01-31", "2024-02-29"), ("2023-01-31", "2023-02-28"), ("2024-02-29", "2024-03-29"),
        ("2024-12-31", "2025-01-31"), ("2024-08-30", "2024-09-30"), ("2024-08-31", "2024-09-30"),
    ],
)  # fmt: skip
def test_a_month_after_the_last_of_a_long_month_is_the_last_of_a_short_one(day: str, due: str) -> None:
    assert months_after(date.fromisoformat(day), 1) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("decided_on", "due"),
    [
        (date(2024, 5, 2), date(2024, 9, 30)),
        (date(2024, 9, 16), date(2024, 9, 30)),
        (date(2024, 9, 17), date(2024, 10, 1)),
    ],
)
def test_an_invoice_is_due_a_month_after_the_start_or_two_weeks_after_a_later_decision(
    decided_on: date, due: date
) -> None:
    assert due_on(RFR, date(2024, 8, 30), decided_on) == due


def test_the_last_decision_day_is_the_one_before_the_pause_that_ends_the_year() -> None:
    assert last_decision_day(RFR) == date(2024, 12, 19)
    assert last_decision_day(KF) is None
