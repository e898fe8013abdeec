"""The letters of a case over the web: ordered with the act, printed once, fetched by whoever may see the case."""

import email
import hashlib
import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import text

from portal.cli import main
from portal.domain.application import Outcome
from portal.letters import composing
from portal.letters.orders import keep_letter, print_due
from portal.letters.press import Unprinted, print_apart
from portal.store import audit, letters
from portal.store.session import Database, Tampered
from portal.web.letters.views import ORDERING
from tests.actions.world import ASSESSED, MARCH, World
from tests.letters.matters import matter
from tests.support.databases import opened
from tests.support.portals import Clock, Visitor
from tests.support.purse import Purse
from tests.support.region import text_of


@pytest.fixture
def world(app: Flask, sqlite_url: str, clock: Clock) -> World:
    """People with seats, and an opened budget, in the portal of `visitor`."""
    clock.set(MARCH)
    return World(app.extensions["portal"].database)


def unfailing(_letter: int, error: Exception) -> None:
    """No letter may fail."""
    raise error


def printed(world: World) -> int:
    """Print what is due."""
    return print_due(world.database, at=MARCH, failing=unfailing).made


def kept(world: World, application_id: int) -> list[letters.LetterRecord]:
    """The letters of an application."""
    with world.database.reading() as session:
        return letters.of_application(session, application_id)


