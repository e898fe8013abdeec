"""The letters of a case and the list of e-mails in a real browser: readable by everybody, and a PDF comes down."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from portal.mail.relay import send_due
from portal.store import applications, letters
from tests.actions.world import MARCH, World
from tests.mail.conftest import Office
from tests.support.browser import axe
from tests.support.portals import Clock, Live
from tests.support.smtp import Fault, SmtpServer

pytestmark = pytest.mark.browser


def signed_in(page: Page, live: Live, world: World, name: str) -> None:
    """Become somebody by one click."""
    page.goto(f"{live.url}/sign-in")
    page.get_by_role("button", name=f"{world.people[name].name} ").first.click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def kept(world: World, number: str) -> dict[str, bool]:
    """The letters of a case, and whether the worker has made them."""
    with world.database.reading() as session:
        found = letters.of_application(session, applications.get(session, number=number).id)
    return {each.kind: each.made_at is not None for each in found}


def test_letters_are_made_on_asking_and_come_down(
    live: Live, clock: Clock, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    clock.set(MARCH)
    world = World(live.app.extensions["portal"].database)
    number = world.apply("anna").number
    world.grant(number)
    page = new_page()
    signed_in(page, live, world, "anna")
    page.goto(f"{live.url}/applications/{number}")
    page.get_by_role("link", name="Brev och hela ärendet").click()
    assert axe(page) == []
    assert kept(world, number) == {"confirmation": False, "decision": False, "invoice": False}
    with page.expect_download() as coming:
        page.get_by_role("link", name="Beslut (PDF)").click()
    assert coming.value.suggested_filename == f"{number}-decision-sv.pdf"
    coming.value.save_as(tmp_path / "decision.pdf")
    assert (tmp_path / "decision.pdf").read_bytes().startswith(b"%PDF-1.7")
    assert not any(kept(world, number).values()), "looking writes nothing; the worker keeps the letters"
    with page.expect_download() as coming:
        page.get_by_role("link", name="Ladda ner ärendet (zip)").click()
    assert coming.value.suggested_filename == f"{number}.zip"


def test_the_list_of_emails(
    live: Live, clock: Clock, new_page: Callable[..., Page], smtp: SmtpServer
) -> None:
    clock.set(MARCH)
    world = World(live.app.extensions["portal"].database)
    world.apply("anna")
    office = Office(world.database, smtp, Clock(MARCH))
    smtp.fail(Fault.RECIPIENT_NEVER, 2)
    send_due(world.database, office.post, clock=office.clock, at_most=2)
    page = new_page()
    signed_in(page, live, world, "admin")
    page.goto(f"{live.url}/outbox")
    assert axe(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Försök igen med alla som gavs upp").click()
    page.get_by_text("2 e-postmeddelanden försöks igen.").wait_for()
