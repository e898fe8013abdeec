"""Fetching documents: who may, how they are served, what stands in the log, and that others find nothing."""

import hashlib
import json
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typst
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select

from portal.actions import signing
from portal.documents import drawing
from portal.documents.drawing import MOST_PAGES, draw_pages
from portal.domain.document import Broken
from portal.store.tables import Base, ReadingRow
from tests.documents import made
from tests.support.fund import AT, Fund
from tests.support.region import text_of

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

SEE = ("kari", "leder", "medlem")
NOT = ("ola", "anna", "boss", "chair", "rep", "admin", "finn")
"""An approver of another fund sees no more of it than anybody else, and finance sees receipts, which this is not."""


def paths(fund: Fund) -> tuple[str, str]:
    """A document of kari's application, and one of kari's draft."""
    application = fund.apply()
    document = fund.of_version(application, 1)[0]
    token = fund.draft(starts_on="2023-10-02", ends_on="2023-10-03")
    drafted = fund.attach(token, "receipt", "utkast.pdf")
    return (
        f"/applications/{application.number}/documents/{document.id}",
        f"/drafts/{token}/documents/{drafted.id}",
    )


def test_only_who_may_see_the_case_fetches_its_documents(each_fund: Fund) -> None:
    submitted, drafted = paths(each_fund)
    nowhere = submitted.rpartition("/")[0] + "/999999"
    for name in SEE:
        visitor = each_fund.at(name)
        assert visitor.get(submitted).data == made.pdf("certificate"), name
        assert visitor.get(drafted).status_code == (200 if name == "kari" else 404), name
    for name in NOT:
        visitor = each_fund.at(name)
        refused, missing = visitor.get(submitted), visitor.get(nowhere)
        assert (refused.status_code, missing.status_code) == (404, 404), name
        assert visitor.get(drafted).status_code == 404, name
        assert visitor.get(drafted.rpartition("/")[0]).status_code == 404, name
    stranger = each_fund.app.test_client()
    for path in (submitted, drafted):
        answer = stranger.get(path)
        assert answer.status_code == 302
        assert "/sign-in" in answer.location


def test_a_document_is_looked_up_through_what_it_belongs_to(each_fund: Fund) -> None:
    application, other = each_fund.apply(), each_fund.apply("ola", course="skropelige-eldre")
    mine, theirs = each_fund.of_version(application, 1)[0], each_fund.of_version(other, 1)[0]
    token = each_fund.draft(starts_on="2023-10-02", ends_on="2023-10-03")
    kari = each_fund.at("kari")
    assert kari.get(f"/applications/{application.number}/documents/{mine.id}").status_code == 200
    for path in (
        f"/applications/{application.number}/documents/{theirs.id}",
        f"/applications/{other.number}/documents/{theirs.id}",
        f"/applications/{other.number}/documents/{mine.id}",
        f"/drafts/{token}/documents/{theirs.id}",
        f"/drafts/{token}/documents/{mine.id}",
        f"/drafts/x/documents/{mine.id}",
        f"/applications/{application.number}/documents/0",
        f"/applications/{application.number}/documents/-1",
        f"/applications/{application.number}/documents/{mine.id}x",
        f"/applications/{application.number}/documents/{2**62}",
    ):
        assert kari.get(path).status_code == 404, path


def test_whoever_stepped_aside_reads_no_documents(each_fund: Fund) -> None:
    application = each_fund.apply()
    document = each_fund.of_version(application, 1)[0]
    address = f"/applications/{application.number}/documents/{document.id}"
    assert each_fund.at("leder").get(address).status_code == 200
    each_fund.database.write(
        signing.declare_conflict,
        number=application.number,
        note="",
        schemes=each_fund.world.schemes,
        by=each_fund["leder"],
        at=AT,
    )
    assert each_fund.at("leder").get(address).status_code == 404
    assert each_fund.at("medlem").get(address).status_code == 200


