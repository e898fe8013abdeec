"""An application after it was sent: the receipt, who may see it, answering, withdrawing and cancelling."""

import pytest

from portal.domain.application import Outcome, Status
from portal.store import applications
from tests.actions.world import answers
from tests.support.region import Region, text_of
from tests.support.typed import revision_in, send, typed_as


def status_of(region: Region, number: str) -> Status:
    """Where the database says the application stands."""
    with region.world.database.reading() as session:
        return applications.get(session, number=number).status


def test_the_receipt_says_number_time_status_and_what_was_said(region: Region) -> None:
    number = region.world.apply("anna", counter_amount="5000").number
    page = text_of(region.at("anna").get(f"/applications/{number}"))
    for part in (
        "RFR-2024-0001",
        "Waiting for decision",
        "1 March 2024 at 10:00",
        "ESC Congress",
        "Submitted",
        "Decision (not yet)",
        "SEK 5,000",
        "The grant falls to SEK 5,000",
        "Course or conference fee: SEK 7,400",
        "Head Boss",
    ):
        assert part in page, part


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("anna", 200),
        ("bo", 200),
        ("boss", 200),
        ("chair", 200),
        ("finn", 200),
        ("outsider", 404),
        ("admin", 404),
    ],
)
def test_only_those_it_concerns_see_it(small_region: Region, name: str, status: int) -> None:
    number = small_region.world.apply("anna", participant="bo").number
    visitor = small_region.at(name)
    assert visitor.get(f"/applications/{number}").status_code == status
    assert visitor.get(f"/applications/{number}/versions/1").status_code == status
    assert visitor.get(f"/applications/{number}/versions/2").status_code == 404
    assert visitor.get("/applications/RFR-2024-9999").status_code == 404


@pytest.mark.parametrize("name", ["boss", "chair", "finn", "outsider"])
def test_nobody_but_the_parties_can_act(small_region: Region, name: str) -> None:
    number = small_region.world.apply().number
    visitor = small_region.at(name)
    for act in ("withdraw", "cancel", "answer"):
        too_early = (name, act) == ("finn", "cancel")
        answer = visitor.post(f"/applications/{number}/{act}", {"reason": "mine"})
        assert answer.status_code == (409 if too_early else 404)
    assert status_of(small_region, number) is Status.WAITING
    page = visitor.get(f"/applications/{number}").get_data(as_text=True)
    assert "/withdraw" not in page


def test_it_is_withdrawn_after_being_asked_and_twice_is_the_same(region: Region) -> None:
    number = region.world.apply().number
    visitor = region.at("anna")
    assert "Withdraw the application?" in text_of(visitor.get(f"/applications/{number}/withdraw"))
    assert status_of(region, number) is Status.WAITING
    for _time in range(2):
        answer = visitor.post(f"/applications/{number}/withdraw")
        assert answer.headers["Location"] == f"/applications/{number}"
    page = text_of(visitor.get(f"/applications/{number}"))
    assert "The application is withdrawn." in page
    assert status_of(region, number) is Status.WITHDRAWN


def test_too_late_to_withdraw_is_said_on_the_button_and_by_the_post(region: Region) -> None:
    number = region.world.apply().number
    region.world.grant(number)
    visitor = region.at("anna")
    words = "The application can no longer be withdrawn, because it has been decided or withdrawn."
    page = visitor.get(f"/applications/{number}")
    assert words in text_of(page)
    assert 'aria-disabled="true"' in page.get_data(as_text=True)
    refused = visitor.post(f"/applications/{number}/withdraw")
    assert refused.status_code == 409
    assert words in text_of(refused)
    assert status_of(region, number) is Status.GRANTED


def test_a_return_is_answered_and_keeps_its_place(region: Region) -> None:
    world = region.world
    before = world.apply()
    world.ask(before.number, question="Which talk will you give?")
    visitor = region.at("anna")
    page = visitor.get(f"/applications/{before.number}")
    assert "Which talk will you give?" in text_of(page)
    region.clock.forward(days=3)
    visitor = region.at("anna")
    draft = visitor.post(f"/applications/{before.number}/answer").headers["Location"]
    assert visitor.post(f"/applications/{before.number}/answer").headers["Location"] == draft
    form = visitor.get(draft)
    assert "Why it came back: Which talk will you give?" in text_of(form)
    assert "7 400,00" in form.get_data(as_text=True)
    changed = typed_as(answers(participation="The keynote")) | {
        "revision": revision_in(form),
        "action": "review",
    }
    assert visitor.post(draft, changed).headers["Location"] == f"{draft}/review"
    assert send(visitor, draft).headers["Location"] == f"/applications/{before.number}"
    with world.database.reading() as session:
        after = applications.get(session, number=before.number)
    assert (after.version, after.status, after.received_at) == (2, Status.WAITING, before.received_at)
    versions = visitor.get(f"/applications/{before.number}/versions/2")
    assert "1 answer differs from the version before." in text_of(versions)
    assert "The keynote (changed)" in text_of(versions)
    assert "The keynote" not in text_of(visitor.get(f"/applications/{before.number}/versions/1"))


