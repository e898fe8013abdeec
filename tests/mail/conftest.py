"""An outbox with e-mails in it, and a relay over the test's own mail server."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.domain.person import Person
from portal.mail.relay import Post, Round, Server, send_due, server_of
from portal.store import outbox, people
from portal.store.session import Database, Session
from tests.support.portals import Clock
from tests.support.smtp import SmtpServer

START = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
BASE = "https://courses.example.org"


@dataclass
class Office:
    """A database, a mail server, and short words for what happens between them."""

    database: Database
    smtp: SmtpServer
    clock: Clock
    timeout: float = 20

    def person(self, number: str = "1", *, email: str = "asa@region.test", language: str = "sv") -> int:
        """Somebody who gets e-mail."""
        who = Person(0, number, "Åsa Hemlig", email, "Kliniken", language)
        return self.database.write(people.add, who)

    def put(
        self, receiver: int, kind: str = "received", *, key: str = "k", by: date | None = None, **params: Any
    ) -> None:
        """An e-mail to send."""
        values = {"number": "RFR-2026-0001"} | params
        self.database.write(
            outbox.add, key=key, receiver_id=receiver, kind=kind, params=values, at=self.clock(), by=by
        )

    @property
    def post(self) -> Post:
        server = replace(server_of(f"smtp://{self.smtp.host}:{self.smtp.port}"), timeout=self.timeout)
        return Post(server, "portal@example.org", BASE)

    def send(self, server: Server | None = None) -> Round:
        """One round of the relay."""
        post = self.post if server is None else replace(self.post, server=server)
        return send_due(self.database, post, clock=self.clock)

    def entries(self) -> list[Any]:
        """What is not sent."""
        with self.database.reading() as session:
            return list(outbox.unsent(session))

    def run(self, work: Any) -> Any:
        """Something in a transaction of its own."""

        def inner(session: Session) -> Any:
            return work(session)

        return self.database.write(inner)


@pytest.fixture
def office(database: Database, smtp: SmtpServer) -> Office:
    """On each engine."""
    return Office(database, smtp, Clock(START))


@pytest.fixture
def quick_office(sqlite_database: Database, smtp: SmtpServer) -> Office:
    """On SQLite only: for tests that are not about the store."""
    return Office(sqlite_database, smtp, Clock(START))
