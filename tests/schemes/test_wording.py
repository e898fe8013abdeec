"""Findings in words: amounts, dates and days as each language writes them, and no place left unfilled."""

import re
from datetime import date
from decimal import Decimal

import pytest

from portal.domain.assessment import Named
from portal.domain.money import Money
from portal.domain.periods import Days
from portal.domain.scheme import LANGUAGES
from portal.language.wording import change_text, finding_text, record, spell, step_words, written
from portal.schemes.vocabulary import vocabulary
from tests.support.cases import assess, situations
from tests.support.portals import own_schemes

SCHEMES = own_schemes()


@pytest.mark.parametrize(
    ("value", "sv", "nb", "en"),
    [
        (Money(8_250_00, "SEK"), "8 250 kr", "8 250 SEK", "SEK 8,250"),
        (Money(8_250_50, "SEK"), "8 250,50 kr", "8 250,50 SEK", "SEK 8,250.50"),
        (Money(1_750_000_00, "NOK"), "1 750 000 NOK", "1 750 000 kr", "NOK 1,750,000"),
        (Money(5, "NOK"), "0,05 NOK", "0,05 kr", "NOK 0.05"),
        (Money(0, "SEK"), "0 kr", "0 SEK", "SEK 0"),
        (date(2024, 8, 30), "30 augusti 2024", "30. august 2024", "30 August 2024"),
        (Days(5), "2,5", "2,5", "2.5"),
        (Days(4), "2", "2", "2"),
        (Decimal("11.5"), "11,5", "11,5", "11.5"),
        (3, "3", "3", "3"),
        (Named("cost_kinds", ("travel", "meals")), "Resa, Måltider", "Reise, Måltider", "Travel, Meals"),
        ({"sv": "ja", "nb": "jo", "en": "yes"}, "ja", "jo", "yes"),
        (None, "–", "–", "–"),
    ],
)
def test_a_value_is_written_as_the_language_does(value: object, sv: str, nb: str, en: str) -> None:
    found = [re.sub("[\u00a0\u202f]", " ", written(value, language)) for language in ("sv", "nb", "en")]
    assert found == [sv, nb, en]


def test_a_bracketed_part_falls_away_with_its_value() -> None:
    assert spell("It is kept[ until {day}].", {"day": None}, "en") == "It is kept."
    assert (
        spell("It is kept[ until {day}].", {"day": date(2024, 1, 7)}, "en")
        == "It is kept until 7 January 2024."
    )


def test_every_finding_of_every_case_is_said_whole_in_every_language() -> None:
    for case in situations():
        found = assess(case.answers, SCHEMES[case.scheme], case.facts, case.at, case.kind)
        for finding in found.findings:
            for language in LANGUAGES:
                said = finding_text(finding, language) + " " + change_text(finding, language)
                assert not re.search(r"[\[\]{}]|\b(None|True|False)\b|–\s*\.|  ", said.strip()), (
                    case.name,
                    said,
                )
                assert re.match(r".+[.]\s", said), (case.name, said)
        for step in found.steps:
            assert set(step_words(step.key, step.values)) == set(LANGUAGES)


def test_a_record_holds_every_word_and_is_the_same_again() -> None:
    case = next(case for case in situations() if "rfr.counter-short" in case.codes)
    found = assess(case.answers, SCHEMES[case.scheme], case.facts, case.at)
    kept = record(found)
    assert kept == record(assess(case.answers, SCHEMES[case.scheme], case.facts, case.at))
    assert kept["amount"] == case.amount
    assert [finding["code"] for finding in kept["findings"]] == list(found.codes)
    assert kept["findings"][0]["message"]["sv"] == (
        "Bidraget sänks till 8\u00a0249,99\u00a0kr, eftersom det inte kan vara större än motfinansieringen."
    )
    assert (
        kept["findings"][0]["change"]["en"]
        == "If the unit pays SEK\u00a00.01 more, the grant rises to SEK\u00a08,250."
    )


@pytest.mark.parametrize("name", ["cost_kinds", "document_kinds", "zones", "steps"])
def test_every_shared_word_has_every_language(name: str) -> None:
    assert all(set(words) == set(LANGUAGES) for words in vocabulary(name).values())
