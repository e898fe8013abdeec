"""Cases that pass from who wrote them to a colleague of the same unit."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select, update

from portal.domain.application import Application, Status
from portal.store.applications import COLUMNS, last_first
from portal.store.rows import every
from portal.store.session import Session
from portal.store.tables import ApplicationRow, DraftRow, PersonRow

A = ApplicationRow


def written_in(
    session: Session, unit: str, statuses: Collection[Status]
) -> list[tuple[Application, str, bool]]:
    """What people of a unit answer for in cases about others, the last first, with their name and if they are here."""
    rows = session.execute(
        select(PersonRow.name, PersonRow.active, *COLUMNS)
        .join(PersonRow, PersonRow.id == A.applicant_id)
        .where(PersonRow.unit == unit, A.applicant_id != A.participant_id, A.status.in_(statuses))
        .order_by(A.received_at.desc(), A.id.desc())
        .limit(200)
    )
    return [(Application(*application), name, here) for name, here, *application in rows]


def taken_over(
    session: Session, person_id: int, statuses: Collection[Status], *, since: datetime
) -> list[Application]:
    """What colleagues answer for instead of who wrote it: all that the person wrote, and lately what is of theirs."""
    lately = A.taken_at >= since
    mine = [A.author_id == person_id]
    mine += [(column == person_id) & lately for column in (A.participant_id, A.head_id)]
    statement = select(*COLUMNS).where(or_(*mine), A.author_id != A.applicant_id, A.status.in_(statuses))
    return last_first(every(session.execute(statement), Application))


def hand_over(session: Session, application: Application, to: int, words: str, *, at: datetime) -> None:
    """Let somebody else answer for a case, with the answer that was begun; `words` is how a search finds them."""
    row = update(ApplicationRow).where(A.id == application.id)
    session.execute(row.values(applicant_id=to, taken_at=at, search_text=A.search_text + f" {words}"))
    begun = DraftRow.application_id == application.id
    session.execute(
        update(DraftRow).where(begun, DraftRow.owner_id == application.applicant_id).values(owner_id=to)
    )
