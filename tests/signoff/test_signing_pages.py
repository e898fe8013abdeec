"""The case page through the browser's door: two signatures decide, and every other way it can go."""

from datetime import date

import pytest

from portal.actions import claiming
from portal.domain.application import Outcome, Status
from portal.domain.refusal import Refused
from portal.store import applications, audit, budgets, letters
from tests.signoff.conftest import MARCH, Office, text_of

GRANT, REFUSE = Outcome.GRANT, Outcome.REFUSE


def status_of(office: Office, number: str) -> Status:
    with office.world.database.reading() as session:
        return applications.get(session, number=number).status


def acts_on(office: Office, number: str) -> list[str]:
    """What the log tells of an application, without the letters that follow from it."""
    with office.world.database.reading() as session:
        application = applications.get(session, number=number)
        acts = [each.event.act for each in audit.history(session, application.id)]
    return [act for act in acts if act != "keep-letter"]


def left(office: Office) -> int | None:
    with office.world.database.reading() as session:
        return budgets.left_on(session, office.world.schemes["rfr-2024"], MARCH.date())


def said_next(office: Office, name: str, answer: object) -> str:
    """What the page says that the answer leads to."""
    location = getattr(answer, "headers")["Location"]  # noqa: B009
    return text_of(office.at(name).get(location))


@pytest.mark.each_engine
def test_two_signatures_that_agree_decide(office: Office) -> None:
    number, before = office.world.apply("anna", participant="bo").number, left(office)
    page = office.page("chair", number)
    assert "Yours would be the first signature" in page
    assert "Grant SEK 8,250" in page

    first = office.send("chair", number, "grant")
    assert first.status_code == 303
    assert "You have signed. Now it waits for the other seat." in said_next(office, "chair", first)
    assert left(office) == before

    assert "Yours would be the second signature" in office.page("rep", number)
    second = office.send("rep", number, "grant")
    assert "Decided: granted." in said_next(office, "rep", second)
    assert status_of(office, number) is Status.GRANTED
    assert left(office) == (before or 0) - 8_250_00
    assert "SEK 8,250 granted" not in office.page("chair", number)
    assert "Granted SEK 8,250" in office.page("chair", number)


def test_nothing_is_chosen_beforehand(office: Office) -> None:
    number = office.world.apply().number
    page = office.at("chair").get(f"/queue/{number}").get_data(as_text=True)
    acts = page[page.index('id="acts"') :]
    assert "checked" not in acts
    assert "selected" not in acts
    assert "<details open" not in acts
    assert 'name="act" value="less"' in acts


def test_the_same_button_twice_has_one_result(office: Office) -> None:
    number = office.world.apply().number
    seen = office.shown("chair", number)
    answers = [office.send("chair", number, "grant", **seen) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert acts_on(office, number) == ["submit", "sign"]
    seen = office.shown("rep", number)
    for _ in range(2):
        assert "Decided: granted." in said_next(office, "rep", office.send("rep", number, "grant", **seen))
    assert acts_on(office, number) == ["submit", "sign", "sign", "decide"]


def test_less_needs_a_reason_and_both_must_say_it(office: Office) -> None:
    number = office.world.apply().number
    refused = office.send("chair", number, "less", amount="5 000")
    assert refused.status_code == 422
    assert "Give the reason for granting less than was assessed." in text_of(refused)
    assert 'value="5 000"' in refused.get_data(as_text=True)
    typed = {"amount": "5 000", "less-text": "One night less"}
    assert office.send("chair", number, "less", **typed).status_code == 303
    assert "Decided: granted." in said_next(office, "rep", office.send("rep", number, "less", **typed))
    page = office.page("chair", number)
    assert "Granted SEK 5,000" in page
    assert "One night less" in page


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("", "Fill this in."),
        ("many", "Write a number in digits"),
        ("9 000", "The amount cannot be above the assessed SEK 8,250."),
        ("0", "To grant nothing, refuse the application with a reason."),
        ("100,005", "There are too many decimals."),
    ],
)
def test_an_amount_that_will_not_do_is_said_beside_its_box(office: Office, amount: str, words: str) -> None:
    number = office.world.apply().number
    answer = office.send("chair", number, "less", **{"amount": amount, "less-text": "My reason"})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert words in text_of(answer)
    assert 'id="amount" name="amount" aria-describedby="amount-hint amount-error" aria-invalid="true"' in page
    assert "My reason" in page
    assert '<details class="act" id="act-less" open>' in page
    assert acts_on(office, number) == ["submit"]


