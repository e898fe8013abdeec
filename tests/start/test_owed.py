"""What each person owes stands first on their start page, and what comes next on the application's, with its days."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from portal.actions.notices import reminders_due
from portal.actions.people import change_person
from portal.finance.overview import figures
from portal.store import applications, followups
from portal.store.session import Database
from portal.store.tables import OutboxRow
from portal.web.language import day
from tests.actions.world import MARCH, STOCKHOLM
from tests.support.portals import Clock, Visitor
from tests.support.purse import Purse
from tests.support.region import text_of

if TYPE_CHECKING:
    from flask import Flask

pytestmark = pytest.mark.each_engine

LATER = datetime(2024, 12, 15, 12, tzinfo=STOCKHOLM)
COSTS = ("10 000,00",)


class Clinic:
    """A grant, and people who come to it with a browser each, reading English."""

    def __init__(self, purse: Purse, app: "Flask", clock: Clock) -> None:
        self.purse, self.app, self.clock = purse, app, clock
        self.number = purse.granted()

    def at(self, name: str) -> Visitor:
        return Visitor(self.app.test_client()).sign_in(self.purse.people[name].id)

    def start(self, name: str) -> str:
        """The start page of somebody, as far as what waits for them goes."""
        page = Visitor(self.app.test_client()).sign_in(self.purse.people[name].id).get("/")
        found = re.search(
            r'<section[^>]*aria-labelledby="owed".*?</section>', page.get_data(as_text=True), re.DOTALL
        )
        return "" if found is None else found[0]

    def coming(self, name: str = "anna") -> list[str]:
        """The steps of the timeline that have not happened, as text."""
        visitor = Visitor(self.app.test_client()).sign_in(self.purse.people[name].id)
        page = visitor.get(f"/applications/{self.number}").get_data(as_text=True)
        timeline = re.search(r'<ol class="timeline">.*?</ol>', page, re.DOTALL)
        assert timeline is not None
        steps = re.findall(r'<li class="is-(?:now|next)"[^>]*>(.*?)</li>', timeline[0], re.DOTALL)
        return [" ".join(re.sub(r"<[^>]+>", " ", step).replace("\xa0", " ").split()) for step in steps]


@pytest.fixture
def clinic(make_app: Callable[..., "Flask"], database: Database, database_url: str, clock: Clock) -> Clinic:
    clock.set(MARCH)
    purse = Purse(database)
    for person in list(purse.people.values()):
        database.write(
            change_person, person=replace(person, language="en"), schemes=purse.schemes, by=None, at=MARCH
        )
    return Clinic(purse, make_app(database_url=database_url), clock)


def english(on: object) -> str:
    return day(on, code="en").replace("\xa0", " ")  # type: ignore[arg-type]


def test_after_a_grant_the_days_to_come_stand_in_order(clinic: Clinic) -> None:
    claim = clinic.purse.claim(clinic.number)
    with clinic.purse.reading() as session:
        application = applications.get(session, number=clinic.number)
        followup = followups.find(session, application.id)
    assert claim.due_on is not None
    assert followup is not None
    told = clinic.coming()
    assert told[0].startswith("The course or conference begins")
    assert english(application.starts_on) in told[0]
    costs = next(step for step in told if "actual costs" in step)
    assert english(claim.due_on) in costs
    lesson = next(step for step in told if step.startswith("Bring it home"))
    assert english(followup.planned_on) in lesson
    assert (told.index(costs) < told.index(lesson)) == (claim.due_on <= followup.planned_on)
    assert any(step.startswith("The head confirms the follow-up") for step in told)


def test_what_is_late_is_told_and_what_is_done_goes_away(clinic: Clinic) -> None:
    clinic.clock.set(LATER)
    told = clinic.coming()
    assert not [step for step in told if step.startswith("The course or conference begins")]
    assert next(step for step in told if step.startswith("Bring it home")).endswith("Late")
    clinic.purse.state(clinic.number, *COSTS)
    assert not [step for step in clinic.coming() if "actual costs" in step]


def test_a_cancelled_grant_has_nothing_to_come(clinic: Clinic) -> None:
    clinic.purse.cancel(clinic.number)
    assert clinic.coming() == []


def test_a_grant_that_went_back_whole_owes_no_follow_up(clinic: Clinic) -> None:
    anna, number = clinic.purse.people["anna"], clinic.number
    page = f"/applications/{number}/follow-up"
    clinic.clock.set(LATER)
    clinic.purse.release(number)
    assert clinic.coming() == []
    assert clinic.start("anna") == ""
    assert number not in clinic.at("chair").get("/lessons/owed").get_data(as_text=True)
    with clinic.purse.reading() as session:
        kinds = {each.kind for each in reminders_due(session, schemes=clinic.purse.schemes, at=LATER)}
        assert followups.owed_by_person(session, anna.id) == []
    assert kinds == set()
    said = clinic.at("anna").get(page).get_data(as_text=True)
    assert "Not owed" in said
    assert "so no follow-up is owed" in said
    assert "Late" not in said


def test_what_is_passed_on_all_the_same_is_found(clinic: Clinic) -> None:
    clinic.clock.set(LATER)
    clinic.purse.release(clinic.number)
    page = f"/applications/{clinic.number}/follow-up"
    record = {"held_on": "2024-09-20", "forum": "APT", "audience": "All", "lesson": "Watch the stream"}
    assert clinic.at("anna").post(page, record).status_code == 303
    said = clinic.at("anna").get(page).get_data(as_text=True)
    assert "no follow-up is owed" not in said
    assert "Watch the stream" in clinic.at("bo").get("/lessons").get_data(as_text=True)
    assert "Confirm the follow-up" in clinic.start("boss")


def test_a_grant_that_went_back_in_part_owes_its_follow_up(clinic: Clinic) -> None:
    clinic.purse.state(clinic.number, *COSTS)
    clinic.purse.invoice(clinic.number, 1_000_00)
    clinic.clock.set(LATER)
    assert f"/applications/{clinic.number}/follow-up" in clinic.start("anna")
    assert clinic.number in clinic.at("chair").get("/lessons/owed").get_data(as_text=True)


def test_costs_invoice_and_follow_up_wait_for_those_who_owe_them(clinic: Clinic) -> None:
    due = clinic.purse.claim(clinic.number).due_on
    assert due is not None
    anna = clinic.start("anna")
    assert english(due) in anna.replace("\xa0", " ")
    assert f"/applications/{clinic.number}/claim" in anna
    assert f"/applications/{clinic.number}/follow-up" in anna
    assert clinic.start("finn") == ""
    clinic.purse.state(clinic.number, *COSTS)
    assert f"/applications/{clinic.number}/claim" not in clinic.start("anna")
    finn = clinic.start("finn")
    assert "1 invoice to register" in finn
    assert "/finance/claims?stage=stated" in finn
    assert english(due) in finn.replace("\xa0", " ")
    assert "Late" not in finn
    clinic.clock.set(LATER)
    finn = clinic.start("finn")
    assert "1 invoice is late" in finn
    assert "/finance/claims?stage=late" in finn
    assert "tag--warn" in finn
    clinic.purse.invoice(clinic.number, 1_000_00)
    finn = clinic.start("finn").replace("\xa0", " ")
    assert "tag--warn" not in finn
    assert "Ready to pay: 1 000 kr" in finn or "Ready to pay: SEK 1,000" in finn, finn
    assert "Not yet paid by the ledger" not in finn
    clinic.purse.batch("rfr", at=LATER)
    finn = clinic.start("finn").replace("\xa0", " ")
    assert "Ready to pay" not in finn
    assert "Not yet paid by the ledger: SEK 1,000" in finn
    clinic.purse.pay(clinic.number, at=LATER)
    assert "Not yet paid by the ledger" not in clinic.start("finn")


def test_parked_emails_wait_for_the_administrator_only(clinic: Clinic) -> None:
    assert "could not be sent" not in clinic.start("admin")
    with clinic.purse.database.writing() as session:
        session.execute(update(OutboxRow).values(parked_at=MARCH, last_error="550"))
    told = clinic.start("admin")
    assert "could not be sent" in told
    assert 'href="/outbox"' in told
    assert "could not be sent" not in clinic.start("finn")
    assert "could not be sent" not in text_of(
        Visitor(clinic.app.test_client()).sign_in(clinic.purse.people["anna"].id).get("/")
    )


def test_the_year_counts_no_follow_up_of_a_grant_that_went_back_whole(clinic: Clinic) -> None:
    scheme = clinic.purse.schemes["rfr-2024"]
    clinic.clock.set(LATER)

    def followed() -> list[str | None]:
        with clinic.purse.reading() as session:
            (found,) = figures(session, [scheme], 2024, LATER)
        return [each.followup for each in found.followed]

    assert followed() == ["late"]
    clinic.purse.release(clinic.number)
    assert followed() == [None]