def test_the_second_signature_leaves_a_printed_decision(world: World, visitor: Callable[[], Visitor]) -> None:
    application = world.apply()
    world.sign(application.number, "chair")
    rep = visitor().sign_in(world["rep"].id)
    page = rep.get(f"/queue/{application.number}").get_data(as_text=True)
    shown = page.partition('name="shown" value="')[2].partition('"')[0]
    answer = rep.post(
        f"/queue/{application.number}/sign",
        {"act": "grant", "amount": "8250,00", "shown": shown},
        buffered=True,
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    made = {each.kind: each for each in kept(world, application.id)}
    assert set(made) == {"confirmation", "decision", "invoice"}
    assert all(each.made_at for each in made.values())
    answer = (
        visitor().sign_in(world["anna"].id).get(f"/applications/{application.number}/letters/decision.pdf")
    )
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert hashlib.sha256(answer.data).hexdigest() == made["decision"].sha256
    words = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    assert "Chair" in words
    assert "Rep" in words


def test_what_the_economist_needs_is_one_file_and_the_basis_is_made_anew_after_the_costs(
    sqlite_database: Database, sqlite_url: str, make_app: Callable[..., Any], clock: Clock
) -> None:
    clock.set(MARCH)
    purse = Purse(sqlite_database)
    number, app = purse.granted(), make_app(database_url=sqlite_url)
    anna = Visitor(app.test_client()).sign_in(purse["anna"].id)
    anna.post("/language", {"lang": "en", "next": "/"})
    path = f"/applications/{number}"
    costs = {"costs-0-kind": "fee", "costs-0-amount": "10 000", "revision": "1", "action": "state"}
    assert anna.post(f"{path}/claim", costs, buffered=True).status_code == 303
    page = text_of(anna.get(f"{path}/letters"))
    assert page.count("Replaced") == 1
    for said in (
        "Koncernkontoret, customer number i84201, orderer id 4270700",
        "Questions are answered by Ekonomi, Koncernkontoret.",
    ):
        assert said in page
    words = "".join(
        each.extract_text() for each in PdfReader(BytesIO(anna.get(f"{path}/package.pdf").data)).pages
    )
    for said in ("Bekräftelse", "Beslut", "Det ersätter ett tidigare underlag.", "5 000,00", "Sahlgrenska"):
        assert said in words.replace("\xa0", " ").replace("\u202f", " "), said
    assert anna.get(f"{path}/package.eml?to=nobody").status_code == 422
    message = email.message_from_bytes(anna.get(f"{path}/package.eml?to=eva@region.test").data)
    assert (message["To"], message["X-Unsent"]) == ("eva@region.test", "1")
    attached = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
    assert len(attached) == 3
    finn = Visitor(app.test_client()).sign_in(purse["finn"].id)
    assert finn.get(f"{path}/package.pdf").status_code == 404


def test_a_letter_that_the_worker_has_not_come_to_is_there_for_who_asks_and_nothing_is_written(
    world: World, visitor: Callable[[], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    application = world.apply()
    anna = visitor().sign_in(world["anna"].id)
    letter = f"/applications/{application.number}/letters/confirmation.pdf"
    asked = anna.get(letter, buffered=True)
    zipped = anna.get(f"/applications/{application.number}/case.zip", buffered=True)
    assert [each.made_at for each in kept(world, application.id)] == [None]
    printed(world)
    assert anna.get(letter, buffered=True).data == asked.data, "the worker makes the same"
    archive = zipfile.ZipFile(BytesIO(zipped.data))
    assert archive.read(f"{application.number}/letters/confirmation-version-1-sv.pdf") == asked.data
    other = world.apply("bo").number
    monkeypatch.setattr("portal.letters.orders.print_apart", lambda each: [Unprinted("fell")] * len(each))
    bo = visitor().sign_in(world["bo"].id)
    for path in ("letters/confirmation.pdf", "case.zip"):
        assert bo.get(f"/applications/{other}/{path}").status_code == 303, "said on the page of the letters"
    assert "Ett brev kunde inte göras" in bo.get(f"/applications/{other}/letters").get_data(as_text=True)


@pytest.mark.parametrize("path", ["letters", "letters/confirmation.pdf", "case.zip"])
def test_only_who_sees_the_case_fetches_from_it(
    world: World, visitor: Callable[[], Visitor], path: str
) -> None:
    application = world.apply()
    printed(world)
    address = f"/applications/{application.number}/{path}"
    for name in ("anna", "boss", "chair", "sub"):
        assert visitor().sign_in(world[name].id).get(address, buffered=True).status_code == 200, name
    for name in ("outsider", "bo", "admin"):
        hidden = visitor().sign_in(world[name].id)
        assert hidden.get(address).status_code == 404, name
    world.conflict(application.number, "chair")
    assert visitor().sign_in(world["chair"].id).get(address).status_code == 404


def test_there_are_no_other_kinds(world: World, visitor: Callable[[], Visitor]) -> None:
    application = world.apply()
    anna = visitor().sign_in(world["anna"].id)
    for path in (
        "secret.pdf",
        "decision.pdf",
        "confirmation.pdf?language=xx",
        "confirmation.pdf?language=nb",
    ):
        assert anna.get(f"/applications/{application.number}/letters/{path}").status_code == 404


def test_the_case_in_one_file(world: World, visitor: Callable[[], Visitor]) -> None:
    application = world.apply()
    world.grant(application.number)
    printed(world)
    anna = visitor().sign_in(world["anna"].id)
    answer = anna.get(f"/applications/{application.number}/case.zip", buffered=True)
    assert answer.mimetype == "application/zip"
    archive = zipfile.ZipFile(BytesIO(answer.data))
    assert archive.testzip() is None
    names = {name.removeprefix(f"{application.number}/") for name in archive.namelist()}
    assert {"application.json", "history.txt", "SHA256SUMS", "letters/decision-version-1-sv.pdf"} <= names
    for line in archive.read(f"{application.number}/SHA256SUMS").decode().splitlines():
        digest, _gap, name = line.partition("  ")
        assert hashlib.sha256(archive.read(f"{application.number}/{name}")).hexdigest() == digest
    content = json.loads(archive.read(f"{application.number}/application.json"))
    assert content["versions"][0]["answers"]["event"] == "ESC Congress"
    assert "Beviljad" in archive.read(f"{application.number}/history.txt").decode()
    again = anna.get(f"/applications/{application.number}/case.zip", buffered=True)
    assert again.data == answer.data


def test_a_failing_printer_leaves_the_decision_and_the_order(
    world: World, visitor: Callable[[], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    application = world.apply()
    failures: list[int] = []

    def jammed(records: list[object]) -> list[Unprinted]:
        return [Unprinted("out of paper") for _record in records]

    with monkeypatch.context() as patch:
        patch.setattr("portal.letters.orders.print_apart", jammed)
        world.grant(application.number)
        done = print_due(world.database, at=MARCH, failing=lambda letter, _error: failures.append(letter))
    assert done.made == 0
    assert len(failures) == 3
    assert printed(world) == 3


@pytest.mark.parametrize("outcome", Outcome)
def test_the_words_are_fixed_with_the_decision(database: Database, outcome: Outcome) -> None:
    world = World(database)
    application = world.apply()
    amount = ASSESSED if outcome is Outcome.GRANT else 0
    world.sign(application.number, "chair", outcome, amount=amount, reason="Skäl")
    assert [each.kind for each in kept(world, application.id)] == ["confirmation"]
    world.sign(application.number, "rep", outcome, amount=amount, reason="Skäl")
    kinds = ["confirmation", "decision"] + (["invoice"] if outcome is Outcome.GRANT else [])
    assert [each.kind for each in kept(world, application.id)] == kinds
    assert printed(world) == len(kinds)
    assert printed(world) == 0
    with database.reading() as session:
        log = [
            each.event for each in audit.history(session, application.id) if each.event.act == "keep-letter"
        ]
    assert [event.body["sha256"] for event in log] == [each.sha256 for each in kept(world, application.id)]


def test_a_kept_letter_cannot_change(database: Database) -> None:
    world = World(database)
    world.apply()
    printed(world)
    for statement in (
        "DELETE FROM letters",
        "UPDATE letters SET content_digest = content_digest",
        "UPDATE letters SET made_at = made_at",
        "UPDATE letters SET pdf = NULL, sha256 = NULL, made_at = NULL",
    ):
        with pytest.raises(Exception, match="stays as it was written"), database.writing() as session:
            session.execute(text(statement))


def test_an_answer_and_an_english_reader_get_letters_of_their_own(database: Database) -> None:
    world = World(database)
    world.add("eve", head_id=world["boss"].id, specialist=True, language="en")
    application = world.apply("eve")
    world.ask(application.number)
    world.answer(application.number, "eve", participation="More")
    found = [(each.kind, each.version, each.language) for each in kept(world, application.id)]
    assert found == [
        ("confirmation", 1, "sv"),
        ("confirmation", 1, "en"),
        ("confirmation", 2, "sv"),
        ("confirmation", 2, "en"),
    ]
    with database.reading() as session:
        newest = letters.find_latest(session, application.id, "confirmation")
    assert newest is not None
    assert (newest.version, newest.language) == (2, "sv")


def test_bytes_that_were_altered_are_not_served(sqlite_database: Database, sqlite_url: str) -> None:
    world = World(sqlite_database)
    application = world.apply()
    printed(world)
    (letter,) = kept(world, application.id)
    with opened(sqlite_url) as thief, thief.writing() as session:
        session.execute(text("DROP TRIGGER letters_made"))
        session.execute(text("UPDATE letters SET pdf = x'00'"))
    with sqlite_database.reading() as session, pytest.raises(Tampered):
        letters.read_pdf(session, letter.id)
    told = CliRunner().invoke(main, ["verify-letters"], env={"DATABASE_URL": sqlite_url})
    assert told.exit_code == 1
    assert "1 letters, 1 of them bad." in told.output


def test_who_prints_a_letter_second_changes_nothing(database: Database) -> None:
    world = World(database)
    application = world.apply()
    with database.reading() as session:
        (due,) = letters.due(session)
    assert database.write(keep_letter, letter=due, pdf=b"first", at=MARCH)
    assert not database.write(keep_letter, letter=due, pdf=b"second", at=MARCH)
    (letter,) = kept(world, application.id)
    with database.reading() as session:
        assert letters.read_pdf(session, letter.id) == b"first"


def test_the_views_that_order_letters_exist(app: Flask) -> None:
    assert set(app.view_functions) >= ORDERING


def test_a_press_that_falls_takes_no_other_letter_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    good = composing.confirmation(matter(), "sv").as_record()
    pdf, fault = print_apart([good, {"no": "letter"}])
    assert isinstance(pdf, bytes)
    assert isinstance(fault, Unprinted)
    monkeypatch.setattr("portal.letters.press.sys.executable", "/nowhere/python")
    fallen = print_apart([good, good])
    assert [str(each) for each in fallen] == ["the press fell"] * 2
