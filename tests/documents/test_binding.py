"""Documents and what they belong to, on both engines: drafts, versions, signatures, and what nobody can change."""

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal.actions import documents as attaching
from portal.actions import drafting, signing, submitting
from portal.actions.judging import case_of
from portal.actions.submitting import Blocked
from portal.domain.application import Application, Outcome, Status
from portal.domain.refusal import Refused
from portal.domain.signoff import Case
from portal.store import applications, audit, documents
from portal.store.tables import DocumentRow, DraftDocumentRow, VersionDocumentRow
from tests.documents import made
from tests.support.fund import AT, SENT, Fund, scheme
from tests.support.region import text_of

INSERT = "INSERT INTO documents (kind, name, media_type, size, sha256, uploaded_by, uploaded_at) VALUES"


def count(fund: Fund, row: type[Any]) -> int:
    with fund.database.reading() as session:
        number: int = session.execute(select(func.count()).select_from(row)).scalar_one()
        return number


def case(fund: Fund, application: Application) -> Case:
    with fund.database.reading() as session:
        return case_of(session, applications.get_by_id(session, application.id), scheme(), at=AT)


def sign(fund: Fund, application: Application, by: str) -> None:
    now = case(fund, application)
    fund.database.write(
        signing.sign,
        number=application.number,
        schemes=fund.world.schemes,
        outcome=Outcome.GRANT,
        amount=now.assessment.amount,
        reason="",
        shown=now.page_digest,
        by=fund[by],
        at=AT,
    )


def returned(fund: Fund, application: Application) -> str:
    """The token of the draft that answers a returned application."""
    fund.database.write(
        signing.return_with_question,
        number=application.number,
        question="Kvitteringen kan ikke leses.",
        schemes=fund.world.schemes,
        by=fund["leder"],
        at=AT,
    )
    return fund.database.write(drafting.start_answer, number=application.number, by=fund["kari"], at=AT).token


@pytest.mark.parametrize("missing", SENT)
def test_it_cannot_be_submitted_without_each(each_fund: Fund, missing: str) -> None:
    token = each_fund.draft(documents=list(SENT))  # what a draft claims does not count
    for proves in SENT:
        if proves != missing:
            each_fund.attach(token, proves)
    with pytest.raises(Blocked) as blocked:
        each_fund.submit(token)
    found = [finding.code for finding in blocked.value.assessment.findings if finding.severity == "blocks"]
    assert found == [f"kf.{missing}-missing"]


def test_a_version_has_what_was_attached(each_fund: Fund) -> None:
    application = each_fund.apply()
    kept = each_fund.of_version(application, 1)
    assert [document.kind for document in kept] == list(SENT)
    with each_fund.database.reading() as session:
        version = applications.version_of(session, application)
    assert version.answers["documents"] == list(SENT)
    assert version.digest == application.digest
    assert count(each_fund, DraftDocumentRow) == 0


def test_the_digest_covers_every_byte(each_fund: Fund) -> None:
    digests = set()
    for content in (made.pdf("4 500"), made.pdf("9 500")):
        token = each_fund.draft()
        for proves in SENT:
            each_fund.attach(token, proves, "a.pdf", content if proves == "receipt" else made.pdf(proves))
        digests.add(each_fund.submit(token).digest)
    assert len(digests) == 2


def test_the_name_and_the_order_do_not_matter_to_it(each_fund: Fund) -> None:
    digests = set()
    for order, name in ((SENT, "a.pdf"), (SENT[::-1], "b.pdf")):
        token = each_fund.draft()
        for proves in order:
            each_fund.attach(token, proves, name)
        digests.add(each_fund.submit(token).digest)
    assert len(digests) == 1


def test_another_receipt_is_a_new_version_and_voids_the_signature(each_fund: Fund) -> None:
    application = each_fund.apply()
    first = each_fund.of_version(application, 1)
    sign(each_fund, application, "leder")
    assert len(case(each_fund, application).standing) == 1
    token = returned(each_fund, application)
    assert each_fund.of_draft(token) == first
    receipt = next(document for document in first if document.kind == "receipt")
    each_fund.database.write(
        attaching.remove, token=token, document_id=receipt.id, by=each_fund["kari"], at=AT
    )
    with pytest.raises(Blocked):
        each_fund.submit(token)
    replaced = each_fund.attach(token, "receipt", "ny kvittering.pdf", made.pdf("ny"))
    again = each_fund.submit(token)
    assert (again.version, again.status, again.number) == (2, Status.WAITING, application.number)
    assert again.digest != application.digest
    assert case(each_fund, again).standing == ()
    assert {document.id for document in each_fund.of_version(again, 2)} == {
        *(document.id for document in first if document.kind != "receipt"),
        replaced.id,
    }
    assert each_fund.of_version(again, 1) == first
    sign(each_fund, again, "leder")
    sign(each_fund, again, "medlem")
    assert each_fund.application(application.number).status is Status.GRANTED


def test_withdrawing_while_answering_keeps_what_was_submitted(each_fund: Fund) -> None:
    application = each_fund.apply()
    token = returned(each_fund, application)
    each_fund.attach(token, "other" if "other" in _asked() else "receipt", "ny.pdf", made.pdf("ny"))
    each_fund.database.write(submitting.withdraw, number=application.number, by=each_fund["kari"], at=AT)
    assert len(each_fund.of_version(application, 1)) == 3
    assert (count(each_fund, DraftDocumentRow), count(each_fund, DocumentRow)) == (0, 3)


def _asked() -> set[str]:
    fields = scheme().kinds["claim"].fields
    return {choice.value for choice in fields["documents"].choices}


