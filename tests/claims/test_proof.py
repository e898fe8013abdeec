"""Receipts and proof of attendance with the actual costs: attached, read by whom, and kept, fetched and forgotten."""

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from portal.actions import personal
from portal.domain.refusal import Refused
from portal.store.session import Database
from tests.actions.world import MARCH
from tests.claims.test_pages import HTMX, Site, field, lines
from tests.documents import made
from tests.support.portals import Clock, Visitor
from tests.support.purse import Purse
from tests.support.region import text_of


@pytest.fixture
def site(make_app: Callable[..., Any], clock: Clock, sqlite_database: Database, sqlite_url: str) -> Site:
    clock.set(MARCH)
    return Site(Purse(sqlite_database), make_app(database_url=sqlite_url, max_upload=100_000), clock)


def names_in(visitor: Visitor, path: str) -> list[str]:
    with visitor.get(path) as answer, zipfile.ZipFile(BytesIO(answer.get_data())) as archive:
        return archive.namelist()


def test_receipts_go_with_the_costs_and_stay_when_they_are_restated(site: Site) -> None:
    number = site.purse.granted()
    anna, finn, path = site.at("anna"), site.at("finn"), f"/applications/{number}/claim"
    files = {
        "proof-receipt": (BytesIO(made.pdf("hotell")), "hotell.pdf"),
        "proof-certificate": (BytesIO(made.png()), "intyg.png"),
    }
    attached = anna.post(path, {**lines("8 000"), "revision": "1", "action": "attach", **files})
    assert (attached.status_code, field(attached, "costs-0-amount")) == (200, "8 000")
    assert "2 files are attached" in text_of(attached)
    wrong = {"proof-receipt": (BytesIO(b"MZ nothing"), "kvitto.pdf")}
    refused = anna.post(f"{path}/documents", wrong, headers=HTMX)
    assert (refused.status_code, "kvitto.pdf" in text_of(refused)) == (422, True)
    large = {"proof-receipt": (BytesIO(made.pdf() + b"%" * 100_001), "stor.pdf")}
    assert anna.post(f"{path}/documents", large, headers=HTMX).status_code == 422
    for revision, amount in (("1", "10 000"), ("2", "9 000")):
        stated = anna.post(path, {**lines(amount), "revision": revision, "action": "state"})
        assert stated.status_code == 303
    for reader, where in ((anna, path), (finn, f"/finance/claims/{number}")):
        page = reader.get(where).get_data(as_text=True)
        for name in ("hotell.pdf", "intyg.png"):
            assert name in page
        assert page.count("/picture") == 2
        for n in (1, 2):
            assert reader.get(f"/applications/{number}/documents/{n}").status_code == 200
        assert reader.get(f"/applications/{number}/documents/2/picture").status_code == 200
    assert site.at("outsider").get(f"/applications/{number}/documents/1").status_code == 404
    inside = names_in(finn, f"/applications/{number}/case.zip")
    assert f"{number}/costs/1-hotell.pdf" in inside
    mine = names_in(anna, "/account/data.zip")
    assert f"documents/{number}/costs-2-intyg.png" in mine
    assert anna.post(f"{path}/documents", {"action": "remove-document-2"}).status_code == 303
    assert "<bdi>intyg.png" not in anna.get(path).get_data(as_text=True)
    site.purse.invoice(number, 4_500_00)
    late = {"proof-receipt": (BytesIO(made.pdf("sen")), "sen.pdf")}
    said = anna.post(f"{path}/documents", late, headers=HTMX)
    assert (said.status_code, "can no longer be changed" in text_of(said)) == (422, True)
    assert "<bdi>hotell.pdf" in anna.get(path).get_data(as_text=True)


def test_what_the_scheme_asks_for_has_to_be_attached(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    number = site.purse.granted()
    scheme = site.purse.schemes["rfr-2024"]
    monkeypatch.setitem(scheme.payment, "costs_proof", ["receipt"])
    with pytest.raises(Refused) as refused:
        site.purse.state(number, "10000")
    assert refused.value.refusal.code == "claim.proof"


def test_they_are_forgotten_with_the_case(site: Site) -> None:
    number = site.purse.granted()
    anna, path = site.at("anna"), f"/applications/{number}/claim/documents"
    anna.post(path, {"proof-receipt": (BytesIO(made.pdf("hotell")), "hotell.pdf")})
    site.purse.state(number, "10000")
    site.purse.release(number)
    long_after = datetime(2040, 1, 1, tzinfo=UTC)
    done = site.purse.write(personal.forget, before=long_after, at=long_after, dry=False)
    assert done.cases == 1
    with site.purse.reading() as session:
        left = session.exec_driver_sql("SELECT count(*) FROM documents").scalar_one()
    assert left == 0
    assert json.loads(zip_data(anna))["applications"][0]["number"] == number


def zip_data(visitor: Visitor) -> bytes:
    with visitor.get("/account/data.zip") as answer, zipfile.ZipFile(BytesIO(answer.get_data())) as archive:
        return archive.read("data.json")
