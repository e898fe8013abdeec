"""A portal over a small region, on each engine, with its clock in March 2024, for the tests of the sign-off."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from portal.domain.person import Person
from portal.store.session import Database
from tests.actions.world import ASSESSED, MARCH, World
from tests.support.databases import pages_on_sqlite as pytest_generate_tests  # noqa: F401
from tests.support.portals import Clock, Visitor

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def text_of(answer: "TestResponse") -> str:
    """What a page says, without its markup, in single spaces."""
    page = answer.get_data(as_text=True)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@dataclass
class English(World):
    """The world whose people read English."""

    def add(self, name: str, **values: Any) -> Person:
        """Somebody new."""
        return super().add(name, **{"language": "en", **values})


@dataclass
class Office:
    """The region's people at their desks: each a visitor with cookies of their own, reading English."""

    world: World
    app: "Flask"
    clock: Clock

    def __post_init__(self) -> None:
        self._visitors: dict[str, Visitor] = {}

    def at(self, name: str) -> Visitor:
        """Somebody's browser."""
        if name not in self._visitors:
            self._visitors[name] = Visitor(self.app.test_client()).sign_in(self.world.people[name].id)
        return self._visitors[name]

    def wait_until(self, at: datetime) -> None:
        """Let time pass; sessions run out, so that everybody signs in anew."""
        self.clock.set(at)
        self._visitors.clear()

    def page(self, name: str, number: str) -> str:
        """What the case page says to somebody."""
        answer = self.at(name).get(f"/queue/{number}")
        assert answer.status_code == 200, text_of(answer)
        return text_of(answer)

    def shown(self, name: str, number: str) -> dict[str, str]:
        """The hidden values of the case page as somebody sees it now."""
        page = self.at(name).get(f"/queue/{number}").get_data(as_text=True)
        found = dict(HIDDEN.findall(page[page.index('id="acts"') :]))
        return {key: html.unescape(found[key]) for key in ("shown", "saw")}

    def send(self, name: str, number: str, act: str, **typed: Any) -> "TestResponse":
        """Press a button of the case page as it is now; grant, less and refuse sign."""
        door = {"ask": "return"}.get(act, act if act in ("comment", "conflict", "take-back") else "sign")
        data: dict[str, Any] = {"act": act, "amount": "8250.00"} | typed
        if "shown" not in data:
            data = self.shown(name, number) | data
        return self.at(name).post(f"/queue/{number}/{door}", data)


@pytest.fixture
def office(database: Database, database_url: str, make_app: Callable[..., "Flask"], clock: Clock) -> Office:
    """A portal with people and seats, on SQLite and on PostgreSQL."""
    clock.set(MARCH)
    return Office(English(database), make_app(database_url=database_url), clock)


__all__ = ["ASSESSED", "MARCH", "Office", "text_of"]