def test_a_refusal_needs_a_reason(office: Office) -> None:
    number = office.world.apply().number
    answer = office.send("chair", number, "refuse")
    assert answer.status_code == 422
    assert "Give the reason for the refusal." in text_of(answer)
    for name in ("chair", "rep"):
        office.send(name, number, "refuse", **{"refuse-text": f"Not a course, says {name}"})
    assert status_of(office, number) is Status.REFUSED
    page = office.page("chair", number)
    assert "Not a course, says chair" in page
    assert "Not a course, says rep" in page


def test_a_reason_too_long_is_kept_and_refused(office: Office) -> None:
    number = office.world.apply().number
    answer = office.send("chair", number, "refuse", **{"refuse-text": "x" * 4001})
    assert answer.status_code == 422
    assert "The text has 4,001 characters. At most 4,000 are allowed." in text_of(answer)
    assert "x" * 4001 in answer.get_data(as_text=True)


def test_signatures_that_differ_are_shown_to_both_and_each_takes_back_their_own(office: Office) -> None:
    number = office.world.apply().number
    office.send("chair", number, "grant")
    answer = office.send("rep", number, "refuse", **{"refuse-text": "Too far away"})
    assert "The two signatures differ" in said_next(office, "rep", answer)
    for name in ("chair", "rep"):
        page = office.page(name, number)
        assert "The signatures differ, so nothing is decided." in page
        assert "Too far away" in page
        assert "Take back your signature" in page
        assert "You have already signed. To sign otherwise, take it back first." in page
    assert "Both seats have signed. Each signer can take back their own." in office.page("sub", number)
    assert "Signatures differ" in text_of(office.at("rep").get("/queue?tab=disagreed"))
    for _ in range(2):
        answer = office.send("rep", number, "take-back")
        assert "Your signature is taken back" in said_next(office, "rep", answer)
    assert status_of(office, number) is Status.WAITING
    office.send("rep", number, "grant")
    assert status_of(office, number) is Status.GRANTED
    assert "Took back the signature" in office.page("rep", number)


def test_taking_back_what_was_never_signed_is_refused_with_words(office: Office) -> None:
    number = office.world.apply().number
    assert "Take back your signature" not in office.page("chair", number)
    answer = office.send("chair", number, "take-back")
    assert answer.status_code == 409
    assert "You have no signature here to take back." in text_of(answer)


def test_a_question_returns_it_and_the_answer_keeps_its_place(office: Office) -> None:
    number = office.world.apply().number
    later = office.world.apply("bo").number
    office.send("rep", number, "grant")
    assert office.send("chair", number, "ask").status_code == 422
    answer = office.send("chair", number, "ask", **{"ask-text": "Which talk do you give?"})
    assert "The application is returned." in said_next(office, "chair", answer)
    assert "Which talk do you give?" in office.page("rep", number)
    assert number in text_of(office.at("chair").get("/queue?tab=returned"))
    assert number not in text_of(office.at("chair").get("/queue"))

    office.world.answer(number, participation="The opening talk")
    mine = text_of(office.at("chair").get("/queue"))
    assert mine.index(number) < mine.index(later)
    page = office.page("chair", number)
    assert "Submitted again, version 2" in page
    assert "Returned with a question 1 March 2024 at 10:00 · Chair Which talk do you give?" in page
    assert "Which talk do you give? This version is the answer." in page
    assert "Earlier versions Version 1" in page
    assert "Presents a poster; seminar for the clinic afterwards The opening talk" in page
    assert "Yours would be the first signature" in page, "the signature on version 1 counts no more"
    office.send("chair", number, "grant")
    office.send("rep", number, "grant")
    assert status_of(office, number) is Status.GRANTED


def test_a_stale_page_signs_nothing_and_says_what_changed(office: Office) -> None:
    number = office.world.apply().number
    seen = office.shown("chair", number)
    office.world.ask(number, "rep")
    office.world.answer(number, event="EHA Congress", costs=[{"kind": "fee", "amount": "5 000"}])
    answer = office.send("chair", number, "refuse", **seen, **{"refuse-text": "Typed with care"})
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Nothing was signed" in page
    assert "The case has changed since the page was shown." in page
    assert "Assessed amount: SEK 8,250 SEK 2,500" in page
    assert "Name ESC Congress EHA Congress" in page
    assert "Typed with care" in answer.get_data(as_text=True)
    assert "sign" not in acts_on(office, number)
    assert office.send("chair", number, "refuse", **{"refuse-text": "Typed with care"}).status_code == 303