POLYGLOTS = {
    "a.pdf": made.pdf("<script>alert(1)</script>") + made.parcel({"a": "b"}) + b"\nstartxref\n0\n%%EOF\n",
    "b.jpg": made.jpeg(made.segment(0xFE, b"*/=alert(1)/*")),
    "c.png": made.png() + b"<?php system($_GET[0]); ?>",
    "d.docx": made.docx(),
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_a_document_is_served_to_be_saved_and_never_shown(fund: Fund, name: str) -> None:
    token = fund.draft()
    document = fund.attach(token, "receipt", name, POLYGLOTS[name])
    answer = fund.at("kari").get(f"/drafts/{token}/documents/{document.id}")
    headers = answer.headers
    assert headers["Content-Type"] == document.media_type
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert int(headers["Content-Length"]) == document.size
    assert hashlib.sha256(answer.data).hexdigest() == document.sha256


def pages(number: int) -> bytes:
    """A PDF of so many pages, each the one that `made` makes."""
    reader, writer, out = PdfReader(BytesIO(made.pdf())), PdfWriter(), BytesIO()
    for _page in range(number):
        writer.add_page(reader.pages[0])
    writer.write(out)
    return out.getvalue()


def height_of(png: bytes) -> int:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(png[20:24], "big")


def test_what_is_attached_is_seen_as_a_picture_by_whoever_may_fetch_it(fund: Fund) -> None:
    token = fund.draft()
    for name, content in (
        ("lang.pdf", pages(MOST_PAGES + 3)),
        ("bild.png", made.png()),
        ("brev.docx", made.docx()),
    ):
        fund.attach(token, "certificate", name, content)
    kept = {each.name: each for each in fund.of_draft(token)}
    for proves in ("receipt", "absence"):
        fund.attach(token, proves)
    number = fund.submit(token).number

    def seen(name: str, by: str = "leder") -> "TestResponse":
        return fund.at(by).get(f"/applications/{number}/documents/{kept[name].id}/picture")

    long = seen("lang.pdf")
    assert long.headers["Content-Type"] == "image/png"
    assert long.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert "Content-Disposition" not in long.headers
    assert height_of(long.data) == pytest.approx(MOST_PAGES * height_of(draw_pages(pages(1))), rel=0.05)
    assert seen("bild.png").data == made.png()
    assert seen("brev.docx").status_code == 404
    assert [seen("lang.pdf", name).status_code for name in NOT] == [404] * len(NOT)
    page = fund.at("leder").get(f"/queue/{number}").get_data(as_text=True)
    shown = f'src="/applications/{number}/documents/{{}}/picture"'
    assert shown.format(kept["bild.png"].id) in page
    assert shown.format(kept["brev.docx"].id) not in page


def test_a_pdf_that_cannot_be_drawn_is_no_fault() -> None:
    with pytest.raises(Broken):
        draw_pages(b"%PDF-1.4\nnothing more")


def test_what_is_drawn_has_no_name_that_could_be_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    beside: list[list[Path]] = []
    compile_it = typst.compile

    def watched(*args: Any, **told: Any) -> bytes:
        beside.append(list(tmp_path.iterdir()))
        return compile_it(*args, **told)

    monkeypatch.setattr(typst, "compile", watched)
    assert drawing._drawn(made.pdf("x")).startswith(b"\x89PNG")
    assert beside == [[], []], "it was drawn, the second time with as many pages as there are"


def test_fetching_somebody_elses_document_is_logged_and_leaves_one_line(
    fund: Fund, capsys: pytest.CaptureFixture[str]
) -> None:
    application = fund.apply()
    document = fund.of_version(application, 1)[0]
    address = f"/applications/{application.number}/documents/{document.id}"
    kari, leder = fund.at("kari"), fund.at("leder")
    before = everything(fund)
    capsys.readouterr()
    kari.get(address)
    assert lines_left(fund) == [], "kari is a party"
    leder.get(address)
    leder.client.head(address)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    [told] = [line for line in lines if line["event"] == "document-fetched"]
    assert (told["person"], told["document"], told["application"]) == (
        fund["leder"].id,
        document.id,
        application.id,
    )
    assert document.name not in json.dumps(lines)
    assert lines_left(fund) == [(application.id, fund["leder"].id, "document")]
    assert everything(fund) == before


def test_a_zip_is_logged_as_every_document_in_it(fund: Fund, capsys: pytest.CaptureFixture[str]) -> None:
    application = fund.apply()
    receipt = next(each.id for each in fund.of_version(application, 1) if each.kind == "receipt")
    every = [each.id for each in fund.of_version(application, 1)]
    for name, wanted in (("kari", []), ("leder", every), ("finn", [receipt])):
        visitor = fund.at(name)
        capsys.readouterr()
        visitor.get(f"/applications/{application.number}/case.zip", buffered=True)
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        assert [line["document"] for line in lines if line["event"] == "document-fetched"] == wanted, name
        read = [(line["person"], line["application"]) for line in lines if line["event"] == "case-read"]
        assert read == ([] if name == "kari" else [(fund[name].id, application.id)]), name


def lines_left(fund: Fund) -> list[tuple[int, int, str]]:
    """Who read which case through which door, as the log of readings has it."""
    with fund.database.reading() as session:
        return [
            (row.application_id, row.person_id, row.door)
            for row in session.execute(select(ReadingRow.__table__)).all()
        ]


def everything(fund: Fund) -> str:
    """A mark of every row of every table but the one of readings."""
    mark = hashlib.sha256()
    with fund.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table is ReadingRow.__table__:
                continue
            for row in session.execute(select(table).order_by(*table.primary_key.columns)):
                mark.update(repr(row).encode())
    return mark.hexdigest()


def test_the_pages_of_the_case_lead_to_the_documents(fund: Fund) -> None:
    application = fund.apply()
    for name, page in (
        ("kari", f"/applications/{application.number}"),
        ("kari", f"/applications/{application.number}/versions/1"),
        ("leder", f"/queue/{application.number}"),
    ):
        visitor = fund.at(name)
        shown = visitor.get(page)
        assert shown.status_code == 200, page
        for document in fund.of_version(application, 1):
            assert f"/applications/{application.number}/documents/{document.id}" in shown.get_data(
                as_text=True
            )
        assert "Course certificate: certificate.pdf" in text_of(shown)


def test_a_replaced_document_is_marked_for_whoever_decides(fund: Fund) -> None:
    from tests.documents.test_binding import returned

    application = fund.apply()
    token = returned(fund, application)
    kari = fund.at("kari")
    old = next(each for each in fund.of_draft(token) if each.kind == "receipt")
    fund.send(kari, token, typed={"action": f"remove-document-{old.id}"})
    fund.attach(token, "receipt", "ny.pdf", made.pdf("ny"))
    again = fund.submit(token)
    said = text_of(fund.at("leder").get(f"/queue/{again.number}"))
    assert "ny.pdf 1 kB (new)" in said
    assert "certificate.pdf 1 kB (new)" not in said
    assert "1 answer differs" in text_of(kari.get(f"/applications/{again.number}/versions/2"))
    first = kari.get(f"/applications/{again.number}/versions/1").get_data(as_text=True)
    assert f"/documents/{old.id}" in first
    assert kari.get(f"/applications/{again.number}/documents/{old.id}").status_code == 200
