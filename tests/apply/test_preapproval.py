"""A larger course is approved before it is held; the claim starts from the approval, and nobody can type its days."""

from datetime import UTC, datetime

import pytest

from portal.domain.application import Status
from portal.store import applications
from tests.apply.acts import grant, save, send
from tests.support.fund import Fund, claim
from tests.support.region import text_of
from tests.support.typed import start, typed_as

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


def approved(fund: Fund) -> str:
    """A pre-approval of 8.5 days that both seats have granted; its number."""
    kari = fund.at("kari")
    path = start(kari, "kvalitetsfondet-2023", kind="preapproval")
    save(kari, path, COURSE | {"days_wanted": "8,5"})
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
