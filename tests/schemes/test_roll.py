"""Rolling an edition forward moves its calendar and nothing else, and says that it did."""

import re
import tomllib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.cli import main
from portal.domain.scheme import Scheme
from portal.schemes.loader import FOLDER, read_scheme
from portal.schemes.roll import check_schemes, roll_file, rolled
from portal.schemes.table import SchemeError
from tests.support.cases import Situation, assess, situations
from tests.support.portals import own_schemes

RFR = (FOLDER / "rfr-2024.toml").read_text("utf-8")
CLOCKS = ("clocks", "hour that comes twice")
CASES = [c for c in situations() if c.scheme == "rfr-2024" and not any(word in c.name for word in CLOCKS)]
"""Without those about the nights when the clocks change, which fall on other days four years later."""
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@cache
def edition(year: int) -> Scheme:
    """The edition of 2024 rolled to a year."""
    return read_scheme(rolled(RFR, year), f"rfr-{year}.toml")


def test_the_calendar_moves_with_the_year() -> None:
    scheme = edition(2026)
    assert (scheme.key, scheme.carried_over_from) == ("rfr-2026", "rfr-2024")
    assert (scheme.opens_on, scheme.starts_on, scheme.ends_on) == (
        date(2025, 8, 1),
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
    assert (scheme.decides_from, scheme.decides_until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert [(pause.starts_on, pause.ends_on) for pause in scheme.pauses] == [
        (date(2025, 12, 20), date(2026, 1, 6)),
        (date(2026, 6, 24), date(2026, 8, 4)),
        (date(2026, 12, 20), date(2027, 1, 6)),
    ]
    assert [(p.starts_on, p.ends_on, p.amount) for p in scheme.budget] == [
        (date(2026, 1, 1), date(2026, 6, 30), 1_750_000_00),
        (date(2026, 7, 1), date(2026, 12, 31), 1_750_000_00),
    ]
    assert scheme.title["sv"] == "Kurs- och konferensbidrag från RFR 2026"


def test_the_words_of_the_letter_and_the_comments_stay() -> None:
    text = rolled(RFR, 2026)
    assert [line for line in text.splitlines() if "#" in line][2:] == [
        DATE.sub(lambda day: day[0].replace("2024-", "2026-").replace("2023-", "2025-"), line)
        for line in RFR.splitlines()
        if "#" in line
    ]
    quoted = re.compile(r'"[^"\n]*"')
    assert [q for q in quoted.findall(text) if q not in ('"rfr-2026"', '"rfr-2024"')] == [
        q for q in quoted.findall(RFR) if q != '"rfr-2024"'
    ]
    assert edition(2026).letter == edition(2030).letter == own_schemes()["rfr-2024"].letter


def test_it_says_on_top_that_nothing_is_confirmed() -> None:
    assert rolled(RFR, 2026).startswith("# Terms carried over from the 2024 letter, not confirmed")


def test_dates_in_texts_and_comments_do_not_move() -> None:
    text = RFR.replace(
        'contact = "Ekonomi, Koncernkontoret"', 'contact = "Ekonomi (since 2020-02-03)" # 2020-02-04'
    )
    assert '"Ekonomi (since 2020-02-03)" # 2020-02-04' in rolled(text, 2026)
    apostrophes = RFR.replace('orderer_id = "4270700"', "orderer_id = 'from 2020-02-03'")
    assert "orderer_id = 'from 2020-02-03'" in rolled(apostrophes, 2026)


@pytest.mark.parametrize(
    ("year", "first_half_ends", "second_starts"),
    [
        (2025, "2025-02-28", "2025-03-01"),
        (2027, "2027-02-28", "2027-03-01"),
        (2028, "2028-02-29", "2028-03-01"),
    ],
)
def test_the_end_of_february_stays_its_end(year: int, first_half_ends: str, second_starts: str) -> None:
    text = RFR.replace("until = 2024-06-30", "until = 2024-02-29").replace(
        "from = 2024-07-01", "from = 2024-03-01"
    )
    for there in (
        rolled(text, year),
        rolled(rolled(text, 2025), year) if year > 2025 else rolled(text, year),
    ):
        budget = read_scheme(there, f"rfr-{year}.toml").budget
        assert (str(budget[0].ends_on), str(budget[1].starts_on)) == (first_half_ends, second_starts)


def test_a_first_day_on_the_28th_stays_the_28th() -> None:
    text = rolled(RFR, 2025).replace("from = 2025-06-24", "from = 2025-02-28")
    assert str(read_scheme(rolled(text, 2028), "rfr-2028.toml").pauses[1].starts_on) == "2028-02-28"


def test_rolling_twice_is_rolling_once_and_keeps_the_true_letter() -> None:
    assert rolled(rolled(RFR, 2026), 2027) == rolled(RFR, 2027)
    assert edition(2027).carried_over_from == "rfr-2024"


@settings(max_examples=25)
@example(2028)
@example(2100)
@given(st.integers(2025, 2200))
def test_every_year_loads_and_keeps_the_terms(year: int) -> None:
    old, new = read_scheme(RFR, "rfr-2024.toml"), edition(year)
    assert new.year == year
    assert [(r.code, r.severity, r.params, r.message) for r in new.rules] == [
        (r.code, r.severity, r.params, r.message) for r in old.rules
    ]
    assert new.limits["ceiling"].on(new.starts_on, "europe").value == 10_000_00  # type: ignore[union-attr]
    assert new.budget[0].starts_on == new.starts_on
    assert new.budget[-1].ends_on == new.ends_on


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_comes_out_the_same_four_years_later(case: Situation) -> None:
    moved = {name: _moved(value) for name, value in case.answers.items()}
    at = datetime.fromisoformat(_moved(case.at.isoformat()))
    found = assess(moved, edition(2028), case.facts, at, case.kind)
    assert sorted(found.codes) == sorted(case.codes)
    assert str(found.decidable_from or "") == _moved(case.decidable_from or "")


def _moved(value: Any) -> Any:
    if isinstance(value, str):
        return (
            DATE.sub(lambda day: f"{int(day[0][:4]) + 4}{day[0][4:]}", value) if value[:2] == "20" else value
        )
    if isinstance(value, list):
        return [
            {key: _moved(part) for key, part in line.items()} if isinstance(line, dict) else line
            for line in value
        ]
    return value


@pytest.mark.parametrize("year", [2024, 2023, 0, 9001])
def test_only_a_later_year_is_rolled_to(year: int) -> None:
    with pytest.raises(SchemeError, match="rfr-2024 cannot be rolled"):
        rolled(RFR, year)


def test_a_fund_without_end_is_not_rolled() -> None:
    with pytest.raises(SchemeError, match="kvalitetsfondet-2023 has no last day"):
        rolled((FOLDER / "kvalitetsfondet-2023.toml").read_text("utf-8"), 2026)


def test_the_command_writes_a_file_that_passes_and_overwrites_none(tmp_path: Path) -> None:
    command = ["roll", "rfr-2024", "--to", "2026", "--into", str(tmp_path)]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert [checked.scheme is not None for checked in check_schemes([tmp_path])] == [True]
    written = (tmp_path / "rfr-2026.toml").read_text("utf-8")
    assert tomllib.loads(written)["key"] == "rfr-2026"
    again = CliRunner().invoke(main, command)
    assert again.exit_code == 1
    assert "is there already" in again.output
    assert (tmp_path / "rfr-2026.toml").read_text("utf-8") == written
    assert CliRunner().invoke(main, ["roll", "rfr-1999", "--to", "2026"]).exit_code == 1


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match="cannot be read"):
        roll_file(tmp_path / "rfr-2024.toml", to_year=2026, into=tmp_path)
    (tmp_path / "broken-2024.toml").write_text("key = ")
    with pytest.raises(SchemeError, match="cannot be read"):
        roll_file(tmp_path / "broken-2024.toml", to_year=2026, into=tmp_path)
