"""Writing an application in a real browser: it saves itself, answers while one types, and loses nothing."""

import re
from collections.abc import Callable
from functools import partial
from time import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect

from portal.store import drafts
from tests.support.browser import axe
from tests.support.region import Region

if TYPE_CHECKING:
    from flask import Flask

pytestmark = pytest.mark.browser


@pytest.fixture
def base(small_region: Region, live_server: Callable[["Flask"], str]) -> str:
    """The address of the served region."""
    return live_server(small_region.app)


def sign_in(page: Page, base: str, region: Region, name: str = "anna") -> None:
    """Become somebody."""
    page.goto(f"{base}/sign-in")
    page.locator(f'button[name="person"][value="{region.world.people[name].id}"]').click()
    page.wait_for_url(f"{base}/")


def begin(page: Page, base: str, scheme: str = "rfr-2024") -> str:
    """Begin a draft; its token."""
    page.goto(f"{base}/apply/{scheme}")
    page.get_by_role("button", name="Start the application").click()
    page.wait_for_url("**/drafts/*")
    return page.url.rsplit("/", 1)[-1]


def kept(region: Region, token: str) -> dict[str, object]:
    """What the draft holds in the database."""
    with region.world.database.reading() as session:
        return dict(drafts.get(session, token).answers)


def test_what_is_typed_is_saved_and_judged_while_typing(page: Page, base: str, small_region: Region) -> None:
    sign_in(page, base, small_region)
    token = begin(page, base)
    with page.expect_response("**/save"):
        page.locator("#event").fill("ESC Congress")
    expect(page.locator("#title")).to_have_text("ESC Congress")
    page.get_by_role("combobox", name="Country").fill("tyskl")
    page.get_by_role("option", name="Germany").click()
    page.get_by_label("In person").check()
    page.locator("#costs-0-amount").fill("30 000")
    with page.expect_response("**/save"):
        page.locator("#counter_amount").fill("20 000")
        page.locator("#counter_amount").blur()
    expect(page.locator("#assessment")).to_contain_text("SEK 10,000")
    expect(page.locator("#assessment")).to_contain_text("max 10 000 kr per deltagare")
    page.locator("#starts_on").fill("2024-02-01")
    page.locator("#ends_on").fill("2024-02-02")
    page.locator("#ends_on").blur()
    expect(page.locator("#starts_on-error")).to_contain_text("must be sent in the day before")
    assert page.locator("#starts_on").get_attribute("aria-invalid") == "true"
    expect(page.locator("#specialist-error")).to_have_text("")
    page.wait_for_timeout(900)
    assert kept(small_region, token)["country"] == "DE"
    assert kept(small_region, token)["counter_amount"] == "20 000"
    assert axe(page) == []


def test_lines_come_and_go_and_foreign_amounts_are_converted(
    page: Page, base: str, small_region: Region
) -> None:
    sign_in(page, base, small_region)
    token = begin(page, base)
    page.get_by_role("button", name="Add a cost").click()
    page.locator("#costs-3-kind").select_option("other")
    page.locator("#costs-3-amount").fill("100")
    page.locator("[data-line] summary").nth(2).click()
    page.locator("#costs-2-currency").select_option("EUR")
    page.locator("#costs-2-amount").fill("640")
    page.locator("#costs-2-rate").fill("11,45")
    page.locator("#costs-2-rate").blur()
    expect(page.locator("#costs-2-counted")).to_have_text("Counts as SEK 7,328")
    with page.expect_response("**/save"):
        page.get_by_role("button", name="Remove cost 1").click()
    expect(page.locator("#costs-1-counted")).to_have_text("Counts as SEK 7,328")
    page.wait_for_timeout(900)
    lines = kept(small_region, token)["costs"]
    assert isinstance(lines, list)
    assert [line["kind"] for line in lines] == ["travel", "lodging", "other"]


