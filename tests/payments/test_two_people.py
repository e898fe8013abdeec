"""Where two people in finance are wanted: what one prepares another confirms, through the pages."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal.actions import people
from portal.actions.people import deactivate
from portal.domain.application import Status
from portal.domain.claim import Stage
from portal.domain.person import ADMINISTRATOR, AUDITOR, FINANCE, role_in
from portal.store import applications, audit
from portal.store.session import Database
from tests.actions.world import MARCH
from tests.claims.test_pages import Site, field
from tests.support.portals import Clock, Visitor
from tests.support.purse import Purse
from tests.support.region import text_of

AT = "/finance/prepared"


@pytest.fixture
def site(make_app: Callable[..., Any], clock: Clock, sqlite_database: Database, sqlite_url: str) -> Site:
    clock.set(MARCH)
    purse = Purse(sqlite_database)
    purse.add("freja", roles=frozenset({role_in(FINANCE, "rfr")}))
    purse.add("rita", roles=frozenset({AUDITOR}))
    return Site(purse, make_app(database_url=sqlite_url, second_finance=True), clock)


def acts(site: Site) -> list[tuple[str, int | None]]:
    """The newest of the log: what and by whom."""
    names = {person.id: name for name, person in site.purse.people.items()}
    with site.purse.reading() as session:
        log = [
            each for name in site.purse.people for each in audit.of_actor(session, site.purse.people[name].id)
        ]
    last = sorted(log, key=lambda each: each.at)
    return [(each.act, names[each.actor_id or 0]) for each in last]


def invoiced(site: Site, amount: int = 3_000_00, **other: Any) -> tuple[str, str]:
    """A grant with an invoice, and the address of the invoice."""
    number = site.purse.granted(**other)
    site.purse.state(number, "16500", by=other.get("by", "anna"))
    site.purse.invoice(number, amount, whole=False)
    return number, f"/finance/claims/{number}/invoices/{site.purse.invoices(number)[0].id}"


def status_of(site: Site, number: str) -> Status:
    with site.purse.reading() as session:
        return applications.get(session, number=number).status


def corrected(by: Visitor, to: str, amount: str = "3 500", **other: str) -> TestResponse:
    page = by.get(to)
    typed = {name: field(page, name) for name in ("invoice_number", "invoice_on", "revision")}
    return by.post(
        to, typed | {"amount": amount, "whole": "no", "action": "correct", "reason": "A slip"} | other
    )


def test_a_correction_is_done_when_another_confirms_it(site: Site) -> None:
    number, to = invoiced(site)
    finn, freja, rita = (site.at(name) for name in ("finn", "freja", "rita"))
    sent = corrected(finn, to)
    assert (sent.status_code, sent.location) == (303, f"{AT}/1")
    assert [each.amount for each in site.purse.invoices(number)] == [3_000_00]
    assert site.purse.told("to-confirm") == {"freja"}
    assert "waits for somebody else in finance" in text_of(finn.get(f"/finance/claims/{number}"))
    again = corrected(finn, to, "3 600")
    assert (again.status_code, field(again, "amount")) == (409, "3 600")
    own = finn.post(f"{AT}/1", {"action": "confirm"})
    assert (own.status_code, "You prepared it yourself" in text_of(own)) == (409, True)
    seen = text_of(freja.get(f"{AT}/1"))
    for said in ("SEK 3,000", "SEK 3,500", "A slip", "Prepared by", "Finn"):
        assert said in seen, said
    assert f"{AT}/1" in freja.get("/").get_data(as_text=True)
    assert f"{AT}/1" not in finn.get("/").get_data(as_text=True)
    audited = rita.get(f"{AT}/1")
    assert (audited.status_code, "Confirm it" in text_of(audited)) == (200, False)
    assert rita.post(f"{AT}/1", {"action": "confirm"}).status_code == 404
    for outsider in ("anna", "chair"):
        assert site.at(outsider).get(f"{AT}/1").status_code == 404
    assert freja.post(f"{AT}/1", {"action": "confirm"}).status_code == 303
    assert [(each.amount, each.stands) for each in site.purse.invoices(number)] == [
        (3_000_00, False),
        (3_500_00, True),
    ]
    assert freja.post(f"{AT}/1", {"action": "confirm"}).status_code == 409
    assert site.purse.told("prepared-confirmed") == {"finn"}
    assert {("prepare", "finn"), ("correct-invoice", "finn"), ("confirm-prepared", "freja")} <= set(
        acts(site)
    )
    history = text_of(rita.get(f"/applications/{number}"))
    assert "Confirmed what another in finance prepared" in history
    assert "Confirmed what another" not in text_of(site.at("anna").get(f"/applications/{number}"))


def test_what_is_declined_taken_back_or_has_changed_is_not_done(site: Site) -> None:
    number, to = invoiced(site)
    finn, freja = site.at("finn"), site.at("freja")
    corrected(finn, to, action="credit")
    assert "Credit an invoice" in text_of(freja.get(AT))
    bare = freja.post(f"{AT}/1", {"action": "decline", "reason": " "})
    assert (bare.status_code, "Say why you decline it" in text_of(bare)) == (422, True)
    assert freja.post(f"{AT}/1", {"action": "take-back"}).status_code == 404
    assert freja.post(f"{AT}/1", {"action": "decline", "reason": "It was right"}).status_code == 303
    assert site.purse.told("prepared-declined") == {"finn"}
    assert "It was right" in text_of(finn.get(f"{AT}/1"))
    corrected(finn, to)
    assert finn.post(f"{AT}/2", {"action": "take-back"}).status_code == 303
    corrected(finn, to)
    site.purse.invoice(number, 1_000_00, invoice_number="F-2", whole=False)
    assert "can no longer be done" in text_of(freja.get(f"{AT}/3"))
    late = freja.post(f"{AT}/3", {"action": "confirm"})
    assert (late.status_code, "has changed since" in text_of(late)) == (409, True)
    assert [each.stands for each in site.purse.invoices(number)] == [True, True]
    site.purse.write(
        deactivate, person_id=site.purse.people["finn"].id, schemes=site.purse.schemes, by=None, at=MARCH
    )
    gone = freja.post(f"{AT}/3", {"action": "confirm"})
    assert "has left, is no longer in finance" in text_of(gone)
    assert freja.post(f"{AT}/3", {"action": "decline", "reason": "Finn has left"}).status_code == 303


def test_a_batch_holds_what_was_prepared_whatever_is_due_since(site: Site) -> None:
    first, _to = invoiced(site)
    finn, freja = site.at("finn"), site.at("freja")
    shown = {"shown": field(finn.get("/finance/payments"), "shown")}
    assert finn.post("/finance/payments/rfr/1", shown).location == f"{AT}/1"
    other, _to = invoiced(site, by="bo")
    assert "Make batch" not in text_of(finn.get("/finance/payments"))
    seen = text_of(freja.get(f"{AT}/1"))
    assert (first in seen, other in seen, "SEK 3,000" in seen) == (True, False, True)
    assert freja.post(f"{AT}/1", {"action": "confirm"}).status_code == 303
    rows = finn.get("/finance/payments/rfr/1.csv").get_data().decode("utf-8-sig")
    assert (first in rows, other in rows) == (True, False)


def test_only_a_large_release_wants_two(site: Site) -> None:
    finn = site.at("finn")
    small, _to = invoiced(site, 7_000_00)
    large, _to = invoiced(site, by="bo")
    for number in (small, large):
        answer = finn.post(f"/finance/claims/{number}/release", {"reason": "No more", "revision": "3"})
        assert answer.status_code == 303
    assert site.purse.claim(small).stage is Stage.INVOICED
    assert site.purse.claim(large).stage is Stage.PART
    assert "SEK 5,250" in text_of(finn.get(f"{AT}/1"))
    whole = {
        "invoice_number": "F-9",
        "invoice_on": "2024-03-01",
        "amount": "1",
        "whole": "yes",
        "revision": "3",
    }
    waits = finn.post(f"/finance/claims/{large}/invoice", whole)
    assert (waits.status_code, "waits to be confirmed" in text_of(waits)) == (409, True)


def test_whoever_is_alone_is_told_that_somebody_is_wanted(site: Site) -> None:
    purse = site.purse
    purse.add("adam", roles=frozenset({ADMINISTRATOR}))
    bare = replace(purse["freja"], roles=frozenset())
    purse.write(people.change_person, person=bare, schemes=purse.schemes, by=None, at=MARCH)
    for who, where in (("finn", "/finance/payments"), ("finn", AT), ("adam", "/administration")):
        assert "a second person has to confirm" in text_of(site.at(who).get(where)), where
    _number, to = invoiced(site)
    corrected(site.at("finn"), to)
    assert "Nobody else in finance can do it" in text_of(site.at("finn").get(f"{AT}/1"))


def test_a_payee_that_finance_corrects_is_confirmed_and_a_partys_own_is_not(site: Site) -> None:
    number = site.purse.granted()
    anna, finn, freja, path = (
        site.at("anna"),
        site.at("finn"),
        site.at("freja"),
        f"/applications/{number}/payee",
    )
    typed = {"administration": "Sahlgrenska", "cost_centre": "4711"}
    assert anna.post(path, typed).location == path
    assert finn.post(path, typed).location == path, "nothing is changed, so nothing waits"
    assert finn.post(path, typed | {"cost_centre": ""}).status_code == 422
    assert finn.post(path, typed | {"cost_centre": "4712"}).location == f"{AT}/1"
    assert field(anna.get(path), "cost_centre") == "4711"
    waits = finn.post(path, typed | {"cost_centre": "4713"})
    assert (waits.status_code, field(waits, "cost_centre")) == (409, "4713")
    assert "waits for somebody else in finance to confirm it" in text_of(waits)
    assert "waits for somebody else" not in text_of(anna.get(path))
    assert "4711 becomes 4712" in text_of(freja.get(f"{AT}/1"))
    assert "Correct who is paid" in text_of(freja.get(AT))
    assert freja.post(f"{AT}/1", {"action": "confirm"}).status_code == 303
    assert field(anna.get(path), "cost_centre") == "4712"
    assert finn.post(path, typed | {"cost_centre": "4713"}).location == f"{AT}/2"
    anna.post(path, typed | {"cost_centre": "4799"})
    assert "can no longer be done" in text_of(freja.get(f"{AT}/2"))
    assert freja.post(f"{AT}/2", {"action": "confirm"}).status_code == 409
    assert field(anna.get(path), "cost_centre") == "4799"


def test_a_grant_that_finance_cancels_is_confirmed_where_much_goes_back(site: Site) -> None:
    finn, freja = site.at("finn"), site.at("freja")
    number, _to = invoiced(site)
    cancelling = f"/applications/{number}/cancel"
    assert finn.post(cancelling, {"reason": " "}).status_code == 422
    assert finn.post(cancelling, {"reason": "Did not go"}).location == f"{AT}/1"
    again = finn.post(cancelling, {"reason": "Was ill"})
    assert (again.status_code, "waits to be confirmed" in text_of(again), "Was ill" in text_of(again)) == (
        422,
        True,
        True,
    )
    seen = text_of(freja.get(f"{AT}/1"))
    for said in ("Cancel the grant", "Did not go", "SEK 8,250"):
        assert said in seen, said
    assert status_of(site, number) is Status.GRANTED
    assert freja.post(f"{AT}/1", {"action": "confirm"}).status_code == 303
    assert status_of(site, number) is Status.CANCELLED
    assert site.purse.told("cancelled") | site.purse.told("cancelled-used") == {"anna"}
    assert finn.post(cancelling, {"reason": "Did not go"}).location == f"/applications/{number}"
    mine = site.purse.granted(by="bo")
    assert (
        site.at("bo").post(f"/applications/{mine}/cancel", {"reason": "Ill"}).location
        == f"/applications/{mine}"
    )


def test_a_prepared_cancelling_falls_with_what_happens_meanwhile(site: Site) -> None:
    number, _to = invoiced(site)
    site.at("finn").post(f"/applications/{number}/cancel", {"reason": "Did not go"})
    site.purse.invoice(number, 1_000_00, invoice_number="F-2", whole=False)
    late = site.at("freja").post(f"{AT}/1", {"action": "confirm"})
    assert (late.status_code, "has changed since" in text_of(late)) == (409, True)
    assert status_of(site, number) is Status.GRANTED
