"""Submitting: once however often it arrives, judged inside the transaction, kept word for word."""

from datetime import datetime, timedelta

import pytest

from portal.actions import drafting
from portal.actions.judging import number_in
from portal.actions.submitting import Blocked
from portal.domain.application import Status
from portal.domain.refusal import Refused
from portal.store import applications, audit, drafts
from portal.store.session import NotFound
from tests.actions.proof import prove
from tests.actions.world import ASSESSED, MARCH, STOCKHOLM, World, answers


def test_a_draft_becomes_an_application(world: World) -> None:
    token = world.draft()
    application = world.submit(token)

    assert application.number == "RFR-2024-0001"
    assert (application.status, application.version, application.amount) == (Status.WAITING, 1, ASSESSED)
    assert (application.title, application.year, application.zone) == ("ESC Congress", 2024, "europe")
    assert application.head_id == world["boss"].id
    assert application.received_at == application.submitted_at == MARCH
    with world.database.reading() as session:
        assert applications.get(session, number=application.number) == application
        version = applications.version_of(session, application)
        assert version.answers == answers()
        assert version.assessment["amount"] == "8250.00"
        assert set(version.assessment["steps"][0]["label"]) == {"sv", "nb", "en"}
        assert version.scheme_digest == world.schemes["rfr-2024"].digest
        assert drafts.find(session, token) is None
        assert [r.event.act for r in audit.history(session, application.id)] == ["submit"]
    prove(world.database)


def test_the_same_submission_again_is_the_same_application(world: World) -> None:
    token = world.draft()
    first = world.submit(token, submit_key="a-key")
    assert world.submit(token, submit_key="a-key") == first
    with world.database.reading() as session:
        assert len(applications.written_by_or_for(session, world["anna"].id)) == 1


def test_the_draft_submitted_under_another_key_is_gone(world: World) -> None:
    token = world.draft()
    world.submit(token, submit_key="a-key")
    with pytest.raises(Refused) as refused:
        world.submit(token, submit_key="another-key")
    assert refused.value.refusal.code == "access.not-found"


def test_numbers_run_on(world: World) -> None:
    assert [world.apply(by).number for by in ("anna", "bo", "anna")] == [
        f"RFR-2024-000{n}" for n in (1, 2, 3)
    ]


def test_what_costs_nothing_is_not_submitted(world: World) -> None:
    with pytest.raises(Blocked) as blocked:
        world.apply(costs=[{"kind": "lodging", "amount": "0"}])
    assert blocked.value.assessment.codes == ("rfr.no-eligible-cost",)
    assert world.apply(costs=[{"kind": "lodging", "amount": "0,02"}]).amount == 1
    prove(world.database)


def test_a_grant_of_nothing_is_not_signed(world: World) -> None:
    """One öre is a cost, and half of it nothing."""
    number = world.apply(costs=[{"kind": "lodging", "amount": "0,01"}]).number
    with pytest.raises(Refused) as refused:
        world.sign(number, "chair", amount=0)
    assert refused.value.refusal.code == "signoff.zero"
    prove(world.database)


def test_what_blocks_is_not_submitted(world: World) -> None:
    token = world.draft(specialist="no")
    with pytest.raises(Blocked) as blocked:
        world.submit(token)
    assert "rfr.not-specialist" in blocked.value.assessment.codes
    with world.database.reading() as session:
        assert drafts.get(session, token).answers["specialist"] == "no"
        assert applications.written_by_or_for(session, world["anna"].id) == []


def test_the_register_is_asked_inside_the_transaction(world: World) -> None:
    first, token = world.apply(), world.draft(prior="requested")
    world.grant(first.number)
    with pytest.raises(Blocked) as blocked:
        world.submit(token)
    assert "rfr.second-grant" in blocked.value.assessment.codes


def test_a_review_of_an_older_revision_is_not_submitted(world: World) -> None:
    token = world.draft()
    world.database.write(
        drafting.save_draft,
        token=token,
        expected=0,
        answers=answers(event="Other"),
        by=world["anna"],
        at=MARCH,
    )
    with pytest.raises(Refused) as refused:
        world.submit(token, revision=0)
    assert refused.value.refusal.code == "draft.changed"
    assert world.submit(token, revision=1).title == "Other"


