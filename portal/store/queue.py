"""The queue of the sign-off, a page at a time by the last one seen; what stands under which tab is `domain.queue`'s.

Each stretch walks one index and stops after a page, so that a page costs the same however long the queue is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from portal.domain.application import Outcome, Status
from portal.domain.queue import Stretch
from portal.store.ledger import DecisionRow
from portal.store.session import Session
from portal.store.tables import ApplicationRow, ConflictRow, PersonRow, SignatureRow

A = ApplicationRow
PAGE = 25
MOST_WORDS = 8
PLACES = ("waiting", "returned", "closed")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is in the queue: the first day of the event, then the application."""

    starts_on: date
    id: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader narrows the queue to; empty texts narrow nothing."""

    zone: str = ""
    unit: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """One line of the queue; amounts in minor units of `currency`."""

    id: int
    number: str
    scheme: str
    fund: str
    title: str
    participant: str
    unit: str
    starts_on: date
    ends_on: date
    amount: int
    currency: str
    zone: str | None
    status: Status
    version: int
    disagreed: bool
    marks: Sequence[str]

    @property
    def place(self) -> Place:
        return Place(self.starts_on, self.id)


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature that counts, as a line of the queue tells it."""

    seat: str
    signer: str
    outcome: Outcome
    amount: int


def page(
    session: Session,
    stretches: Sequence[Stretch],
    *,
    reader_id: int,
    wanted: Wanted = Wanted(),
    after: Place | None = None,
    newest_first: bool = False,
    parties: bool = True,
    limit: int = PAGE,
) -> list[Queued]:
    """The next lines of the queue; without `parties`, not those that the reader is a party to.

    What the reader has declared a conflict of interest in is never among them.
    """
    if not stretches:
        return []
    found = [
        _stretch(each, reader_id, wanted, after, newest_first, parties, limit).subquery(f"stretch_{number}")
        for number, each in enumerate(stretches)
    ]
    merged = union_all(*(select(each) for each in found)).subquery("merged") if len(found) > 1 else found[0]
    order = (merged.c.starts_on, merged.c.id)
    statement = (
        select(*merged.c, PersonRow.name.label("participant"), PersonRow.unit)
        .join(PersonRow, PersonRow.id == merged.c.participant_id)
        .order_by(*((each.desc() for each in order) if newest_first else order))
        .limit(limit)
    )
    return [_queued(row) for row in session.execute(statement)]


def _stretch(
    stretch: Stretch,
    reader_id: int,
    wanted: Wanted,
    after: Place | None,
    newest_first: bool,
    parties: bool,
    limit: int,
) -> Select[*tuple[Any, ...]]:
    order = (A.starts_on, A.id)
    statement = select(
        A.id, A.number, A.scheme, A.fund, A.title, A.participant_id, A.starts_on, A.ends_on, A.amount, A.currency,
        A.zone, A.status, A.version, A.disagreed, A.marks,
    ).where(A.scheme == stretch.scheme, _in_queue(stretch.queue))  # fmt: skip
    if stretch.signed is not None:
        statement = statement.where(
            A.disagreed.is_(true()) if stretch.disagreed else A.disagreed.is_not(true()),
            A.signed_seats == list(stretch.signed),
        )
    if stretch.by_me is not None:
        mine = _signed_by(reader_id)
        statement = statement.where(mine if stretch.by_me else ~mine)
    if after is not None:
        here = tuple_(after.starts_on, after.id)
        statement = statement.where(tuple_(*order) < here if newest_first else tuple_(*order) > here)
    statement = statement.where(*_narrowed(wanted), ~_conflict(reader_id))
    if not parties:
        statement = statement.where(
            A.participant_id != reader_id,
            A.applicant_id != reader_id,
            or_(A.head_id.is_(None), A.head_id != reader_id),
        )
    return statement.order_by(*((each.desc() for each in order) if newest_first else order)).limit(limit)


def _in_queue(queue: str) -> ColumnElement[bool]:
    """The word stands in the statement itself: only so does a partial index serve."""
    if queue not in PLACES:
        raise ValueError(f"no such part of the queue: {queue}")
    found: ColumnElement[bool] = A.queue == literal_column(f"'{queue}'")
    return found


def _signed_by(reader_id: int) -> ColumnElement[bool]:
    return exists().where(
        SignatureRow.application_id == A.id,
        SignatureRow.version == A.version,
        SignatureRow.signer_id == reader_id,
        SignatureRow.withdrawn_at.is_(None),
    )


def _conflict(reader_id: int) -> ColumnElement[bool]:
    return exists().where(ConflictRow.application_id == A.id, ConflictRow.person_id == reader_id)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    """The filters; what is typed is taken letter by letter, its % and _ too."""
    narrow: list[ColumnElement[bool]] = []
    if wanted.zone:
        narrow.append(A.zone == wanted.zone)
    words = wanted.words.lower().split()[:MOST_WORDS]
    narrow.extend(A.search_text.contains(word, autoescape=True) for word in words)
    if unit := wanted.unit.strip():
        # SQLite knows upper and lower case of A to Z only: å, ä, ö and ø are asked for as typed, lower and upper.
        spellings = dict.fromkeys((unit, unit.lower(), unit.capitalize(), unit.upper()))
        narrow.append(
            exists().where(
                PersonRow.id == A.participant_id,
                or_(*(PersonRow.unit.icontains(each, autoescape=True) for each in spellings)),
            )
        )
    return narrow


def _queued(row: Row[*tuple[Any, ...]]) -> Queued:
    return Queued(
        id=row.id,
        number=row.number,
        scheme=row.scheme,
        fund=row.fund,
        title=row.title,
        participant=row.participant,
        unit=row.unit,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        amount=row.amount,
        currency=row.currency,
        zone=row.zone,
        status=Status(row.status),
        version=row.version,
        disagreed=row.disagreed,
        marks=tuple(row.marks),
    )


def signed(session: Session, ids: Collection[int]) -> dict[int, list[Signed]]:
    """The signatures that count on those applications, in the order they were made."""
    if not ids:
        return {}
    rows = session.execute(
        select(
            SignatureRow.application_id,
            SignatureRow.seat,
            PersonRow.name,
            SignatureRow.outcome,
            SignatureRow.amount,
        )
        .join(A, and_(A.id == SignatureRow.application_id, A.version == SignatureRow.version))
        .join(PersonRow, PersonRow.id == SignatureRow.signer_id)
        .where(SignatureRow.application_id.in_(ids), SignatureRow.withdrawn_at.is_(None))
        .order_by(SignatureRow.id)
    )
    found: dict[int, list[Signed]] = {}
    for row in rows:
        found.setdefault(row.application_id, []).append(
            Signed(row.seat, row.name, Outcome(row.outcome), row.amount)
        )
    return found


def granted_elsewhere(session: Session, ids: Collection[int]) -> frozenset[int]:
    """Which of those applications cannot be granted, since a grant stands for what may be granted once only."""
    if not ids:
        return frozenset()
    rows = session.execute(
        select(A.id)
        .join(DecisionRow, DecisionRow.once_key == A.once_key)
        .where(
            A.id.in_(ids),
            DecisionRow.application_id != A.id,
            DecisionRow.outcome == literal_column("'grant'"),
            DecisionRow.cancelled_at.is_(None),
        )
    )
    return frozenset(row.id for row in rows)