def test_a_finding_that_came_since_makes_the_page_stale_too(office: Office) -> None:
    number = office.world.apply("bo").number
    seen = office.shown("chair", number)
    office.world.apply(
        "anna", participant="bo", starts_on="2024-05-01", ends_on="2024-05-02", follow_up_on="2024-05-09"
    )
    answer = office.send("chair", number, "grant", **seen)
    assert answer.status_code == 409
    assert "New: The participant has another application in the same year" in text_of(answer)
    assert acts_on(office, number) == ["submit"]
    page = office.page("chair", number)
    assert "new since then" in page
    assert "What differs since the application was submitted is marked." in page


@pytest.mark.each_engine
def test_a_declared_conflict_hides_the_case_and_the_substitute_takes_the_seat(office: Office) -> None:
    number = office.world.apply().number
    office.send("chair", number, "grant")
    answer = office.send("chair", number, "conflict", **{"conflict-text": "We write together"})
    assert "You have stepped aside. Sub can sign in your seat now. An e-mail says so." in said_next(
        office, "chair", answer
    )
    page = office.page("chair", number)
    assert "You declared a conflict of interest" in page
    assert "We write together" in page
    assert "ESC Congress" not in page
    for tab in ("mine", "other", "disagreed", "decided"):
        assert number not in text_of(office.at("chair").get(f"/queue?tab={tab}"))
    refused = office.at("chair").post(f"/queue/{number}/sign", {"act": "grant", "amount": "8250"})
    assert refused.status_code == 409
    assert "ESC Congress" not in text_of(refused)

    for door in ("", "/versions/1"):
        assert office.at("chair").get(f"/applications/{number}{door}").status_code == 404
        assert office.at("rep").get(f"/applications/{number}{door}").status_code == 200

    assert number in text_of(office.at("sub").get("/queue"))
    assert "We write together" not in office.page("sub", number)
    office.send("sub", number, "grant")
    office.send("rep", number, "grant")
    assert status_of(office, number) is Status.GRANTED


def test_who_steps_aside_without_a_substitute_is_told_what_that_means(office: Office) -> None:
    number = office.world.apply().number
    nobody = "Nobody else can sign in your seat today, so nothing is decided until an administrator appoints"
    assert nobody in office.page("rep", number)
    answer = office.send("rep", number, "conflict")
    assert f"You have stepped aside. {nobody}" in said_next(office, "rep", answer)
    assert office.world.told("seat-empty") == {"admin", "admin2"}


def test_a_seat_in_which_nobody_can_sign_says_so(office: Office) -> None:
    number = office.world.apply().number
    for name in ("chair", "sub"):
        office.send(name, number, "conflict")
    page = office.page("rep", number)
    assert "Chair of RFR Not signed Nobody can sign in this seat today." in page
    office.send("rep", number, "grant")
    assert status_of(office, number) is Status.WAITING


@pytest.mark.each_engine
def test_every_act_reaches_the_log_and_the_timeline(office: Office) -> None:
    number = office.world.apply().number
    office.send("chair", number, "grant")
    office.send("rep", number, "grant")
    office.world.cancel(number)
    page = office.page("rep", number)
    for line in (
        "Submitted 1 March 2024",
        "Signed: Chair of RFR",
        "Signed: RFR representative",
        "Grant cancelled",
    ):
        assert line in page
    assert "Grant SEK 8,250" in page


def test_a_tie_that_arose_after_the_first_signature_voids_it(office: Office) -> None:
    """The chair has signed, then becomes the participant's head: the second signature alone decides nothing."""
    world, number = office.world, office.world.apply().number
    assert office.send("chair", number, "grant").status_code == 303
    world.change("anna", head_id=world["chair"].id)
    answer = office.send("rep", number, "grant")
    assert "its signer has since become head of" in text_of(office.at("rep").get(answer.headers["Location"]))
    assert [each.signer_id for each in world.case(number).standing] == [world["rep"].id]
    assert world.told("signature-void") == {"chair"}
    assert "you are the head of the participant" in office.page("chair", number)
    assert office.send("sub", number, "grant").status_code == 303
    assert "Granted" in office.page("rep", number)


def test_who_alone_sits_in_both_seats_is_told_that_nobody_else_can_sign(office: Office) -> None:
    world, number = office.world, office.world.apply().number
    world.deactivate("sub")
    world.deactivate("rep")
    world.appoint("chair", "representative", substitute=True, ends_on=date(2024, 12, 31))
    assert office.send("chair", number, "grant").status_code == 303
    assert "nobody else sits in the other seat today" in office.page("chair", number)
    assert "Only Chair sits in the seats of RFR today" in text_of(office.at("admin").get("/seats"))


