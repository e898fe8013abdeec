"""Documents by what they belong to, a draft that is being written or the versions that were submitted with them; their
bytes are `files`'. A document that no draft and no version has any more is let go.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from sqlalchemy import delete, exists, insert, select

from portal.domain.application import Status
from portal.domain.document import Document
from portal.store.rows import columns_of, every, needed, one, values_of
from portal.store.session import Session
from portal.store.tables import (
    ApplicationRow,
    ClaimDocumentRow,
    DocumentRow,
    DraftDocumentRow,
    DraftRow,
    VersionDocumentRow,
)

_COLUMNS = columns_of(DocumentRow, Document, but=("claimed",))
_GONE: WeakKeyDictionary[Session, list[str]] = WeakKeyDictionary()
"""The bytes of the documents that went, while a transaction lasts."""
_COUNTED = (Status.WAITING, Status.RETURNED, Status.GRANTED)


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


def of_claim(session: Session, application_id: int) -> list[Document]:
    """What is attached to the actual costs, in the order it was."""
    statement = select(*_COLUMNS).join(ClaimDocumentRow, ClaimDocumentRow.document_id == DocumentRow.id)
    rows = session.execute(
        statement.where(ClaimDocumentRow.application_id == application_id).order_by(DocumentRow.id)
    )
    return [replace(each, claimed=True) for each in every(rows, Document)]


def with_files(
    session: Session, hashes: Collection[str], *, kinds: Collection[str], participant_id: int
) -> list[int]:
    """The participant's applications, waiting or granted, that have one of these files as one of these kinds."""
    statement = (
        select(ApplicationRow.id)
        .join(VersionDocumentRow, VersionDocumentRow.application_id == ApplicationRow.id)
        .join(DocumentRow, DocumentRow.id == VersionDocumentRow.document_id)
        .where(
            DocumentRow.sha256.in_(hashes),
            DocumentRow.kind.in_(kinds),
            VersionDocumentRow.version == ApplicationRow.version,
            ApplicationRow.participant_id == participant_id,
            ApplicationRow.status.in_(_COUNTED),
        )
    )
    return list(session.execute(statement.distinct()).scalars())


def others_with_files(
    session: Session,
    hashes: Collection[str],
    *,
    kinds: Collection[str],
    participant_id: int,
    owner_id: int | None,
) -> int:
    """How many other participants have one of these files as one of these kinds, in what is waiting or granted or in a
    draft of the owner's.
    """
    same = DocumentRow.sha256.in_(hashes), DocumentRow.kind.in_(kinds)
    sent = (
        select(ApplicationRow.participant_id)
        .join(VersionDocumentRow, VersionDocumentRow.application_id == ApplicationRow.id)
        .join(DocumentRow, DocumentRow.id == VersionDocumentRow.document_id)
        .where(
            *same, VersionDocumentRow.version == ApplicationRow.version, ApplicationRow.status.in_(_COUNTED)
        )
    )
    written = (
        select(DraftRow.participant_id)
        .join(DraftDocumentRow, DraftDocumentRow.token == DraftRow.token)
        .join(DocumentRow, DocumentRow.id == DraftDocumentRow.document_id)
        .where(*same, DraftRow.owner_id == owner_id)
    )
    found = {*session.execute(sent).scalars(), *session.execute(written).scalars()}
    return len(found - {participant_id})


def get_of_draft(session: Session, token: str, document_id: int) -> Document:
    """One document of a draft. Raises NotFound, also for a document of something else."""
    return needed(
        next((each for each in of_draft(session, token) if each.id == document_id), None), "document"
    )


def get_of_application(session: Session, application_id: int, document_id: int) -> Document:
    """One document of any version of an application, or of its costs. Raises NotFound, for any other too."""
    claimed = next((each for each in of_claim(session, application_id) if each.id == document_id), None)
    if claimed is not None:
        return claimed
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
    added = _added(session, document)
    session.execute(insert(DraftDocumentRow).values(token=token, document_id=added.id))
    return added


def add_to_claim(session: Session, application_id: int, document: Document) -> Document:
    """The same to the actual costs of a grant."""
    added = _added(session, document)
    session.execute(insert(ClaimDocumentRow).values(application_id=application_id, document_id=added.id))
    return replace(added, claimed=True)


def _added(session: Session, document: Document) -> Document:
    values = values_of(document, but=("id", "claimed"))
    return Document(*session.execute(insert(DocumentRow).values(values).returning(*_COLUMNS)).one())


def remove_from_claims(session: Session, ids: Sequence[int]) -> None:
    """Take documents off the actual costs they are attached to, and let them go."""
    session.execute(delete(ClaimDocumentRow).where(ClaimDocumentRow.document_id.in_(ids)))
    let_go(session, ids)


def remove(session: Session, token: str, document_id: int) -> None:
    """Take a document off a draft, and let it go when no version has it."""
    session.execute(
        delete(DraftDocumentRow).where(
            DraftDocumentRow.token == token, DraftDocumentRow.document_id == document_id
        )
    )
    let_go(session, [document_id])


def remove_all(session: Session, token: str) -> None:
    """The same with every document of a draft that is about to go."""
    taken_off = session.execute(
        delete(DraftDocumentRow)
        .where(DraftDocumentRow.token == token)
        .returning(DraftDocumentRow.document_id)
    )
    let_go(session, list(taken_off.scalars()))


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
    return list(_GONE.get(session, ()))


def hashes(session: Session) -> list[str]:
    """The bytes that must be there: each SHA-256 once, in order."""
    return list(session.execute(select(DocumentRow.sha256).distinct().order_by(DocumentRow.sha256)).scalars())


def let_go(session: Session, ids: Sequence[int]) -> None:
    """Take away those documents that nothing has any more; their bytes are to go from the disk after it."""
    if not ids:
        return
    gone = session.execute(
        delete(DocumentRow)
        .where(
            DocumentRow.id.in_(ids),
            ~exists().where(DraftDocumentRow.document_id == DocumentRow.id),
            ~exists().where(VersionDocumentRow.document_id == DocumentRow.id),
            ~exists().where(ClaimDocumentRow.document_id == DocumentRow.id),
        )
        .returning(DocumentRow.sha256)
    )
    _GONE.setdefault(session, []).extend(gone.scalars())