def test_a_draft_keeps_its_files_and_takes_them_along_when_it_goes(each_fund: Fund) -> None:
    token, kari = each_fund.draft(), each_fund["kari"]
    for proves in SENT:
        each_fund.attach(token, proves)
    each_fund.database.write(
        drafting.save_draft, token=token, expected=0, answers={"course": "other"}, by=kari, at=AT
    )
    assert len(each_fund.of_draft(token)) == 3
    each_fund.database.write(drafting.delete_draft, token=token, by=kari, at=AT)
    assert (count(each_fund, DraftDocumentRow), count(each_fund, DocumentRow)) == (0, 0)


def test_submitting_twice_under_one_key_binds_once(each_fund: Fund) -> None:
    token = each_fund.draft()
    for proves in SENT:
        each_fund.attach(token, proves)
    assert each_fund.submit(token) == each_fund.submit(token)
    assert count(each_fund, VersionDocumentRow) == 3


def test_after_submission_nothing_is_attached_or_removed(each_fund: Fund) -> None:
    token = each_fund.draft()
    for proves in SENT:
        each_fund.attach(token, proves)
    application = each_fund.submit(token)
    with pytest.raises(Refused) as refused:
        each_fund.attach(token, "receipt")
    assert refused.value.refusal.code == "access.not-found"
    document = each_fund.of_version(application, 1)[0]
    with pytest.raises(Refused):
        each_fund.database.write(
            attaching.remove, token=token, document_id=document.id, by=each_fund["kari"], at=AT
        )
    assert len(each_fund.of_version(application, 1)) == 3


def test_nobody_else_attaches_or_removes(each_fund: Fund) -> None:
    token = each_fund.draft()
    document = each_fund.attach(token, "receipt")
    for name in ("ola", "leder", "finn", "admin"):
        with pytest.raises(Refused):
            each_fund.attach(token, "receipt", content=made.pdf("falsk"), by=name)
        with pytest.raises(Refused):
            each_fund.database.write(
                attaching.remove, token=token, document_id=document.id, by=each_fund[name], at=AT
            )
    assert each_fund.of_draft(token) == [document]


def test_a_document_of_another_draft_is_not_there(each_fund: Fund) -> None:
    mine, theirs = each_fund.draft(), each_fund.draft("ola")
    document = each_fund.attach(theirs, "receipt", by="ola")
    with pytest.raises(Refused):
        each_fund.database.write(
            attaching.remove, token=mine, document_id=document.id, by=each_fund["kari"], at=AT
        )
    assert each_fund.of_draft(theirs) == [document]


def test_each_act_is_in_the_log_by_hash_and_not_by_name(each_fund: Fund) -> None:
    token = each_fund.draft()
    document = each_fund.attach(token, "receipt", "Kari Nordmanns kvittering.pdf")
    each_fund.database.write(
        attaching.remove, token=token, document_id=document.id, by=each_fund["kari"], at=AT
    )
    with each_fund.database.reading() as session:
        events = [recorded.event for recorded in audit.latest(session, limit=999)[::-1]]
        assert audit.verify(session).whole
    told = [(event.act, event.body["sha256"]) for event in events if "document" in event.act]
    assert told == [("attach-document", document.sha256), ("remove-document", document.sha256)]
    assert "Nordmann" not in str([event.body for event in events])
    assert token not in str([event.body for event in events])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET sha256 = '{other}'",
        "UPDATE documents SET name = 'falsk.pdf'",
        "DELETE FROM documents",
        "DELETE FROM version_documents",
        "UPDATE version_documents SET document_id = 2 WHERE document_id = 1",
        "INSERT INTO version_documents (application_id, version, document_id) VALUES (1, 9, 1)",
        f"{INSERT} ('receipt', 'a.html', 'text/html', 1, '{{other}}', 1, '2024-01-01T00:00:00.000000+00:00')",
        f"{INSERT} ('bribe', 'a.pdf', 'application/pdf', 1, '{{other}}', 1, '2024-01-01T00:00:00.000000+00:00')",
        f"{INSERT} ('receipt', 'a.pdf', 'application/pdf', 0, '{{other}}', 1, '2024-01-01T00:00:00.000000+00:00')",
    ],
)
def test_the_database_refuses_to_change_what_was_submitted(each_fund: Fund, statement: str) -> None:
    each_fund.apply()
    with pytest.raises(DBAPIError), each_fund.database.writing() as session:
        session.execute(text(statement.replace("{other}", "b" * 64)))
    with each_fund.database.reading() as session:
        assert len(documents.hashes(session)) == 3


@pytest.mark.parametrize(
    ("other", "receipt"),
    [
        ({"course": "other", "course_title": "Diabetes", "topic": "Quality"}, b"another"),
        ({"starts_on": "2023-11-20", "ends_on": "2023-11-21"}, b""),
    ],
    ids=["the same course as another one", "the same bytes as receipt"],
)
def test_the_same_claim_twice_is_pointed_out(fund: Fund, other: dict[str, Any], receipt: bytes) -> None:
    fund.apply()
    token = fund.draft(**other)
    for proves in ("certificate", "receipt", "absence"):
        same = proves == "receipt" and not receipt
        fund.attach(token, proves, content=made.pdf("receipt" if same else f"another {proves}"))
    kari = fund.at("kari")
    said = "Another application of the doctor is for the same days, or has the same file"
    assert said in text_of(kari.get(f"/drafts/{token}"))
    number = fund.submit(token).number
    assert said in text_of(fund.at("leder").get(f"/queue/{number}"))
    elsewhere = fund.draft("ola", **other)
    fund.attach(elsewhere, "receipt", by="ola")
    assert said not in text_of(fund.at("ola").get(f"/drafts/{elsewhere}")), "of this doctor alone"
