"""A larger course is approved before it is held; the claim starts from the approval, and nobody can type its days."""

import html
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from portal.actions.notices import reminders_due
from portal.domain.application import Status
from portal.store import applications, signing
from tests.apply.acts import HIDDEN, grant, save, send
from tests.support.fund import Fund, claim
from tests.support.portals import Visitor
from tests.support.region import text_of
from tests.support.typed import start, typed_as

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

COURSE = {
    "course": "other",
    "course_title": "Forbedringskunnskap, lang uke",
    "topic": "Pasientsikkerhet på legekontoret",
    "starts_on": "2024-05-06",
    "ends_on": "2024-05-17",
}
AFTER = datetime(2024, 6, 3, 9, tzinfo=UTC)
CLAIM = {
    "payee": "self_employed",
    "account": "1234 56 78903",
    "in_hours": "yes",
    "whole_days": "9",
    "fee": "6 000",
}


def approved(fund: Fund, **other: str) -> str:
    """A pre-approval of 8.5 days that both seats have granted; its number."""
    kari = fund.at("kari")
    path = start(kari, "kvalitetsfondet-2023", kind="preapproval")
    save(kari, path, COURSE | {"days_wanted": "8,5"} | other)
    number = send(kari, path)
    page = text_of(fund.at("leder").get(f"/queue/{number}"))
    assert "NOK 0" not in page, "no amount is decided, so none is shown"
    for name in ("leder", "medlem"):
        assert grant(fund.at(name), number).status_code == 303
    assert fund.application(number).status is Status.GRANTED
    return number


def begun(fund: Fund, number: str) -> str:
    """The claim that starts from it: its path."""
    answer = fund.at("kari").post(f"/applications/{number}/go-on")
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


@pytest.mark.each_engine
def test_the_claim_starts_from_the_approval_and_its_days_are_the_cap(each_fund: Fund) -> None:
    fund, number = each_fund, approved(each_fund)
    fund.app.extensions["portal"].clock.set(AFTER)
    receipt = fund.at("kari").get(f"/applications/{number}")
    assert "Begin: Claim for a refund" in text_of(receipt)
    assert "NOK 0" not in text_of(receipt)

    path = begun(fund, number)
    assert begun(fund, number) == path, "a second click goes on with the same claim"
    kari, token = fund.at("kari"), path.rpartition("/")[2]
    page = kari.get(path)
    assert "Forbedringskunnskap, lang uke" in page.get_data(as_text=True)
    assert "Days approved beforehand: 8,5" in text_of(page)
    assert 'name="preapproved_days"' not in page.get_data(as_text=True)

    save(kari, path, COURSE | CLAIM, preapproved_days="12")
    page = text_of(kari.get(path))
    assert "You claim 9 days, but the course is compensated for at most 8.5." in page
    for proves in ("certificate", "receipt", "absence"):
        fund.attach(token, proves)
    claimed = fund.application(send(kari, path))
    assert claimed.amount == 6_000_00 + 8_750_00 * 17 // 2
    with fund.database.reading() as session:
        assert applications.version_of(session, claimed).answers["preapproved_days"] == "8,5"


@pytest.mark.each_engine
def test_an_approval_among_the_other_applications_has_no_amount(each_fund: Fund) -> None:
    fund, number = each_fund, approved(each_fund)
    assert "NOK 0" not in text_of(fund.at("kari").get("/"))
    fund.app.extensions["portal"].clock.set(AFTER)
    path = begun(fund, number)
    kari = fund.at("kari")
    save(kari, path, COURSE | CLAIM)
    form = text_of(kari.get(path))
    assert f"{number} Granted Forbedringskunnskap, lang uke, 6 May 2024" in form.replace("\xa0", " ")
    assert "6 May 2024, NOK" not in form.replace("\xa0", " ")
    for proves in ("certificate", "receipt", "absence"):
        fund.attach(path.rpartition("/")[2], proves)
    claimed = send(kari, path)
    case = fund.at("leder").get(f"/queue/{claimed}").get_data(as_text=True)
    others = case.partition('id="register-heading"')[2].partition("</section>")[0]
    assert number in others
    assert "–" in others
    assert "NOK" not in others
    other = text_of(fund.at("leder").get(f"/queue/{number}")).partition("other applications for 2024")[2]
    assert claimed in other
    assert "NOK 80," in other.replace("\xa0", " ")


def test_an_earlier_version_of_an_approval_has_no_amount(fund: Fund) -> None:
    kari = fund.at("kari")
    path = start(kari, "kvalitetsfondet-2023", kind="preapproval")
    save(kari, path, COURSE | {"days_wanted": "8,5"})
    number = send(kari, path)
    leder = fund.at("leder")
    leder.post(f"/queue/{number}/return", {"act": "ask", "ask-text": "Hvor mange dager?"})
    again = kari.post(f"/applications/{number}/answer").headers["Location"]
    save(kari, again, COURSE | {"days_wanted": "8"})
    send(kari, again)
    page = text_of(leder.get(f"/queue/{number}"))
    assert "Version 1, " in page
    assert "NOK 0" not in page


