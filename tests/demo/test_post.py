"""The demo's mail: handed over by SMTP inside the demo, and read by whom it went to; nowhere else is it a page."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from portal.demo.post import open_post
from portal.mail.relay import Post, send_due, server_of
from portal.store.session import Database
from tests.actions.world import MARCH, World
from tests.support.portals import Clock, Visitor

if TYPE_CHECKING:
    from flask import Flask


def test_what_the_portal_sends_is_read_by_whom_it_went_to(
    sqlite_database: Database, sqlite_url: str, make_app: Callable[..., "Flask"], clock: Clock
) -> None:
    clock.set(MARCH)
    world, app = World(sqlite_database), make_app(database_url=sqlite_url)
    number = world.apply("anna").number
    post = Post(server_of(open_post()), "portal@example.org", "http://localhost", "key")
    anna, bo = (Visitor(app.test_client()).sign_in(world[name].id) for name in ("anna", "bo"))
    assert number not in anna.get("/outbox/mine").get_data(as_text=True), "not sent yet"
    done = send_due(sqlite_database, post, clock=clock)
    assert done.sent
    assert not done.postponed + done.parked
    read = anna.get("/outbox/mine").get_data(as_text=True)
    assert number in read
    assert f'href="/applications/{number}' in read
    assert number not in bo.get("/outbox/mine").get_data(as_text=True)
    app.extensions["portal"] = replace(
        app.extensions["portal"], settings=replace(app.extensions["portal"].settings, demo=False)
    )
    assert anna.get("/outbox/mine").status_code == 404
