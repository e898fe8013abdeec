"""The skeleton's pages in a real Chromium: nothing for axe to find, nothing wider than a phone, no script refused."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import axe
from tests.support.region import PASSWORD, Region
from tests.support.server import serving

pytestmark = pytest.mark.browser

PAGES = {
    "-": ("/sign-in", "/accessibility"),
    "anna": ("/", "/funds", "/funds/rfr-2024", "/funds/kvalitetsfondet-2023", "/account", "/nothing-here"),
    "admin": ("/people", "/people?q=zzz", "/people/new", "/people/1", "/people/4", "/seats", "/log"),
}


@pytest.fixture
def heard(page: Page) -> list[str]:
    """What the browser complained of, but for the pages that are not there."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def become(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name=re.compile(f"^{name.title()}( |$)")).click()
    page.wait_for_url(f"{address}/")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_every_page_can_be_used(
    small_region: Region, page: Page, heard: list[str], name: str, width: int, scheme: str
) -> None:
    region = small_region
    region.world.apply("anna")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    with serving(region.app) as address:
        if name != "-":
            become(page, address, name)
        for path in PAGES[name]:
            page.goto(address + path)
            assert axe(page) == [], path
            wide = page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
            assert not wide, f"{path} scrolls sideways"
        assert [text for text in heard if "404" not in text] == []


def test_signing_in_with_the_keyboard_alone(small_region: Region, page: Page) -> None:
    with serving(small_region.app) as address:
        page.goto(f"{address}/funds/rfr-2024")
        page.get_by_label(re.compile("^(Login|Användarnamn|Brukernavn)$")).focus()
        page.keyboard.type("anna")
        page.keyboard.press("Tab")
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.locator("[data-error-summary]")).to_be_focused()
        assert axe(page) == []
        page.locator("#password").focus()
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/funds/rfr-2024")


def test_going_back_after_signing_out_shows_nothing(small_region: Region, page: Page) -> None:
    with serving(small_region.app) as address:
        become(page, address, "anna")
        page.goto(f"{address}/account")
        page.locator("form[data-sign-out] button").click()
        page.wait_for_url(f"{address}/sign-in")
        page.go_back()
        expect(page.locator("#password")).to_be_visible()
        assert page.get_by_text("1970-0004").count() == 0
        kept = page.evaluate("({ ...sessionStorage, ...localStorage })")
        kept.pop("htmx-current-path-for-history", None)  # where this tab is: the sign-in page
        assert kept == {}


@pytest.mark.parametrize("path", ["/people", "/seats"])
def test_nothing_is_asked_of_any_other_host(
    small_region: Region, page: Page, path: str, heard: list[str]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with serving(small_region.app) as address:
        become(page, address, "admin")
        page.goto(address + path)
        assert [url for url in asked if not url.startswith((address, "data:"))] == []
        assert heard == []


def test_what_people_write_is_never_markup(small_region: Region, page: Page, heard: list[str]) -> None:
    nasty = '<img src=x onerror="window.pwned=1"><div hx-get="/log" hx-trigger="load">{{7*7}}%(x)s</div>'
    region = small_region
    region.world.apply("anna", event=nasty[:100])
    with serving(region.app) as address:
        become(page, address, "anna")
        expect(page.get_by_text("<img src=x", exact=False).first).to_be_visible()
        assert page.evaluate("window.pwned") is None
        assert heard == []


def test_what_was_sent_and_never_arrived_is_put_back(small_region: Region, page: Page) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    with serving(small_region.app) as address:
        become(page, address, "admin")
        page.goto(f"{address}/people/new")
        page.locator("#name").fill("Nora Ny")
        page.route("**/people/new", lambda route: route.abort())
        page.get_by_role("button", name="Add the person").click()
        page.wait_for_url("chrome-error://**")
        page.unroute("**/people/new")
        page.goto(f"{address}/people")
        page.goto(f"{address}/people/new")
        expect(page.locator("#name")).to_have_value("Nora Ny")
        expect(page.locator("[data-forget]")).to_be_visible()
        for name, typed in (("number", "nora"), ("email", "nora@vgr.example"), ("unit", "Kirurgi")):
            page.locator(f"#{name}").fill(typed)
        page.get_by_role("button", name="Add the person").click()
        page.wait_for_url(lambda url: not url.endswith("/new"))
        page.goto(f"{address}/people/new")
        expect(page.locator("#name")).to_have_value("")
    assert faults == [], "what is put back is told to the page"


def test_the_page_warns_before_the_session_runs_out(small_region: Region, page: Page) -> None:
    page.clock.install()
    with serving(small_region.app) as address:
        become(page, address, "anna")
        page.clock.run_for(27 * 60_000)
        expect(page.locator("#idle")).to_be_empty()
        page.clock.run_for(2 * 60_000)
        expect(page.get_by_role("alert").filter(has_text="signed out")).to_be_visible()
        assert axe(page) == []
        with page.expect_request(lambda request: request.method == "HEAD"):
            page.locator("#idle button").click()
        expect(page.locator("#idle")).to_be_empty()
