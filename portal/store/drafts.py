"""What people have begun to write, and what is offered meanwhile.

Optimistic locking by revision, so that two tabs never overwrite each other.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from portal.domain.application import Answers, Draft, Status
from portal.store import documents
from portal.store.rows import columns_of, every, needed, one, values_of
from portal.store.session import Session, clash
from portal.store.tables import ApplicationRow, DraftRow

_COLUMNS = columns_of(DraftRow, Draft)
_BY_TOKEN = select(*_COLUMNS).where(DraftRow.token == bindparam("token"))


def find(session: Session, token: str, *, for_update: bool = False) -> Draft | None:
    if for_update:
        return one(session.execute(_BY_TOKEN.with_for_update(), {"token": token}), Draft)
    return one(session.execute(_BY_TOKEN, {"token": token}), Draft)


def get(session: Session, token: str) -> Draft:
    return needed(find(session, token), "draft")


def find_answering(session: Session, application_id: int) -> Draft | None:
    """The draft in which a returned application is being answered, or None."""
    return one(session.execute(select(*_COLUMNS).where(DraftRow.application_id == application_id)), Draft)


def written_by(session: Session, owner_id: int, *, limit: int = 100) -> list[Draft]:
    """A person's drafts, the last saved first."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(DraftRow.owner_id == owner_id)
        .order_by(DraftRow.saved_at.desc(), DraftRow.token)
        .limit(limit)
    )
    return every(rows, Draft)


def beside(session: Session, first: Draft) -> list[Draft]:
    """The drafts that are sent together with the first, by the same person; itself not among them."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(DraftRow.together == first.token, DraftRow.owner_id == first.owner_id)
        .order_by(DraftRow.participant_id)
    )
    return every(rows, Draft)


def applied_for(
    session: Session, *, fund: str, since: date, but: Collection[int], fewest: int, limit: int = 40
) -> list[tuple[str, int]]:
    """The events from a day on that at least so many people, but for those, apply for or go to: title and how many."""
    others = func.count(ApplicationRow.participant_id.distinct())
    rows = session.execute(
        select(ApplicationRow.title, others)
        .where(
            ApplicationRow.fund == fund,
            ApplicationRow.queue.in_(("waiting", "returned", "closed")),  # all there are: for the index
            ApplicationRow.starts_on >= since,
            ApplicationRow.status.in_((Status.WAITING, Status.RETURNED, Status.GRANTED)),
            ApplicationRow.participant_id.not_in(but),
        )
        .group_by(ApplicationRow.title)
        .having(others >= fewest)
        .order_by(others.desc(), ApplicationRow.title)
        .limit(limit)
    )
    return [(title, number) for title, number in rows]


def add(session: Session, draft: Draft) -> None:
    """Keep a new draft. Raises Clash when the application it answers has one already."""
    with clash(drafts_application_id_key="drafts.application_id"):
        session.execute(insert(DraftRow).values(values_of(draft)))


def save(
    session: Session,
    token: str,
    *,
    expected: int,
    answers: Answers,
    participant_id: int,
    scheme: str,
    at: datetime,
    saved_in: str = "",
    turn: int = 0,
) -> bool:
    """Keep new answers under the next revision; False, and nothing kept, when the draft is past the expected one."""
    saved = session.execute(
        update(DraftRow)
        .where(DraftRow.token == token, DraftRow.revision == expected)
        .values(
            answers=answers,
            participant_id=participant_id,
            scheme=scheme,
            revision=expected + 1,
            saved_at=at,
            saved_in=saved_in,
            turn=turn,
        )
        .returning(DraftRow.token)
    )
    return saved.one_or_none() is not None


def keep_turn(session: Session, token: str, turn: int) -> None:
    """Keep that its window has saved the same once more, so that nothing older of that window is taken after it."""
    session.execute(update(DraftRow).where(DraftRow.token == token).values(turn=turn))


def keep_shared(session: Session, token: str, shared: Answers) -> None:
    """Keep what the first one has now shared with a draft; no new revision, for nobody has typed anything."""
    session.execute(update(DraftRow).where(DraftRow.token == token).values(shared=shared))


def remove(session: Session, token: str) -> None:
    """Let a draft go, and what was attached to it alone."""
    documents.remove_all(session, token)
    session.execute(delete(DraftRow).where(DraftRow.token == token))


def remove_answering(session: Session, application_id: int) -> None:
    """Let the draft go in which an application was being answered."""
    answering = find_answering(session, application_id)
    if answering is not None:
        remove(session, answering.token)
