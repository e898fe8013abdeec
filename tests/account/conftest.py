"""The account's pages are the same on every engine; and a region whose people sign in by a provider of our own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.store.session import Database
from tests.support.databases import pages_on_sqlite as pytest_generate_tests  # noqa: F401
from tests.support.issuer import Issuer
from tests.support.portals import Visitor
from tests.support.region import Region, text_of


@dataclass
class Desk:
    """A region whose people sign in by a provider; each is known there by `employee`, their personal id."""

    region: Region
    issuer: Issuer

    def set_out(self, visitor: Visitor, **form: Any) -> str:
        """Where a press of the button leads."""
        answer = visitor.post("/sign-in/provider", form)
        assert answer.status_code == 200, text_of(answer)
        assert answer.headers["Refresh"].startswith("0; url=")
        return str(answer.headers["Refresh"].removeprefix("0; url="))

    def enter(self, who: str, /, visitor: Visitor | None = None, **claims: Any) -> tuple[Visitor, Any]:
        """Somebody's way there and back, and what the portal then answers."""
        visitor = visitor or self.region.visitor()
        visitor.post("/language", {"lang": "en"})
        back = self.issuer.go(self.set_out(visitor), **(self.as_person(who) | claims))
        answer = visitor.get(back)
        visitor._token = None
        return visitor, answer

    def as_person(self, name: str) -> dict[str, str]:
        return {"sub": f"s-{name}", "employee": self.region.world[name].number}


Make = Callable[..., Desk]


@pytest.fixture
def make_desk(
    make_region: Callable[..., Region],
    sqlite_database: Database,
    sqlite_url: str,
    issuer: Issuer,
    tmp_path: Path,
) -> Make:
    def make(**told: Any) -> Desk:
        path = issuer.sign_in_file(tmp_path, **told)
        return Desk(make_region(sqlite_database, sqlite_url, sign_in=path), issuer)

    return make


@pytest.fixture
def desk(make_desk: Make) -> Desk:
    return make_desk()


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/account").status_code == 200


def lines(capsys: pytest.CaptureFixture[str], event: str) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    return [line for line in told if line["event"] == event]
