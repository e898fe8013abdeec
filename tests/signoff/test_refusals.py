"""Why somebody may not sign: the words beside the button are the words of the POST, and nothing is signed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from portal.domain.application import Outcome
from portal.store import applications
from portal.store.signing import signatures_on
from tests.actions.world import STOCKHOLM
from tests.signoff.conftest import ASSESSED, Office, text_of

Setting = Callable[[Office], tuple[str, str]]
"""Prepares a case and gives its number and who tries to sign."""


def participant(office: Office) -> tuple[str, str]:
    office.world.appoint("bo", "representative", substitute=True, ends_on=date(2024, 12, 31))
    return office.world.apply("anna", participant="bo").number, "bo"


def applicant(office: Office) -> tuple[str, str]:
    office.world.appoint("anna", "representative", substitute=True, ends_on=date(2024, 12, 31))
    return office.world.apply("anna", participant="bo").number, "anna"


def head(office: Office) -> tuple[str, str]:
    office.world.appoint("boss", "representative", substitute=True, ends_on=date(2024, 12, 31))
    return office.world.apply().number, "boss"


def reports(office: Office) -> tuple[str, str]:
    office.world.add("junior", head_id=office.world.people["anna"].id)
    office.world.appoint("junior", "representative", substitute=True, ends_on=date(2024, 12, 31))
    return office.world.apply().number, "junior"


def signed(office: Office) -> tuple[str, str]:
    number = office.world.apply().number
    office.world.sign(number, "chair", Outcome.REFUSE, reason="No")
    return number, "chair"


def seat_taken(office: Office) -> tuple[str, str]:
    number = office.world.apply().number
    office.world.sign(number, "chair")
    return number, "sub"


def in_a_pause(office: Office) -> tuple[str, str]:
    number = office.world.apply().number
    office.wait_until(datetime(2024, 7, 1, 10, tzinfo=STOCKHOLM))
    return number, "chair"


def year_over(office: Office) -> tuple[str, str]:
    number = office.world.apply().number
    office.wait_until(datetime(2025, 2, 1, 10, tzinfo=STOCKHOLM))
    return number, "chair"


def next_year(office: Office) -> tuple[str, str]:
    october = datetime(2023, 10, 2, 10, tzinfo=STOCKHOLM)
    number = office.world.apply(at=october).number
    office.wait_until(october + timedelta(days=1))
    return number, "chair"


def second_grant(office: Office) -> tuple[str, str]:
    first = office.world.apply().number
    second = office.world.apply(event="Another", starts_on="2024-05-01", ends_on="2024-05-02").number
    office.world.grant(first)
    return second, "chair"


def no_money(office: Office) -> tuple[str, str]:
    number = office.world.apply().number
    drain(office, keep=ASSESSED - 1)
    return number, "chair"


def returned(office: Office) -> tuple[str, str]:
    number = office.world.apply().number
    office.world.ask(number)
    return number, "chair"


def decided(office: Office) -> tuple[str, str]:
    number = office.world.apply().number
    office.world.sign(number, "rep", Outcome.REFUSE, reason="No")
    office.world.sign(number, "sub", Outcome.REFUSE, reason="No")
    return number, "chair"


def drain(office: Office, *, keep: int) -> None:
    """Leave so much of the half-year, as others' grants would."""
    from sqlalchemy import update

    from portal.store.tables import BudgetPeriodRow as Row

    with office.world.database.writing() as session:
        session.execute(
            update(Row)
            .where(Row.scheme == "rfr-2024", Row.key == "H1")
            .values(granted_amount=Row.allocated_amount - keep)
        )


SAID: list[tuple[Setting, str]] = [
    (participant, "You cannot sign, because you are the participant."),
    (applicant, "You cannot sign, because you wrote the application."),
    (
        head,
        "You cannot sign, because you are the head of the participant or stand for the counter-financing.",
    ),
    (reports, "You cannot sign, because the participant or the applicant is your head."),
    (signed, "You have already signed. The other seat signs next."),
    (seat_taken, "Your seat has already signed. The other seat signs next."),
    (
        in_a_pause,
        "No decisions are taken from 24 June 2024 to 4 August 2024. The next decision day is 5 August 2024.",
    ),
    (year_over, "The year of the fund is over, so nothing more can be decided in it."),
    (next_year, "The application is kept for next year. It can be decided from 7 January 2024."),
    (
        second_grant,
        "A grant already stands for this participant, and only one can be given. You can refuse this one.",
    ),
    (no_money, "Only SEK 8,249.99 is left of the budget period, less than SEK 8,250."),
]