def test_somebody_elses_draft_does_not_exist(world: World) -> None:
    token = world.draft()
    for attempt in (
        lambda: world.submit(token, "bo"),
        lambda: world.database.write(drafting.delete_draft, token=token, by=world["bo"], at=MARCH),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.refusal.code == "access.not-found"


def test_two_tabs_never_overwrite_each_other(world: World) -> None:
    token, anna = world.draft(), world["anna"]

    def save(expected: int, event: str) -> int:
        return world.database.write(
            drafting.save_draft,
            token=token,
            expected=expected,
            answers=answers(event=event),
            by=anna,
            at=MARCH,
        ).revision

    assert save(0, "First tab") == 1
    assert save(1, "First tab") == 1, "the same text is no new revision"
    with pytest.raises(Refused) as refused:
        save(0, "Second tab")
    assert refused.value.refusal.code == "draft.changed"
    with world.database.reading() as session:
        assert drafts.get(session, token).answers["event"] == "First tab"
    assert save(1, "Second tab") == 2


def test_an_answer_keeps_place_and_first_receipt_and_makes_a_version(world: World) -> None:
    later = MARCH + timedelta(days=9)
    number = world.apply().number
    world.sign(number, "rep")
    returned = world.ask(number)
    assert (returned.status, returned.question) == (Status.RETURNED, "Which talk?")
    with pytest.raises(Refused) as refused:
        world.sign(number, "chair")
    assert refused.value.refusal.code == "signoff.returned"

    answered = world.answer(number, at=later, participation="The talk on valves")
    assert (answered.status, answered.version, answered.question) == (Status.WAITING, 2, None)
    assert (answered.received_at, answered.submitted_at) == (MARCH, later)
    assert answered.number == number
    case = world.case(number)
    assert case.standing == ()
    assert len(case.signatures) == 1
    with world.database.reading() as session:
        assert [v.number for v in applications.versions_of(session, answered.id)] == [1, 2]
        assert drafts.find_answering(session, answered.id) is None
    prove(world.database)


def test_an_answer_is_judged_by_the_first_receipt(world: World) -> None:
    number = world.apply().number
    world.ask(number)
    after_the_start = datetime(2024, 9, 10, 12, tzinfo=STOCKHOLM)
    answered = world.answer(number, at=after_the_start, organiser="The ESC")
    assert answered.version == 2
    assert "rfr.started" not in world.case(number, at=after_the_start).assessment.codes


def test_only_a_party_answers_and_only_a_returned_application(world: World) -> None:
    number = world.apply("anna", participant="bo").number
    for by, code in (("anna", "access.resubmit-too-late"), ("outsider", "access.not-found")):
        with pytest.raises(Refused) as refused:
            world.answer(number, by)
        assert refused.value.refusal.code == code
    world.ask(number)
    assert world.answer(number, "bo", organiser="x").version == 2


def test_withdrawing_ends_it_once(world: World) -> None:
    number = world.apply().number
    assert world.withdraw(number).status is Status.WITHDRAWN
    assert world.withdraw(number).status is Status.WITHDRAWN
    with pytest.raises(Refused) as refused:
        world.sign(number, "chair")
    assert refused.value.refusal.code == "signoff.decided"
    with pytest.raises(Refused) as refused:
        world.withdraw(number, "bo")
    assert refused.value.refusal.code == "access.not-found"


def test_another_head_is_found_by_what_the_list_offers(world: World) -> None:
    outsider = world["outsider"]
    assert world.apply(head=f"Outsider ({outsider.number})").head_id == outsider.id
    with pytest.raises(Blocked) as blocked:
        world.apply("bo", head="Nobody (0000)")
    assert blocked.value.assessment.codes == ("rfr.head-unknown",)
    assert number_in(" 1970-0001 ") == "1970-0001"


def test_nothing_of_that_number(world: World) -> None:
    with world.database.reading() as session:
        assert applications.find(session, number="RFR-2024-9999") is None
        with pytest.raises(NotFound):
            applications.get(session, number="RFR-2024-9999")
    with pytest.raises(Refused) as refused:
        world.withdraw("RFR-2024-9999")
    assert refused.value.refusal.code == "access.not-found"


def test_an_answer_to_a_return_is_of_the_same_event(world: World) -> None:
    """It is judged by when it was first received, so that it cannot become one that has been held since."""
    number = world.apply().number
    world.ask(number)
    april = MARCH + timedelta(days=40)
    held = {"event": "Spring meeting", "starts_on": "2024-04-02", "ends_on": "2024-04-03"}
    with pytest.raises(Refused) as refused:
        world.answer(number, at=april, **held)
    assert refused.value.refusal.code == "submit.another-event"
    corrected = world.answer(
        number, at=april, event="ESC Congress 2024", starts_on="2024-08-29", ends_on="2024-09-02"
    )
    assert (corrected.version, corrected.title) == (2, "ESC Congress 2024")
