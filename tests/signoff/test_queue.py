"""The queue: what stands under which tab, in which order, page after page, and what would be left of the money."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert, update

from portal.domain.application import Outcome
from portal.domain.queue import Stretch, Tab, stretches
from portal.store import queue
from portal.store.queue import QueueCursor, Wanted
from portal.store.session import Database
from portal.store.tables import ApplicationRow, SeatHoldingRow
from portal.web.signoff.queue_page import QueuePage
from tests.actions.world import STOCKHOLM, rfr, schemes
from tests.bench.queue_page import CHAIR, NOW, applications, fill
from tests.signoff.conftest import MARCH, Office, text_of
from tests.signoff.test_refusals import drain
from tests.support.databases import listening, prepared
from tests.support.portals import Clock, Visitor

if TYPE_CHECKING:
    from flask import Flask

SIZE = 160

pytestmark = pytest.mark.each_engine
"""Nothing here is only about a page: each engine walks, sorts and searches in its own way."""


@pytest.fixture
def filled(database: Database) -> Database:
    """A store with applications in every state, and the two approvers of them."""
    prepared(database, "queue", lambda: fill(database, SIZE))
    return database


@pytest.fixture
def chair(filled: Database, database_url: str, make_app: Callable[..., "Flask"], clock: Clock) -> Visitor:
    """The chair's browser, reading English, before that queue."""
    clock.set(NOW)
    visitor = Visitor(make_app(database_url=database_url).test_client()).sign_in(CHAIR)
    visitor.post("/language", {"lang": "en", "next": "/"})
    return visitor


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    with listening(database, "before_cursor_execute", note):
        yield said


def numbers(page: str) -> list[str]:
    return re.findall(r'<a href="/queue/(RFR-2024-\d+)\?', page)