def test_two_windows_are_told_of_each_other(
    new_page: Callable[[], Page], base: str, small_region: Region
) -> None:
    first = new_page()
    sign_in(first, base, small_region)
    begin(first, base)
    second = first.context.new_page()
    second.goto(first.url)
    with first.expect_response("**/save"):
        first.locator("#event").fill("From the first")
    with second.expect_response("**/save") as conflict:
        second.locator("#event").fill("From the second")
    assert conflict.value.status == 409
    expect(second.locator("#trouble")).to_contain_text("changed in another window")
    second.get_by_role("button", name="Save the draft").click()
    expect(second.get_by_role("table")).to_contain_text("From the first")
    expect(second.get_by_role("table")).to_contain_text("From the second")
    assert axe(second) == []
    second.get_by_role("button", name="Keep what is in this window").click()
    expect(second.locator("#event")).to_have_value("From the second")


def saves(page: Page) -> list[float]:
    """When the page has asked to save, in seconds, from now on."""
    asked: list[float] = []
    page.on("request", lambda request: asked.append(time()) if request.url.endswith("/save") else None)
    return asked


def test_typing_without_a_pause_is_saved_all_the_same(page: Page, base: str, small_region: Region) -> None:
    page.clock.install()
    sign_in(page, base, small_region)
    begin(page, base)
    asked = saves(page)
    page.locator("#event").focus()
    for _ in range(16):
        page.keyboard.type("a")
        page.clock.run_for(500)
    assert asked


def test_what_was_typed_just_before_leaving_is_saved(page: Page, base: str, small_region: Region) -> None:
    sign_in(page, base, small_region)
    token = begin(page, base)
    page.locator("#event").press_sequentially("The last words")
    page.get_by_role("link", name="The terms").click()
    page.wait_for_url("**/funds/**")
    page.wait_for_timeout(500)
    assert kept(small_region, token)["event"] == "The last words"


def test_what_is_saved_while_the_page_is_left_stands_in_the_page_that_comes(
    page: Page, base: str, small_region: Region
) -> None:
    """The answer to come is made before the save and arrives after it."""
    sign_in(page, base, small_region)
    token = begin(page, base)
    asked: list[Route] = []
    page.route(f"**/drafts/{token}", lambda route: asked.append(route))  # noqa: PLW0108 - it counts the parameters
    page.locator("#event").fill("Written while leaving")
    with page.expect_response("**/save"):
        page.evaluate("() => location.reload()")
        while not asked:
            page.wait_for_timeout(10)
        answer = asked[0].fetch()
    asked[0].fulfill(response=answer)
    expect(page.locator("[data-forget]")).to_be_visible()
    expect(page.locator("#event")).to_have_value("Written while leaving")
    with page.expect_response(
        lambda each: each.url.endswith("/save") and "after" in (each.request.post_data or "")
    ) as saved:
        page.locator("#event").fill("And after it")
    assert saved.value.status == 200
    assert kept(small_region, token)["event"] == "And after it"


def test_what_no_save_keeps_waits_in_the_tab(page: Page, base: str, small_region: Region) -> None:
    """Whom it is for is no answer: a draft that was saved meanwhile knows nothing of what was typed there."""
    sign_in(page, base, small_region)
    begin(page, base)
    page.get_by_text("Apply for somebody else").click()
    with page.expect_response("**/save"):
        page.locator("#for_whom").fill("Bo and more")
        page.locator("#event").fill("ESC Congress")
        page.locator("#event").blur()
    page.wait_for_timeout(100)
    page.reload()
    expect(page.locator("[data-forget]")).to_be_visible()
    expect(page.locator("#for_whom")).to_have_value("Bo and more")
    expect(page.locator("#event")).to_have_value("ESC Congress")


def test_a_slow_save_is_not_another_window(page: Page, base: str, small_region: Region) -> None:
    """Neither when it arrives before what was typed after it, nor when it is overtaken."""
    sign_in(page, base, small_region)
    token = begin(page, base)
    held: list[Route] = []
    for late in (False, True):
        page.route("**/save", lambda route: held.append(route))  # noqa: PLW0108 - it counts the parameters
        with page.expect_request("**/save"):
            page.locator("#event").fill(f"Begun {late}")
        page.wait_for_timeout(100)
        request = held[-1].request
        headers = {**request.headers, "origin": base, "referer": f"{base}/drafts/{token}"}
        arrive = partial(page.request.post, request.url, data=request.post_data, headers=headers)
        if not late:
            assert arrive().status == 200
        page.locator("#event").fill(f"Finished {late}")
        page.get_by_role("button", name="Review and send").click()
        page.wait_for_url("**/review")
        if late:
            assert arrive().status == 200
        assert kept(small_region, token)["event"] == f"Finished {late}"
        page.unroute("**/save")
        page.go_back()


