"""Documents by what they belong to: a draft that is being written, or the versions that were submitted with them.

Their bytes are kept by `files`. A document that no draft and no version has any more is let go.
"""

from collections.abc import Sequence

from sqlalchemy import delete, exists, insert, select

from portal.domain.document import Document
from portal.store.rows import columns_of, every, needed, one, values_of
from portal.store.session import Session
from portal.store.tables import DocumentRow, DraftDocumentRow, VersionDocumentRow

_COLUMNS = columns_of(DocumentRow, Document)
_GONE = "documents that went"


def of_draft(session: Session, token: str) -> list[Document]:
    """What is attached to a draft, in the order it was."""
    rows = session.execute(
        select(*_COLUMNS)
        .join(DraftDocumentRow, DraftDocumentRow.document_id == DocumentRow.id)
        .where(DraftDocumentRow.token == token)
        .order_by(DocumentRow.id)
    )
    return every(rows, Document)


def of_version(session: Session, application_id: int, version: int) -> list[Document]:
    """What a version was submitted with."""
    rows = session.execute(
        select(*_COLUMNS)
        .join(VersionDocumentRow, VersionDocumentRow.document_id == DocumentRow.id)
        .where(VersionDocumentRow.application_id == application_id, VersionDocumentRow.version == version)
        .order_by(DocumentRow.id)
    )
    return every(rows, Document)


def get_of_draft(session: Session, token: str, document_id: int) -> Document:
    """One document of a draft. Raises NotFound, also for a document of something else."""
    return needed(
        next((each for each in of_draft(session, token) if each.id == document_id), None), "document"
    )


def get_of_application(session: Session, application_id: int, document_id: int) -> Document:
    """One document of any version of an application. Raises NotFound, also for a document of something else."""
    statement = select(*_COLUMNS).where(
        DocumentRow.id == document_id,
        exists().where(
            VersionDocumentRow.application_id == application_id,
            VersionDocumentRow.document_id == DocumentRow.id,
        ),
    )
    return needed(one(session.execute(statement), Document), "document")


def add(session: Session, token: str, document: Document) -> Document:
    """Attach a new document to a draft; the id given is ignored."""
    values = values_of(document, but=("id",))
    added = Document(*session.execute(insert(DocumentRow).values(values).returning(*_COLUMNS)).one())
    session.execute(insert(DraftDocumentRow).values(token=token, document_id=added.id))
    return added


def remove(session: Session, token: str, document_id: int) -> None:
    """Take a document off a draft, and let it go when no version has it."""
    session.execute(
        delete(DraftDocumentRow).where(
            DraftDocumentRow.token == token, DraftDocumentRow.document_id == document_id
        )
    )
    _let_go(session, [document_id])


def remove_all(session: Session, token: str) -> None:
    """The same with every document of a draft that is about to go."""
    taken_off = session.execute(
        delete(DraftDocumentRow)
        .where(DraftDocumentRow.token == token)
        .returning(DraftDocumentRow.document_id)
    )
    _let_go(session, list(taken_off.scalars()))


def carry_over(session: Session, *, application_id: int, version: int, token: str) -> None:
    """Attach to a draft what a version was submitted with."""
    kept = select(VersionDocumentRow.document_id).where(
        VersionDocumentRow.application_id == application_id, VersionDocumentRow.version == version
    )
    for document_id in session.execute(kept).scalars().all():
        session.execute(insert(DraftDocumentRow).values(token=token, document_id=document_id))


def keep(session: Session, token: str, *, application_id: int, version: int) -> None:
    """Bind what is attached to a draft to the version it is submitted as, for good."""
    for document in of_draft(session, token):
        session.execute(
            insert(VersionDocumentRow).values(
                application_id=application_id, version=version, document_id=document.id
            )
        )


def is_named(session: Session, sha256: str) -> bool:
    """Whether any document has these bytes."""
    return session.execute(select(exists().where(DocumentRow.sha256 == sha256))).scalar_one()


def gone(session: Session) -> list[str]:
    """The bytes of the documents that went in this transaction; others may have the same."""
    return list(session.info.get(_GONE, ()))


def hashes(session: Session) -> list[str]:
    """The bytes that must be there: each SHA-256 once, in order."""
    return list(session.execute(select(DocumentRow.sha256).distinct().order_by(DocumentRow.sha256)).scalars())


def _let_go(session: Session, ids: Sequence[int]) -> None:
    if not ids:
        return
    gone = session.execute(
        delete(DocumentRow)
        .where(
            DocumentRow.id.in_(ids),
            ~exists().where(DraftDocumentRow.document_id == DocumentRow.id),
            ~exists().where(VersionDocumentRow.document_id == DocumentRow.id),
        )
        .returning(DocumentRow.sha256)
    )
    session.info.setdefault(_GONE, []).extend(gone.scalars())
