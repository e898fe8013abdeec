"""The finance page in a real browser: the list follows the filter, the file the list, and axe finds nothing."""

import csv
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from portal.language.catalogue import said
from portal.web.refill import AGAIN
from tests.support.browser import axe

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask import Flask

pytestmark = pytest.mark.browser

Serve = Callable[["WSGIApplication"], str]


def open_as_finance(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in?next=/finance/applications")
    page.get_by_role("button", name="Lars Malmberg").click()
    page.wait_for_url("**/finance/applications")


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_the_list_follows_the_filter_and_the_file_the_list(
    page: Page, site: "Flask", live_server: Serve
) -> None:
    open_as_finance(page, live_server(site))
    assert axe(page) == []
    page.get_by_label("Status").select_option("cancelled")
    page.wait_for_url("**status=cancelled**")
    numbers = page.locator("#found a.number")
    page.wait_for_function("document.querySelectorAll('#found a.number').length < 25")
    shown = numbers.all_inner_texts()
    assert shown
    page.locator("#found summary").click()
    with page.expect_download() as downloading:
        page.locator("#found").get_by_role("link", name="Enkel CSV").click()
    name = downloading.value.suggested_filename
    assert name == "applications_all-funds_2026-01-01_2026-12-31.csv"
    with downloading.value.path().open(encoding="utf-8", newline="") as file:
        assert [row["number"] for row in csv.DictReader(file)] == shown
    assert axe(page) == []


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_without_javascript_it_is_the_same_page(
    new_page: Callable[..., Page], site: "Flask", live_server: Serve
) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 375, "height": 800})
    open_as_finance(page, live_server(site))
    page.get_by_role("link", name="Första halvåret 2026").click()
    page.get_by_text("Begränsa listan").click()
    page.get_by_label("Status").select_option("granted")
    page.get_by_role("button", name="Visa").click()
    assert "by=decided" in page.url
    assert "status=granted" in page.url
    assert page.locator("#found a.number").count() > 5
    page.get_by_text("Begränsa listan").click()
    assert page.get_by_label("Till", exact=True).input_value() == "2026-06-30"


@pytest.mark.usefixtures("swedish_afterwards")
@pytest.mark.parametrize("scripted", [True, False])
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_a_file_that_was_chosen_before_another_language_is_asked_for_again(
    new_page: Callable[..., Page], site: "Flask", live_server: Serve, scripted: bool
) -> None:
    page, url = new_page(java_script_enabled=scripted), live_server(site)
    open_as_finance(page, url)
    page.goto(f"{url}/finance/ledger")
    file = page.locator("#file")
    file.set_input_files({"name": "betalt.csv", "mimeType": "text/csv", "buffer": b"number;amount;paid_on\n"})
    # Which language it is now stays with the person from one visit to the next.
    switch = (
        page.locator("header" if scripted else "main form").locator("[name=lang]:not([aria-current])").last
    )
    code = switch.get_attribute("value") or ""
    switch.click()
    expect(page.locator("html")).to_have_attribute("lang", code)
    expect(page.locator("#file-error")).to_have_text(said(AGAIN, code))
    if scripted:
        assert axe(page) == []
        file.set_input_files({"name": "b.csv", "mimeType": "text/csv", "buffer": b"number;amount;paid_on\n"})
        expect(page.locator("#file-error")).to_be_empty()