@pytest.mark.parametrize(("prepare", "words"), SAID, ids=[prepare.__name__ for prepare, _words in SAID])
def test_the_button_says_what_the_post_answers(office: Office, prepare: Setting, words: str) -> None:
    number, name = prepare(office)
    before = count(office, number)
    page = office.at(name).get(f"/queue/{number}").get_data(as_text=True)
    assert f'<p id="grant-reason">{words}</p>' in page.replace("\u00a0", " ")
    assert 'id="grant" aria-disabled="true"' in page
    answer = office.send(name, number, "grant")
    assert answer.status_code == 409
    assert f"Nothing was done {words}" in text_of(answer)
    assert count(office, number) == before


@pytest.mark.parametrize(("prepare", "words"), [
    (returned, "The application has been returned and waits for the applicant."),
    (decided, "The application is already decided or withdrawn."),
])  # fmt: skip
def test_where_no_decision_is_to_come_there_are_no_buttons(
    office: Office, prepare: Setting, words: str
) -> None:
    number, name = prepare(office)
    seen, before = office.shown("rep", office.world.apply("bo").number), count(office, number)
    assert 'id="grant"' not in office.at(name).get(f"/queue/{number}").get_data(as_text=True)
    answer = office.send(name, number, "grant", **seen)
    assert answer.status_code == 409
    assert words in text_of(answer)
    assert count(office, number) == before


def count(office: Office, number: str) -> int:
    with office.world.database.reading() as session:
        application = applications.get(session, number=number)
        return sum(s.withdrawn_at is None for s in signatures_on(session, application.id))


def test_the_second_of_one_person_can_still_be_refused(office: Office) -> None:
    number, name = second_grant(office)
    page = office.at(name).get(f"/queue/{number}").get_data(as_text=True)
    assert 'id="refuse-reason"' not in page
    assert "A grant already stands for this participant" in text_of(office.at(name).get("/queue"))
    for each in ("chair", "rep"):
        assert office.send(each, number, "refuse", **{"refuse-text": "One a year"}).status_code == 303
    assert "Refused" in office.page("chair", number)


def test_less_may_fit_where_the_whole_does_not(office: Office) -> None:
    number, name = no_money(office)
    page = office.at(name).get(f"/queue/{number}").get_data(as_text=True)
    assert 'id="less-reason"' not in page
    typed = {"amount": "8 249,99", "less-text": "All that is left"}
    for each in ("chair", "rep"):
        assert office.send(each, number, "less", **typed).status_code == 303
    assert "Granted SEK 8,249.99" in office.page("chair", number)


@pytest.mark.each_engine
def test_the_last_krona_goes_to_one_and_the_other_is_told_what_is_left(office: Office) -> None:
    one = office.world.apply("anna").number
    other = office.world.apply("bo").number
    drain(office, keep=ASSESSED + 100)
    for number in (one, other):
        office.send("chair", number, "grant")
    seen = office.shown("rep", other)
    assert office.send("rep", one, "grant").status_code == 303
    answer = office.send("rep", other, "grant", **seen)
    assert answer.status_code == 409
    assert "Only SEK 1 is left of the budget period, less than SEK 8,250." in text_of(answer)


def test_a_substitute_signs_only_within_their_days(office: Office) -> None:
    office.world.add("temp")
    office.world.appoint(
        "temp", "representative", substitute=True, starts_on=date(2024, 3, 1), ends_on=date(2024, 3, 2)
    )
    number = office.world.apply().number
    assert office.send("temp", number, "grant").status_code == 303
    office.wait_until(datetime(2024, 3, 2, 23, 59, tzinfo=STOCKHOLM))
    assert office.send("temp", number, "take-back").status_code == 303
    office.clock.set(datetime(2024, 3, 3, 0, 0, tzinfo=STOCKHOLM))
    assert office.at("temp").get(f"/queue/{number}").status_code == 404
    assert (
        office.at("temp").post(f"/queue/{number}/sign", {"act": "grant", "amount": "8250"}).status_code == 404
    )
    assert count(office, number) == 0


@pytest.mark.parametrize("name", ["anna", "boss", "outsider", "admin"])
def test_the_queue_does_not_exist_for_others(office: Office, name: str) -> None:
    number = office.world.apply().number
    visitor = office.at(name)
    assert visitor.get("/queue").status_code == 404
    assert visitor.get(f"/queue/{number}").status_code == 404
    for door in ("sign", "return", "conflict", "take-back"):
        assert visitor.post(f"/queue/{number}/{door}").status_code == 404
    assert count(office, number) == 0


def test_a_party_does_not_learn_what_a_signature_says_before_the_decision(office: Office) -> None:
    number, name = participant(office)
    office.send("chair", number, "less", **{"amount": "100", "less-text": "Secret for now"})
    page = office.page(name, number)
    assert "Secret for now" not in page
    assert "SEK 100" not in page
    office.send("rep", number, "less", **{"amount": "100", "less-text": "Agreed"})
    assert "Secret for now" in office.page(name, number)


def test_an_unknown_act_signs_nothing(office: Office) -> None:
    number = office.world.apply().number
    assert office.send("chair", number, "approve").status_code == 409
    assert count(office, number) == 0
