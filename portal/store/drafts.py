"""What people have begun to write; a save says which revision it saw, so that two tabs never overwrite each other."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from portal.domain.application import Answers, Draft
from portal.store import documents
from portal.store.session import NotFound, Session, clash, run
from portal.store.tables import DraftRow

_COLUMNS = tuple(getattr(DraftRow, field.name) for field in fields(Draft))
_BY_TOKEN = select(*_COLUMNS).where(DraftRow.token == bindparam("token"))


def _draft(row: Sequence[Any]) -> Draft:
    return Draft(*row)


def find(session: Session, token: str) -> Draft | None:
    """The draft, or None."""
    row = run(session, _BY_TOKEN, token=token).one_or_none()
    return None if row is None else _draft(row)


def get(session: Session, token: str) -> Draft:
    """The draft. Raises NotFound."""
    draft = find(session, token)
    if draft is None:
        raise NotFound("no such draft")
    return draft


def find_locked(session: Session, token: str) -> Draft | None:
    """The draft, kept from others until the transaction ends, or None."""
    row = session.execute(select(*_COLUMNS).where(DraftRow.token == token).with_for_update()).one_or_none()
    return None if row is None else _draft(row)


def find_answering(session: Session, application_id: int) -> Draft | None:
    """The draft in which a returned application is being answered, or None."""
    row = session.execute(select(*_COLUMNS).where(DraftRow.application_id == application_id)).one_or_none()
    return None if row is None else _draft(row)


def written_by(session: Session, owner_id: int, *, limit: int = 100) -> list[Draft]:
    """A person's drafts, the last saved first."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(DraftRow.owner_id == owner_id)
        .order_by(DraftRow.saved_at.desc(), DraftRow.token)
        .limit(limit)
    )
    return [_draft(row) for row in rows]


def beside(session: Session, first: Draft) -> list[Draft]:
    """The drafts that are sent together with the first, by the same person; itself not among them."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(DraftRow.together == first.token, DraftRow.owner_id == first.owner_id)
        .order_by(DraftRow.participant_id)
    )
    return [_draft(row) for row in rows]


def add(session: Session, draft: Draft) -> None:
    """Keep a new draft. Raises Clash when the application it answers has one already."""
    with clash(drafts_application_id_key="drafts.application_id"):
        session.execute(
            insert(DraftRow).values(
                token=draft.token,
                owner_id=draft.owner_id,
                participant_id=draft.participant_id,
                scheme=draft.scheme,
                kind=draft.kind,
                answers=dict(draft.answers),
                revision=draft.revision,
                saved_at=draft.saved_at,
                application_id=draft.application_id,
                together=draft.together,
                shared=None if draft.shared is None else dict(draft.shared),
            )
        )


def save(
    session: Session, token: str, *, expected: int, answers: Answers, participant_id: int, at: datetime
) -> bool:
    """Keep new answers under the next revision; False, and nothing kept, when the draft is past the expected one."""
    saved = session.execute(
        update(DraftRow)
        .where(DraftRow.token == token, DraftRow.revision == expected)
        .values(
            answers=dict(answers),
            participant_id=participant_id,
            revision=expected + 1,
            saved_at=at,
        )
        .returning(DraftRow.token)
    )
    return saved.one_or_none() is not None


def keep_shared(session: Session, token: str, shared: Answers) -> None:
    """Keep what the first one has now shared with a draft; no new revision, for nobody has typed anything."""
    session.execute(update(DraftRow).where(DraftRow.token == token).values(shared=dict(shared)))


def remove(session: Session, token: str) -> None:
    """Let a draft go, and what was attached to it alone."""
    documents.remove_all(session, token)
    session.execute(delete(DraftRow).where(DraftRow.token == token))


def remove_answering(session: Session, application_id: int) -> None:
    """Let the draft go in which an application was being answered."""
    answering = find_answering(session, application_id)
    if answering is not None:
        remove(session, answering.token)
