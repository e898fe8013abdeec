"""A colleague of the same unit takes a case over, in both funds: all that was for the applicant is theirs then."""

from datetime import date, timedelta

import pytest

from portal.actions import drafting
from portal.actions.claiming import correct_payee
from portal.actions.following_up import record_followup
from portal.actions.notices import remind, reminders_due
from portal.domain.person import AUDITOR, FINANCE, role_in
from portal.domain.refusal import Refused
from portal.store import applications
from tests.actions.world import MARCH
from tests.apply.test_preapproval import COURSE
from tests.support.fund import AT, Fund
from tests.support.region import Region, text_of

LIST = "/applications/colleagues"


def test_a_colleague_takes_over_what_waits(region: Region) -> None:
    """On both engines: from the list to the answer, the log, and who reads it before and after."""
    world = region.world
    for name in ("stina", "elsewhere", "nowhere"):
        world.add(name, language="en")
    world.change("elsewhere", unit="Ward 7")
    world.change("nowhere", unit="")
    world.change("stina", head_id=world["boss"].id)
    number = world.apply("bo", participant="anna", event="Kongress Ett").number
    own = world.apply("bo").number
    path, stina = f"/applications/{number}", region.at("stina")
    for name in ("stina", "elsewhere", "nowhere"):
        assert region.at(name).get(path).status_code == 404, name
    listed = text_of(stina.get(LIST))
    assert f"{number} Course and conference grant from RFR 2024 Bo" in listed
    assert own not in listed, "nobody takes over what somebody applied for themselves"
    for hidden in ("Kongress Ett", "Anna"):
        assert hidden not in listed, hidden
    for name in ("elsewhere", "nowhere", "chair", "finn", "boss"):
        assert number not in text_of(region.at(name).get(LIST)), name
    world.ask(number, question="Why Ghent?")
    begun = world.write(drafting.start_answer, number=number, by=world["bo"], at=MARCH)
    for _again in range(2):
        assert stina.post(f"{path}/take-over").location.endswith(path)
    page = text_of(stina.get(path))
    for said in (
        "Written by Bo",
        "Answers for it now Stina",
        "Why Ghent?",
        "A colleague has taken the case over",
    ):
        assert said in page, said
    told = [world.told(kind) for kind in ("taken-from", "taken-over", "given-back")]
    assert told == [{"bo"}, {"anna", "boss"}, set()]
    for name in ("anna", "boss"):
        assert "Stina answers for it now." in text_of(region.at(name).get("/")), name
    bo = region.at("bo")
    assert (bo.get(path).status_code, bo.get(f"/drafts/{begun.token}").status_code) == (404, 404)
    assert "You wrote it, and Stina answers for it now." in text_of(bo.get("/"))
    assert stina.get(f"/drafts/{begun.token}").status_code == 200, "what the colleague had begun goes on"
    assert "Answer the question about Kongress Ett" in text_of(stina.get("/"))
    world.submit(begun.token, "stina")
    assert world.told("received-again") == {"anna", "stina"}
    with world.reading() as session:
        application = applications.get(session, number=number)
    assert (application.applicant_id, application.author_id) == (world["stina"].id, world["bo"].id)
    assert application.version == 2
    assert "Answers for it: Stina" in text_of(region.at("chair").get(f"/queue/{number}"))
    assert number in text_of(region.at("chair").get("/queue?q=stina&tab=all"))


def test_it_is_given_or_taken_back(small_region: Region) -> None:
    region, world = small_region, small_region.world
    world.add("stina", language="en")
    number = world.apply("bo", participant="anna").number
    path, bo, stina = f"/applications/{number}", region.at("bo"), region.at("stina")
    assert bo.post(f"{path}/give-back").status_code == 404, "nobody has taken it over"
    stina.post(f"{path}/take-over")
    assert "You have taken this over from Bo." in text_of(stina.get(path))
    assert bo.post(f"{path}/give-back").status_code == 404
    assert stina.post(f"{path}/give-back").status_code == 303
    assert (world.told("given-back"), stina.get(path).status_code) == ({"bo"}, 404)
    stina.post(f"{path}/take-over")
    world.change("bo", unit="Ward 7")
    assert bo.post(f"{path}/take-over").status_code == 303, "from another unit too, for it is what they wrote"
    assert (bo.get(path).status_code, stina.get(path).status_code) == (200, 404)
    assert world.told("taken-from") == {"bo", "stina"}
    world.change("bo", unit="Clinic")
    stina.post(f"{path}/take-over")
    world.deactivate("bo")
    assert "works here no more" in text_of(stina.get(path))
    assert stina.post(f"{path}/give-back").status_code == 409
    assert "Bo" in text_of(region.at("chair").get(f"/queue/{number}")), "the history keeps who wrote it"


