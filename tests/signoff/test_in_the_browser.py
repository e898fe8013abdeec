"""The sign-off in a real browser: filtering without leaving the page, acts by keyboard and without JavaScript."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from portal.store.session import Database
from tests.actions.world import MARCH, World
from tests.journeys.conftest import Walker
from tests.support.portals import Clock
from tests.support.server import serving

if TYPE_CHECKING:
    from flask import Flask

pytestmark = pytest.mark.browser


@pytest.fixture
def world(sqlite_database: Database) -> World:
    """A small region."""
    return World(sqlite_database)


@pytest.fixture
def enter(
    world: World,
    sqlite_url: str,
    make_app: Callable[..., "Flask"],
    clock: Clock,
    new_page: Callable[..., Page],
) -> Iterator[Callable[..., Walker]]:
    """enter("chair", java_script_enabled=False): a browser in which somebody has signed in, reading English."""
    clock.set(MARCH)
    with serving(make_app(database_url=sqlite_url)) as base:

        def walk(name: str, **options: object) -> Walker:
            page = new_page(**options)
            walker = Walker(page, base)  # no check here: axe needs the page's script to run
            page.goto(f"{base}/sign-in")
            page.locator(f'button[name="person"][value="{world.people[name].id}"]').click()
            if (menu := page.locator(".who__more > summary")).is_visible():  # folded on a phone
                menu.click()
            page.get_by_role("button", name="English").click()
            return walker

        yield walk


def test_the_filter_changes_the_lines_and_the_address_but_not_the_page(
    world: World, enter: Callable[..., Walker]
) -> None:
    mine = world.apply("anna", event="Hjärtdagarna").number
    other = world.apply("bo").number
    walker = enter("chair").go("/queue")
    page = walker.page
    page.evaluate("document.body.dataset.stays = 'yes'")
    page.get_by_label("Number, name or event").fill("hjärt")
    page.get_by_label("Number, name or event").press("Enter")
    expect(page.get_by_role("link", name=other)).to_have_count(0)
    expect(page.get_by_role("link", name=mine)).to_be_visible()
    assert "q=hj" in page.url
    assert page.evaluate("document.body.dataset.stays") == "yes"
    expect(page.locator("#announcement")).to_have_text("1 application.")
    walker.check()
    page.get_by_text("Narrow further").click()
    page.get_by_label("Where").select_option("home")
    expect(page.get_by_role("heading", name="No application under")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name=mine)).to_be_visible()
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_role("link", name=other)).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_case_is_signed_by_keyboard_alone(world: World, enter: Callable[..., Walker], script: bool) -> None:
    number = world.apply().number
    walker = enter("chair", java_script_enabled=script)
    page = walker.page
    page.goto(f"{walker.base}/queue/{number}")
    page.locator("#act-refuse summary").press("Enter")
    page.get_by_label("Reason").last.press_sequentially("Not a course")
    page.locator("#refuse").press("Enter")
    walker.sees("You have signed. Now it waits for the other seat.")
    page.get_by_role("button", name="Take back").press("Enter")
    walker.sees("Your signature is taken back")
    page.locator("#act-refuse summary").press("Enter")
    page.locator("#refuse").press("Enter")
    walker.sees("Give the reason for the refusal.")
    assert page.locator("#act-refuse").get_attribute("open") is not None
    if script:
        walker.check()


def test_a_stale_page_keeps_what_was_typed_and_says_what_changed(
    world: World, enter: Callable[..., Walker]
) -> None:
    number = world.apply().number
    walker = enter("chair").go(f"/queue/{number}")
    page = walker.page
    page.locator("#act-refuse summary").click()
    page.locator("[name=refuse-text]").fill("Typed with care")
    world.ask(number, "rep")
    world.answer(number, event="Another congress")
    page.locator("#refuse").click()
    walker.sees("Nothing was signed", "Another congress").check()
    expect(page.locator("[name=refuse-text]")).to_have_value("Typed with care")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.locator("#refuse").click()
    walker.sees("You have signed. Now it waits for the other seat.").check()


def test_keys_walk_the_queue_and_reach_the_button_but_not_while_one_types(
    world: World, enter: Callable[..., Walker]
) -> None:
    for name in ("anna", "bo"):
        world.apply(name)
    walker = enter("chair").go("/queue")
    page = walker.page
    search = page.get_by_label("Number, name or event")
    search.press_sequentially("no")
    expect(search).to_be_focused()
    search.fill("")
    search.blur()
    page.keyboard.press("n")
    page.keyboard.press("n")
    second = page.locator("#lines tbody th a").nth(1)
    expect(second).to_be_focused()
    number = second.inner_text()
    page.keyboard.press("o")
    page.wait_for_url(f"**/queue/{number}?**")
    page.keyboard.press("g")
    expect(page.locator("#grant")).to_be_focused()
    page.get_by_role("button", name="Turn the keys off").click()
    page.locator("h1").click()
    page.keyboard.press("g")
    expect(page.locator("#grant")).not_to_be_focused()


def test_stepping_aside_leaves_nothing_to_read(world: World, enter: Callable[..., Walker]) -> None:
    number = world.apply().number
    walker = enter("chair", viewport={"width": 375, "height": 800}).go(f"/queue/{number}")
    walker.page.locator("#act-conflict summary").click()
    walker.page.locator("#conflict").click()
    walker.sees("You have stepped aside.")
    walker.go(f"/queue/{number}").sees("You declared a conflict of interest").check()
    assert walker.page.get_by_text("ESC Congress").count() == 0
