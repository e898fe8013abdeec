"""A served region, and people who walk through it with a browser, with and without JavaScript."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page

from portal.actions.people import change_person
from portal.domain.person import FINANCE
from portal.store.session import Database
from tests.actions.world import MARCH, World
from tests.support.browser import axe
from tests.support.portals import Clock

if TYPE_CHECKING:
    from flask import Flask


CHECKED: set[tuple[object, str]] = set()
"""Pages without a fault, by width and content but for tokens: the same page again has none either."""

BROKEN_OFF = re.compile(r"htmx:(afterRequest|sendAbort|sendError), ")
"""Said of a save in the background whose page was left. The browser itself says what really fails, in other words."""


@dataclass
class Walker:
    """Somebody at a browser; every page walked through is checked for accessibility."""

    page: Page
    base: str
    reader: Page | None = None
    """Where a page seen without JavaScript is shown again for the checks, which need it."""
    visited: dict[str, str] = field(default_factory=dict)

    def go(self, path: str) -> "Walker":
        """Open a page by its address."""
        self.page.goto(self.base + path)
        return self.check()

    def press(self, name: str) -> "Walker":
        """Press the button with that name, and check the page it leads to."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state()
        return self.check()

    def follow(self, name: str) -> "Walker":
        """Follow the link with that name."""
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()
        return self.check()

    def sees(self, *texts: str) -> "Walker":
        """The page says each text."""
        for text in texts:
            self.page.get_by_text(text).locator("visible=true").first.wait_for()
        return self

    def check(self) -> "Walker":
        """No accessibility fault, no sideways scroll, a title and a language."""
        address = self.page.url.removeprefix(self.base)
        page = self._readable()
        seen = (page.viewport_size or {}).get("width"), re.sub(r'value="[^"]{40,}"', "", self.page.content())
        if seen not in CHECKED:
            assert axe(page) == [], address
            CHECKED.add(seen)
        assert page.title(), address
        assert page.locator("html").get_attribute("lang"), address
        sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(sideways), f"{address} scrolls sideways"
        self.visited[address] = page.title()
        return self

    def _readable(self) -> Page:
        """The page itself, or the same text and style where scripts run, without the portal's own."""
        if self.reader is None:
            return self.page
        if not self.reader.url.startswith(self.base):
            self.reader.goto(f"{self.base}/sign-in")
        self.reader.set_content(re.sub(r"<script\b.*?</script>", "", self.page.content(), flags=re.DOTALL))
        return self.reader


@dataclass
class Journey:
    """The region, and a browser for whoever is asked for."""

    world: World
    clock: Clock
    base: str
    new_page: Callable[..., Page]
    faults: list[str]

    def at(self, name: str, **options: Any) -> Walker:
        """A browser in which somebody has signed in; options are the browser context's."""
        page = self.new_page(accept_downloads=True, **options)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self._hear(said.text) if said.type == "error" else None)
        seen_without = options.get("java_script_enabled") is False
        reader = self.new_page(**{**options, "java_script_enabled": True}) if seen_without else None
        walker = Walker(page, self.base, reader).go("/sign-in")
        page.locator(f'button[name="person"][value="{self.world.people[name].id}"]').click()
        page.wait_for_load_state()
        return walker.check()

    def _hear(self, said: str) -> None:
        if not BROKEN_OFF.match(said):
            self.faults.append(said)


@pytest.fixture
def make_journey(
    make_app: Callable[..., "Flask"],
    sqlite_database: Database,
    sqlite_url: str,
    clock: Clock,
    new_page: Callable[..., Page],
    live_server: Callable[["Flask"], str],
) -> Callable[[str], Journey]:
    """Makes a region whose people read a language, and serves it."""

    def make(language: str) -> Journey:
        clock.set(MARCH)
        world = World(sqlite_database)
        world.add("finn", roles=frozenset({FINANCE}))
        for name in world.people:
            person = replace(world[name], language=language)
            sqlite_database.write(change_person, person=person, schemes=world.schemes, by=None, at=MARCH)
        base = live_server(make_app(database_url=sqlite_url))
        return Journey(world, clock, base, new_page, [])

    return make
