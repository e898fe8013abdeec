"""Cells: amounts to the öre, instants in local time, and text that no spreadsheet takes for a formula."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.finance.profiles import (
    FORMULA,
    amount_writer,
    guarded,
    instant_writer,
    unguarded,
)
from tests.finance.reading import read_amount, read_date, read_instant

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize("sign", [*"=+-@\t\r＝＋－＠"])
def test_text_that_begins_like_a_formula_is_guarded(sign: str) -> None:
    assert guarded(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("text", ["", "Kurs", "1-2", "a=b", "'quoted'", " =1", "åäö"])
def test_other_text_is_left_alone(text: str) -> None:
    assert guarded(text) == text == unguarded(text)


@given(st.text(alphabet=st.sampled_from([*FORMULA, "'", "a", "1", " "]) | st.characters()))
def test_every_text_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in {*FORMULA}


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "0,00"),
        (1, "0,01"),
        (100, "1,00"),
        (123456789, "1234567,89"),
        (-5, "-0,05"),
        (-10_000_00, "-10000,00"),
    ],
)
def test_amounts_have_two_decimals_and_no_groups(amount: int, written: str) -> None:
    assert amount_writer(",")(amount) == written
    assert amount_writer(".")(amount) == written.replace(",", ".")


@given(st.integers(-(10**15), 10**15), st.sampled_from(",."))
def test_every_amount_comes_back(amount: int, mark: str) -> None:
    assert read_amount(amount_writer(mark)(amount), mark) == amount


@pytest.mark.parametrize("cell", ["", "1", "1.0,00", "1 000,00", "1,0", "1,000", "'1,00", "٣,00"])
def test_what_is_no_amount_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        read_amount(cell, ",")


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2026-01-15T08:05:09.000001+00:00", "2026-01-15 09:05:09"),
        ("2026-07-15T22:30:00.000000+00:00", "2026-07-16 00:30:00"),
        ("2026-03-29T00:59:59.999999+00:00", "2026-03-29 01:59:59"),
        ("2026-03-29T01:00:00.000000+00:00", "2026-03-29 03:00:00"),
        ("2026-10-25T00:30:00.000000+00:00", "2026-10-25 02:30:00"),
        ("2026-10-25T01:30:00.000000+00:00", "2026-10-25 02:30:00"),
        ("2026-12-31T23:00:00.000000+00:00", "2027-01-01 00:00:00"),
    ],
)
def test_instants_are_local_for_people(utc: str, local: str) -> None:
    assert instant_writer(STOCKHOLM)(utc) == local
    assert instant_writer(None)(utc) == utc[:19] + "Z"


def test_a_zone_that_is_not_whole_hours_from_utc_is_right_too() -> None:
    write = instant_writer(ZoneInfo("Asia/Kolkata"))
    assert write("2026-01-15T08:05:09.000001+00:00") == "2026-01-15 13:35:09"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_every_instant_is_what_the_calendar_says(instant: datetime) -> None:
    text = instant.isoformat(timespec="microseconds")
    local = instant_writer(STOCKHOLM)(text)
    assert local == instant.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M:%S")
    assert read_instant(instant_writer(None)(text), None) == instant.replace(microsecond=0)


def test_cells_that_are_no_day_or_instant_are_refused() -> None:
    for cell in ("", "2026-02-30", "20260101", "1 mars"):
        with pytest.raises(ValueError, match=r"."):
            read_date(cell)
    with pytest.raises(ValueError, match="not UTC"):
        read_instant("2026-01-01T00:00:00+01:00", None)
