"""Somebody's way through the certified oidc-provider in a real Chromium: in, signing, stale, in anew, the signature."""

import hashlib
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.app import create_app
from portal.demo import provider
from portal.demo.provider import RunningProvider
from portal.settings import Settings
from portal.store.session import Database
from portal.store.signing import signatures_on
from tests.actions.world import MARCH
from tests.support.portals import own_schemes
from tests.support.region import English
from tests.support.server import serving

pytestmark = pytest.mark.browser

BUNDLE = "2eedb2af196c790ac9ccfbbbfb0e31d95b3c82aac70d86b4661b5900b0119324"
SECRET = "only-for-tests-0123456789abcdefghij"


class Proxy:
    """An app that is made once its address is known, for the provider has to know that too."""

    app = None

    def __call__(self, environ, start):  # type: ignore[no-untyped-def]
        return self.app(environ, start)  # type: ignore[misc]


@pytest.fixture
def place() -> Iterator[tuple[Proxy, str]]:
    proxy = Proxy()
    with serving(proxy) as address:
        yield proxy, address


@pytest.fixture
def running(place: tuple[Proxy, str]) -> Iterator[RunningProvider]:
    """The provider, by the Node that comes with Playwright or the machine's own."""
    assert hashlib.sha256((provider.SCRIPT.parent / "oidc-provider.mjs").read_bytes()).hexdigest() == BUNDLE
    node = provider.find_node()
    assert node is not None
    started = provider.start(node, place[1], SECRET)
    assert started is not None
    yield started
    started.stop()


def sign_in_there(page: Page, number: str) -> None:
    page.locator("input[name=login]").fill(number)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()


def test_in_sign_stale_in_anew_and_the_signature(
    place: tuple[Proxy, str],
    running: RunningProvider,
    page: Page,
    sqlite_database: Database,
    sqlite_url: str,
    tmp_path: Path,
) -> None:
    ahead = MARCH - datetime.now(UTC)
    running.forward(math.floor(ahead.total_seconds()))  # never ahead of the portal
    clock = {"ahead": ahead}
    world = English(sqlite_database)
    number = world.apply().number
    proxy, address = place
    settings = Settings(
        secret_key=SECRET,
        base_url=address,
        demo=True,
        database_url=sqlite_url,
        uploads_dir=tmp_path,
        sign_in=provider.write_settings(running, tmp_path, SECRET, name="Region Exempel"),
    )
    app = create_app(settings, clock=lambda: datetime.now(UTC) + clock["ahead"], schemes=own_schemes())
    proxy.app = app
    # The provider's own pages ask for fonts elsewhere; nothing outside this machine is reached.
    page.route(lambda url: not url.startswith("http://127.0.0.1"), lambda route: route.abort())

    page.goto(f"{address}/queue/{number}")
    page.get_by_role("button", name="Region Exempel").click()
    sign_in_there(page, world["chair"].number)
    page.wait_for_url(f"{address}/queue/{number}")

    clock["ahead"] += timedelta(minutes=16)
    running.forward(16 * 60)
    page.get_by_text("Refuse, with a reason").click()
    page.locator("[name=refuse-text]").fill("Mine, in my own words")
    page.get_by_role("button", name="Refuse", exact=True).click()
    expect(page.get_by_role("heading", name="Show once more who you are")).to_be_visible()
    with world.reading() as session:
        assert signatures_on(session, 1) == (), "nothing is done yet"
    page.get_by_role("button", name="Sign in anew").click()
    sign_in_there(page, world["chair"].number)
    page.wait_for_url(f"{address}/account/kept")
    expect(page.locator("main")).to_contain_text("Mine, in my own words")
    with world.reading() as session:
        assert signatures_on(session, 1) == (), "the person presses the button"
    page.get_by_role("button", name="Send once more").click()
    expect(page.get_by_text("You have signed.")).to_be_visible()

    with world.reading() as session:
        (signature,) = signatures_on(session, 1)
    assert signature.reason == "Mine, in my own words"
    assert signature.signed_in_at is not None
    assert timedelta() <= signature.signed_at - signature.signed_in_at < timedelta(minutes=5)

    with page.expect_request(re.compile(re.escape(running.address) + r"/session/end\?.*id_token_hint=")):
        page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{address}/sign-in")
    page.get_by_role("button", name="Region Exempel").click()
    expect(page.locator("input[name=login]")).to_be_visible()
    page.goto(f"{address}/account")
    page.wait_for_url(f"{address}/sign-in?next=/account")
    app.extensions["portal"].database.close()
