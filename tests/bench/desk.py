"""A desk to measure at: a small region on SQLite, somebody signed in, and a draft with a whole application in it."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.settings import Settings
from portal.store.migrate import upgrade
from tests.actions.world import MARCH, World, answers
from tests.bench.direct import cookies_of
from tests.support.portals import Visitor
from tests.support.typed import HTMX, typed_as

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["HTMX", "Desk", "desk", "portal_app", "quiet"]


@dataclass(frozen=True)
class Desk:
    """Where the draft is, and what the browser of the one who writes it sends."""

    app: "Flask"
    cookies: str
    path: str
    typed: dict[str, str]
    """The form as it is sent: every question answered, three cost lines, one of them in another currency."""

    @property
    def half(self) -> dict[str, str]:
        """The form while it is being filled in: what comes after the costs is still blank."""
        begun = ("csrf_token", "specialist", "event", "organiser", "mode", "country", "starts_on", "costs-0")
        return {name: text if name.startswith(begun) else "" for name, text in self.typed.items()}


def portal_app(folder: Path) -> "Flask":
    """The portal over the folder's database, where it is always a morning in March."""
    from portal.app import create_app

    settings = Settings(
        secret_key="only-for-the-bench-0123456789abcdef", base_url="http://localhost", demo=True,
        database_url=f"sqlite:///{folder / 'portal.sqlite3'}", uploads_dir=folder,
    )  # fmt: skip
    return create_app(settings, clock=lambda: MARCH)


def desk(folder: Path) -> Desk:
    """Fill the folder's database, sign in and begin to write; one earlier request stands in the register."""
    upgrade(f"sqlite:///{folder / 'portal.sqlite3'}")
    app = portal_app(folder)
    world = World(app.extensions["portal"].database)
    world.apply("anna", event="Läkardagarna", starts_on="2024-05-20", ends_on="2024-05-22")
    said = answers(
        head=f"Boss ({world['boss'].number})",
        costs=[
            {"kind": "fee", "amount": "640", "currency": "EUR", "rate": "11,2345", "rate_on": "2024-02-20"},
            {"kind": "travel", "amount": "3200", "currency": "SEK"},
            {"kind": "lodging", "amount": "5 900", "currency": "SEK"},
        ],
    )
    token = world.draft("anna", **said)
    visitor = Visitor(app.test_client()).sign_in(world["anna"].id)
    page = visitor.get(f"/drafts/{token}")
    assert page.status_code == 200
    typed = typed_as(said) | {"csrf_token": str(visitor._token), "revision": "0", "for_whom": ""}
    return Desk(app, cookies_of(visitor.client), f"/drafts/{token}", typed)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let the log's lines be written and read by nobody."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield
