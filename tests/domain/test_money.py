"""Reading amounts and rates as people type them: a golden table, and whatever else can be typed."""

import time
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.money import LARGEST, Unreadable, converted, plain, read_amount, read_rate

READ = {
    "10 000": 10_000_00,
    "10 000,50": 10_000_50,
    "10.000,50": 10_000_50,
    "10,000.50": 10_000_50,
    "10000.5": 10_000_50,
    "10000,5": 10_000_50,
    "10000": 10_000_00,
    "7.000": 7_000_00,
    "7.000,-": 7_000_00,
    "7000:-": 7_000_00,
    "7 000,–": 7_000_00,
    "7000.-": 7_000_00,
    "5 000 kr": 5_000_00,
    "5 000 kr.": 5_000_00,
    "5000kr": 5_000_00,
    "5 000,- kr": 5_000_00,
    "5 000:- kr": 5_000_00,
    "5 000 KR": 5_000_00,
    "kr 7.000": 7_000_00,
    "kr. 7 000,50": 7_000_50,
    "kr7000": 7_000_00,
    "10\u00a0000": 10_000_00,
    "10\u202f000,50": 10_000_50,
    "10\u2009000": 10_000_00,
    "10\u2007000": 10_000_00,
    "10  000": 10_000_00,
    "  500  ": 500_00,
    "\t500\n": 500_00,
    "1 234 567,89": 1_234_567_89,
    "1.234.567,89": 1_234_567_89,
    "1,234,567.89": 1_234_567_89,
    "1.234.567": 1_234_567_00,
    "1,234,567": 1_234_567_00,
    "999.999": 999_999_00,
    "0": 0,
    "0,00": 0,
    "-0": 0,
    "00012": 12_00,
    "0,5": 50,
    "0.05": 5,
    "0,01": 1,
    "12.5": 12_50,
    "12.55": 12_55,
    "10 000 000": LARGEST,
    "10 000 000,00": LARGEST,
}

REFUSED = {
    "100,005": "form.too-precise",
    "10,000": "form.too-precise",
    "100,500": "form.too-precise",
    "0.005": "form.too-precise",
    "0.500": "form.too-precise",
    "1234.567": "form.too-precise",
    "10 000.500": "form.too-precise",
    "1,5555": "form.too-precise",
    "10.000,505": "form.too-precise",
    "10,000.000": "form.too-precise",
    "-500": "form.negative",
    "−500": "form.negative",
    "- 500": "form.negative",
    "kr -500": "form.negative",
    "kr −500": "form.negative",
    "-0,01": "form.negative",
    "10 000 000,01": "form.too-large",
    "10000001": "form.too-large",
    "99999999999999999999": "form.too-large",
    "": "form.not-a-number",
    "   ": "form.not-a-number",
    "kr": "form.not-a-number",
    "-": "form.not-a-number",
    ",-": "form.not-a-number",
    ",50": "form.not-a-number",
    "5,": "form.not-a-number",
    "5.": "form.not-a-number",
    "1e5": "form.not-a-number",
    "NaN": "form.not-a-number",
    "Infinity": "form.not-a-number",
    "0x10": "form.not-a-number",
    "1_000": "form.not-a-number",
    "+500": "form.not-a-number",
    "٣٤٥": "form.not-a-number",
    "５００": "form.not-a-number",
    "½": "form.not-a-number",
    "5²": "form.not-a-number",
    "5 00,5": "form.not-a-number",
    "50 00": "form.not-a-number",
    "1 0000": "form.not-a-number",
    "1.00.000": "form.not-a-number",
    "1.000.00": "form.not-a-number",
    "10.000.50": "form.not-a-number",
    "1 000.000,50": "form.not-a-number",
    "1,000,50": "form.not-a-number",
    "5 000 €": "form.not-a-number",
    "5 000 EUR": "form.not-a-number",
    "5000 SEK": "form.not-a-number",
    "EUR 5000": "form.not-a-number",
    "5000 - 6000": "form.not-a-number",
    "500--": "form.not-a-number",
    "--500": "form.not-a-number",
    "500\n600": "form.not-a-number",
    "500\x00": "form.not-a-number",
    "five hundred": "form.not-a-number",
    "1" * 61: "form.not-a-number",
}

NUMBERS = {
    5000: 5_000_00,
    0: 0,
    10_000_000: LARGEST,
    10000.5: 10_000_50,
    0.1: 10,
    Decimal("7400.00"): 7_400_00,
    Decimal("1E+3"): 1_000_00,
    Decimal("12.3400000"): 12_34,
}

