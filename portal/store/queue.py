"""The pages of the queue: one index range each, read on from the last row seen, never counted or skipped."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, exists, literal, not_, or_, select, tuple_, type_coerce
from sqlalchemy.orm import aliased

from portal.domain.application import Application
from portal.store.applications import COLUMNS, application_of
from portal.store.session import Session
from portal.store.tables import ApplicationRow, ConflictRow, PersonRow
from portal.store.types import Day, Whole

_PARTICIPANT = aliased(PersonRow)
_APPLICANT = aliased(PersonRow)
_SIGNED = type_coerce(ApplicationRow.signed_seats, Text)


class Tab(StrEnum):
    """The parts of the queue."""

    MINE = "mine"
    """Waiting, and the viewer's seat has not signed."""
    OTHER = "other"
    """Waiting, and the viewer's seat has signed: the other seat is next, or the two differ."""
    RETURNED = "returned"
    NEXT_YEAR = "next-year"
    """Waiting, but kept until the edition's year begins."""
    DECIDED = "decided"
    """Granted, refused, withdrawn or cancelled; the latest event first."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page of the queue is to hold; empty filters let everything through."""

    fund: str
    tab: Tab
    viewer_id: int
    seats: Collection[str] = ()
    """The seats in which the viewer may act today."""
    kept_schemes: Collection[str] = ()
    """Editions whose year has not begun."""
    words: str = ""
    statuses: Collection[str] = ()
    zones: Collection[str] = ()
    scheme: str | None = None
    warned: bool = False
    """Only those that some finding warned of."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the next one goes on behind it."""

    starts_on: date
    id: int


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One row of the queue."""

    application: Application
    participant: str
    unit: str
    applicant: str
    signed_seats: tuple[str, ...]
    disagreed: bool
    marks: tuple[str, ...]

    @property
    def place(self) -> Place:
        return Place(self.application.starts_on, self.application.id)


def page(session: Session, wanted: Wanted, *, after: Place | None = None, limit: int = 25) -> list[QueueLine]:
    """So many lines behind a place, ordered by when the event starts."""
    rows = session.execute(_lines(wanted, after).limit(limit))
    size = len(COLUMNS)
    return [
        QueueLine(
            application=application_of(row),
            participant=row[size],
            unit=row[size + 1],
            applicant=row[size + 2],
            signed_seats=tuple(row[size + 3]),
            disagreed=row[size + 4],
            marks=tuple(row[size + 5]),
        )
        for row in rows
    ]


def _lines(wanted: Wanted, after: Place | None) -> Select[*tuple[Any, ...]]:
    order = (ApplicationRow.starts_on, ApplicationRow.id)
    backwards = wanted.tab in (Tab.DECIDED, Tab.ALL)
    statement = (
        select(
            *COLUMNS,
            _PARTICIPANT.name,
            _PARTICIPANT.unit,
            _APPLICANT.name,
            ApplicationRow.signed_seats,
            ApplicationRow.disagreed,
            ApplicationRow.marks,
        )
        .join(_PARTICIPANT, _PARTICIPANT.id == ApplicationRow.participant_id)
        .join(_APPLICANT, _APPLICANT.id == ApplicationRow.applicant_id)
        .where(ApplicationRow.fund == wanted.fund, *_of_tab(wanted), *_filters(wanted))
        .order_by(*(column.desc() if backwards else column for column in order))
    )
    if after is None:
        return statement
    here, there = tuple_(*order), tuple_(literal(after.starts_on, Day()), literal(after.id, Whole))
    return statement.where(here < there if backwards else here > there)


def _of_tab(wanted: Wanted) -> list[ColumnElement[bool]]:
    waiting = ApplicationRow.queue == "waiting"
    decidable = [ApplicationRow.scheme.not_in(sorted(wanted.kept_schemes))] if wanted.kept_schemes else []
    signed = or_(
        *(_SIGNED.contains(f'"{seat}"', autoescape=True) for seat in sorted(wanted.seats)),
        literal(value=False),
    )
    match wanted.tab:
        case Tab.MINE:
            return [waiting, *decidable, not_(signed), *_impartial(wanted.viewer_id)]
        case Tab.OTHER:
            return [waiting, *decidable, signed]
        case Tab.NEXT_YEAR:
            return [waiting, ApplicationRow.scheme.in_(sorted(wanted.kept_schemes))]
        case Tab.RETURNED:
            return [ApplicationRow.queue == "returned"]
        case Tab.DECIDED:
            return [ApplicationRow.queue == "closed"]
    return []


def _impartial(viewer_id: int) -> list[ColumnElement[bool]]:
    """What does not wait for the viewer, because they are a party, the head, or declared a conflict."""
    declared = exists().where(
        ConflictRow.application_id == ApplicationRow.id, ConflictRow.person_id == viewer_id
    )
    return [
        ApplicationRow.participant_id != viewer_id,
        ApplicationRow.applicant_id != viewer_id,
        ApplicationRow.head_id.is_distinct_from(viewer_id),
        ~declared,
    ]


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        ApplicationRow.search_text.contains(word, autoescape=True)
        for word in wanted.words.lower().split()[:8]
    ]
    if wanted.statuses:
        conditions.append(ApplicationRow.status.in_(sorted(wanted.statuses)))
    if wanted.zones:
        conditions.append(ApplicationRow.zone.in_(sorted(wanted.zones)))
    if wanted.scheme is not None:
        conditions.append(ApplicationRow.scheme == wanted.scheme)
    if wanted.warned:
        conditions.append(type_coerce(ApplicationRow.marks, Text) != "[]")
    return conditions
