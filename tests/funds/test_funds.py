"""The funds' pages say what the scheme files say, each term with its sentence, and the start page what is open."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.domain.scheme import LANGUAGES, LAW
from portal.schemes.loader import FOLDER
from portal.schemes.roll import roll_file
from portal.store.session import Database
from portal.web.language import money
from tests.actions.world import schemes
from tests.support.region import Region, text_of


@pytest.mark.parametrize("key", list(schemes()))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_stands_with_its_sentence(small_region: Region, key: str, language: str) -> None:
    anna, scheme = small_region.at("anna"), schemes()[key]
    anna.post("/language", {"lang": language, "next": "/"})
    page = " ".join(text_of(anna.get(f"/funds/{key}")).split())
    for term in scheme.terms:
        assert term.says[language] in page
        assert " ".join(term.source.sentence.split()) in page
    for rule in scheme.rules:
        if rule.source is not None:
            assert " ".join(rule.source.sentence.split()) in page, rule.code
    for seat in scheme.seats:
        assert seat.title[language] in page
    for key in LAW:
        assert " ".join(scheme.law[key][language].split()) in page, key
    for period in scheme.budget:
        assert " ".join(money(period.amount, scheme.currency, language).split()) in page
    assert "{" not in page


def test_who_sits_where_today(small_region: Region) -> None:
    page = text_of(small_region.at("anna").get("/funds/rfr-2024"))
    assert "Chair of RFR Chair, Sub" in page


def test_an_unknown_fund(small_region: Region) -> None:
    assert small_region.at("anna").get("/funds/rfr-1999").status_code == 404


def test_a_third_fund_is_a_file_and_a_rolled_one_says_so(
    make_region: Callable[..., Region], sqlite_database: Database, sqlite_url: str, tmp_path: Path
) -> None:
    roll_file(FOLDER / "rfr-2024.toml", to_year=2025, into=tmp_path)
    third = (FOLDER / "rfr-2024.toml").read_text("utf-8").replace('"rfr-2024"', '"garden-2024"')
    third = third.replace('fund = "rfr"', 'fund = "garden"').replace('prefix = "RFR"', 'prefix = "GRD"')
    (tmp_path / "garden-2024.toml").write_text(third, "utf-8")
    region = make_region(sqlite_database, sqlite_url, schemes_dir=tmp_path)
    anna = region.at("anna")
    rolled = text_of(anna.get("/funds/rfr-2025"))
    assert "The terms are carried over from" in rolled
    assert "are not confirmed for this year" in rolled
    assert "carried over" not in text_of(anna.get("/funds/rfr-2024"))
    assert anna.get("/funds/garden-2024").status_code == 200
    assert anna.get("/").get_data(as_text=True).count('action="/apply/') == 3


def test_the_start_page_offers_what_is_open(small_region: Region) -> None:
    anna = small_region.at("anna")
    assert 'action="/apply/rfr-2024"' in anna.get("/").get_data(as_text=True)
    small_region.clock.set(small_region.clock.at.replace(year=2022))
    later = small_region.at("anna").get("/")
    assert "No fund is open today" in text_of(later)


@pytest.mark.each_engine
def test_the_start_page_says_what_waits(region: Region) -> None:
    waiting = region.world.apply("anna")
    returned = region.world.ask(region.world.apply("bo").number)
    region.world.draft("anna", event="Second thoughts")
    page = text_of(region.at("anna").get("/"))
    assert f"{waiting.number} ESC Congress" in page
    assert "Waiting for decision" in page
    assert "Second thoughts" in page
    assert "Waits for you" not in page
    assert "Answer the question about ESC Congress" in text_of(region.at("bo").get("/"))
    assert f'href="/applications/{returned.number}"' in region.at("bo").get("/").get_data(as_text=True)
    assert "1 application waits for your signature" in text_of(region.at("chair").get("/"))
    region.world.sign(waiting.number, "chair")
    assert "waits for your signature" not in text_of(region.at("chair").get("/"))
    assert "1 application waits for your signature" in text_of(region.at("rep").get("/"))
