"""A small region in which every page and form can be reached, and all of them found by following links."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from portal.actions import following_up, preparing, standing_in
from portal.app import create_app
from portal.domain.person import FINANCE
from portal.settings import Settings
from portal.store.session import Database
from tests.actions.world import STOCKHOLM, World
from tests.support.databases import migrate, opened
from tests.support.portals import Clock, Visitor, own_schemes
from tests.support.purse import Purse
from tests.support.server import serving

if TYPE_CHECKING:
    from flask import Flask

FORM = re.compile(r"<form\b[^>]*method=\"post\"[^>]*action=\"(.*?)\"[^>]*>(.*?)</form>", re.DOTALL)
SEPTEMBER = datetime(2024, 9, 20, 12, tzinfo=STOCKHOLM)
PAGES = 8
"""So many pages of each kind are looked at, for each person."""


@dataclass
class Site:
    """A region, served, and where each form was found: who sees it on which page, and its address."""

    address: str
    app: "Flask"
    clock: Clock
    where: dict[str, tuple[int, str, str]]
    asked: dict[str, Any]
    """What the pages asked of the database: each statement, with the values it had first."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The region, on SQLite."""
    folder, clock = tmp_path_factory.mktemp("typed"), Clock(SEPTEMBER)
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    migrate(url)
    secret = "only-for-tests-0123456789abcdefghij"
    settings = Settings(
        secret_key=secret, base_url="http://localhost", demo=True, database_url=url, uploads_dir=folder
    )
    with opened(url) as database:
        purse = region_with_everything(database)
    app = create_app(settings, clock=clock, schemes=own_schemes())
    asked: dict[str, Any] = {}

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        asked.setdefault(statement, values)

    with serving(app) as address:
        people = [purse.people[name].id for name in ("anna", "bo", "boss", "chair", "finn", "freja", "admin")]
        engine = app.extensions["portal"].database.engine
        event.listen(engine, "before_cursor_execute", note)
        where = found_by_following(app, people)
        event.remove(engine, "before_cursor_execute", note)
        yield Site(address, app, clock, where, asked)
    app.extensions["portal"].database.close()


class OneFund(Purse):
    """Without the fund that no portal knows."""

    def _settle(self) -> None:
        World._settle(self)
        self.add("finn", roles=frozenset({FINANCE}))


def region_with_everything(database: Database) -> Purse:
    """A region in which every form can be reached: a grant at each step, one to cancel, to decide, to decline."""
    purse = OneFund(database)
    for name in ("carl", "dora", "erik", "frida", "greta"):
        purse.add(name, head_id=purse["boss"].id, specialist=True)
    purse.granted("anna")
    purse.granted("bo", starts_on="2024-10-10", ends_on="2024-10-11", follow_up_on="2024-11-01")
    stated, invoiced, paid = purse.granted("carl"), purse.granted("dora"), purse.granted("frida")
    for number, by in ((stated, "carl"), (invoiced, "dora"), (paid, "frida")):
        purse.state(number, "16 500", by=by)
    for number in (invoiced, paid):
        purse.invoice(number, purse.claim(number).payable_amount)
    purse.batch()
    purse.pay(paid)
    held = {"held_on": date(2024, 9, 16), "forum": "APT", "audience": "The clinic", "lesson": "Echo first"}
    frida = {"schemes": purse.schemes, "by": purse["frida"], "at": SEPTEMBER}
    purse.write(following_up.record_followup, number=paid, **held, **frida)
    purse.applied("erik")
    purse.apply("carl", participant="boss")
    purse.add("freja", roles=frozenset({FINANCE}))
    unused = purse.granted("greta")
    release = {"number": unused, "reason": "Ill", "revision": purse.claim(unused).revision}
    finn, seat = purse["finn"], {"fund": "rfr", "seat": "chair", "person_id": purse["frida"].id}
    purse.write(
        preparing.do, act="release", second=True, schemes=purse.schemes, by=finn, at=SEPTEMBER, **release
    )
    told = {"forum": "Morning meeting", "audience": "The clinic", "lesson": "Heart failure: four pills."}
    purse.write(
        following_up.record_followup,
        number=paid,
        schemes=own_schemes(),
        held_on=SEPTEMBER.date(),
        by=purse["frida"],
        at=SEPTEMBER,
        **told,
    )
    purse.write(standing_in.allow, schemes=own_schemes(), by=purse["admin"], at=SEPTEMBER, **seat)
    return purse


def found_by_following(app: "Flask", people: list[int]) -> dict[str, tuple[int, str, str]]:
    """By the address and the endpoint of each form with something to write in: who saw it first, where, its address."""
    addresses, found = app.url_map.bind("localhost"), {}
    for person in people:
        visitor, seen = Visitor(app.test_client()).sign_in(person), Counter[str]()
        for fund in ("rfr-2024", "kvalitetsfondet-2023"):
            visitor.post(f"/apply/{fund}")
        ahead, known = ["/", "/apply"], {"/", "/apply"}
        while ahead:
            path = ahead.pop(0)
            answer = visitor.get(path)
            page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
            answer.close()
            for action, inside in FORM.findall(page):
                if re.search(r"<textarea|<select|<input type=\"(?!hidden|file|password)", inside):
                    for name in (action, addresses.match(action.partition("?")[0], method="POST")[0]):
                        found.setdefault(name, (person, path, action))
            for link in map(html.unescape, re.findall(r'href="(/[^"#]*)', page)):
                if link not in known and not re.match(r"/(assets|first)|.*[.](csv|xlsx|zip)", link):
                    known.add(link)
                    endpoint = addresses.match(link.partition("?")[0], method="GET")[0]
                    seen[endpoint] += 1
                    ahead += [link] if seen[endpoint] <= PAGES else []
    return found
