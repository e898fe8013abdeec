"""Heads: whose word it is when the one named is not there, what they have said, and the cases they stand for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, insert, or_, select, update

from portal.domain.application import Application
from portal.domain.attest import HeadWord
from portal.store.applications import COLUMNS
from portal.store.rows import columns_of, every, values_of
from portal.store.session import Session
from portal.store.tables import ApplicationRow, FollowUpRow, HeadWordRow, PersonRow
from portal.store.types import aliased

_WORD = columns_of(HeadWordRow, HeadWord)


def next_in_line(apart: Any) -> Any:
    """Who can give their word: the head named, else the participant's own, else the head of either.

    The first who is still here, and neither the participant nor the person `apart`.
    """
    named, own = ApplicationRow.head_id, _head_of(ApplicationRow.participant_id)
    return func.coalesce(*(_if_fit(each, apart) for each in (named, own, _head_of(named), _head_of(own))))


def _head_of(person_id: Any) -> Any:
    led = aliased(PersonRow)
    return select(led.head_id).where(led.id == person_id).correlate(ApplicationRow).scalar_subquery()


def _if_fit(person_id: Any, apart: Any) -> Any:
    head = aliased(PersonRow)
    return (
        select(head.id)
        .where(head.id == person_id, head.active, head.id != ApplicationRow.participant_id, head.id != apart)
        .correlate(ApplicationRow, FollowUpRow)
        .scalar_subquery()
    )


def near(head_id: int) -> ColumnElement[bool]:
    """Whether somebody can be next in line in an application at all, which its indexes can say."""
    below, nearest = aliased(PersonRow), aliased(PersonRow)
    led = select(below.id).where(below.head_id == head_id)
    near = select(nearest.id).where(or_(nearest.head_id == head_id, nearest.head_id.in_(led)))
    return or_(
        ApplicationRow.head_id == head_id,
        ApplicationRow.head_id.in_(led),
        ApplicationRow.participant_id.in_(near),
    )


def named_in(session: Session, head_id: int, year: int) -> list[tuple[Application, str, str]]:
    """The applications of a year in which somebody is the head named, with the participant's name and unit."""
    rows = session.execute(
        select(PersonRow.name, PersonRow.unit, *COLUMNS)
        .join(PersonRow, PersonRow.id == ApplicationRow.participant_id)
        .where(ApplicationRow.head_id == head_id, ApplicationRow.year == year)
        .order_by(ApplicationRow.starts_on, ApplicationRow.id)
    )
    return [(Application(*application), name, unit) for name, unit, *application in rows]


def years_of(session: Session, head_id: int) -> list[int]:
    """The years in which somebody is a head named, the last first."""
    found = select(ApplicationRow.year).where(ApplicationRow.head_id == head_id).distinct()
    return list(session.execute(found.order_by(ApplicationRow.year.desc())).scalars())


_STANDS = next_in_line(ApplicationRow.applicant_id)
"""Whose word the counter-financing is."""
_SAID = exists().where(HeadWordRow.application_id == ApplicationRow.id, HeadWordRow.void_at.is_(None))


def words_on(session: Session, application_id: int) -> tuple[HeadWord, ...]:
    """Everything that heads have said of an application, the last first."""
    statement = select(*_WORD).where(HeadWordRow.application_id == application_id)
    return tuple(every(session.execute(statement.order_by(HeadWordRow.id.desc())), HeadWord))


def add_word(session: Session, word: HeadWord) -> None:
    session.execute(insert(HeadWordRow).values(**values_of(word)))


def void_word(session: Session, application_id: int, *, at: datetime) -> None:
    """Let the word that counts on an application count no more."""
    standing = (HeadWordRow.application_id == application_id) & HeadWordRow.void_at.is_(None)
    session.execute(update(HeadWordRow).where(standing).values(void_at=at))


def stands_for(session: Session, application_id: int) -> int | None:
    """Whose word it is on an application now, or None while nobody here can give it."""
    found: int | None = session.execute(
        select(_STANDS).select_from(ApplicationRow).where(ApplicationRow.id == application_id)
    ).scalar_one_or_none()
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """An application on which a head's word is awaited."""

    application: Application
    participant: str
    head_id: int | None
    """Whose word it is."""


def awaited(
    session: Session, schemes: Collection[str], *which: ColumnElement[bool], limit: int = 500
) -> list[Asked]:
    """The applications to those editions that wait for a decision and for a head's word, the first submitted first."""
    return [
        Asked(Application(*row[2:]), row[0], row[1])
        for row in session.execute(_awaited(schemes, *which).limit(limit))
    ]


def awaited_of(session: Session, head_id: int, schemes: Collection[str]) -> list[Asked]:
    """Those on which it is this head's."""
    return awaited(session, schemes, near(head_id), _STANDS == head_id)  # noqa: SIM300


def _awaited(schemes: Collection[str], *which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(PersonRow.name, _STANDS, *COLUMNS)
        .select_from(ApplicationRow)
        .join(PersonRow, PersonRow.id == ApplicationRow.participant_id)
        .where(
            ApplicationRow.scheme.in_(schemes),
            ApplicationRow.queue == "waiting",
            ApplicationRow.head_id.is_not(None),
            ~_SAID,
            *which,
        )
        .order_by(ApplicationRow.submitted_at, ApplicationRow.id)
    )
