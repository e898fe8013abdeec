"""The year in a real browser: drawn without script, on a phone and in the dark, and axe finds nothing."""

import csv
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

from tests.support.browser import axe

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask import Flask

pytestmark = pytest.mark.browser

Serve = Callable[["WSGIApplication"], str]


def open_the_year(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in?next=/year")
    page.get_by_role("button", name="Lars Malmberg").click()
    page.wait_for_url("**/year")


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_is_accessible_and_its_figures_can_be_fetched(
    new_page: Callable[..., Page], site: "Flask", live_server: Serve, dark: bool
) -> None:
    page = new_page(color_scheme="dark" if dark else "light")
    open_the_year(page, live_server(site))
    assert axe(page) == []
    budget = page.get_by_role(
        "region", name="Budgeten över tid Kurs- och konferensbidrag från RFR 2026 (SEK)"
    )
    assert budget.get_by_role("img").count() == 2
    assert budget.get_by_role("img").first.bounding_box()["height"] > 200  # type: ignore[index]
    page.get_by_text("Vad pengarna har använts till").first.click()
    assert axe(page) == []
    with page.expect_download() as downloading:
        page.locator('a[href*="/year/units.csv?scheme=rfr-2026"][href$="plain"]').click()
    assert downloading.value.suggested_filename == "year-units_rfr-2026_2026-01-01_2026-12-31.csv"
    with downloading.value.path().open(encoding="utf-8", newline="") as file:
        units = [row["unit"] for row in csv.DictReader(file)]
    shown = page.get_by_role("table", name="Efter enhet").first.get_by_role("rowheader").all_inner_texts()
    assert [text.strip() for text in shown][: min(len(units), 12)] == units[:12]


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_without_javascript_on_a_phone_it_is_the_same_page(
    new_page: Callable[..., Page], site: "Flask", live_server: Serve
) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 375, "height": 800})
    open_the_year(page, live_server(site))
    page.get_by_role("link", name="Kurs- och konferensbidrag från RFR").click()
    page.get_by_role("link", name="2025", exact=True).click()
    assert page.url.endswith("/year?fund=rfr&year=2025")
    assert (
        page.get_by_role("heading", level=2).first.inner_text()
        == "Kurs- och konferensbidrag från RFR 2025 (SEK)"
    )
    for drawing in page.locator("svg.plot").all():
        box = drawing.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 375
