"""A third fund is one file: it loads beside the others and is judged without a line of Python about it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.cli.lines import answer_line
from portal.domain.facts import Facts, once_key
from portal.language.wording import finding_text, record
from portal.schemes.loader import load
from tests.support.cases import assess

FUNDS = Path(__file__).parent / "funds"
SCHEMES = load(FUNDS)
NORTH = SCHEMES["nordfond-2026"]
AT = datetime(2026, 2, 1, 12, tzinfo=UTC)
BASE: dict[str, Any] = {
    "event": "Oslo",
    "mode": "in_person",
    "country": "NO",
    "starts_on": "2026-05-04",
    "ends_on": "2026-05-05",
    "carrier": "train",
    "costs": [{"kind": "travel", "amount": "400,01"}, {"kind": "lodging", "amount": "100"}],
    "documents": ["receipt"],
}

DEAR = [{"kind": "travel", "amount": "900"}]
IN_CROWNS = [{"kind": "travel", "amount": "1000", "currency": "SEK", "rate": "0,09", "rate_on": "2026-01-30"}]


@pytest.mark.parametrize(
    ("changes", "codes", "amount"),
    [
        ({}, [], 375_00),
        ({"costs": DEAR}, ["nf.ceiling"], 600_00),
        ({"costs": DEAR, "starts_on": "2026-07-01", "ends_on": "2026-07-02"}, [], 675_00),
        ({"country": "FR", "costs": DEAR}, ["nf.ceiling"], 300_00),
        ({"country": "US"}, ["nf.ceiling"], 0),
        ({"carrier": "plane"}, ["nf.not-by-train", "nf.reason-missing"], 375_00),
        ({"carrier": "plane", "reason": "No train goes there"}, ["nf.not-by-train"], 375_00),
        ({"documents": []}, ["nf.offer-missing"], 375_00),
        ({"starts_on": "2027-01-01", "ends_on": "2027-01-02"}, ["nf.outside-year"], 375_00),
        ({"event": ""}, ["form.required"], 375_00),
        ({"costs": IN_CROWNS}, [], 67_50),
    ],
)  # fmt: skip
def test_the_fund_is_judged_by_its_file(changes: dict[str, Any], codes: list[str], amount: int) -> None:
    found = assess(BASE | changes, NORTH, Facts(budget_left=1_000_00), AT)
    assert sorted(found.codes) == sorted(codes)
    assert found.amount == amount


def test_the_last_day_for_decisions_is_one() -> None:
    days = [
        assess(BASE, NORTH, Facts(), datetime(2026, 12, 31, hour, tzinfo=UTC)).decidable_from
        for hour in (12, 23)
    ]
    assert [str(day) for day in days] == ["2026-12-31", "None"]


def test_it_stands_beside_the_others() -> None:
    assert set(SCHEMES) == {"kvalitetsfondet-2023", "rfr-2024", "nordfond-2026"}
    assert NORTH.title["nb"] == "Nordfondet 2026"
    assert (
        once_key(NORTH, "p1", {"starts_on": AT.date(), "event": "Oslo"})
        == "nordfond|journey|p1|2026-02-01|oslo"
    )


def test_its_words_are_filled_in_each_language() -> None:
    found = assess(BASE | {"costs": DEAR}, NORTH, Facts(budget_left=5), AT)
    said = {
        f.code: [_spaced(finding_text(f, language)) for language in ("sv", "nb", "en")]
        for f in found.findings
    }
    assert said == {
        "nf.ceiling": [
            "Högst 600 EUR (inom landet).",
            "Høyst 600 EUR (innenlands).",
            "At most EUR 600 (within the country).",
        ],
        "nf.budget-low": ["Bara 0,05 EUR återstår.", "Bare 0,05 EUR gjenstår.", "Only EUR 0.05 is left."],
    }
    assert record(found)["amount"] == "600.00"


def _spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_command_line_knows_it() -> None:
    line = b'{"case": 1, "scheme": "nordfond-2026", "at": "2026-02-01T12:00:00Z", "answers": {}}'
    answer = answer_line(line, SCHEMES)
    assert (answer["currency"], answer["decidable_from"]) == ("EUR", "2026-02-01")
    assert [finding["code"] for finding in answer["findings"]] == ["form.required"] * 5 + ["nf.offer-missing"]
