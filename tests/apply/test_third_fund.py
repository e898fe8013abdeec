"""A fund that is nothing but a file is applied for, attached to, signed and exported through the pages."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from portal.actions import people
from portal.domain.application import Status
from portal.domain.person import FINANCE
from portal.schemes.loader import load
from portal.store import applications, budgets
from portal.store.session import Database
from tests.actions.world import MARCH, World
from tests.apply.acts import grant, save, send
from tests.documents import made
from tests.support.fund import BOUNDARY, multipart
from tests.support.portals import Clock, Visitor
from tests.support.region import text_of
from tests.support.typed import start

if TYPE_CHECKING:
    from flask import Flask

FUNDS = Path(__file__).parents[1] / "schemes" / "funds"
KEY = "nordfond-2026"
FEBRUARY = datetime(2026, 2, 2, 10, tzinfo=UTC)
JOURNEY = {
    "event": "Nordic Forum, Oslo",
    "mode": "in_person",
    "country": "NO",
    "starts_on": "2026-05-04",
    "ends_on": "2026-05-05",
    "carrier": "train",
    "costs": [{"kind": "travel", "amount": "400,01"}, {"kind": "lodging", "amount": "100"}],
}


def settle(database: Database) -> World:
    """People who read English, somebody in finance, and the two seats of the new fund."""
    world = World(database, schemes=dict(load(FUNDS)))
    for name in ("aino", "first", "second"):
        world.add(name, language="en")
    world.add("finn", roles=frozenset({FINANCE}), language="en")
    for seat in ("first", "second"):
        database.write(
            people.appoint,
            fund="nordfond",
            seat=seat,
            person_id=world.people[seat].id,
            substitute=False,
            starts_on=date(2026, 1, 1),
            ends_on=None,
            schemes=world.schemes,
            by=None,
            at=MARCH,
        )
    return world


def test_from_the_file_to_the_export(
    database: Database, database_url: str, make_app: Callable[..., "Flask"], clock: Clock
) -> None:
    clock.set(FEBRUARY)
    world = settle(database)
    app = make_app(database_url=database_url, schemes_dir=FUNDS)

    def at(name: str) -> Visitor:
        return Visitor(app.test_client()).sign_in(world.people[name].id)

    aino = at("aino")
    assert "The North Fund" in text_of(aino.get("/apply"))
    path = start(aino, KEY)
    save(aino, path, JOURNEY | {"carrier": "plane"})
    page = text_of(aino.get(f"{path}/review"))
    assert "Explain the flight." in page
    assert "Attach the offer." in page
    save(aino, path, JOURNEY)
    _attach(aino, path)
    number = send(aino, path)
    assert number.startswith("NF-2026-")
    assert "EUR 375" in text_of(aino.get(f"/applications/{number}"))

    first, second = at("first"), at("second")
    assert number in text_of(first.get("/queue"))
    for signer in (first, second):
        assert grant(signer, number).status_code == 303
    assert "Granted: EUR 375" in text_of(aino.get(f"/applications/{number}"))
    with database.reading() as session:
        assert applications.get(session, number=number).status is Status.GRANTED
        assert budgets.left_on(session, world.schemes[KEY], FEBRUARY.date()) == 12_000_00 - 375_00

    content = at("finn").get("/finance/applications.csv?profile=plain&fund=nordfond").get_data(as_text=True)
    (row,) = csv.DictReader(io.StringIO(content))
    said = set(row.values())
    assert {number, "EUR", "375.00", "Nordic Forum, Oslo"} <= said, row


def _attach(visitor: Visitor, path: str) -> None:
    """Attach the carrier's offer without JavaScript."""
    visitor.get(path)
    fields = {"csrf_token": str(visitor._token), "action": "attach"}
    answer = visitor.client.post(
        f"{path}/documents",
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
        input_stream=BytesIO(multipart(fields, [("receipt", "Tilbud, tog.pdf", made.pdf("Tilbud"))])),
    )
    assert answer.status_code == 303, text_of(answer)