def test_nothing_is_granted_to_who_has_left(office: Office) -> None:
    number = office.world.apply().number
    office.world.deactivate("anna")
    assert "The participant no longer works here" in office.page("chair", number)
    assert office.send("chair", number, "grant").status_code == 409
    assert office.send("chair", number, "refuse", **{"refuse-text": "Has left"}).status_code == 303


def test_a_registration_number_is_kept_found_and_written_on_letters(office: Office) -> None:
    number = office.world.apply("anna").number
    chair = office.at("chair")
    typed = {"registration-text": " RFR  2024-00123 ", "tab": "mine"}
    assert chair.post(f"/queue/{number}/register", typed).status_code == 303
    assert "RFR 2024-00123" in office.page("chair", number)
    assert "RFR 2024-00123" in text_of(office.at("anna").get(f"/applications/{number}"))
    assert number in text_of(chair.get("/queue?tab=all&q=2024-00123"))
    long = chair.post(f"/queue/{number}/register", {"registration-text": "1" * 61, "tab": "mine"})
    assert long.status_code == 422
    assert "1" * 61 in long.get_data(as_text=True)

    office.world.ask(number)
    office.world.answer(number)
    assert number in text_of(chair.get("/queue?tab=all&q=2024-00123")), "also of the next version"
    office.send("chair", number, "grant")
    office.send("rep", number, "grant")
    with office.world.database.reading() as session:
        application = applications.get(session, number=number)
        decision = letters.find_latest(session, application.id, "decision")
        assert decision is not None
        said = str(letters.due(session, but=[]))
    assert application.registration == "RFR 2024-00123"
    assert "RFR 2024-00123" in said
    assert "operativa hälso- och sjukvårdsnämnden" in said
    assert "kan tas tillbaka" in said
    assert "register-number" in acts_on(office, number)


def test_what_was_used_before_the_portal_is_taken_off_and_said(office: Office) -> None:
    world, chair = office.world, office.at("chair")
    before = left(office) or 0
    assert "No figure is stated for what was used before the portal" in text_of(chair.get("/finance"))
    what = {"period": "H1", "on": date(2023, 12, 31), "source": "The ledger of 2023", "by": None, "at": MARCH}
    world.write(claiming.state_opening, scheme=world.schemes["rfr-2024"], amount=1_740_000_00, **what)
    assert left(office) == before - 1_740_000_00
    for path in ("/finance", "/year"):
        page = text_of(chair.get(path))
        assert "SEK 1,740,000" in page
        assert "as of 31 December 2023. Source: The ledger of 2023" in page
    assert "SEK 10,000" in text_of(chair.get("/finance"))

    number = world.apply().number
    for path in ("/finance", "/year"):
        assert "If everything that waits is granted, SEK 1,750 is left." in text_of(chair.get(path))
    world.apply("bo")
    for path in ("/finance", "/year"):
        exceeded = "If everything that waits is granted, the budget is exceeded by SEK 6,500."
        assert exceeded in text_of(chair.get(path))
    world.grant(number)
    with pytest.raises(Refused) as refused:
        world.write(claiming.state_opening, scheme=world.schemes["rfr-2024"], amount=1_745_000_00, **what)
    assert refused.value.refusal.code == "budget.opening"
    world.write(claiming.state_opening, scheme=world.schemes["rfr-2024"], amount=0, **what)
    assert left(office) == before - 8_250_00


def test_the_seats_write_to_each_other_and_nobody_else_reads_it(office: Office) -> None:
    world, said = office.world, "Is the hotel not dear?"
    number = world.apply().number
    empty = office.send("chair", number, "comment", **{"comment-text": " "})
    assert empty.status_code == 422
    assert "Write what you want to say to the other seat." in text_of(empty)
    for _twice in range(2):
        assert office.send("chair", number, "comment", **{"comment-text": said}).status_code == 303
    assert world.told("comment") == {"rep"}
    assert office.page("rep", number).count(said) == 1
    assert f"Chair: {said}" in text_of(office.at("rep").get("/queue"))
    for name, path in (("anna", f"/applications/{number}"), ("boss", f"/applications/{number}")):
        assert said not in text_of(office.at(name).get(path))
    assert office.at("anna").post(f"/queue/{number}/comment", {"comment-text": "Me too"}).status_code == 404
    office.send("rep", number, "grant")
    office.send("chair", number, "grant")
    late = office.send("rep", number, "comment", **{"comment-text": "Too late"})
    assert (late.status_code, "Too late" in text_of(late)) == (409, True)
