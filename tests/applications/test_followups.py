"""Follow-ups through their pages on both engines: recorded by the participant, confirmed by the head, found by all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from portal.actions.people import change_person
from portal.store.session import Database
from tests.actions.world import MARCH, STOCKHOLM, World
from tests.support.portals import Clock, Visitor
from tests.support.region import text_of

if TYPE_CHECKING:
    from flask import Flask

pytestmark = pytest.mark.each_engine

SEPTEMBER = datetime(2024, 9, 20, 12, tzinfo=STOCKHOLM)
RECORD = {
    "held_on": "2024-09-19",
    "forum": "Morning meeting",
    "audience": "The doctors",
    "lesson": "Start the heart failure pills early, 100 % of them",
}


class Clinic:
    """A granted application, and people who come to it with a browser each."""

    def __init__(self, world: World, app: "Flask", clock: Clock) -> None:
        self.world, self.app, self.clock = world, app, clock
        self.number = world.apply().number
        world.grant(self.number)
        self.address = f"/applications/{self.number}/follow-up"

    def at(self, name: str) -> Visitor:
        return Visitor(self.app.test_client()).sign_in(self.world.people[name].id)


@pytest.fixture
def clinic(make_app: Callable[..., "Flask"], database: Database, database_url: str, clock: Clock) -> Clinic:
    clock.set(MARCH)
    world = World(database)
    for name in world.people:
        database.write(
            change_person,
            person=replace(world[name], language="en"),
            schemes=world.schemes,
            by=None,
            at=MARCH,
        )
    return Clinic(world, make_app(database_url=database_url), clock)


def test_it_waits_for_the_event_to_end(clinic: Clinic) -> None:
    anna = clinic.at("anna")
    assert "from the last day of the event, 2 September 2024" in text_of(anna.get(clinic.address))
    answer = anna.post(clinic.address, RECORD)
    assert answer.status_code == 409
    assert "2 September 2024" in text_of(answer)


def test_what_lacks_is_said_beside_its_field_and_nothing_typed_is_lost(clinic: Clinic) -> None:
    clinic.clock.set(SEPTEMBER)
    answer = clinic.at("anna").post(clinic.address, {**RECORD, "held_on": "2024-08-31", "forum": ""})
    assert answer.status_code == 422
    said = text_of(answer)
    assert "between the last day of the event, 2 September 2024, and today" in said
    assert "Fill this in." in said
    assert RECORD["lesson"] in said


def test_the_participant_records_and_the_head_confirms(clinic: Clinic) -> None:
    clinic.clock.set(SEPTEMBER)
    anna, boss = clinic.at("anna"), clinic.at("boss")
    for party in (anna, boss):
        assert clinic.address in party.get(f"/applications/{clinic.number}").get_data(as_text=True)
    assert "Record the follow-up of ESC Congress" in text_of(anna.get("/"))
    assert anna.post(clinic.address, RECORD).status_code == 303
    assert "Record the follow-up of ESC Congress" not in text_of(anna.get("/"))
    assert "Confirm the follow-up of ESC Congress" in text_of(boss.get("/"))
    assert boss.post(f"{clinic.address}/confirm").status_code == 303
    assert boss.post(f"{clinic.address}/confirm").status_code == 303, "once more gives the same answer"
    assert "Confirmed" in text_of(boss.get(clinic.address))
    late = anna.post(clinic.address, {**RECORD, "lesson": "Something else"})
    assert late.status_code == 409
    assert "stays as it is" in text_of(late)


def test_nobody_confirms_their_own(clinic: Clinic) -> None:
    clinic.clock.set(SEPTEMBER)
    anna = clinic.at("anna")
    anna.post(clinic.address, RECORD)
    assert anna.post(f"{clinic.address}/confirm").status_code == 409
    assert "Confirmed" not in text_of(anna.get(clinic.address))


def test_strangers_do_not_see_it_but_find_the_lesson(clinic: Clinic) -> None:
    clinic.clock.set(SEPTEMBER)
    clinic.at("anna").post(clinic.address, RECORD)
    bo = clinic.at("bo")
    assert bo.get(clinic.address).status_code == 404
    assert RECORD["lesson"] in text_of(bo.get("/lessons?q=HEART+pills"))
    assert RECORD["lesson"] not in text_of(bo.get("/lessons?q=kidney"))
    assert "Nothing found" in text_of(bo.get("/lessons?q=1_0")), "a wildcard is a letter like any other"
    assert RECORD["lesson"] in text_of(bo.get("/lessons?q=100+%25"))


def test_what_is_late_is_listed_for_who_looks_after_it(clinic: Clinic) -> None:
    clinic.clock.set(datetime(2024, 9, 25, 12, tzinfo=STOCKHOLM))
    assert clinic.number in text_of(clinic.at("chair").get("/lessons/owed"))
    assert clinic.at("bo").get("/lessons/owed").status_code == 404
    clinic.at("anna").post(clinic.address, RECORD)
    assert clinic.number not in text_of(clinic.at("chair").get("/lessons/owed"))


def test_a_cancelled_grant_owes_nothing(clinic: Clinic) -> None:
    anna = clinic.at("anna")
    anna.post(f"/applications/{clinic.number}/cancel", {"reason": "Called off"})
    clinic.clock.set(SEPTEMBER)
    anna = clinic.at("anna")
    assert "Record the follow-up" not in text_of(anna.get("/"))
    assert anna.post(clinic.address, RECORD).status_code == 409


def test_the_next_head_in_line_confirms_when_the_head_has_left(clinic: Clinic) -> None:
    clinic.clock.set(SEPTEMBER)
    world = clinic.world
    world.add("director", language="en")
    world.change("boss", head_id=world["director"].id)
    clinic.at("anna").post(clinic.address, RECORD)
    director = clinic.at("director")
    assert director.get(clinic.address).status_code == 404, "it is the word of the head who is named"
    world.deactivate("boss", at=SEPTEMBER)
    assert world.told("follow-up-recorded") == {"boss", "director"}
    assert "Confirm the follow-up of ESC Congress" in text_of(director.get("/"))
    page = director.get(clinic.address)
    assert RECORD["lesson"] in text_of(page)
    assert f'"/applications/{clinic.number}"' not in page.get_data(as_text=True), "the case itself stays shut"
    assert director.post(f"{clinic.address}/confirm").status_code == 303
    assert "Confirmed" in text_of(director.get(clinic.address))


def test_who_recorded_does_not_confirm(clinic: Clinic) -> None:
    """A head who applied for a member of staff, and recorded it, leaves the word to the next in line."""
    world = clinic.world
    world.add("director", language="en")
    number = world.apply("boss", participant="bo", head=world["outsider"].number).number
    world.deactivate("outsider")
    world.grant(number)
    address = f"/applications/{number}/follow-up"
    clinic.clock.set(SEPTEMBER)
    boss = clinic.at("boss")
    assert boss.post(address, RECORD).status_code == 303
    assert boss.post(f"{address}/confirm").status_code == 409
    assert "No head who is here can confirm it" in text_of(boss.get(address))
    assert "Confirm the follow-up" not in text_of(boss.get("/"))
    world.change("boss", head_id=world["director"].id, at=SEPTEMBER)
    assert clinic.at("director").post(f"{address}/confirm").status_code == 303


def test_the_head_says_that_it_is_not_so(clinic: Clinic) -> None:
    """It is owed again with what was written, the parties are told why, and the head is asked once more."""
    clinic.clock.set(SEPTEMBER)
    clinic.at("anna").post(clinic.address, RECORD)
    boss, no = clinic.at("boss"), f"{clinic.address}/deny"
    empty = boss.post(no, {"reason": " "})
    assert empty.status_code == 422
    assert "Write what is not so." in text_of(empty)
    assert clinic.at("bo").post(no, {"reason": "Not mine to say"}).status_code == 404
    assert clinic.at("anna").post(no, {"reason": "Not mine to say"}).status_code == 409
    assert boss.post(no, {"reason": "Nobody was there"}).status_code == 303
    assert boss.post(no, {"reason": "Nobody was there"}).status_code == 303, "said once"
    assert clinic.world.told("follow-up-denied") == {"anna"}
    anna = clinic.at("anna")
    page = text_of(anna.get(clinic.address))
    assert "says that it is not so" in page
    assert "Nobody was there" in page
    assert RECORD["lesson"] in anna.get(clinic.address).get_data(as_text=True), "what was written waits"
    assert "Record the follow-up of ESC Congress" in text_of(anna.get("/"))
    assert RECORD["lesson"] not in text_of(clinic.at("bo").get("/lessons"))
    assert "Confirm the follow-up" not in text_of(clinic.at("boss").get("/"))
    anna.post(clinic.address, RECORD | {"audience": "The whole clinic"})
    page = text_of(clinic.at("boss").get(clinic.address))
    assert "says that it is not so" not in page
    assert "Confirm the follow-up" in page
    assert clinic.at("boss").post(f"{clinic.address}/confirm").status_code == 303
    assert clinic.at("boss").post(no, {"reason": "After all not"}).status_code == 409


def test_a_no_by_mistake_is_made_good(clinic: Clinic) -> None:
    clinic.clock.set(SEPTEMBER)
    clinic.at("anna").post(clinic.address, RECORD)
    boss = clinic.at("boss")
    boss.post(f"{clinic.address}/deny", {"reason": "Nobody was there"})
    assert "It was so: confirm it" in text_of(boss.get(clinic.address))
    assert boss.post(f"{clinic.address}/confirm").status_code == 303
    assert clinic.world.told("follow-up-accepted") == {"anna"}
    assert RECORD["lesson"] in text_of(clinic.at("bo").get("/lessons"))
