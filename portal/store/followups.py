"""Follow-ups as they are kept, and finding what colleagues have brought home."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, insert, select, true, update

from portal.domain.alphabet import folded
from portal.domain.application import Status
from portal.domain.claim import Stage
from portal.domain.followup import Denial, FollowUp
from portal.store.heads import near, next_in_line
from portal.store.rows import columns_of, every, locked, one
from portal.store.search import among_candidates
from portal.store.session import Session
from portal.store.signing import not_aside
from portal.store.tables import ApplicationRow, ClaimRow, DenialRow, FollowUpRow, PersonRow

_OWED = ~exists().where(
    ClaimRow.application_id == FollowUpRow.application_id, ClaimRow.stage == Stage.RELEASED
)
"""A grant that went back whole, because nobody went or nothing was to be paid, owes no follow-up."""
_COLUMNS = (*columns_of(FollowUpRow, FollowUp, but=("owed",)), _OWED.label("owed"))


_CONFIRMER = next_in_line(func.coalesce(FollowUpRow.recorded_by, 0))
"""Whose word confirms a follow-up: nobody's who wrote the record."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a colleague brought home, as everybody may read it."""

    number: str
    event: str
    participant: str
    unit: str
    starts_on: date
    followup: FollowUp


def open_followup(session: Session, *, application_id: int, planned_on: date) -> None:
    """Note that a follow-up is owed, on the day that was planned."""
    nothing = {"forum": "", "audience": "", "lesson": "", "search_text": ""}
    session.execute(
        insert(FollowUpRow).values(application_id=application_id, planned_on=planned_on, **nothing)
    )


def find(session: Session, application_id: int, *, for_update: bool = False) -> FollowUp | None:
    """The follow-up of a grant, its row locked when asked; None where none was planned."""
    statement = select(*_COLUMNS).where(FollowUpRow.application_id == application_id)
    return one(session.execute(locked(statement, for_update)), FollowUp)


def keep(session: Session, followup: FollowUp, **values: Any) -> None:
    """Keep what was recorded, over what was recorded before, or the head's word on it."""
    mine = FollowUpRow.application_id == followup.application_id
    session.execute(update(FollowUpRow).where(mine).values(**values))


def add_denial(session: Session, denial: Denial) -> None:
    """Keep a head's no, and let the follow-up be owed again; what was written waits to be put right."""
    session.execute(insert(DenialRow).values(asdict(denial)))
    mine = FollowUpRow.application_id == denial.application_id
    session.execute(update(FollowUpRow).where(mine).values(held_on=None, recorded_at=None))


def denied(session: Session, application_id: int) -> Denial | None:
    """The last no to a follow-up that has not been recorded since; None where there is none."""
    statement = (
        select(*columns_of(DenialRow, Denial))
        .join(FollowUpRow, FollowUpRow.application_id == DenialRow.application_id)
        .where(DenialRow.application_id == application_id, FollowUpRow.recorded_at.is_(None))
        .order_by(DenialRow.id.desc())
        .limit(1)
    )
    return one(session.execute(statement), Denial)


def lessons(
    session: Session, *, words: Sequence[str] = (), before: tuple[date, int] | None = None, limit: int = 25
) -> list[Lesson]:
    """What has been recorded of grants in force, the latest first; each word must occur. Keyset by (day, id)."""
    # An outer join, and a status behind a function: SQLite then scans the index of the follow-ups until the page is
    # full, and not all applications.
    query = _with_application(isouter=True).where(
        FollowUpRow.held_on.is_not(None),
        FollowUpRow.search_text != "",  # forgotten
        func.coalesce(ApplicationRow.status, "") == Status.GRANTED,
    )
    spelt = [folded(word) for word in words]
    query = query.where(*(FollowUpRow.search_text.contains(word, autoescape=True) for word in spelt))
    query = query.where(*among_candidates(session, FollowUpRow.application_id, spelt))
    if before is not None:
        day, last = before
        query = query.where(
            (FollowUpRow.held_on < day) | ((FollowUpRow.held_on == day) & (FollowUpRow.application_id < last))
        )
    latest = query.order_by(FollowUpRow.held_on.desc(), FollowUpRow.application_id.desc())
    return every(session.execute(latest.limit(limit)), _lesson)


def owed_by(
    session: Session,
    day: date,
    *,
    funds: Collection[str] | None = None,
    but_aside: int | None = None,
    limit: int = 500,
) -> list[Lesson]:
    """Follow-ups planned by a day with nothing recorded, of grants in force, the longest owed first.

    Of all funds or of some, without the cases from which a person `but_aside` stepped aside.
    """
    of_funds = true() if funds is None else ApplicationRow.fund.in_(funds)
    owed = _owed(of_funds, not_aside(but_aside), FollowUpRow.planned_on <= day)
    return every(session.execute(owed.limit(limit)), _lesson)


def owed_by_person(session: Session, person_id: int) -> list[Lesson]:
    """What a person has to record: follow-ups of grants in force that they wrote or take part in, first due first."""
    owed = _owed((ApplicationRow.participant_id == person_id) | (ApplicationRow.applicant_id == person_id))
    return every(session.execute(owed), _lesson)


def _owed(*which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        _with_application()
        .where(FollowUpRow.recorded_at.is_(None), _OWED, ApplicationRow.status == Status.GRANTED, *which)
        .order_by(FollowUpRow.planned_on, FollowUpRow.application_id)
    )


def to_confirm(session: Session, head_id: int) -> list[Lesson]:
    """What a head has to confirm, the first recorded first."""
    rows = session.execute(
        _with_application()
        .where(
            FollowUpRow.recorded_at.is_not(None),
            FollowUpRow.confirmed_at.is_(None),
            ApplicationRow.status == Status.GRANTED,
            near(head_id),
            _CONFIRMER == head_id,  # noqa: SIM300
        )
        .order_by(FollowUpRow.recorded_at, FollowUpRow.application_id)
    )
    return every(rows, _lesson)


def confirmer(session: Session, application_id: int) -> int | None:
    """Whose word confirms a follow-up, or None while nobody here can give it."""
    statement = (
        select(_CONFIRMER)
        .select_from(FollowUpRow)
        .join(ApplicationRow, ApplicationRow.id == FollowUpRow.application_id)
        .where(FollowUpRow.application_id == application_id)
    )
    return session.execute(statement).scalar_one_or_none()


def confirmers(session: Session) -> dict[str, int | None]:
    """Whose word each recorded follow-up waits for, by the application's number."""
    rows = session.execute(
        select(ApplicationRow.number, _CONFIRMER.label("confirmer"))
        .join(FollowUpRow, FollowUpRow.application_id == ApplicationRow.id)
        .where(
            FollowUpRow.recorded_at.is_not(None),
            FollowUpRow.confirmed_at.is_(None),
            ApplicationRow.status == Status.GRANTED,
        )
    )
    return {row.number: row.confirmer for row in rows}


def _with_application(*, isouter: bool = False) -> Select[*tuple[Any, ...]]:
    return (
        select(
            ApplicationRow.number,
            ApplicationRow.title,
            PersonRow.name,
            PersonRow.unit,
            ApplicationRow.starts_on,
            *_COLUMNS,
        )
        .join(ApplicationRow, ApplicationRow.id == FollowUpRow.application_id, isouter=isouter)
        .join(PersonRow, PersonRow.id == ApplicationRow.participant_id, isouter=isouter)
    )


def _lesson(number: str, event: str, participant: str, unit: str, starts_on: date, *followup: Any) -> Lesson:
    return Lesson(number, event, participant, unit, starts_on, FollowUp(*followup))