NO_AMOUNTS = [
    (None, "form.not-a-number"),
    (True, "form.not-a-number"),
    ([], "form.not-a-number"),
    ({"amount": "5"}, "form.not-a-number"),
    (float("nan"), "form.not-a-number"),
    (float("inf"), "form.not-a-number"),
    (Decimal("NaN"), "form.not-a-number"),
    (Decimal("sNaN"), "form.not-a-number"),
    (Decimal("-Infinity"), "form.not-a-number"),
    (-1, "form.negative"),
    (-0.01, "form.negative"),
    (10_000_001, "form.too-large"),
    (10**4000, "form.too-large"),
    (Decimal("1E+999999"), "form.too-large"),
    (Decimal("1E-999999"), "form.too-precise"),
    (0.001, "form.too-precise"),
    # The digit that the usual precision of 28 would round away.
    (Decimal("100.0000000000000000000000000000000001"), "form.too-precise"),
]


@pytest.mark.parametrize(("typed", "amount"), READ.items(), ids=repr)
def test_what_people_type_is_read(typed: str, amount: int) -> None:
    assert read_amount(typed) == amount


@pytest.mark.parametrize(("typed", "code"), REFUSED.items(), ids=lambda value: repr(value)[:30])
def test_what_is_in_doubt_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_amount(typed)
    assert refused.value.code == code


@pytest.mark.parametrize(("typed", "amount"), NUMBERS.items(), ids=repr)
def test_numbers_are_read(typed: object, amount: int) -> None:
    assert read_amount(typed) == amount


@pytest.mark.parametrize(("typed", "code"), NO_AMOUNTS, ids=lambda value: repr(value)[:30])
def test_other_values_are_refused(typed: object, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_amount(typed)
    assert refused.value.code == code


def test_the_mark_of_the_stated_currency_may_stand_beside_the_digits() -> None:
    assert read_amount("5 000 SEK", "SEK") == read_amount("SEK 5 000", "SEK") == 5_000_00
    assert read_amount("1 200 eur", "EUR") == 1_200_00
    assert read_amount("5 000 kr", "NOK") == 5_000_00
    for typed, currency in (("5 000 NOK", "SEK"), ("5 000 kr", "EUR"), ("EUR 5 000", "SEK")):
        with pytest.raises(Unreadable):
            read_amount(typed, currency)


@given(st.text(max_size=80) | st.text("0123456789.,- krKR\u00a0\u202f−–:", max_size=30))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    for read in (read_amount, read_rate):
        with suppress(Unreadable):
            assert 0 <= read(typed) <= LARGEST


@given(st.integers(0, LARGEST), st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", ".", ""]))
def test_an_amount_written_in_any_of_the_ways_is_read_back(amount: int, mark: str) -> None:
    whole = f"{amount // 100:,}".replace(",", mark)
    assert read_amount(f"{whole},{amount % 100:02d}") == amount
    assert read_amount(f"{whole},{amount % 100:02d} kr") == amount
    assert read_amount(plain(amount)) == amount
    assert read_amount(Decimal(amount) / 100) == amount
    if amount % 100 == 0:
        assert read_amount(f"{whole},-") == amount


def test_a_long_text_is_refused_at_once() -> None:
    for text in ("1" * 1_000_000, "1 " * 500_000, "-" * 1_000_000, "1." * 500_000, " " * 1_000_000 + "x"):
        started = time.perf_counter()
        with pytest.raises(Unreadable):
            read_amount(text)
        with pytest.raises(Unreadable):
            read_rate(text)
        assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("typed", "rate"),
    [("11,5", "11.5"), ("11.500", "11.5"), ("0.000001", "0.000001"), ("1,234567", "1.234567"), (11, "11")],
)
def test_a_rate_is_read_with_either_mark(typed: object, rate: str) -> None:
    assert read_rate(typed) == Decimal(rate)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0", "form.not-a-number"),
        ("-1", "form.negative"),
        ("1,2345678", "form.too-precise"),
        ("10000001", "form.too-large"),
        ("1 1,5", "form.not-a-number"),
        ("1e3", "form.not-a-number"),
        (float("nan"), "form.not-a-number"),
        (True, "form.not-a-number"),
    ],
)
def test_what_is_no_rate_is_refused(typed: object, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_rate(typed)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("amount", "rate", "fund_amount"),
    [(1, "0.5", 1), (1, "0.499999", 0), (3, "0.5", 2), (5, "11.1", 56), (100, "11.4567", 1146), (0, "9", 0)],
)
def test_a_converted_amount_is_rounded_half_up(amount: int, rate: str, fund_amount: int) -> None:
    assert converted(amount, Decimal(rate)) == fund_amount


def test_amounts_for_machines_have_two_decimals() -> None:
    assert [plain(each) for each in (0, 5, 50, 100, 8_250_00, -1, -123_45)] == [
        "0.00", "0.05", "0.50", "1.00", "8250.00", "-0.01", "-123.45",
    ]  # fmt: skip
