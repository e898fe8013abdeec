"""How an application begins: in which edition, with what an earlier one said, and with what is remembered."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from portal.domain.application import Draft
from portal.domain.periods import edition_that_begins
from portal.schemes.loader import FOLDER, load
from portal.schemes.roll import roll_file
from portal.store import drafts
from portal.store.session import Database
from tests.actions.world import answers
from tests.support.region import Region, text_of
from tests.support.typed import HTMX, start, typed_as

OCTOBER = datetime(2024, 10, 1, 10, tzinfo=UTC)


@pytest.fixture
def two_years(
    make_region: Callable[..., Region], database: Database, database_url: str, tmp_path: Path
) -> Region:
    """October 2024, when events of this year and of the next can be applied for."""
    roll_file(FOLDER / "rfr-2024.toml", to_year=2025, into=tmp_path)
    region = make_region(database, database_url, schemes_dir=tmp_path)
    region.clock.set(OCTOBER)
    return region


def kept(region: Region, path: str) -> Draft:
    with region.world.database.reading() as session:
        return drafts.get(session, path.rsplit("/", 1)[-1])


def test_a_fund_is_offered_once_for_both_years(two_years: Region) -> None:
    page = text_of(two_years.at("anna").get("/apply"))
    assert (
        page.count("Course and conference grant from RFR") == 2
    )  # the heading, and whose terms the link leads to
    assert "Open for events in 2024–2025: the first day decides the year." in page
    assert "2025" in text_of(two_years.at("anna").get("/apply/rfr-2025"))


def test_the_first_day_decides_the_edition_and_can_change_it_back(two_years: Region) -> None:
    anna = two_years.at("anna")
    path = start(anna)
    said = anna.post(f"{path}/check", {"starts_on": "14/3"}, headers=HTMX).get_data(as_text=True)
    assert '<span hidden data-put="edition">Course and conference grant from RFR 2025</span>' in said
    assert kept(two_years, path).scheme == "rfr-2024", "a check writes nothing"
    for revision, day, edition in (
        ("0", "2025-03-14", "rfr-2025"),
        ("1", "2024-11-14", "rfr-2024"),
        ("2", "2025-11-14", "rfr-2025"),
        ("3", "2026-03-14", "rfr-2025"),  # no edition yet: it stays, and the rule says so
        ("4", "", "rfr-2025"),
    ):
        assert anna.post(path, {"starts_on": day, "revision": revision}).status_code == 303
        assert kept(two_years, path).scheme == edition
    far = anna.post(f"{path}/check", {"starts_on": "2026-03-14"}, headers=HTMX)
    assert "between 1 January 2025 and 31 December 2025" in text_of(far)


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        ("2024-10-01", "rfr-2024"),
        ("2025-01-02", "rfr-2025"),
        ("2023-09-01", "rfr-2024"),
        ("2022-10-01", None),
    ],
)
def test_an_application_begins_in_the_edition_of_the_year(
    tmp_path: Path, day: str, begins: str | None
) -> None:
    roll_file(FOLDER / "rfr-2024.toml", to_year=2025, into=tmp_path)
    found = edition_that_begins(load(tmp_path).of_fund("rfr"), date.fromisoformat(day))
    assert (found.key if found else None) == begins


def test_a_copy_has_the_answers_and_no_days_rates_or_register(region: Region) -> None:
    costs = [{"kind": "fee", "amount": "300", "currency": "EUR", "rate": "11,2", "rate_on": "2024-02-29"}]
    number = region.world.apply(costs=costs, cost_centre="4711").number
    anna = region.at("anna")
    assert f'action="/applications/{number}/copy"' in anna.get(f"/applications/{number}").get_data(
        as_text=True
    )
    path = anna.post(f"/applications/{number}/copy").headers["Location"]
    copied = kept(region, path).answers
    assert copied["event"] == answers()["event"]
    assert copied["costs"] == [{"kind": "fee", "amount": "300", "currency": "EUR"}]
    assert not {"starts_on", "ends_on", "follow_up_on", "prior"} & copied.keys()
    for other in ("bo", "chair"):
        assert region.at(other).post(f"/applications/{number}/copy").status_code == 404


def test_who_is_paid_and_the_head_are_remembered_of_ones_own(region: Region) -> None:
    boss = region.world["boss"].number
    region.world.apply(cost_centre="4711", administration="The hospital", head=boss)
    begun = {name: kept(region, start(region.at(name))).answers for name in ("anna", "bo")}
    assert begun == {
        "anna": {"cost_centre": "4711", "administration": "The hospital", "head": boss}, "bo": {},
    }  # fmt: skip
    for_bo = start(region.at("anna"), for_whom=region.world["bo"].number)
    assert kept(region, for_bo).answers == {}


def names_offered(region: Region, name: str, path: str) -> list[str]:
    page = region.at(name).get(f"{path}/names", headers=HTMX).get_data(as_text=True)
    return re.findall(r'<option value="([^"]*)">[^<]*colleagues apply for it', page)


def test_an_event_is_offered_by_name_once_three_others_apply_for_it(region: Region) -> None:
    for name in ("cecilia", "david", "eva"):
        region.world.add(name, head_id=region.world["boss"].id, specialist=True)
    path = start(region.at("anna"))
    numbers = [region.world.apply(name).number for name in ("anna", "cecilia", "david")]
    region.world.apply("bo", event="Another congress")
    assert names_offered(region, "anna", path) == [], "anna and two others"
    region.world.apply("eva")
    assert names_offered(region, "anna", path) == ["ESC Congress"]
    page = region.at("anna").get(path).get_data(as_text=True)
    assert f'list="names" hx-get="{path}/names" hx-trigger="focus once" hx-target="#names"' in page
    assert "colleagues apply" not in page, "asked for when the question is entered"
    assert region.at("bo").get(f"{path}/names").status_code == 404
    assert "ESC Congress (3 colleagues apply for it)" in text_of(
        region.at("anna").get(f"{path}/names", headers=HTMX)
    )
    for_eva = start(region.at("bo"), for_whom=region.world["eva"].number)
    assert names_offered(region, "bo", for_eva) == ["ESC Congress"], "anna, cecilia and david"
    region.world.withdraw(numbers[1], "cecilia")
    assert names_offered(region, "anna", path) == names_offered(region, "bo", for_eva) == []


def test_what_has_been_is_not_offered(region: Region) -> None:
    for name in ("cecilia", "david", "eva"):
        region.world.add(name, head_id=region.world["boss"].id, specialist=True)
        region.world.apply(name)
    path = start(region.at("anna"))
    region.clock.set(datetime(2024, 8, 30, 10, tzinfo=UTC))
    assert names_offered(region, "anna", path) == ["ESC Congress"]
    region.clock.set(datetime(2024, 8, 31, 10, tzinfo=UTC))
    assert names_offered(region, "anna", path) == []


def test_what_is_always_refused_leaves_one_box_to_tick(region: Region) -> None:
    anna = region.at("anna")
    path = start(anna)
    assert '<input type="checkbox" id="counter_source" name="counter_source" value="unit"' in (
        anna.get(path).get_data(as_text=True)
    )
    assert 'type="radio" id="counter_source"' not in anna.get(path).get_data(as_text=True)
    anna.post(path, {"counter_source": "company", "revision": "0"})
    page = anna.get(path).get_data(as_text=True)
    assert 'type="radio" id="counter_source-1" name="counter_source" value="company" checked' in page


def test_the_form_asks_as_little_of_whoever_has_been_granted_something(
    small_region: Region, statements: list[str]
) -> None:
    number = small_region.world.apply("anna", event="An earlier congress").number
    small_region.world.grant(number)
    visitor = small_region.at("anna")
    path = start(visitor)
    for ask in (
        lambda: text_of(visitor.get(path)),
        lambda: text_of(visitor.post(f"{path}/check", typed_as(answers()), headers=HTMX)),
    ):
        statements.clear()
        assert f"{number} Granted An earlier congress, 30 Aug 2024, SEK 8,250" in ask()
        assert len(statements) <= 4