def test_what_was_approved_is_for_that_course_of_that_doctor(fund: Fund) -> None:
    number = approved(fund)
    fund.app.extensions["portal"].clock.set(AFTER)
    path = begun(fund, number)
    kari = fund.at("kari")
    save(kari, path, COURSE | CLAIM | {"course": "diabetes"}, preapproved_days="12")
    assert "at most 2." in text_of(kari.get(path)), "another course has its own days"
    save(kari, path, COURSE | CLAIM)
    assert "at most 8.5." in text_of(kari.get(path)), "and the approval is not lost by trying"

    other = start(fund.at("ola"), "kvalitetsfondet-2023", kind="claim")
    ola = fund.at("ola")
    save(ola, other, COURSE | CLAIM, preapproved_days="12")
    assert "at most 6." in text_of(ola.get(other))


def test_only_a_granted_approval_of_ones_own_leads_on(fund: Fund) -> None:
    number = approved(fund)
    assert fund.at("ola").post(f"/applications/{number}/go-on").status_code == 404
    assert fund.at("leder").post(f"/applications/{number}/go-on").status_code == 404
    kari = fund.at("kari")
    path = start(kari, "kvalitetsfondet-2023", kind="preapproval")
    save(kari, path, COURSE | {"starts_on": "2024-05-07", "days_wanted": "8"})
    waiting = send(kari, path)
    assert "Begin:" not in text_of(kari.get(f"/applications/{waiting}"))
    assert kari.post(f"/applications/{waiting}/go-on").status_code == 409


def test_a_claim_asks_for_evidence_where_its_approval_did_not(fund: Fund) -> None:
    typed = typed_as(COURSE | {"days_wanted": "8,5"})
    assert not [name for name in typed if name.startswith("documents")]
    number = approved(fund)
    fund.app.extensions["portal"].clock.set(AFTER)
    page = fund.at("kari").get(begun(fund, number)).get_data(as_text=True)
    assert all(f"documents-{choice.value}" in page for choice in claim().fields["documents"].choices)


MOVED = {"starts_on": "2024-05-13", "ends_on": "2024-05-24"}
ANOTHER = {"course_title": "Et helt annet kurs"}


def shown(page: str) -> str:
    """The number that the form points at."""
    return (re.findall(r'<option value="(KF-[\d-]+)" selected', page) or [""])[0]


def test_a_course_that_moved_keeps_its_approval_and_another_does_not_get_it(fund: Fund) -> None:
    number = approved(fund)
    fund.app.extensions["portal"].clock.set(AFTER)
    kari = fund.at("kari")
    path = start(kari, "kvalitetsfondet-2023", kind="claim")
    save(kari, path, COURSE | CLAIM | MOVED)
    page = kari.get(path).get_data(as_text=True)
    assert shown(page) == number, "the only one that can be meant is chosen"
    assert "at most 8.5." in text_of(kari.get(path))
    for pointed in ("", number):
        save(kari, path, COURSE | CLAIM | ANOTHER | {"preapproval": pointed})
        page = text_of(kari.get(path))
        assert "at most 6." in page
        assert (f"The pre-approval {number} does not count here." in page) == bool(pointed)
    ola = fund.at("ola")
    other = start(ola, "kvalitetsfondet-2023", kind="claim")
    save(ola, other, COURSE | CLAIM | {"preapproval": number})
    assert "at most 6." in text_of(ola.get(other))


@pytest.mark.each_engine
def test_an_approval_is_used_once_until_its_claim_is_withdrawn(each_fund: Fund) -> None:
    fund, number = each_fund, approved(each_fund)
    fund.app.extensions["portal"].clock.set(AFTER)
    kari, path = fund.at("kari"), begun(fund, number)
    second = start(kari, "kvalitetsfondet-2023", kind="claim")
    for each in (path, second):
        save(kari, each, COURSE | CLAIM | {"preapproval": number})
        for proves in ("certificate", "receipt", "absence"):
            fund.attach(each.rpartition("/")[2], proves)
    first = send(kari, path)
    assert "Begin:" not in text_of(kari.get(f"/applications/{number}"))
    assert kari.post(f"/applications/{number}/go-on").status_code == 409
    page = text_of(kari.get(second))
    assert f"The pre-approval {number} does not count here." in page
    kari.post(f"/applications/{first}/withdraw")
    assert "Begin:" in text_of(kari.get(f"/applications/{number}"))
    assert f"The pre-approval {number} does not count here." not in text_of(kari.get(second))


