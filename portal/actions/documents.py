"""Attaching documents: a file that was inspected and kept becomes a document of a draft, until the draft is submitted.

A document that was submitted stays with its version for good; on a returned application it can be taken off or
replaced in the draft that answers, and the answer is a new version, so earlier signatures stop counting.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from portal.actions.drafting import draft_name, own
from portal.documents.inspecting import Inspected
from portal.domain.access import NOT_FOUND
from portal.domain.application import Draft
from portal.domain.document import MOST_DOCUMENTS, Document, kinds_asked
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import Kind
from portal.store import audit
from portal.store import documents as store
from portal.store.session import NotFound, Session

NOT_ASKED = Refusal("document.not-asked", N_("This application does not ask for such a document."))


def attach(
    session: Session, *, token: str, kind: Kind, proves: str, file: Inspected, by: Person, at: datetime
) -> Document:
    """Attach a file, whose bytes are kept already, to a draft as what it proves.

    The same bytes for the same purpose are one document, however often they are sent. Raises Refused.
    """
    draft = own(session, token=token, by=by)
    if draft.kind != kind.key or proves not in kinds_asked(kind):
        raise Refused(NOT_ASKED)
    attached = store.of_draft(session, token)
    same = next((d for d in attached if (d.kind, d.sha256) == (proves, file.sha256)), None)
    if same is not None:
        return same
    if len(attached) >= MOST_DOCUMENTS:
        raise Refused(
            Refusal(
                "document.too-many",
                N_("“%(name)s” was not attached: there are %(most)s files already. Remove one first."),
                {"name": file.name, "most": MOST_DOCUMENTS},
            )
        )
    document = Document(
        id=0,
        kind=proves,
        name=file.name,
        media_type=file.media.value,
        size=file.size,
        sha256=file.sha256,
        uploaded_by=by.id,
        uploaded_at=at,
    )
    document = store.add(session, token, document)
    _log(session, "attach-document", draft, document, by, at)
    return document


def share(
    session: Session, *, source: str, token: str, kinds: Collection[str], by: Person, at: datetime
) -> None:
    """Attach to a draft the documents of another of these kinds that it does not have yet.

    Raises Refused for another's draft.
    """
    own(session, token=source, by=by)
    draft = own(session, token=token, by=by)
    had = store.of_draft(session, token)
    known = {(each.kind, each.sha256) for each in had}
    shared = [each for each in store.of_draft(session, source) if each.kind in kinds]
    new = [each for each in shared if (each.kind, each.sha256) not in known]
    for document in new[: MOST_DOCUMENTS - len(had)]:
        copy = replace(document, id=0, uploaded_by=by.id, uploaded_at=at)
        _log(session, "attach-document", draft, store.add(session, token, copy), by, at)


def remove(session: Session, *, token: str, document_id: int, by: Person, at: datetime) -> Document:
    """Take a document off a draft; a version that was submitted with it keeps it. Raises Refused."""
    draft = own(session, token=token, by=by)
    try:
        document = store.get_of_draft(session, token, document_id)
    except NotFound:
        raise Refused(NOT_FOUND) from None
    store.remove(session, token, document_id)
    _log(session, "remove-document", draft, document, by, at)
    return document


def _log(session: Session, act: str, draft: Draft, document: Document, by: Person, at: datetime) -> None:
    audit.log(
        session,
        act,
        by,
        at,
        draft.application_id,
        draft=draft_name(draft),
        document=document.id,
        kind=document.kind,
        sha256=document.sha256,
        size=document.size,
    )
