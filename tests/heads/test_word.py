"""The head's word through its doors: asked for at submission, given, refused, voided, passed on, and waited for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.actions.notices import remind, reminders_due
from portal.schemes.loader import Schemes
from portal.store import audit, heads, outbox
from portal.store.session import Database
from tests.actions.world import MARCH
from tests.support.portals import own_schemes
from tests.support.region import Region, text_of

ALL = {f"confirm-{each}": "yes" for each in ("takes-part", "pays", "payee", "comes-back")}


def say(
    region: Region, name: str, number: str, answer: dict[str, str], *, version: int = 1, no: str = ""
) -> Any:
    """Answer as a head, as the page of a version asks."""
    return region.at(name).post(f"/applications/{number}/head{no}", {"version": str(version)} | answer)


def acts(region: Region, number: str) -> list[str]:
    with region.world.reading() as session:
        return [each.event.act for each in audit.history(session, region.world.case(number).application.id)]


def word_of(region: Region, number: str) -> str:
    word = region.world.case(number).head_word
    return "awaited" if word is None else word.state


def test_a_head_confirms_all_of_it_and_the_approvers_see_it(small_region: Region) -> None:
    region, world = small_region, small_region.world
    number = world.apply().number
    assert world.told("to-attest") == {"boss"}
    assert "Confirm the counter-financing of ESC Congress" in text_of(region.at("boss").get("/"))
    page = text_of(region.at("boss").get(f"/applications/{number}/head"))
    for said in ("30 August 2024", "SEK 10,000", "4711", "Talk at the clinic meeting", "I confirm this"):
        assert said in page.replace("\xa0", " "), said
    assert "Waits for the head’s word" in text_of(region.at("chair").get("/queue"))
    assert "Waits for the head’s word Boss" in text_of(region.at("chair").get(f"/queue/{number}"))
    partly = say(region, "boss", number, {"confirm-pays": "yes"})
    assert partly.status_code == 422
    assert "The administration and the cost centre are right" in text_of(partly)
    assert word_of(region, number) == "awaited"
    for _again in range(2):
        assert say(region, "boss", number, ALL).status_code == 303
    assert acts(region, number) == ["submit", "attest"]
    assert "Confirm the counter-financing" not in text_of(region.at("boss").get("/"))
    assert "Confirmed by the head" in text_of(region.at("chair").get("/queue"))
    for name, door in (("chair", "queue"), ("anna", "applications")):
        assert "Confirmed by the head Boss, 1 March 2024 at 10:00" in text_of(
            region.at(name).get(f"/{door}/{number}")
        ).replace("\xa0", " ")
    assert region.at("bo").get(f"/applications/{number}/head").status_code == 404
    assert say(region, "anna", number, ALL).status_code == 404, "nobody confirms their own"


def test_a_no_comes_back_with_its_reason_and_is_asked_anew(small_region: Region) -> None:
    region, world = small_region, small_region.world
    number = world.apply().number
    assert say(region, "boss", number, {"reason": " "}, no="/no").status_code == 422
    assert say(region, "boss", number, {"reason": "We pay 8 000"}, no="/no").status_code == 303
    assert world.told("head-says-no") == {"anna"}
    assert "The head says no: We pay 8 000" in text_of(region.at("anna").get(f"/applications/{number}"))
    assert "Why the head said no We pay 8 000" in text_of(region.at("chair").get(f"/queue/{number}"))
    world.answer(number, counter_amount="8 000")
    assert word_of(region, number) == "awaited"
    assert say(region, "boss", number, ALL).status_code == 409, "the page showed the version before"
    assert say(region, "boss", number, ALL, version=2).status_code == 303
    assert acts(region, number) == [
        "submit",
        "attest-refuse",
        "start-answer",
        "save-draft",
        "resubmit",
        "attest",
    ]
    assert "We pay 8 000" in text_of(region.at("chair").get(f"/queue/{number}"))


def test_nobody_waits_for_a_word_on_what_is_withdrawn(small_region: Region) -> None:
    region = small_region
    number = region.world.apply().number
    region.world.withdraw(number)
    for who, path in (("anna", f"/applications/{number}"), ("boss", f"/applications/{number}/head")):
        page = text_of(region.at(who).get(path))
        assert ("The head gave no word Boss" in page, "Waits for the head" in page) == (True, False), path


def test_a_version_voids_the_word_when_it_touches_what_was_confirmed(small_region: Region) -> None:
    region, world = small_region, small_region.world
    number = world.apply().number
    say(region, "boss", number, ALL)
    world.ask(number)
    world.answer(number, participation="More of it", counter_amount="10.000,00")
    assert word_of(region, number) == "given", "the same amount, otherwise written"
    world.ask(number, question="And?")
    world.answer(number, follow_up_on="2024-09-21")
    assert word_of(region, number) == "awaited"
    assert "lapse-attest" in acts(region, number)
    assert "because what it confirms was changed" in text_of(region.at("anna").get(f"/applications/{number}"))
    assert "Confirm the counter-financing" in text_of(region.at("boss").get("/"))
    say(region, "boss", number, ALL, version=3)
    world.ask(number, question="Who?")
    world.answer(number, head=world["outsider"].number)
    assert (word_of(region, number), world.told("to-attest")) == ("awaited", {"boss", "outsider"})


def test_where_it_is_required_a_grant_waits_and_a_refusal_does_not(
    make_region: Callable[..., Region], sqlite_database: Database, sqlite_url: str
) -> None:
    strict = Schemes(own_schemes() | {"rfr-2024": replace(own_schemes()["rfr-2024"], attest="required")})
    region = make_region(sqlite_database, sqlite_url, schemes=strict)
    world, region.world.schemes = region.world, strict
    number = world.apply().number
    assert world.told("to-sign") == set(), "whoever is told to sign can"
    page = region.at("chair").get(f"/queue/{number}").get_data(as_text=True)
    words = "has not confirmed it yet, and nothing is granted before"
    assert words in page[page.index('id="grant"') : page.index('id="act-less"')]
    assert 'id="refuse-reason"' not in page
    sent = {"shown": world.case(number).page_digest, "act": "grant", "amount": "8250.00"}
    answer = region.at("chair").post(f"/queue/{number}/sign", sent)
    assert answer.status_code == 409
    assert words in text_of(answer)
    say(region, "boss", number, ALL)
    assert world.told("to-sign") == {"chair", "rep", "sub"}
    world.grant(number)
    assert world.case(number).application.status == "granted"


def test_the_task_moves_with_the_head(small_region: Region) -> None:
    region, world = small_region, small_region.world
    world.add("director", language="en")
    world.add("newboss", language="en")
    world.change("boss", head_id=world["director"].id)
    left, moved = world.apply().number, world.apply("bo").number
    world.change("bo", head_id=world["newboss"].id)
    assert region.at("boss").get(f"/applications/{moved}/head").status_code == 404
    assert region.at("newboss").get(f"/applications/{moved}").status_code == 200
    assert say(region, "newboss", moved, ALL).status_code == 303
    world.deactivate("boss")
    assert world.told("to-attest") == {"boss", "newboss", "director"}
    assert region.at("director").get(f"/applications/{left}").status_code == 404, (
        "sees what they confirm alone"
    )
    page = region.at("director").get(f"/applications/{left}/head")
    assert "Talk at the clinic meeting" in text_of(page)
    assert "Presents a poster" not in text_of(page)
    assert say(region, "director", left, ALL).status_code == 303
    assert [each.head_id for each in world.case(left).head_words] == [world["director"].id]


def test_a_head_is_reminded_once(small_region: Region) -> None:
    world = small_region.world
    world.apply()
    for days, told in ((6, set()), (7, {"boss"}), (8, {"boss"})):
        at = MARCH + timedelta(days=days)
        with world.reading() as session:
            due = reminders_due(session, schemes=world.schemes, at=at)
        world.write(remind, reminders=due, at=at)
        assert world.told("attest-late") == told
        assert len(due) == (days == 7)


@pytest.mark.each_engine
def test_one_word_counts_and_stays_as_it_was_said(region: Region) -> None:
    world = region.world
    number = world.apply().number
    say(region, "boss", number, ALL)
    say(region, "boss", number, {"reason": "Not after all"}, no="/no")
    with world.reading() as session:
        said = heads.words_on(session, world.case(number).application.id)
        assert [(each.given, each.void_at is None) for each in said] == [(False, True), (True, False)]
        assert [each.application.number for each in heads.awaited(session, ["rfr-2024"])] == []
    world.answer(number)
    with world.reading() as session:
        [asked] = heads.awaited(session, ["rfr-2024"])
    assert (asked.participant, asked.head_id) == ("Anna", world["boss"].id)


def test_both_signers_are_impartial_at_the_decision_or_the_first_signs_in_vain(small_region: Region) -> None:
    """The chair has signed, and then stands for the counter-financing, by the register and by their word."""
    region, world = small_region, small_region.world
    world.change("boss", head_id=world["chair"].id)
    number = world.apply("bo", head=world["boss"].number).number
    world.sign(number, "chair")
    world.deactivate("boss")
    assert say(region, "chair", number, ALL).status_code == 303
    verdict = world.sign(number, "rep")
    assert (verdict.state, verdict.voided) == ("signed once", True)
    assert world.told("signature-void") == {"chair"}
    with world.reading() as session:
        told = [each for each in outbox.unsent(session) if each.kind == "to-sign"]
    assert [each.receiver_id for each in told].count(world["sub"].id) == 2, "who signs instead is told"
    page = text_of(region.at("rep").get(f"/queue/{number}"))
    assert "The signature no longer counts: Chair of RFR" in page
    assert "because you are the head of the participant" in text_of(
        region.at("chair").get(f"/queue/{number}")
    )
    assert world.sign(number, "sub").state == "decided"
