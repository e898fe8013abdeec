"""Every country has a zone, and those the rules name have the one they say."""

import pytest
from babel import Locale

from portal.domain.zones import COUNTRIES, EUROPE, zone_of
from tests.support.portals import own_schemes

RFR = own_schemes()["rfr-2024"]
NAMED = {
    "SE": "home",
    **dict.fromkeys("CY XK SJ FO AX GI NO DK FI IS GB IE UA RU CH VA MC GG JE IM MD AL".split(), "europe"),
    **dict.fromkeys("TR GE IL KZ GL RE GP MQ GF YT PM AM AZ US JP MA EG BM FK AW".split(), "outside"),
}


@pytest.mark.parametrize(("country", "zone"), NAMED.items())
def test_a_country_has_the_zone_the_rules_give_it(country: str, zone: str) -> None:
    assert zone_of("in_person", country, RFR.home_country, RFR.zones) == zone


def test_the_region_europe_is_that_of_m49() -> None:
    eastern = "BY BG CZ HU PL MD RO RU SK UA"
    northern = "AX GG JE DK EE FO FI IS IE IM LV LT NO SJ SE GB"
    southern = "AL AD BA HR GI GR VA IT MT ME MK PT SM RS SI ES"
    western = "AT BE FR DE LI LU MC NL CH"
    assert " ".join(sorted(EUROPE)).split() == sorted(f"{eastern} {northern} {southern} {western}".split())


def test_every_country_people_know_is_there_and_nothing_else() -> None:
    named = {code for code in Locale.parse("en").territories if len(code) == 2 and code.isalpha()}
    no_countries = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
    assert named - no_countries == COUNTRIES
    assert len(COUNTRIES) == 250


@pytest.mark.parametrize("country", [None, "SE", "US", "NO"])
def test_digital_is_digital_whatever_the_country(country: str | None) -> None:
    assert zone_of("digital", country, "SE", {}) == "digital"


def test_an_unknown_place_has_no_zone() -> None:
    assert zone_of(None, "SE", "SE", {}) is None
    assert zone_of("in_person", None, "SE", {}) is None
