"""The pages of what follows a grant: costs, invoice, batch, the ledger's file; without JavaScript and with it."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.actions import people
from portal.domain.claim import Stage
from portal.domain.person import FINANCE, role_in
from portal.domain.refusal import Refused
from portal.store import outbox
from portal.store.session import Database
from tests.actions.world import ASSESSED, MARCH
from tests.support.portals import Clock, Visitor
from tests.support.purse import Purse
from tests.support.region import text_of

HTMX = {"HX-Request": "true"}


class Site:
    """A portal over a purse, with its people signed in as they are needed."""

    def __init__(self, purse: Purse, app: Any, clock: Clock) -> None:
        self.purse, self.app, self.clock = purse, app, clock

    def at(self, name: str) -> Visitor:
        visitor = Visitor(self.app.test_client()).sign_in(self.purse.people[name].id)
        visitor.post("/language", {"lang": "en", "next": "/"})
        visitor.client.set_cookie("language", "en")
        return visitor


@pytest.fixture
def site(make_app: Callable[..., Any], clock: Clock, sqlite_database: Database, sqlite_url: str) -> Site:
    """On SQLite, on the first of March."""
    clock.set(MARCH)
    return Site(Purse(sqlite_database), make_app(database_url=sqlite_url), clock)


def field(answer: TestResponse, name: str) -> str:
    """What stands in an input of the page."""
    page = answer.get_data(as_text=True)
    tag = next(tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in tag)
    found = re.search(r'value="([^"]*)"', tag)
    assert found is not None
    return found[1]


def lines(*amounts: str, kind: str = "fee") -> dict[str, str]:
    typed = {}
    for n, amount in enumerate(amounts):
        typed |= {f"costs-{n}-kind": kind, f"costs-{n}-amount": amount}
    return typed


def test_costs_are_stated_from_the_receipt_on(site: Site) -> None:
    number = site.purse.granted()
    anna = site.at("anna")
    receipt = anna.get(f"/applications/{number}")
    assert f"/applications/{number}/claim" in receipt.get_data(as_text=True)
    page = anna.get(f"/applications/{number}/claim")
    assert page.status_code == 200
    assert field(page, "costs-0-amount") == "7 400,00"
    assert field(page, "costs-2-amount") == "5 900"
    said = text_of(page)
    for words in ("30 September 2024", "SEK 8,250", "i84201", "4270700", "4711"):
        assert words.replace(" ", "") in said.replace("\xa0", "").replace(" ", ""), words
    sent = anna.post(
        f"/applications/{number}/claim", {**lines("10 000", "2 000,50"), "revision": "1", "action": "state"}
    )
    assert sent.status_code == 303
    claim = site.purse.claim(number)
    assert (claim.stage, claim.payable_amount) == (Stage.STATED, 6_000_25)
    page = anna.get(f"/applications/{number}/claim")
    assert field(page, "costs-1-amount") == "2 000,50"
    assert "2,249.75" in text_of(page)


def test_what_is_payable_is_told_live_and_writes_nothing(site: Site) -> None:
    number = site.purse.granted()
    anna = site.at("anna")
    answer = anna.post(f"/applications/{number}/claim/check", lines("3000"), headers=HTMX)
    assert answer.get_data(as_text=True).lstrip().startswith('<div id="payable"')
    assert "SEK 1,500" in text_of(answer)
    assert "SEK 6,750" in text_of(answer)
    wrong = anna.post(f"/applications/{number}/claim/check", lines("x"), headers=HTMX)
    assert 'data-field="costs-0-amount"' in wrong.get_data(as_text=True)
    assert site.purse.claim(number).stage is Stage.WAITING


@pytest.mark.parametrize(
    ("language", "future", "odd"),
    [
        ("sv", "Kursen är av den", "Kursen 0,0869 SEK för 1 GBP ligger långt från 12,77"),
        ("nb", "Kursen er fra", "Kursen 0,0869 SEK for 1 GBP er langt fra 12,77"),
        ("en", "The rate is of", "The rate of 0.0869 SEK for 1 GBP is far from 12.77"),
    ],
)
def test_a_rate_that_cannot_be_right_is_said_beside_it(
    site: Site, language: str, future: str, odd: str
) -> None:
    number = site.purse.granted()
    anna, path = site.at("anna"), f"/applications/{number}/claim"
    anna.client.set_cookie("language", language)
    anna.post("/language", {"lang": language, "next": "/"})
    line = {"costs-0-kind": "fee", "costs-0-amount": "500", "costs-0-currency": "GBP", "revision": "1"}
    wrong = {**line, "costs-0-rate": "0,0869", "costs-0-rate_on": "2024-03-02"}
    live = anna.post(f"{path}/check", wrong, headers=HTMX).get_data(as_text=True)
    assert 'data-severity="blocks" data-field="costs-0-rate_on"' in live
    assert 'data-severity="warns" data-field="costs-0-rate"' in live
    refused = anna.post(path, {**wrong, "action": "state"})
    assert (refused.status_code, site.purse.claim(number).stage) == (422, Stage.WAITING)
    beside = dict(re.findall(r'id="([\w-]+)-error">([^<]*)<', refused.get_data(as_text=True)))
    assert future in beside["costs-0-rate_on"]
    assert odd in beside["costs-0-rate"].replace("\xa0", " ")
    assert anna.post(path, {**wrong, "costs-0-rate_on": "2024-02-29", "action": "state"}).status_code == 303
    assert site.purse.claim(number).stage == Stage.STATED
    assert "0.0869 SEK for 1 GBP" in text_of(site.at("finn").get(f"/finance/claims/{number}"))
    right = {**line, "costs-0-rate": "12,80", "costs-0-rate_on": "2024-02-29"}
    assert "data-severity" not in anna.post(f"{path}/check", right, headers=HTMX).get_data(as_text=True)


def test_buttons_without_javascript_show_the_lines_again(site: Site) -> None:
    number = site.purse.granted()
    anna = site.at("anna")
    path = f"/applications/{number}/claim"
    more = anna.post(path, {**lines("100"), "revision": "1", "action": "add-line"})
    assert 'name="costs-1-amount"' in more.get_data(as_text=True)
    fewer = anna.post(path, {**lines("100", "200"), "revision": "1", "action": "remove-line-0"})
    assert field(fewer, "costs-0-amount") == "200"
    looked = anna.post(path, {**lines("100"), "revision": "1", "action": "check"})
    assert (looked.status_code, site.purse.claim(number).stage) == (200, Stage.WAITING)
    wrong = anna.post(path, {**lines("1e5"), "revision": "1", "action": "state"})
    assert wrong.status_code == 422
    assert field(wrong, "costs-0-amount") == "1e5"


def test_what_another_window_stated_is_not_overwritten_unseen(site: Site) -> None:
    number = site.purse.granted()
    anna = site.at("anna")
    path = f"/applications/{number}/claim"
    assert anna.post(path, {**lines("100"), "revision": "1", "action": "state"}).status_code == 303
    late = anna.post(path, {**lines("200"), "revision": "1", "action": "state"})
    assert late.status_code == 409
    assert field(late, "costs-0-amount") == "200"
    assert field(late, "revision") == "2"


def test_only_parties_state_and_only_finance_registers(site: Site) -> None:
    number = site.purse.granted()
    assert site.at("boss").get(f"/applications/{number}/claim").status_code == 200
    for name in ("bo", "outsider", "chair", "finn"):
        assert site.at(name).get(f"/applications/{number}/claim").status_code == 404, name
    for name in ("anna", "boss", "chair", "admin"):
        for path in (f"/finance/claims/{number}", "/finance/payments", "/finance/ledger"):
            assert site.at(name).get(path).status_code == 404, (name, path)


def test_an_invoice_is_registered_and_what_is_left_goes_back(site: Site) -> None:
    number = site.purse.granted()
    site.purse.state(number, "10000")
    finn = site.at("finn")
    path = f"/finance/claims/{number}"
    page = finn.get(path)
    assert field(page, "amount") == "5000,00"
    typed = {"invoice_number": "F-77", "invoice_on": "2024-02-28", "whole": "yes"}
    typed["revision"] = field(page, "revision")
    unsaid = finn.post(f"{path}/invoice", {**typed, "amount": "5000", "whole": ""})
    assert (unsaid.status_code, "Say whether more invoices may come." in text_of(unsaid)) == (422, True)
    above = finn.post(f"{path}/invoice", {**typed, "amount": "5000,01"})
    assert (above.status_code, field(above, "amount")) == (422, "5000,01")
    assert finn.post(f"{path}/invoice", {**typed, "amount": "5000", "invoice_on": "soon"}).status_code == 422
    for wrong in ("28/02/0024", "28/02/2042", "02/03/2024", "28/02/2004", "31/02/2024"):
        refused = finn.post(f"{path}/invoice", {**typed, "amount": "5000", "invoice_on": wrong})
        assert (refused.status_code, field(refused, "invoice_on")) == (422, wrong)
    assert finn.post(f"{path}/invoice", {**typed, "amount": "4 900,50"}).status_code == 303
    claim = site.purse.claim(number)
    assert (claim.stage, claim.invoice_amount, claim.released_amount) == (Stage.INVOICED, 4_900_50, 3_349_50)
    again = finn.post(f"{path}/invoice", {**typed, "amount": "4 900,50"})
    assert again.status_code == 409
    assert "until all of them are" in text_of(again)
    assert "batch" in text_of(finn.get(path))


def test_the_same_invoice_number_on_two_grants_is_warned_of(site: Site) -> None:
    first, other = site.purse.granted(), site.purse.granted("bo")
    for number, by in ((first, "anna"), (other, "bo")):
        site.purse.state(number, "10000", by=by)
    finn = site.at("finn")
    said = "An invoice with the same number is registered on {} too. Check that the same invoice is not paid twice."
    for number, name in ((first, "F-77"), (other, " f-77 ")):
        path = f"/finance/claims/{number}"
        assert said.format(other) not in text_of(finn.get(path))
        typed = {"invoice_number": name, "invoice_on": "2024-02-28", "amount": "5000", "whole": "yes"}
        typed["revision"] = field(finn.get(path), "revision")
        assert finn.post(f"{path}/invoice", typed).status_code == 303
    assert said.format(other) in text_of(finn.get(f"/finance/claims/{first}"))
    assert said.format(first) in text_of(finn.get(f"/finance/claims/{other}"))


def test_who_is_paid_is_corrected_until_the_grant_is_given_back(site: Site) -> None:
    number = site.purse.granted()
    finn, path = site.at("finn"), f"/finance/claims/{number}"
    assert "Correct who is paid" in text_of(finn.get(path))
    site.purse.release(number)
    assert "Correct who is paid" not in text_of(finn.get(path))


def test_an_invoice_is_corrected_credited_and_released_on_the_pages(site: Site) -> None:
    number = site.purse.granted()
    site.purse.state(number, "16500")
    site.purse.invoice(number, 3_000_00, whole=False)
    [first] = site.purse.invoices(number)
    finn, path = site.at("finn"), f"/finance/claims/{number}"
    to = f"{path}/invoices/{first.id}"
    desk = finn.get(path)
    assert to in desk.get_data(as_text=True)
    assert "SEK 5,250 of the payable SEK 8,250 is left to invoice." in text_of(desk).replace("\xa0", " ")
    page = finn.get(to)
    typed = {name: field(page, name) for name in ("invoice_number", "invoice_on", "amount", "revision")}
    assert typed["amount"] == "3000,00"
    typed |= {"amount": "3 500", "whole": "no", "action": "correct"}
    bare = finn.post(to, {**typed, "reason": " "})
    assert (bare.status_code, field(bare, "amount")) == (422, "3 500")
    assert finn.post(to, {**typed, "reason": "A slip of the finger"}).status_code == 303
    assert finn.post(to, {**typed, "reason": "Again"}).status_code == 409
    assert "Credited" in text_of(finn.get(path))
    late = text_of(finn.post(to, {**typed, "invoice_number": "F-2", "reason": "From an older window"}))
    assert "What you typed" in late
    assert "From an older window" in late
    released = finn.post(f"{path}/release", {"reason": "Nothing more comes", "revision": "4"})
    assert released.status_code == 303
    seen = text_of(site.at("anna").get(f"/applications/{number}/claim"))
    for said in ("Nothing more comes", "SEK 4,750", "Credited"):
        assert said in seen
    assert "A slip of the finger" not in seen
    site.purse.batch()
    [_old, new] = site.purse.invoices(number)
    assert finn.post(f"{path}/paid", {"paid_on": "2024-03-01", "invoice": str(new.id)}).status_code == 303
    back = {"returned": "500", "returned_on": "2024-03-01", "revision": "6"}
    assert finn.post(f"{path}/invoices/{new.id}/returned", {**back, "returned": "4000"}).status_code == 422
    assert finn.post(f"{path}/invoices/{new.id}/returned", back).status_code == 303
    assert site.purse.claim(number).released_amount == 5_250_00
    listed = text_of(site.at("anna").get("/"))
    assert ("SEK 3,000" in listed, "SEK 8,250" in listed) == (True, False)
    assert "SEK 3,000 became SEK 3,500" in text_of(site.at("anna").get(f"/applications/{number}"))
    for other in ("anna", "chair", "admin"):
        assert site.at(other).get(to).status_code == 404
    cancelled = finn.post(f"/applications/{number}/cancel", {"reason": "Did not go"})
    assert cancelled.status_code == 303
    assert "It counts as used" in text_of(site.at("anna").get(f"/applications/{number}"))


def test_what_stands_is_marked_as_paid_before_what_was_credited(site: Site) -> None:
    number = site.purse.granted()
    site.purse.state(number, "16500")
    site.purse.invoice(number, 3_000_00, whole=False)
    site.purse.invoice(number, 2_000_00)
    site.purse.batch()
    credited, standing = site.purse.invoices(number)
    finn, path = site.at("finn"), f"/finance/claims/{number}"
    assert field(finn.get(path), "invoice") == str(credited.id)
    page = finn.get(f"{path}/invoices/{credited.id}")
    typed = {name: field(page, name) for name in ("invoice_number", "invoice_on", "amount", "revision")}
    typed |= {"whole": "yes", "action": "credit", "reason": "The fee came back"}
    assert finn.post(f"{path}/invoices/{credited.id}", typed).status_code == 303
    assert field(finn.get(path), "invoice") == str(standing.id)
    assert (
        finn.post(f"{path}/paid", {"paid_on": "2024-03-01", "invoice": str(standing.id)}).status_code == 303
    )
    assert field(finn.get(path), "invoice") == str(credited.id)


def test_who_is_paid_is_corrected_until_it_stands_in_a_batch(site: Site) -> None:
    number = site.purse.granted(cost_centre="")
    anna, path = site.at("anna"), f"/applications/{number}/payee"
    stated = anna.post(
        f"/applications/{number}/claim", {**lines("10 000"), "revision": "1", "action": "state"}
    )
    assert (stated.status_code, "Say who is paid first" in text_of(stated)) == (409, True)
    assert field(anna.get(path), "administration") == "Sahlgrenska"
    typed = {"administration": "Sahlgrenska", "cost_centre": " "}
    assert anna.post(path, typed).status_code == 422
    assert anna.post(path, {**typed, "cost_centre": "4711"}).status_code == 303
    assert site.purse.told("payee-corrected") == {"anna"}
    with site.purse.reading() as session:
        [mail] = [each for each in outbox.unsent(session) if each.kind == "payee-corrected"]
    assert mail.params["what"] == {"sv": "Kostnadsställe", "nb": "Kostnadssted", "en": "Cost centre"}
    site.purse.state(number, "10000")
    site.purse.invoice(number, 5_000_00)
    finn = site.at("finn")
    shown = {"shown": field(finn.get("/finance/payments"), "shown")}
    assert finn.post(path, {**typed, "cost_centre": "4712"}).status_code == 303
    finn.post("/finance/payments/rfr/1", shown)
    assert finn.get("/finance/payments/rfr/1.csv").status_code == 404
    site.purse.batch()
    assert ";Sahlgrenska, 4712;" in finn.get("/finance/payments/rfr/1.csv").get_data(as_text=True)
    late = finn.post(path, {**typed, "cost_centre": "4713"})
    assert (late.status_code, "It stands in a payment batch" in text_of(late)) == (409, True)
    for name in ("Who is paid", "Who is invoiced", "4712", "i84201"):
        assert name in text_of(finn.get(f"/finance/claims/{number}"))
        assert name in text_of(anna.get(f"/applications/{number}/claim"))
    assert "Who is paid was corrected" in text_of(anna.get(f"/applications/{number}"))
    for other in ("bo", "chair", "admin"):
        assert site.at(other).get(path).status_code == 404


def test_no_batch_holds_a_payment_without_a_payee(site: Site) -> None:
    number = site.purse.granted()
    site.purse.state(number, "10000")
    site.purse.invoice(number, 5_000_00)
    with site.purse.database.writing() as session:
        session.execute(
            text(
                "INSERT INTO payees (application_id, answers, changed_by, changed_at) SELECT application_id,"
                """ '{"administration":"","cost_centre":""}', stated_by, stated_at FROM claims"""
            )
        )
    finn = site.at("finn")
    waiting = text_of(finn.get("/finance/payments"))
    assert f"It is not stated who is paid, so these wait: {number}" in waiting
    assert "Nothing waits to be paid" in waiting
    with pytest.raises(Refused) as refused:
        site.purse.batch()
    assert refused.value.refusal.code == "batch.nothing"


def test_a_batch_is_made_once_and_fetched_for_ever(site: Site) -> None:
    number = site.purse.granted()
    site.purse.state(number, "10000")
    site.purse.invoice(number, 5_000_00)
    finn = site.at("finn")
    page = finn.get("/finance/payments")
    shown = {"shown": field(page, "shown")}
    assert finn.post("/finance/payments/rfr/1", shown).status_code == 303
    assert finn.post("/finance/payments/rfr/1", shown).status_code == 303
    first = finn.get("/finance/payments/rfr/1.csv")
    table = first.get_data().decode("utf-8-sig")
    assert table.splitlines()[0].startswith("Underlag;Rad;Slag;Nummer")
    assert f"1;1;Betala;{number};" in table
    assert ";i84201;4270700;Sahlgrenska, 4711;F-1;2024-03-01;SEK;5000,00" in table
    workbook = finn.get("/finance/payments/rfr/1.xlsx").get_data()
    site.clock.forward(days=30)
    finn = site.at("finn")
    assert finn.get("/finance/payments/rfr/1.xlsx").get_data() == workbook
    assert finn.get("/finance/payments/rfr/1.csv").get_data() == first.get_data()
    assert finn.get("/finance/payments/rfr/2.csv").status_code == 404
    stale = finn.post("/finance/payments/rfr/2", shown)
    assert stale.status_code == 303
    assert finn.get("/finance/payments/rfr/2.csv").status_code == 404


def test_the_page_says_who_else_pays_a_case_one_takes_part_in(site: Site) -> None:
    own, other = site.purse.granted(), site.purse.granted("bo")
    for number, by in ((own, "anna"), (other, "bo")):
        site.purse.state(number, "10000", by=by)
    paying = replace(site.purse["anna"], roles=frozenset({FINANCE}))
    site.purse.write(people.change_person, person=paying, schemes=site.purse.schemes, by=None, at=MARCH)
    anna, path = site.at("anna"), f"/finance/claims/{own}"
    page = anna.get(path)
    assert "You take part in this case" in text_of(page)
    assert "It can be done by Finn." in text_of(page)
    assert f"{path}/" not in page.get_data(as_text=True)
    typed = {
        "invoice_number": "F-1",
        "invoice_on": "2024-03-01",
        "amount": "1",
        "whole": "yes",
        "revision": "2",
    }
    refused = anna.post(f"{path}/invoice", typed)
    assert (refused.status_code, site.purse.claim(own).stage) == (409, Stage.STATED)
    assert "It can be done by Finn." in text_of(refused)
    for number in (own, other):
        site.purse.invoice(number, 5_000_00)
    batches = anna.get("/finance/payments")
    assert own not in text_of(batches)
    assert "1 payment is left out, because you take part in the case. It can be done by Finn." in text_of(
        batches
    )
    assert anna.post("/finance/payments/rfr/1", {"shown": field(batches, "shown")}).status_code == 303
    assert own not in anna.get("/finance/payments/rfr/1.csv").get_data(as_text=True)
    site.purse.deactivate("finn")
    assert "An administrator has to give the finance role" in text_of(anna.get("/finance/payments"))


def test_the_ledgers_file_marks_all_or_none(site: Site) -> None:
    number = site.purse.granted()
    site.purse.state(number, "10000")
    site.purse.invoice(number, 5_000_00)
    site.purse.batch()
    finn = site.at("finn")

    def send(text: str, **more: str) -> TestResponse:
        file = (io.BytesIO(text.encode("utf-8-sig")), "paid.csv")
        return finn.post("/finance/ledger", {"file": file, **more}, content_type="multipart/form-data")

    wrong = send(
        f"Nummer,Belopp,Betald\n{number},5000.00,2024-03-01\nRFR-2024-9999,1.00,2024-03-01\n{number},x,y\n"
    )
    assert wrong.status_code == 422
    assert "4" in text_of(wrong)
    missing = send(f"number;amount\n{number};1\n")
    assert "paid_on" in text_of(missing)
    other = send(f"number;amount;paid_on\n{number};4999,00;2024-03-01\n")
    assert other.status_code == 422
    assert site.purse.claim(number).stage is Stage.INVOICED
    looked = send(f"number;amount;paid_on;batch\n{number};5000,00;2024-03-01;1\n")
    assert looked.status_code == 200
    assert site.purse.claim(number).stage is Stage.INVOICED
    rows = field(looked, "rows")
    assert finn.post("/finance/ledger", {"rows": rows, "action": "confirm"}).status_code == 303
    assert site.purse.claim(number).stage is Stage.PAID
    assert "says what is so already" in text_of(finn.post("/finance/ledger", {"rows": rows}))
    assert finn.post("/finance/ledger", {}).status_code == 422
    refused = finn.post("/finance/ledger", {"rows": f"number;amount\n{number};1"})
    assert f">\nnumber;amount\n{number};1</textarea>" in refused.get_data(as_text=True)


def test_the_list_the_totals_and_the_file_agree(site: Site) -> None:
    number, other = site.purse.granted(), site.purse.granted("bo")
    site.purse.state(number, "10000")
    site.purse.invoice(number, 5_000_00)
    finn = site.at("finn")
    page = text_of(finn.get("/finance/claims"))
    assert "SEK 16,500" in page
    assert "SEK 5,000" in page
    for stage, found in (("invoiced", [number]), ("waiting", [other]), ("paid", []), ("late", [])):
        file = finn.get(f"/finance/claims/claims.csv?profile=plain&stage={stage}").get_data(as_text=True)
        assert [row.split(",")[0] for row in file.splitlines()[1:]] == found, stage
    site.clock.forward(days=300)
    finn = site.at("finn")
    late = finn.get("/finance/claims?stage=late", headers=HTMX)
    assert other in text_of(late)
    assert number not in text_of(late)


def test_an_approver_sees_the_list_of_their_fund_only(site: Site) -> None:
    site.purse.granted()
    site.purse.add("other", roles=frozenset({FINANCE}))
    assert site.at("anna").get("/finance/claims").status_code == 404
    answer = site.at("chair").get("/finance/claims")
    assert answer.status_code == 200
    assert "/finance/payments" not in answer.get_data(as_text=True)


def test_finance_of_another_fund_has_no_door_to_what_is_paid(site: Site) -> None:
    purse = site.purse
    number = purse.granted()
    purse.state(number, "10000")
    purse.invoice(number, 5_000_00)
    purse.add("ella", roles=frozenset({role_in(FINANCE, "kvalitetsfondet")}))
    ella = site.at("ella")
    shown = purse.shown("rfr")[1]
    assert ella.post("/finance/payments/rfr/1", {"shown": shown}).status_code == 404
    purse.batch()
    for path in (f"/finance/claims/{number}", f"/applications/{number}", "/finance/payments/rfr/1.csv"):
        assert ella.get(path).status_code == 404, path
    for act in ("invoice", "release", "paid"):
        assert ella.post(f"/finance/claims/{number}/{act}", {"revision": "1"}).status_code == 404, act
    rows = f"number,amount,paid_on\n{number},5000.00,2024-03-01"
    said = text_of(ella.post("/finance/ledger", {"rows": rows}))
    unknown = text_of(ella.post("/finance/ledger", {"rows": rows.replace(number, "RFR-2024-9999")}))
    assert said.replace(number, "") == unknown.replace("RFR-2024-9999", "")
    lists = (
        "/finance/payments",
        "/finance/claims",
        "/finance/applications",
        "/finance",
        "/year",
        "/lessons/owed",
    )
    for path in (*lists, "/finance/claims/claims.csv", "/finance/budget.csv", "/finance/applications.csv"):
        answer = ella.get(path)
        said = answer.get_data(as_text=True)
        assert (answer.status_code, number in said, "RFR" in said) == (200, False, False), path


def test_a_refund_needs_no_invoice(site: Site) -> None:
    from tests.support.purse import REFUND

    number = site.purse.granted(scheme=REFUND)
    claim = site.purse.claim(number)
    assert (claim.stage, claim.payable_amount) == (Stage.STATED, ASSESSED)
    site.purse.batch("refund")
    claim = site.purse.claim(number)
    [made] = site.purse.invoices(number)
    assert (claim.stage, made.number, claim.released_amount) == (Stage.INVOICED, number, 0)
