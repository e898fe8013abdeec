"""A portal over a small region, on each engine, with its clock in March 2024 and a password for one of its people."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from portal.actions.people import change_person
from portal.actions.sign_in import hash_password
from portal.domain.person import FINANCE
from portal.store import people
from portal.store.session import Database
from tests.actions.world import MARCH, World
from tests.support.portals import Clock, Visitor

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

PASSWORD = "fyra glada grodor sjunger högt"


def text_of(answer: "TestResponse") -> str:
    """What a page says, without its markup, in single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


@dataclass
class English(World):
    """The world with somebody in finance, where all read English and anna has a password."""

    def _settle(self) -> None:
        super()._settle()
        self.add("finn", roles=frozenset({FINANCE}))
        for name in self.people:
            self.write(
                change_person,
                person=replace(self[name], language="en"),
                schemes=self.schemes,
                by=None,
                at=MARCH,
            )
        self.write(people.set_password, person_id=self["anna"].id, password_hash=kept_password())


@dataclass
class Region:
    """The region's people, each with a browser of their own, reading English."""

    world: World
    app: "Flask"
    clock: Clock

    def visitor(self) -> Visitor:
        """Somebody who has not signed in."""
        return Visitor(self.app.test_client())

    def at(self, name: str) -> Visitor:
        """A new browser in which somebody has signed in."""
        return self.visitor().sign_in(self.world.people[name].id)


@pytest.fixture
def make_region(make_app: Callable[..., "Flask"], clock: Clock) -> Callable[[Database, str], Region]:
    """Makes a portal with people and seats over a database; anna has a login."""

    def make(database: Database, url: str, **settings: Any) -> Region:
        clock.set(MARCH)
        return Region(English(database), make_app(database_url=url, **settings), clock)

    return make


@cache
def kept_password() -> str:
    """The hash of the one password, made once: it takes a while, as it should."""
    return hash_password(PASSWORD)


@pytest.fixture
def region(make_region: Callable[..., Region], database: Database, database_url: str) -> Region:
    """A portal with people and seats, on SQLite and on PostgreSQL."""
    return make_region(database, database_url)


@pytest.fixture
def small_region(make_region: Callable[..., Region], sqlite_database: Database, sqlite_url: str) -> Region:
    """The same on SQLite only, for tests that are not about what is kept."""
    return make_region(sqlite_database, sqlite_url)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What is sent to any database from now on."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)
