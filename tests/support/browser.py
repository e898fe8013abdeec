"""Fixtures that drive a real Chromium, and the accessibility check of a page.

    page            a new page in a context of its own (Swedish, Stockholm's clock)
    new_page        makes further pages: new_page(color_scheme="dark", java_script_enabled=False)
    axe(page)       runs axe-core in the page and returns its violations as readable lines

A Chromium is looked for, then asked of Playwright's own download, then (as root, with apt) of Debian. Without
one these tests are skipped, saying what to install; with --require-browser they fail.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

PROGRAMS = (
    "chromium-headless-shell",  # the same engine without windows around its pages, and so with less work
    "/usr/lib/chromium/chromium",  # Debian's, without the flags its wrapper adds, which make every page dearer
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--process-per-site",  # pages of one host and context share a process, which is quicker than to start another
    # The address bar nobody sees: else a process of its own draws its suggestions anew for every page that is opened.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
)
DEBIAN_PACKAGES = ("chromium-headless-shell", "chromium")
"""Either will do."""
FONTS = ("fonts-dejavu", "fonts-noto-core")
ADVICE = "no Chromium: install it (Debian: apt-get install chromium) or name its program in CHROMIUM"
AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
VISITOR = {"locale": "sv-SE", "timezone_id": "Europe/Stockholm", "reduced_motion": "reduce"}
ACTION_MILLISECONDS = 30_000
"""A busy machine is no fault of the page; what never comes is waited for a little longer."""


class NoBrowser(RuntimeError):
    """No Chromium here, and none could be had."""


def find_chromium(bundled: Path) -> Path | None:
    """The Chromium that is already on this machine: the one named, the system's, Playwright's."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not Path(named).exists():
            raise NoBrowser(f"CHROMIUM names {named}, which does not exist")
        return Path(named)
    for program in PROGRAMS:
        found = shutil.which(program)
        if found:
            return Path(found)
    return bundled if bundled.exists() else None


def install_chromium() -> None:
    """Ask Playwright for its own Chromium, and Debian when that is refused."""
    ways = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
        for package in DEBIAN_PACKAGES:
            ways.append([[*apt, "update"], [*apt, "install", "--no-install-recommends", package, *FONTS]])
    for way in ways:
        if all(_succeeds(command) for command in way):
            return


def _succeeds(command: list[str]) -> bool:
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            check=False,
            timeout=600,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0


def chromium(bundled: Path) -> Path:
    """A Chromium, installed if need be; several test processes wait here for the first."""
    with (Path(tempfile.gettempdir()) / f"portal-chromium-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = find_chromium(bundled)
        if found is None:
            install_chromium()
            found = find_chromium(bundled)
    if found is None:
        raise NoBrowser(ADVICE)
    return found


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """Playwright's own process."""
    expect.set_options(timeout=ACTION_MILLISECONDS)
    with sync_playwright() as playwright:
        yield playwright


def program(driver: Playwright, *, required: bool) -> Path:
    """The Chromium to drive; where there is none the test is skipped, or fails where one is required."""
    try:
        return chromium(Path(driver.chromium.executable_path))
    except NoBrowser as reason:
        (pytest.fail if required else pytest.skip)(str(reason))


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One Chromium for the whole session of one test process."""
    found = program(playwright_driver, required=request.config.getoption("--require-browser"))
    browser = playwright_driver.chromium.launch(executable_path=found, args=list(FLAGS))
    yield browser
    browser.close()


class Machines:
    """Browser contexts, lent to one visitor after the other: a new one costs as much as opening a page five times.

    Whoever is lent one finds no cookie and nothing stored. An empty page of their host keeps each one's process alive.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[BrowserContext]] = {}

    @contextmanager
    def lent(self, options: dict[str, Any]) -> Iterator[Page]:
        """A new page in a context with these options that nobody else has now."""
        free = self._free.setdefault(repr(sorted(options.items())), [])
        context = free.pop() if free else self._made(options)
        page = context.new_page()
        try:
            yield page
        finally:
            for each in context.pages[1:]:
                forget(each)
                each.close()
            context.clear_cookies()
            free.append(context)

    def _made(self, options: dict[str, Any]) -> BrowserContext:
        context = self._browser.new_context(**{**VISITOR, **options})
        context.set_default_timeout(ACTION_MILLISECONDS)
        keeper = context.new_page()
        keeper.route("**", lambda route: route.fulfill(body=""))
        keeper.goto("http://127.0.0.1/")
        return context


def forget(page: Page) -> None:
    """Take away what a page's host has stored; what belongs to the tab goes with the page."""
    address = urlsplit(page.url)
    if address.netloc:
        session = page.context.new_cdp_session(page)
        origin = {"origin": f"{address.scheme}://{address.netloc}", "storageTypes": "all"}
        session.send("Storage.clearDataForOrigin", origin)


@pytest.fixture(scope="session")
def machines(browser: Browser) -> Machines:
    """Where the browsers of this session's visitors stand."""
    return Machines(browser)


@pytest.fixture
def new_page(machines: Machines) -> Iterator[Callable[..., Page]]:
    """Makes pages, each with cookies of its own, as different people at different machines have."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(machines.lent(options))


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page in a context of its own."""
    return new_page()


@cache
def axe_source() -> str:
    """axe-core as it was published; a changed file is refused."""
    content = AXE.read_bytes()
    if hashlib.sha256(content).hexdigest() != AXE_SHA256:
        raise ValueError(f"{AXE} is not the axe-core these tests were written for")
    return content.decode()


def axe(page: Page, *, within: str | None = None) -> list[str]:
    """The accessibility faults axe-core finds in the page (or in one part of it), a line each."""
    # evaluate() runs outside the page's content security policy; a script element would be refused.
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{axe_source()}; undefined")  # not axe itself, which would be sent back whole
    result = page.evaluate("within => axe.run(within || document, {resultTypes: ['violations']})", within)
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']} at {' '.join(map(str, node['target']))}: "
        f"{node['html'][:120]}"
        for fault in result["violations"]
        for node in fault["nodes"]
    ]
