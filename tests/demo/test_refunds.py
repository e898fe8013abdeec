"""The demo's Norwegian fund: every state, every sort of claim, and documents that are true files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.actions import preparing
from portal.demo import load
from portal.demo.documents import jpeg, pdf, png
from portal.documents.inspecting import inspect
from portal.domain.application import Status
from portal.schemes.loader import load as load_schemes
from portal.store import applications, documents, payments, people
from portal.store.files import Folder
from portal.store.session import Database, Session
from portal.store.tables import ApplicationRow, BudgetPeriodRow, DraftRow

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KF = "kvalitetsfondet"


@pytest.fixture
def files(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "documents")


def test_every_state_and_sort_is_there(sqlite_database: Database, files: Folder) -> None:
    load(sqlite_database, load_schemes(), at=AT, files=files)
    with sqlite_database.reading() as session:
        rows = session.execute(select(ApplicationRow).where(ApplicationRow.fund == KF)).all()
        assert {row.status for row in rows} == set(Status)
        assert {row.kind for row in rows} == {"claim", "preapproval"}
        assert {row.currency for row in rows} == {"NOK"}
        assert any(row.disagreed for row in rows)
        assert {tuple(row.signed_seats) for row in rows if len(row.signed_seats) == 1} == {
            ("chair",),
            ("member",),
        }
        typed = [
            version.answers
            for row in rows
            for version in applications.versions_of(session, row.id)
            if row.kind == "claim"
        ]
        assert {each["payee"] for each in typed} == {"self_employed", "locum", "municipality"}
        assert {"yes", "no"} == {each["in_hours"] for each in typed}
        assert any(each["course"] == "other" for each in typed)
        assert any(each.get("half_days") for each in typed)
        assert any(each.get("preapproved_days") for each in typed)
        _one_draft_wants_its_receipt(session)
        _every_document_is_whole(session, [row.number for row in rows], files)
        spent = session.execute(
            select(BudgetPeriodRow.granted_amount).where(BudgetPeriodRow.scheme == "kvalitetsfondet-2023")
        ).scalar_one()
        granted = sum(row.amount for row in rows if row.status == Status.GRANTED)
        assert spent == granted > 0


def test_something_waits_for_a_second_person_where_two_are_wanted(
    sqlite_database: Database, files: Folder
) -> None:
    load(sqlite_database, load_schemes(), at=AT, files=files, second=True)
    with sqlite_database.reading() as session:
        [waiting] = payments.prepared_in(session, [KF], waiting=True)
        assert waiting.act == "correct-payee"
        assert waiting.payee[0] != waiting.payee[1]
        names = people.names_of(session, {each.id for each in preparing.confirmers(session, waiting, at=AT)})
    assert set(names.values()) == {"Astrid Vik"}


def _one_draft_wants_its_receipt(session: Session) -> None:
    drafts = session.execute(
        select(DraftRow).where(DraftRow.scheme == "kvalitetsfondet-2023", DraftRow.application_id.is_(None))
    )
    assert [{each.kind for each in documents.of_draft(session, draft.token)} for draft in drafts] == [
        {"certificate", "absence"}
    ]


def _every_document_is_whole(session: Session, numbers: list[str], files: Folder) -> None:
    media = set()
    for number in numbers:
        application = applications.get(session, number=number)
        for document in documents.of_version(session, application.id, application.version):
            assert len(files.get(document.sha256)) == document.size
            media.add(document.media_type)
    assert media == {"application/pdf", "image/png", "image/jpeg"}


def test_the_same_papers_are_the_same_bytes() -> None:
    assert png("a") == png("a") != png("b")
    assert inspect("Fravær.png", png("a")).media.value == "image/png"
    assert inspect("Bilde.jpg", jpeg(3)).media.value == "image/jpeg"
    assert inspect("Kursbevis.pdf", pdf(("Kursbevis", "Åse (2)"))).size < 1500