def test_signed_out_while_typing_nothing_is_lost(page: Page, base: str, small_region: Region) -> None:
    sign_in(page, base, small_region)
    begin(page, base)
    small_region.clock.forward(minutes=45)
    page.locator("#event").fill("Typed too late")
    page.wait_for_url("**/sign-in**")
    expect(page.get_by_text(re.compile("You were signed out|Du har loggats ut"))).to_be_visible()
    page.locator(f'button[name="person"][value="{small_region.world.people["anna"].id}"]').click()
    page.wait_for_url("**/drafts/*")
    expect(page.locator("#event")).to_have_value("Typed too late")


def test_what_waits_in_a_tab_goes_when_another_person_comes(
    page: Page, base: str, small_region: Region
) -> None:
    people = small_region.world.people
    kept_in_tab = "Object.entries(sessionStorage).filter(([key]) => key.startsWith('typed:')).join()"
    sign_in(page, base, small_region)
    begin(page, base)
    assert page.locator("body").get_attribute("data-person") != str(people["anna"].id)
    small_region.clock.forward(minutes=45)
    page.locator("#event").fill("Typed too late")
    page.wait_for_url("**/sign-in**")
    assert "Typed too late" in page.evaluate(kept_in_tab)
    sign_in(page, base, small_region, "chair")
    assert page.evaluate(kept_in_tab) == ""
    page.evaluate(
        "sessionStorage.setItem('typed:/x', JSON.stringify({ by: document.body.dataset.person, at: Date.now() }))"
    )
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate(kept_in_tab) == ""


def test_what_stops_it_takes_the_focus(page: Page, base: str, small_region: Region) -> None:
    sign_in(page, base, small_region)
    begin(page, base)
    page.locator("#event").fill("ESC Congress")
    page.get_by_role("button", name="Review and send").click()
    page.wait_for_url("**/review")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert axe(page) == []
    page.get_by_role("link", name="Organiser: Write who organises it.").click()
    expect(page.locator("#organiser")).to_be_focused()


def test_questions_that_do_not_bear_on_the_answers_go_away(
    page: Page, base: str, small_region: Region
) -> None:
    sign_in(page, base, small_region)
    begin(page, base, "kvalitetsfondet-2023")
    days = page.locator('[data-question="whole_days"]')
    expect(days).to_be_hidden()  # until it is known that the course was in working hours
    page.locator("input[name=in_hours][value=no]").check()
    expect(days).to_be_hidden()
    page.locator("input[name=in_hours][value=yes]").check()
    expect(days).to_be_visible()
    page.get_by_role("combobox").first.fill("sunn seksuell")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox").first).to_have_value(
        "Klinisk emnekurs i Seksuell helse (at most 2 days)"
    )


def test_on_a_phone_what_stops_it_is_read_before_the_button_that_sends(
    new_page: Callable[..., Page], base: str, small_region: Region
) -> None:
    page = new_page(viewport={"width": 375, "height": 812})
    sign_in(page, base, small_region)
    begin(page, base)
    for button in ("Review and send", "Send the application"):
        panel, sends = page.locator("#assessment").bounding_box(), page.get_by_role("button", name=button)
        assert panel is not None
        below = sends.bounding_box()
        assert below is not None
        assert below["y"] > panel["y"] + panel["height"]
        if button == "Review and send":
            page.locator("#event").fill("ESC Congress")
            sends.click()  # outside the form's element, and still its button
            page.wait_for_url("**/review")


def test_a_country_left_half_written_is_none_and_asked_for(
    page: Page, base: str, small_region: Region
) -> None:
    sign_in(page, base, small_region)
    token = begin(page, base)
    page.get_by_label("In person").check()
    box = page.get_by_role("combobox", name="Country")
    box.fill("tyskl")
    page.get_by_role("option", name="Germany").click()
    with page.expect_response("**/save"):
        box.fill("Fran or Italy")
        box.blur()
    expect(box).to_have_value("Fran or Italy")
    expect(page.locator("#country-error")).not_to_be_empty()
    page.wait_for_timeout(900)
    assert not kept(small_region, token).get("country")
