"""The administrator's list of e-mails that are not sent."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from portal.mail.relay import send_due
from portal.store import audit, outbox
from portal.store.session import Session
from tests.actions.world import MARCH, World
from tests.mail.conftest import Office
from tests.support.portals import Clock, Visitor
from tests.support.region import text_of
from tests.support.smtp import Fault, SmtpServer


@pytest.fixture
def world(app: Flask, clock: Clock) -> World:
    """People, in the portal of `visitor`."""
    clock.set(MARCH)
    return World(app.extensions["portal"].database)


def park_everything(world: World, smtp: SmtpServer) -> int:
    """Let the mail server refuse what waits, and say how much that was."""
    smtp.fail(Fault.RECIPIENT_NEVER)
    office = Office(world.database, smtp, Clock(MARCH))
    return send_due(world.database, office.post, clock=office.clock).parked


def test_the_list_shows_what_went_wrong_and_tries_again(
    world: World, visitor: Callable[[], Visitor], smtp: SmtpServer
) -> None:
    number = world.apply("anna").number
    parked = park_everything(world, smtp)
    admin = visitor().sign_in(world["admin"].id)
    page = admin.get("/outbox").get_data(as_text=True)
    assert f"Ansökan {number} har kommit in" in page
    assert "550 5.1.1 No such mailbox" in page
    assert "Ingen e-postserver är angiven" in page
    with world.database.reading() as session:
        first = outbox.unsent(session)[0].id
    assert admin.post(f"/outbox/{first}/retry").status_code == 303
    assert admin.post(f"/outbox/{first}/retry").status_code == 303
    with world.database.reading() as session:
        assert outbox.waiting(session)[:2] == (1, parked - 1)
    assert admin.post("/outbox/retry").status_code == 303
    smtp.heal()
    office = Office(world.database, smtp, Clock(MARCH))
    assert send_due(world.database, office.post, clock=office.clock).sent == parked
    assert "All e-post är skickad" in admin.get("/outbox").get_data(as_text=True)

    def acts(session: Session) -> list[str]:
        return [
            each.event.act
            for each in audit.latest(session, limit=999)[::-1]
            if each.event.act.startswith("retry")
        ]

    with world.database.reading() as session:
        assert acts(session) == ["retry-mail", "retry-mails"]


def test_only_the_administrator_sees_it(world: World, visitor: Callable[[], Visitor]) -> None:
    for name in ("anna", "chair", "boss"):
        somebody = visitor().sign_in(world[name].id)
        assert somebody.get("/outbox").status_code == 404
        assert somebody.post("/outbox/1/retry").status_code == 404
        assert somebody.post("/outbox/retry").status_code == 404


def test_looking_writes_nothing(world: World, visitor: Callable[[], Visitor]) -> None:
    world.apply("anna")
    admin = visitor().sign_in(world["admin"].id)

    def everything() -> list[tuple[object, ...]]:
        with world.database.reading() as session:
            rows = session.execute(text("SELECT * FROM outbox ORDER BY id"))
            return [tuple(row) for row in rows]

    before = everything()
    admin.get("/outbox")
    assert everything() == before


def test_what_came_back_is_marked_told_and_flagged_until_the_address_is_another(
    world: World, visitor: Callable[[], Visitor], smtp: SmtpServer
) -> None:
    world.apply("anna")
    post = replace(Office(world.database, smtp, Clock(MARCH)).post, bounces="bounces@example.org")
    assert send_due(world.database, post, clock=Clock(MARCH)).sent
    delivery = next(each for each in smtp.deliveries if each.recipients == ("anna@region.test",))
    assert delivery.sender == "bounces@example.org", "on the envelope"
    assert "portal@example.org" in str(delivery.message["From"])
    admin, anna = visitor().sign_in(world["admin"].id), visitor().sign_in(world["anna"].id)
    assert "kommer tillbaka" not in text_of(anna.get("/"))
    page = admin.get("/outbox/sent", query_string={"q": str(delivery.message["Message-ID"])})
    (path,) = re.findall(r'action="(/outbox/\d+/bounced)"', page.get_data(as_text=True))
    assert path in admin.get("/outbox/sent?q=anna@region.test").get_data(as_text=True)
    assert admin.post(path, {"bounced": "yes"}).status_code == 303
    assert "E-post till anna@region.test kommer tillbaka. Låt ändra din adress." in text_of(anna.get("/"))
    assert "E-post till adressen kommer tillbaka : 1" in text_of(admin.get("/administration")).replace(
        "a:", "a :"
    )
    assert anna.post(path, {}).status_code == 404
    assert admin.post(path, {}).status_code == 303
    assert "kommer tillbaka" not in text_of(anna.get("/")), "it was a mistake"
    admin.post(path, {"bounced": "yes"})
    world.change("anna", unit="Another")
    assert "kommer tillbaka" in text_of(anna.get("/"))
    world.change("anna", email="anna.ek@region.test")
    assert "kommer tillbaka" not in text_of(anna.get("/")), "the address is another"

    def acts(session: Session) -> list[str]:
        return [
            each.event.act for each in audit.latest(session, limit=999)[::-1] if "bounced" in each.event.act
        ]

    with world.database.reading() as session:
        assert acts(session) == ["mark-bounced", "unmark-bounced", "mark-bounced"]