@pytest.mark.each_engine
def test_fewer_days_can_be_approved_than_are_wanted(each_fund: Fund) -> None:
    fund, kari = each_fund, each_fund.at("kari")
    path = start(kari, "kvalitetsfondet-2023", kind="preapproval")
    save(kari, path, COURSE | {"days_wanted": "8,5"})
    number = send(kari, path)
    leder, medlem = fund.at("leder"), fund.at("medlem")
    for typed, reason, says in (
        ("9", "", "No more days can be approved than are wanted, 8.5."),
        ("0", "", "refuse the application with a reason"),
        ("6,5", "", "Give the reason for approving fewer days"),
        ("6,25", "x", "decimals"),
    ):
        answer = fewer(leder, number, typed, reason)
        assert answer.status_code == 422
        assert says in text_of(answer), typed
    assert fewer(leder, number, "6,5", "Kurset er halvparten repetisjon.").status_code == 303
    assert grant(medlem, number).status_code == 303, "the days wanted"
    assert fund.application(number).status is Status.WAITING, "they differ"
    fund.at("medlem").post(f"/queue/{number}/take-back", seen(medlem, number))
    assert fewer(medlem, number, "6,5", "Enig.").status_code == 303
    assert fund.application(number).status is Status.GRANTED
    for page in (leder.get(f"/queue/{number}"), kari.get(f"/applications/{number}")):
        assert "6.5 days" in text_of(page)
    fund.app.extensions["portal"].clock.set(AFTER)
    kari, claim = fund.at("kari"), begun(fund, number)
    save(kari, claim, COURSE | CLAIM | {"preapproval": number})
    assert "at most 6.5." in text_of(kari.get(claim))


def seen(visitor: Visitor, number: str) -> dict[str, str]:
    page = visitor.get(f"/queue/{number}").get_data(as_text=True)
    hidden = dict(HIDDEN.findall(page[page.index('id="acts"') :]))
    return {name: html.unescape(hidden[name]) for name in ("shown", "saw")}


def fewer(visitor: Visitor, number: str, days: str, reason: str) -> "TestResponse":
    typed = {"act": "less", "amount": days, "less-text": reason}
    return visitor.post(f"/queue/{number}/sign", typed | seen(visitor, number))


def test_who_has_an_approval_that_nothing_uses_is_told_before_it_lapses(fund: Fund) -> None:
    number, schemes = approved(fund), fund.world.schemes
    told = "approval-lapses"
    for day, kinds in ((date(2025, 4, 16), []), (date(2025, 4, 17), [told]), (date(2025, 5, 18), [])):
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        fund.app.extensions["portal"].clock.set(at)
        with fund.database.reading() as session:
            due = [each for each in reminders_due(session, schemes=schemes, at=at) if each.kind == told]
        assert [each.kind for each in due] == kinds, day
        assert all(each.receiver_id == fund["kari"].id for each in due)
        task = "Use the approval of Forbedringskunnskap, lang uke before it lapses" in text_of(
            fund.at("kari").get("/")
        )
        assert task == bool(kinds), day
    path = start(fund.at("kari"), "kvalitetsfondet-2023", kind="claim")
    save(fund.at("kari"), path, COURSE | CLAIM | {"preapproval": number})
    assert f"The pre-approval {number} does not count here." in text_of(fund.at("kari").get(path)), (
        "it has lapsed"
    )


def test_an_approval_that_is_pointed_at_can_be_cancelled_until_the_claim_is_decided(fund: Fund) -> None:
    number, other = approved(fund), approved(fund, **ANOTHER, starts_on="2024-05-07")
    fund.app.extensions["portal"].clock.set(AFTER)
    path, kari, leder = begun(fund, number), fund.at("kari"), fund.at("leder")
    save(kari, path, COURSE | CLAIM)
    for proves in ("certificate", "receipt", "absence"):
        fund.attach(path.rpartition("/")[2], proves)
    claimed = send(kari, path)
    assert grant(leder, claimed).status_code == 303
    asked = text_of(kari.get(f"/applications/{number}/cancel"))
    assert f"Application {claimed} points at it" in asked
    assert "Cancel the approval" in asked
    assert kari.post(f"/applications/{number}/cancel", {"reason": "Other course"}).status_code == 303
    case = text_of(leder.get(f"/queue/{claimed}")).replace("\xa0", " ")
    assert f"The pre-approval {number} does not count here" in case
    assert "NOK 58,500" in case, "6 000 and six days, not eight and a half"
    assert "The approval pointed at was cancelled" in text_of(kari.get(f"/applications/{claimed}"))
    listed = text_of(fund.at("medlem").get("/queue?tab=all")).replace("\xa0", " ")
    assert ("NOK 58,500" in listed, "NOK 80,375" in listed) == (True, False)
    assert "NOK 58,500" in text_of(kari.get("/")).replace("\xa0", " ")
    assert fund.world.told("approval-gone") == {"kari", "leder"}
    assert grant(leder, claimed).status_code == 303, "who signed before signs what it comes to now"
    assert grant(fund.at("medlem"), claimed).status_code == 303
    with fund.database.reading() as session:
        assert signing.get_decision(session, fund.application(claimed).id).amount == 6_000_00 + 6 * 8_750_00
    path = begun(fund, other)
    save(kari, path, COURSE | CLAIM | ANOTHER | {"starts_on": "2024-05-20", "ends_on": "2024-05-31"})
    for proves in ("certificate", "receipt", "absence"):
        fund.attach(path.rpartition("/")[2], proves)
    second = send(kari, path)
    for name in ("leder", "medlem"):
        assert grant(fund.at(name), second).status_code == 303
    late = kari.post(f"/applications/{other}/cancel", {"reason": "No"})
    assert (late.status_code, f"Application {second} is decided on it" in text_of(late)) == (409, True)