def test_nobody_takes_over_what_they_decide_pay_or_confirm(small_region: Region) -> None:
    region, world = small_region, small_region.world
    world.add("auditor", roles=frozenset({AUDITOR}))
    world.add("other_finance", roles=frozenset({role_in(FINANCE, "kvalitetsfondet")}))
    number = world.apply("bo", participant="anna").number
    world.sign(number, "chair")
    take = f"/applications/{number}/take-over"
    for name in ("chair", "rep", "sub", "finn", "boss"):
        assert region.at(name).post(take).status_code == 409, name
    for name in ("anna", "auditor"):
        assert region.at(name).post(take).status_code == 404, name
    assert region.at("other_finance").post(take).status_code == 303
    world.appoint("bo", "representative", substitute=True, ends_on=date(2024, 12, 31))
    with pytest.raises(Refused, match="applicant"):
        world.sign(number, "bo")
    world.withdraw(number, "other_finance")
    assert region.at("bo").post(take).status_code == 404, "nothing is left to answer for"


def test_what_follows_a_grant_is_for_who_has_taken_it_over(small_region: Region) -> None:
    region, world = small_region, small_region.world
    world.add("stina", language="en")
    number = world.apply("bo", participant="anna").number
    world.grant(number)
    world.deactivate("bo")
    assert "Has left" in text_of(region.at("stina").get(LIST))
    assert region.at("stina").post(f"/applications/{number}/take-over").status_code == 303
    assert world.told("taken-from") == set(), "who has left is told nothing"
    stina = world["stina"]
    payee = {"administration": "Sahlgrenska", "cost_centre": "4712"}
    world.write(correct_payee, number=number, answers=payee, schemes=world.schemes, by=stina, at=MARCH)
    later = MARCH.replace(month=9, day=25)
    region.clock.set(later)
    with world.reading() as session:
        due = reminders_due(session, schemes=world.schemes, at=later)
    world.write(remind, reminders=due, at=later)
    assert "stina" in world.told("follow-up-late")
    assert "bo" not in world.told("follow-up-late")
    page = text_of(region.at("stina").get("/"))
    assert "Record the follow-up of ESC Congress" in page
    assert "State what ESC Congress cost" in page
    assert region.at("stina").get(f"/applications/{number}/claim").status_code == 200
    record = {"held_on": later.date(), "forum": "APT", "audience": "All", "lesson": "A lesson"}
    world.write(record_followup, number=number, schemes=world.schemes, by=stina, at=later, **record)
    assert region.at("stina").get(f"/applications/{number}/cancel").status_code in (200, 409)


def test_an_approval_that_was_taken_over_leads_to_the_claim(fund: Fund) -> None:
    world, scheme = fund.world, fund.world.schemes["kvalitetsfondet-2023"]
    answers = COURSE | {"days_wanted": "8,5"}
    how = {"scheme": scheme, "kind": "preapproval", "participant_id": world["kari"].id, "answers": answers}
    token = world.write(drafting.start_draft, by=world["ola"], at=AT, **how).token
    number = world.submit(token, "ola", at=AT).number
    for name in ("leder", "medlem"):
        world.sign(number, name, amount=0, at=AT)
    world.add("stina", language="en")
    stina, path = fund.at("stina"), f"/applications/{number}"
    assert stina.post(f"{path}/go-on").status_code == 404
    assert stina.post(f"{path}/take-over").status_code == 303
    location = stina.post(f"{path}/go-on").location
    assert "/drafts/" in location
    assert number in stina.get(location).get_data(as_text=True), "the claim points at the approval"
    assert fund.at("ola").post(f"{path}/go-on").status_code == 404


def test_the_start_page_forgets_the_news_after_a_month(small_region: Region) -> None:
    region, world = small_region, small_region.world
    world.add("stina", language="en")
    number = world.apply("bo", participant="anna").number
    region.at("stina").post(f"/applications/{number}/take-over")
    region.clock.set(MARCH + timedelta(days=31))
    assert "answers for it now" not in text_of(region.at("anna").get("/"))
    assert "answers for it now" in text_of(region.at("bo").get("/")), "who wrote it can take it back"
