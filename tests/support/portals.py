"""Fixtures that build a whole portal for a test: its clock, its app, visitors with a cookie each, and a served one.

    clock           the portal's clock; stands still at NOON_IN_MARCH until set() or forward()
    make_app        make_app(database_url=..., any other setting) -> Flask, with that clock
    app             a demo portal over a migrated SQLite database of the test's own
    visitor         visitor() -> Visitor, a browser without JavaScript; each call is another person's
    live            a served demo portal: live.url for a browser, live.database for what it kept

The people and applications in the database are the business of each room's tests.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.databases import opened
from tests.support.server import serving

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from portal.schemes.loader import Schemes
    from portal.store.session import Database

NOON_IN_MARCH = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
"""A Tuesday, noon in Stockholm, in the first half of a year, in no pause."""


@cache
def own_schemes() -> "Schemes":
    """The portal's own schemes, read once a process."""
    from portal.schemes.loader import load

    return load()


_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def set(self, at: datetime) -> None:
        """Show another instant."""
        assert at.tzinfo is not None, "instants are aware"
        self.at = at

    def forward(self, **duration: float) -> None:
        """Go on by so much: clock.forward(minutes=31)."""
        self.at += timedelta(**duration)


class Visitor:
    """A browser without JavaScript: follows no redirect by itself, carries the token of the page it last saw."""

    def __init__(self, client: "FlaskClient") -> None:
        self.client = client
        self._token: str | None = None

    def get(self, path: str, **options: Any) -> "TestResponse":
        """Ask for a page."""
        return self._seen(self.client.get(path, **options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> "TestResponse":
        """Send a form, with the token of the last page unless the data holds another."""
        if self._token is None:
            self._token = self._given_token()
        return self._seen(self.client.post(path, data={"csrf_token": self._token} | (data or {}), **options))

    def sign_in(self, person_id: int) -> "Visitor":
        """Become one of the demo's people; the language follows the person."""
        answer = self.post("/sign-in/demo", {"person": str(person_id)})
        assert answer.status_code in (302, 303), answer.get_data(as_text=True)
        self._token = None
        return self

    def _given_token(self) -> str:
        """A token as any page would have brought it."""
        from flask import session
        from flask_wtf.csrf import generate_csrf

        with self.client.session_transaction() as kept, self.client.application.test_request_context():
            session.update(kept)
            token = generate_csrf()
            kept["csrf_token"] = session["csrf_token"]
        return str(token)

    def _seen(self, answer: "TestResponse") -> "TestResponse":
        if answer.mimetype == "text/html" and (found := _TOKEN.search(answer.get_data(as_text=True))):
            self._token = found[1]
        return answer


@dataclass(frozen=True)
class Live:
    """A portal that is being served."""

    url: str
    app: "Flask"
    database: "Database"


@pytest.fixture
def clock() -> Clock:
    """The portal's clock."""
    return Clock(NOON_IN_MARCH)


_MADE: dict[tuple[Any, int], "Flask"] = {}
"""Portals by what they were told at the start: making one, and its templates, is what takes long in a test."""


@pytest.fixture
def make_app(clock: Clock, tmp_path: Path) -> Iterator[Callable[..., "Flask"]]:
    """Makes portals with the test's clock and closes their databases after it; a second of a kind is another one."""
    from portal.app import create_app
    from portal.openid.ways import read_ways
    from portal.schemes.loader import load
    from portal.settings import Settings
    from portal.store.session import Database
    from portal.web.current import Portal, client_of
    from portal.web.limits import limiter

    used: Counter[Any] = Counter()
    with ExitStack() as stack:

        def make(schemes: "Schemes | None" = None, **settings: Any) -> "Flask":
            usual: dict[str, Any] = {
                "secret_key": "only-for-tests-0123456789abcdefghij",
                "base_url": "http://localhost",
                "demo": True,
                "uploads_dir": tmp_path / "documents",
            }
            told = Settings(**{**usual, **settings})
            read = schemes or (load(told.schemes_dir) if told.schemes_dir else own_schemes())
            kind = replace(told, uploads_dir=Path(), schemes_dir=None, sign_in=None)
            used[kind] += 1
            if (kind, used[kind]) not in _MADE:
                _MADE[kind, used[kind]] = create_app(told, clock=clock, schemes=read)
            app = _MADE[kind, used[kind]]
            app.testing = True
            ways = read_ways(told.sign_in)
            app.extensions["portal"] = Portal(
                told, Database(told.database_url), read, clock, ways, client_of(ways)
            )
            limiter.reset()
            stack.callback(app.extensions["portal"].database.close)
            return app

        yield make


@pytest.fixture
def app(make_app: Callable[..., "Flask"], sqlite_url: str) -> "Flask":
    """A demo portal over a migrated SQLite database of the test's own."""
    return make_app(database_url=sqlite_url)


@pytest.fixture
def visitor(app: "Flask") -> Callable[[], Visitor]:
    """Makes visitors of that portal, each with cookies of its own."""
    return lambda: Visitor(app.test_client())


@pytest.fixture
def live(app: "Flask", sqlite_url: str) -> Iterator[Live]:
    """That portal, served; a demo is answered on its own machine under any port."""
    with opened(sqlite_url) as database, serving(app) as url:
        yield Live(url, app, database)
