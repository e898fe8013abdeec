"""A scheme file with anything unknown, missing or contradictory stops the start, naming the file and the place."""

import re
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portal.cli.rules import check_schemes as command
from portal.domain.facts import Facts
from portal.schemes.loader import FOLDER, load, read_scheme
from portal.schemes.roll import check_schemes
from portal.schemes.table import SchemeError
from tests.support.cases import assess

RFR = (FOLDER / "rfr-2024.toml").read_text("utf-8")
KF = (FOLDER / "kvalitetsfondet-2023.toml").read_text("utf-8")

FILES = {"rfr-2024": RFR, "kvalitetsfondet-2023": KF}
REFUSED = tomllib.loads((Path(__file__).parent / "refused.toml").read_text("utf-8"))["refused"]


@pytest.mark.parametrize("fault", REFUSED, ids=lambda fault: fault["name"])
def test_a_file_is_refused_with(fault: dict[str, Any]) -> None:
    text = FILES[fault["like"]]
    assert fault["old"] in text, "the test changes nothing"
    with pytest.raises(SchemeError) as refused:
        read_scheme(text.replace(fault["old"], fault["new"], 1), f"{fault['like']}.toml")
    assert str(refused.value).startswith(f"{fault['like']}.toml")
    for said in fault["says"]:
        assert said in str(refused.value)


@pytest.mark.parametrize(("first_day", "unconfirmed"), [("2024-01-01", 0), ("2024-03-01", 1)])
def test_a_rate_is_confirmed_by_a_dated_entry(first_day: str, unconfirmed: int, tmp_path: Path) -> None:
    entry = f'\n[[limits.entries]]\nfrom = {first_day}\nvalue = "9000.00"\nsource = "Satser 2024"\n'
    path = tmp_path / "kvalitetsfondet-2023.toml"
    path.write_text(KF.replace("\n# Kept for comparison", f"{entry}\n# Kept for comparison", 1))
    scheme = read_scheme(path.read_text(), path.name)
    rate = scheme.limits["central"].on(date.fromisoformat(first_day))
    assert rate is not None
    assert (rate.value, rate.confirmed) == (9_000_00, True)
    assert next(check_schemes([path])).text.count("unconfirmed") == unconfirmed
    answers = {"starts_on": "2024-02-01", "ends_on": "2024-02-02", "in_hours": "yes", "whole_days": "1"}
    found = assess(answers, scheme, Facts(), datetime(2024, 4, 1, tzinfo=UTC))
    assert ("kf.rate-unconfirmed" in found.codes) == bool(unconfirmed)
    assert found.amount == (8_750_00 if unconfirmed else 9_000_00)


def test_a_file_taken_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rfr-2024.toml").write_text(RFR)
    with pytest.raises(SchemeError, match=r"rfr-2024\.toml: the key rfr-2024 is already taken"):
        load(tmp_path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rfr-2030.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SchemeError, match=r"rfr-2030\.toml: not UTF-8"):
        load(tmp_path)


def test_the_same_file_has_the_same_digest_and_another_has_not() -> None:
    one, same, other = (
        read_scheme(text, "rfr-2024.toml").digest for text in (RFR, RFR, RFR + "\n# A comment\n")
    )
    assert one == same != other


def test_every_file_is_checked_and_each_fault_told(tmp_path: Path) -> None:
    (tmp_path / "rfr-2024.toml").write_text(RFR)
    (tmp_path / "rfr-2025.toml").write_text(RFR)
    (tmp_path / "rfr-2026.toml").write_text("key =")
    checked = list(check_schemes([tmp_path, tmp_path / "rfr-2027.toml"]))
    assert [each.scheme is not None for each in checked] == [True, False, False, False]
    assert [each.text.partition(":")[0] for each in checked] == [
        "rfr-2024.toml", "rfr-2025.toml", "rfr-2026.toml", "rfr-2027.toml",
    ]  # fmt: skip


def test_all_that_is_wrong_with_the_rules_is_told_at_once() -> None:
    text = RFR.replace('check = "in_pause"', 'check = "in_break"').replace(
        'severity = "notes"', 'severity = "tells"'
    )
    with pytest.raises(SchemeError) as refused:
        read_scheme(text, "rfr-2024.toml")
    told = [line.split(": ") for line in str(refused.value).splitlines()]
    assert ["rfr-2024.toml, rules rfr.pause", "unknown check in_break"] in told
    assert ["rfr-2024.toml, rules rfr.ceiling", "unknown severity tells"] in told
    assert len(told) == 5


def test_the_command_ends_with_1_when_a_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "rfr-2024.toml").write_text(RFR.replace('check = "in_pause"', 'check = "in_break"'))
    ran = CliRunner().invoke(command, [str(tmp_path)])
    assert ran.exit_code == 1
    assert "rfr-2024.toml, rules rfr.pause: unknown check in_break" in ran.output


def test_the_portals_own_files_pass_and_what_is_unconfirmed_is_told() -> None:
    ran = CliRunner().invoke(command, [])
    assert ran.exit_code == 0
    assert re.search(r"^rfr-2024\.toml: \d+ rules", ran.output, re.MULTILINE)
    assert "unconfirmed: central from 2024-01-01" in ran.output


def test_editions_of_a_fund_come_newest_first(tmp_path: Path) -> None:
    from portal.schemes.roll import roll_file

    for year in (2025, 2027, 2026):
        roll_file(FOLDER / "rfr-2024.toml", to_year=year, into=tmp_path)
    schemes = load(tmp_path)
    assert [scheme.key for scheme in schemes.of_fund("rfr")] == [
        "rfr-2027",
        "rfr-2026",
        "rfr-2025",
        "rfr-2024",
    ]
