"""Which language a page is in, and how money, days and instants are written in it."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from portal.domain.money import Money
from portal.domain.refusal import Refusal
from portal.store.session import Database
from portal.web import language
from tests.support.region import Region


@pytest.fixture
def reading(app: Flask) -> Iterator[None]:
    """A request of somebody who reads Swedish."""
    with app.test_request_context(headers={"Accept-Language": "sv"}):
        yield


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [
        ("sv", "sv"), ("nb-NO,nb;q=0.9", "nb"), ("no", "nb"), ("nn-NO", "nb"), ("en-US,en;q=0.8", "en"),
        ("de,en;q=0.5", "en"), ("de", "sv"), ("", "sv"), ("sv-FI", "sv"), (";;;", "sv"),
    ],
)  # fmt: skip
def test_a_stranger_gets_the_browsers_language(small_region: Region, accepted: str, shown: str) -> None:
    page = small_region.app.test_client().get("/sign-in", headers={"Accept-Language": accepted})
    assert f'<html lang="{shown}">' in page.get_data(as_text=True)


def test_the_switch_is_remembered_before_and_after_signing_in(region: Region) -> None:
    visitor = region.visitor()
    answer = visitor.post("/language", {"lang": "nb", "next": "/accessibility"})
    assert answer.headers["Location"] == "/accessibility"
    assert '<html lang="nb">' in visitor.get("/accessibility").get_data(as_text=True)
    visitor.sign_in(region.world.people["anna"].id)
    assert '<html lang="en">' in visitor.get("/").get_data(as_text=True), "the person's own language wins"
    visitor.post("/language", {"lang": "nb"})
    assert '<html lang="nb">' in visitor.get("/").get_data(as_text=True)
    assert region.world["anna"].language == "nb"


def test_over_https_no_other_host_can_set_the_cookie(
    make_region: Callable[..., Region], sqlite_database: Database, sqlite_url: str
) -> None:
    address = "https://courses.example.org"
    client = make_region(sqlite_database, sqlite_url, demo=False, base_url=address).app.test_client()
    page = client.get("/sign-in", base_url=address).get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form, sent_from = {"lang": "nb", "csrf_token": token}, {"Referer": f"{address}/sign-in"}
    answer = client.post("/language", data=form, headers=sent_from, base_url=address)
    kept = next(each for each in answer.headers.getlist("Set-Cookie") if "language=" in each)
    assert kept.startswith("__Host-language=nb; ")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(kept.split("; "))
    assert "Domain" not in kept
    assert '<html lang="nb">' in client.get("/sign-in", base_url=address).get_data(as_text=True)


def test_an_unknown_language(small_region: Region) -> None:
    assert small_region.visitor().post("/language", {"lang": "de"}).status_code == 400
    elsewhere = small_region.visitor().post("/language", {"lang": "sv", "next": "//evil.test"})
    assert elsewhere.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("amount", "currency", "code", "text"),
    [
        (5_000_00, "SEK", "sv", "5 000 kr"), (5_000_00, "NOK", "sv", "5 000 NOK"),
        (1_234_567_89, "NOK", "nb", "1 234 567,89 kr"), (5_000_00, "SEK", "nb", "5 000 SEK"),
        (1_234_567_89, "SEK", "en", "SEK 1,234,567.89"), (5, "SEK", "sv", "0,05 kr"), (0, "SEK", "sv", "0 kr"),
        (-6_500_50, "SEK", "en", "SEK −6,500.50"), (-700_00, "SEK", "sv", "−700 kr"), (100_00, "EUR", "en", "EUR 100"),
    ],
)  # fmt: skip
def test_money(reading: None, amount: int, currency: str, code: str, text: str) -> None:
    assert " ".join(language.money(amount, currency, code).split()) == text
    assert " " not in language.money(amount, currency, code), "an amount is never broken over two lines"


@pytest.mark.parametrize(
    ("code", "long", "medium"),
    [
        ("sv", "30 augusti 2024", "30 aug. 2024"),
        ("nb", "30. august 2024", "30. aug. 2024"),
        ("en", "30 August 2024", "30 Aug 2024"),
    ],
)
def test_days(reading: None, code: str, long: str, medium: str) -> None:
    day = date(2024, 8, 30)
    assert " ".join(language.day(day, code=code).split()) == long
    assert " ".join(language.day(day, "medium", code).split()) == medium


def test_instants_are_shown_where_the_portal_or_the_fund_is(reading: None) -> None:
    just_before_july = datetime(2024, 6, 30, 22, 30, tzinfo=ZoneInfo("UTC"))
    assert " ".join(language.instant(just_before_july).split()) == "1 juli 2024 kl. 00:30"
    assert (
        " ".join(language.instant(just_before_july, ZoneInfo("Atlantic/Reykjavik")).split())
        == "30 juni 2024 kl. 22:30"
    )


def test_a_refusal_is_spoken_with_its_values(reading: None) -> None:
    refusal = Refusal("x", "Only %(left)s is left of the budget period, less than %(amount)s.",
                      {"left": Money(5_00, "SEK"), "amount": Money(7_500_00, "SEK")})  # fmt: skip
    said = " ".join(language.spoken(refusal).split())
    assert "5 kr" in said
    assert "7 500 kr" in said
    assert "%(" not in said


def test_words_fall_back_to_what_there_is() -> None:
    assert language.in_language({"sv": "ja", "en": "yes"}, "nb") == "yes"
    assert language.in_language({"sv": "ja"}, "nb") == "ja"
    assert language.in_language({}, "nb") == ""