def next_of(page: str, way: str = "next") -> str:
    found = re.search(rf'rel="{way}" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else ""


def balances(page: str) -> list[str]:
    return re.findall(r'data-label="Left if granted in this order"[^>]*><div>([^<]+)', page)


def expected(ways: Callable[[dict[str, Any]], bool], *, newest_first: bool = False) -> list[str]:
    rows = [row for row, _signatures in applications(SIZE) if ways(row)]
    rows.sort(key=lambda row: (row["starts_on"], row["id"]), reverse=newest_first)
    return [row["number"] for row in rows]


@pytest.mark.parametrize(
    ("tab", "ways"),
    [
        ("mine", lambda r: r["status"] == "waiting" and r["signed_seats"] in ([], ["representative"])),
        ("other", lambda r: r["status"] == "waiting" and r["signed_seats"] == ["chair"]),
        ("disagreed", lambda r: r["disagreed"]),
        ("returned", lambda r: r["status"] == "returned"),
        ("kept", lambda r: False),
        ("decided", lambda r: r["queue"] == "closed"),
    ],
)
def test_every_page_of_a_tab_in_order_and_nothing_twice(
    chair: Visitor, tab: str, ways: Callable[[dict[str, Any]], bool]
) -> None:
    seen: list[str] = []
    address = f"/queue?tab={tab}"
    while address:
        page = chair.get(address).get_data(as_text=True)
        assert len(numbers(page)) <= 25
        seen += numbers(page)
        address = next_of(page)
    assert seen == expected(ways, newest_first=tab == "decided")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The money does not last, so that each line tells what would be left."""
    monkeypatch.setattr(QueuePage, "short", True)


@pytest.mark.usefixtures("short")
def test_the_balance_goes_on_from_page_to_page(chair: Visitor) -> None:
    rows = {row["number"]: row["amount"] for row, _signatures in applications(SIZE)}
    left, address, pages = 1_750_000_00, "/queue", 0
    while address:
        page = chair.get(address).get_data(as_text=True)
        for number in numbers(page):
            left -= rows[number]
            line = page[page.index(number) :]
            shown = re.search(r'data-label="Left if granted in this order"[^>]*><div>([^<]+)', line)
            assert shown is not None
            figure = shown[1].replace("\u2212", "-").removeprefix("SEK\u00a0").replace(",", "")
            assert round(float(figure) * 100) == left, number
        address, pages = next_of(page), pages + 1
    assert pages >= 2


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("tab", ["mine", "decided"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["a page", "the lines alone"])
def test_one_leafs_back_through_the_same_pages(
    chair: Visitor, tab: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 11)

    def leaf(address: str) -> str:
        return chair.get(address, headers=headers).get_data(as_text=True)

    page = leaf(f"/queue?tab={tab}")
    assert not next_of(page, "prev"), "nothing comes before the start"
    assert not next_of(page, "start")
    pages = [page]
    while next_of(page):
        page = leaf(next_of(page))
        assert next_of(page, "start") == f"/queue?tab={tab}"
        pages.append(page)
    assert len(pages) > 2
    for before in reversed(pages[:-1]):
        page = leaf(next_of(page, "prev"))
        assert numbers(page) == numbers(before)
        assert balances(page) == balances(before)
    assert not next_of(page, "prev")
    assert numbers(leaf(next_of(page))) == numbers(pages[1]), "and forwards again"


@pytest.mark.usefixtures("short")
def test_what_is_left_of_the_page_before_is_filled_up_from_the_start(chair: Visitor) -> None:
    first = chair.get("/queue").get_data(as_text=True)
    second = chair.get(next_of(first)).get_data(as_text=True)
    third = numbers(first)[2]
    with chair.client.application.extensions["portal"].database.writing() as session:
        session.execute(
            update(ApplicationRow)
            .where(ApplicationRow.number == third)
            .values(queue="closed", status="withdrawn")
        )
    back = chair.get(next_of(second, "prev")).get_data(as_text=True)
    assert len(numbers(back)) == 25
    assert third not in numbers(back)
    assert (numbers(back)[:2], balances(back)[:2]) == (numbers(first)[:2], balances(first)[:2])
    assert not next_of(back, "prev")


def test_a_page_takes_few_statements_and_skips_nothing(chair: Visitor) -> None:
    app_database: Database = chair.client.application.extensions["portal"].database
    chair.get("/queue")
    for address in (
        "/queue",
        "/queue?tab=decided",
        "/queue?zone=europe&unit=Klinik&q=congress",
        "/queue?tab=other",
    ):
        with counted(app_database) as said:
            assert chair.get(address).status_code == 200
        assert len(said) <= 9, said
        assert all("limit" in each.lower() for each in said if "count(" in each.lower()), (
            "no count without an end"
        )
        assert not any(re.search(r"offset (?!0\b|\?)", each.lower()) for each in said)


@pytest.mark.parametrize(
    "stretch",
    [
        Stretch("rfr-2024", "waiting", ()),
        Stretch("rfr-2024", "waiting", ("chair", "representative"), disagreed=True),
        Stretch("rfr-2024", "waiting"),
        Stretch("rfr-2024", "returned"),
        Stretch("rfr-2024", "closed"),
    ],
)
def test_a_stretch_walks_its_index_and_sorts_nothing(sqlite_database: Database, stretch: Stretch) -> None:
    prepared(sqlite_database, "queue", lambda: fill(sqlite_database, SIZE))
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        plans.extend(
            row[-1] for row in cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        )

    with sqlite_database.reading() as session:
        session.begin()
        with listening(sqlite_database, "after_cursor_execute", explain):
            queue.page(session, [stretch], reader_id=CHAIR, after=QueueCursor(date(2024, 6, 1), 5))
    walked = [
        each for each in plans if "applications USING INDEX" in each or "applications USING COVERING" in each
    ]
    assert walked, plans
    assert not any(each.startswith("SCAN applications") for each in plans), plans
    assert plans.count("USE TEMP B-TREE FOR ORDER BY") <= 1, "only the page itself may be sorted"


def test_what_is_typed_is_taken_letter_by_letter(chair: Visitor) -> None:
    for typed in ("%", "_", "100%", "Congress_", "/", "//"):
        page = chair.get("/queue", query_string={"q": typed}).get_data(as_text=True)
        assert numbers(page) == [], typed
        assert "No application under" in page
    assert len(numbers(chair.get("/queue?q=CONGRESS").get_data(as_text=True))) == 25


def test_a_number_a_name_and_an_event_are_found(office: Office) -> None:
    number = office.world.apply("anna", participant="bo", event="Öresund: 100% hjärta").number
    office.world.apply("anna", event="Another")
    for typed in (number, number.lower(), "bo öresund", "ÖRESUND", "100%", "clinic hjärta"):
        page = office.at("chair").get("/queue", query_string={"q": typed}).get_data(as_text=True)
        assert numbers(page) == [number], typed


def test_a_unit_is_found_in_any_case(office: Office) -> None:
    from sqlalchemy import text

    with office.world.database.writing() as session:
        session.execute(text("UPDATE people SET unit = 'SÄS Ögonkliniken' WHERE name = 'Bo'"))
    mine = office.world.apply("bo").number
    office.world.apply("anna")
    for typed in ("ögon", "Ögon", "ÖGONKLINIKEN", "säs", "SÄS Ögonkliniken"):
        page = office.at("chair").get("/queue", query_string={"unit": typed}).get_data(as_text=True)
        assert numbers(page) == [mine], typed
    assert numbers(office.at("chair").get("/queue?unit=%25").get_data(as_text=True)) == []


def test_zone_and_year_narrow_and_are_kept_between_pages(chair: Visitor) -> None:
    page = chair.get("/queue?tab=decided&zone=europe").get_data(as_text=True)
    european = expected(lambda r: r["queue"] == "closed" and r["zone"] == "europe", newest_first=True)
    assert numbers(page) == european[:25]
    if address := next_of(page):
        assert parse_qs(urlsplit(address).query)["zone"] == ["europe"]
    assert numbers(chair.get("/queue?tab=decided&year=2023").get_data(as_text=True)) == []


@pytest.mark.parametrize(
    "query",
    [
        "tab=nonsense", "after=nonsense", "after=2024-13-01.5", "after=2024-01-01.x", "after=.", "used=rfr-2024.-5",
        "used=rfr-2024.99999999999999999999", "used=.", "zone=moon&year=x&fund=y",
        "after=2024-01-01.99999999999999999999", "q=" + "x" * 3000,
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_does_no_harm(chair: Visitor, query: str) -> None:
    assert chair.get(f"/queue?{query}").status_code == 200


def test_htmx_gets_the_lines_alone(chair: Visitor) -> None:
    whole = chair.get("/queue").get_data(as_text=True)
    part = chair.get("/queue", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.strip().startswith('<div id="lines"')
    assert part.strip() in whole


def test_the_money_that_does_not_last_is_marked(office: Office) -> None:
    drain(office, keep=10_000_00)
    for name in ("anna", "bo"):
        office.world.apply(name)
    page = text_of(office.at("chair").get("/queue"))
    assert "first half-year: SEK 10,000 left" in page
    assert "SEK 1,750 " in page
    assert page.count("The money does not last") == 2, "above the lines, and at the line where it ends"
    assert "SEK \u22126,500 The money does not last" in page


def test_a_case_leads_to_the_ones_beside_it(office: Office) -> None:
    events = ("2024-05-01", "2024-06-03", "2024-07-01")
    first, second, third = (
        office.world.apply(name, starts_on=day, ends_on=day, follow_up_on="2024-08-01").number
        for name, day in zip(("anna", "bo", "anna"), events, strict=True)
    )
    page = office.at("chair").get(f"/queue/{second}?tab=mine").get_data(as_text=True)
    assert f'rel="prev" href="/queue/{first}?tab=mine"' in page
    assert f'rel="next" href="/queue/{third}?tab=mine"' in page
    page = office.at("chair").get(f"/queue/{first}?tab=mine").get_data(as_text=True)
    assert 'rel="prev"' not in page


def test_next_years_are_kept_apart(office: Office) -> None:
    october = datetime(2023, 10, 2, 10, tzinfo=STOCKHOLM)
    number = office.world.apply(at=october).number
    office.wait_until(october + timedelta(days=1))
    assert number not in text_of(office.at("chair").get("/queue"))
    page = text_of(office.at("chair").get("/queue?tab=kept"))
    assert number in page
    assert "Kept for next year" in page
    office.wait_until(MARCH)
    assert number in text_of(office.at("chair").get("/queue"))


def test_a_party_to_an_application_does_not_find_it_waiting_for_them(office: Office) -> None:
    office.world.appoint("bo", "representative", substitute=True, ends_on=date(2024, 12, 31))
    number = office.world.apply("anna", participant="bo").number
    assert number in text_of(office.at("chair").get("/queue"))
    assert number not in text_of(office.at("bo").get("/queue"))


def test_who_signed_is_told_and_what_they_said_only_when_the_two_differ(office: Office) -> None:
    number = office.world.apply().number
    office.world.sign(number, "rep", Outcome.REFUSE, reason="No")
    page = text_of(office.at("chair").get("/queue"))
    assert "One signature RFR representative: Rep" in page
    assert "Rep, Refuse" not in page
    office.world.sign(number, "chair")
    page = text_of(office.at("chair").get("/queue?tab=disagreed"))
    assert "RFR representative: Rep, Refuse" in page
    assert "Chair of RFR: Chair, Grant SEK 8,250" in page


@pytest.mark.usefixtures("short")
def test_kronor_of_two_countries_are_never_added(office: Office) -> None:
    """Somebody who signs for both funds sees both in one queue, each with its own balance."""
    fund = next(each for each in schemes().values() if each.currency == "NOK")
    chair = office.world.people["chair"].id
    office.world.apply("anna")
    swedish = next(row for row, signed in applications(50) if row["status"] == "waiting" and not signed)
    person = office.world.people["bo"].id
    with office.world.database.writing() as session:
        session.execute(
            insert(SeatHoldingRow).values(
                fund=fund.fund, seat=fund.seats[0].key, person_id=chair, substitute=False,
                starts_on=date(2023, 1, 1), ends_on=None, appointed_by=None,
            )
        )  # fmt: skip
        session.execute(
            insert(ApplicationRow).values(
                swedish | {
                    "id": 900, "number": "KF-2023-0900", "scheme": fund.key, "fund": fund.fund, "currency": "NOK",
                    "amount": 7_000_00, "applicant_id": person, "author_id": person, "participant_id": person,
            "kind": fund.main_kind.key,
                    "starts_on": date(2024, 1, 8), "ends_on": date(2024, 1, 9),
                }
            )
        )  # fmt: skip
    page = text_of(office.at("chair").get("/queue"))
    assert "KF-2023-0900" in page
    assert f"NOK {(fund.budget[0].amount - 7_000_00) // 100:,}" in page
    assert "SEK 1,741,750" in page
    only = text_of(office.at("chair").get(f"/queue?fund={fund.fund}"))
    assert "KF-2023-0900" in only
    assert "RFR-2024-0001" not in only


def test_a_holder_of_both_seats_is_asked_for_the_one_they_have_not_signed_in() -> None:
    both = frozenset({"chair", "representative"})
    mine = stretches(Tab.MINE, [rfr()], {"rfr": both}, MARCH)
    assert mine == (
        Stretch("rfr-2024", "waiting", ()),
        Stretch("rfr-2024", "waiting", ("chair",), by_me=False),
        Stretch("rfr-2024", "waiting", ("representative",), by_me=False),
    )
    other = stretches(Tab.OTHER, [rfr()], {"rfr": both}, MARCH)
    assert other == tuple(replace(each, by_me=True) for each in mine[1:])


def test_no_seat_no_stretches() -> None:
    assert all(stretches(tab, [rfr()], {}, MARCH) == () for tab in Tab)


def test_a_stretch_of_no_known_part_is_refused(filled: Database) -> None:
    with filled.reading() as session, pytest.raises(ValueError, match="no such part"):
        queue.page(session, [Stretch("rfr-2024", "'; DROP TABLE people")], reader_id=CHAIR, wanted=Wanted())
