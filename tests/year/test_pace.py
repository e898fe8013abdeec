"""The pace of a period and the percentiles of waiting, by hand and against a slower way."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.finance.overview import percentile, projected

JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 30)


def test_half_the_days_make_twice_the_money() -> None:
    assert projected(0, 500_00, date(2026, 1, 1), date(2026, 1, 10), date(2026, 1, 5)) == 1_000_00


def test_the_pace_is_of_the_period_and_not_of_what_was_there_before() -> None:
    assert projected(300, 100, date(2026, 1, 1), date(2026, 1, 4), date(2026, 1, 2)) == 500


def test_on_the_last_day_it_is_what_was_used_and_parts_of_an_ore_are_dropped() -> None:
    assert projected(0, 777, JANUARY, JUNE, JUNE) == 777
    assert projected(0, 100, date(2026, 1, 1), date(2026, 1, 4), date(2026, 1, 3)) == 133


@pytest.mark.parametrize("today", [date(2025, 12, 31), date(2026, 7, 1)])
def test_outside_the_period_nothing_is_guessed(today: date) -> None:
    assert projected(0, 100, JANUARY, JUNE, today) is None


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40), st.integers(1, 100))
def test_a_percentile_is_the_least_value_enough_do_not_exceed(values: list[int], share: int) -> None:
    found = percentile(Counter(values), share)
    enough = [value for value in values if sum(v <= value for v in values) * 100 >= share * len(values)]
    assert found == min(enough)


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile({}, 50) is None
