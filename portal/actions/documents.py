"""Attaching documents: a file that was inspected and kept becomes a document of a draft, until the draft is submitted.

A document that was submitted stays with its version for good; on a returned application it can be taken off or
replaced in the draft that answers, and the answer is a new version, so earlier signatures stop counting.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from portal.actions.claiming import take_claim
from portal.actions.drafting import draft_name, own
from portal.documents.inspecting import Inspected
from portal.domain.access import NOT_FOUND
from portal.domain.claim import may_move
from portal.domain.document import CLAIMED, MOST_DOCUMENTS, Document, kinds_asked
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
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
    same, document = _new(store.of_draft(session, token), proves, file, by, at)
    if same is None:
        document = store.add(session, token, document)
        _log(session, "attach-document", document, by, at, draft.application_id, draft=draft_name(draft))
    return same or document


def attach_to_claim(
    session: Session, *, number: str, proves: str, file: Inspected, by: Person, at: datetime
) -> Document:
    """The same to the actual costs of a grant, as long as they can be stated. Raises Refused."""
    application, claim = take_claim(session, number, "state-costs", by)
    refuse(may_move(claim, "state"))
    if claim.due_on is None or proves not in CLAIMED:
        raise Refused(NOT_ASKED)
    same, document = _new(store.of_claim(session, application.id), proves, file, by, at)
    if same is None:
        document = store.add_to_claim(session, application.id, document)
        _log(session, "attach-document", document, by, at, application.id)
    return same or document


def remove_from_claim(
    session: Session, *, number: str, document_id: int, by: Person, at: datetime
) -> Document:
    """Take a document off the actual costs, as long as they can be stated. Raises Refused."""
    application, claim = take_claim(session, number, "state-costs", by)
    refuse(may_move(claim, "state"))
    document = next((d for d in store.of_claim(session, application.id) if d.id == document_id), None)
    if document is None:
        raise Refused(NOT_FOUND)
    store.remove_from_claims(session, [document_id])
    _log(session, "remove-document", document, by, at, application.id)
    return document


def _new(
    attached: Sequence[Document], proves: str, file: Inspected, by: Person, at: datetime
) -> tuple[Document | None, Document]:
    """The one that has the same bytes for the same purpose, if any, and a new one. Raises Refused beyond so many."""
    same = next((d for d in attached if (d.kind, d.sha256) == (proves, file.sha256)), None)
    if same is None and len(attached) >= MOST_DOCUMENTS:
        raise Refused(
            Refusal(
                "document.too-many",
                N_("“%(name)s” was not attached: there are %(most)s files already. Remove one first."),
                {"name": file.name, "most": MOST_DOCUMENTS},
            )
        )
    return same, Document(
        id=0,
        kind=proves,
        name=file.name,
        media_type=file.media.value,
        size=file.size,
        sha256=file.sha256,
        uploaded_by=by.id,
        uploaded_at=at,
    )


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
        kept, of = store.add(session, token, copy), draft.application_id
        _log(session, "attach-document", kept, by, at, of, draft=draft_name(draft))


def remove(session: Session, *, token: str, document_id: int, by: Person, at: datetime) -> Document:
    """Take a document off a draft; a version that was submitted with it keeps it. Raises Refused."""
    draft = own(session, token=token, by=by)
    try:
        document = store.get_of_draft(session, token, document_id)
    except NotFound:
        raise Refused(NOT_FOUND) from None
    store.remove(session, token, document_id)
    _log(session, "remove-document", document, by, at, draft.application_id, draft=draft_name(draft))
    return document


def _log(
    session: Session, act: str, document: Document, by: Person, at: datetime, of: int | None, **more: str
) -> None:
    audit.log(
        session,
        act,
        by,
        at,
        of,
        **more,
        document=document.id,
        kind=document.kind,
        sha256=document.sha256,
        size=document.size,
    )
