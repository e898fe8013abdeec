"""A Norwegian corner of the region: a doctor who claims a refund, two seats of the fund, and a portal over them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from portal.actions import drafting, people, submitting
from portal.actions.documents import attach
from portal.documents.inspecting import inspect, judge
from portal.domain.application import Application, Draft
from portal.domain.document import Document
from portal.domain.person import FINANCE, Person
from portal.domain.scheme import Kind, Scheme
from portal.store import applications, documents
from portal.store.files import Folder
from portal.store.session import Database
from tests.actions.world import MARCH, World
from tests.documents import made
from tests.support.portals import Clock, Visitor, own_schemes

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

FUND = "kvalitetsfondet-2023"
AT = datetime(2024, 3, 1, 9, tzinfo=UTC)
LIMIT = 300_000
"""Bytes that a file may have in these tests."""


@pytest.fixture
def judged_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are judged in this process, which is quicker; that another does it in time is a test of its own."""
    monkeypatch.setattr("portal.web.apply.documents.judge_apart", judge)


SENT = ("certificate", "receipt", "absence")


BOUNDARY = "just-here"


def multipart(fields: Mapping[str, str], sent: Iterable[tuple[str, str, bytes]]) -> bytes:
    """A form with files as a browser writes it: quotes in a name as %22."""
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    for proves, name, content in sent:
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.append((f'name="documents-{proves}"; filename="{quoted}"\r\nContent-Type: text/html', content))
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode()


@cache
def scheme() -> Scheme:
    return own_schemes()[FUND]


def claim() -> Kind:
    return scheme().kinds["claim"]


def answers(**other: Any) -> dict[str, Any]:
    """Answers that only want their documents."""
    return {
        "payee": "self_employed",
        "account": "1234 56 78903",
        "course": "diabetes",
        "starts_on": "2023-11-02",
        "ends_on": "2023-11-03",
        "in_hours": "yes",
        "whole_days": "2",
        "fee": "4 500",
        **other,
    }


@dataclass
class Norwegian(World):
    """The world with kari and ola who claim, and three who decide or look."""

    def _settle(self) -> None:
        super()._settle()
        for name in ("kari", "ola", "leder", "medlem"):
            self.add(name, language="en")
        self.add("finn", roles=frozenset({FINANCE}), language="en")
        for name, seat in (("leder", "chair"), ("medlem", "member")):
            self.write(
                people.appoint,
                fund="kvalitetsfondet",
                seat=seat,
                person_id=self.people[name].id,
                substitute=False,
                starts_on=date(2023, 1, 1),
                ends_on=None,
                schemes=self.schemes,
                by=self["admin"],
                at=MARCH,
            )


@dataclass
class Fund:
    """People around a fund that asks for documents, the actions in short, and the portal."""

    world: World
    app: "Flask"
    files: Folder
    drafts: dict[str, Draft] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.world.database

    def __getitem__(self, name: str) -> Person:
        return self.world[name]

    def at(self, name: str) -> Visitor:
        """A new browser in which somebody has signed in."""
        return Visitor(self.app.test_client()).sign_in(self.world.people[name].id)

    def draft(self, by: str = "kari", **other: Any) -> str:
        draft = self.database.write(
            drafting.start_draft, scheme=scheme(), answers=answers(**other), by=self[by], at=AT
        )
        return draft.token

    def attach(
        self, token: str, proves: str, name: str = "fil.pdf", content: bytes = b"", *, by: str = "kari"
    ) -> Document:
        file = inspect(name, content or made.pdf(proves))
        self.files.put(file.content)
        return self.database.write(
            attach, token=token, kind=claim(), proves=proves, file=file, by=self[by], at=AT
        )

    def submit(self, token: str, by: str = "kari") -> Application:
        schemes = self.world.schemes
        return self.database.write(submitting.submit, token=token, schemes=schemes, by=self[by], at=AT)

    def apply(self, by: str = "kari", **other: Any) -> Application:
        """An application with a document of each kind."""
        token = self.draft(by, **other)
        for proves in SENT:
            self.attach(token, proves, f"{proves}.pdf", by=by)
        return self.submit(token, by)

    def of_draft(self, token: str) -> list[Document]:
        with self.database.reading() as session:
            return documents.of_draft(session, token)

    def of_version(self, application: Application, version: int) -> list[Document]:
        with self.database.reading() as session:
            return documents.of_version(session, application.id, version)

    def application(self, number: str) -> Application:
        with self.database.reading() as session:
            return applications.get(session, number=number)

    def send(
        self, visitor: Visitor, token: str, *sent: tuple[str, str, bytes], to: str = "", **how: Any
    ) -> "TestResponse":
        """Send files as the form without JavaScript does: (what it proves, name, content)."""
        visitor.get("/account")
        fields = {"csrf_token": str(visitor._token), "action": "attach", **how.pop("typed", {})}
        return visitor.client.post(
            to or f"/drafts/{token}/documents",
            content_type=f"multipart/form-data; boundary={BOUNDARY}",
            input_stream=BytesIO(multipart(fields, sent)),
            **how,
        )


@pytest.fixture
def make_fund(
    judged_here: None, make_app: Callable[..., "Flask"], clock: Clock, tmp_path: Path
) -> Callable[..., Fund]:
    """Makes a portal over a database of a Norwegian corner."""

    def make(database: Database, url: str, **settings: Any) -> Fund:
        clock.set(AT)
        world = Norwegian(database)
        app = make_app(database_url=url, max_upload=LIMIT, **settings)
        return Fund(world, app, Folder(tmp_path / "documents"))

    return make


@pytest.fixture
def fund(make_fund: Callable[..., Fund], sqlite_database: Database, sqlite_url: str) -> Fund:
    """On SQLite."""
    return make_fund(sqlite_database, sqlite_url)


@pytest.fixture
def each_fund(make_fund: Callable[..., Fund], database: Database, database_url: str) -> Fund:
    """On SQLite and on PostgreSQL, for tests about rows."""
    return make_fund(database, database_url)