def test_the_participant_can_answer_for_the_applicant(region: Region) -> None:
    number = region.world.apply("anna", participant="bo").number
    region.world.ask(number)
    draft = region.at("anna").post(f"/applications/{number}/answer").headers["Location"]
    assert region.at("bo").post(f"/applications/{number}/answer").headers["Location"] == draft
    assert region.at("bo").get(draft).status_code == 200
    assert region.at("outsider").get(draft).status_code == 404


@pytest.mark.each_engine
def test_a_grant_is_shown_and_cancelled_with_a_reason(region: Region) -> None:
    number = region.world.apply().number
    region.world.grant(number)
    visitor = region.at("anna")
    assert "Granted: SEK 8,250" in text_of(visitor.get(f"/applications/{number}"))
    bare = visitor.post(f"/applications/{number}/cancel", {"reason": "  "})
    assert bare.status_code == 422
    assert "Say why the grant is cancelled." in text_of(bare)
    assert status_of(region, number) is Status.GRANTED
    done = visitor.post(f"/applications/{number}/cancel", {"reason": "The congress is called off"})
    assert done.status_code == 303
    page = text_of(visitor.get(f"/applications/{number}"))
    assert "The grant was cancelled: SEK 8,250 The congress is called off" in page
    assert status_of(region, number) is Status.CANCELLED


def test_a_refusal_is_shown_with_its_reason(region: Region) -> None:
    number = region.world.apply().number
    for name in ("chair", "rep"):
        region.world.sign(
            number, name, Outcome.REFUSE, amount=0, reason="The congress is not for specialists"
        )
    page = text_of(region.at("anna").get(f"/applications/{number}"))
    whose = page.partition(": The congress is not for specialists")[0][-80:]
    assert all(region.world[name].name in whose for name in ("chair", "rep"))


def test_what_approvers_do_among_themselves_is_not_told_before_the_decision(region: Region) -> None:
    number = region.world.apply().number
    region.world.sign(number, "chair", Outcome.REFUSE, amount=0, reason="A secret for now")
    region.world.conflict(number, "rep", note="We are cousins")
    page = text_of(region.at("anna").get(f"/applications/{number}"))
    assert "A secret for now" not in page
    assert "cousins" not in page
    assert "conflict" not in page


def test_an_act_out_of_turn_is_refused_in_words(small_region: Region) -> None:
    number = small_region.world.apply().number
    visitor = small_region.at("anna")
    refused = visitor.post(f"/applications/{number}/answer")
    assert refused.status_code == 409
    assert "The application is not waiting for an answer from you." in text_of(refused)
    refused = visitor.post(f"/applications/{number}/cancel", {"reason": "x"})
    assert refused.status_code == 409
    assert "Only a granted application can be cancelled." in text_of(refused)


def test_finance_sees_the_figures_and_nobodys_reasons(small_region: Region) -> None:
    number = small_region.world.apply(participation="A canary in the text").number
    for path in (f"/applications/{number}", f"/applications/{number}/versions/1"):
        finance = text_of(small_region.at("finn").get(path))
        assert "SEK 8,250" in finance
        assert "canary" not in finance
        assert "canary" in text_of(small_region.at("boss").get(path))


def test_a_head_who_is_not_written_is_named_as_the_one_that_is_meant(small_region: Region) -> None:
    number = small_region.world.apply("anna", head="").number
    page = text_of(small_region.at("anna").get(f"/applications/{number}"))
    label = "Head who stands for the counter-financing"
    assert page.partition(label)[2].split()[0] == "Boss"


def test_what_can_be_done_is_read_before_the_answers(small_region: Region) -> None:
    number = small_region.world.apply("anna").number
    page = text_of(small_region.at("anna").get(f"/applications/{number}"))
    assert page.index("Withdraw the application") < page.index("Course or conference fee")
