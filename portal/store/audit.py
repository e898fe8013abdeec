"""The audit log: events in one hash chain, appended in the transaction of what they tell, and verified.

Beside it, in no chain, who read which case without being a party in it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, func, insert, or_, select

from portal.domain.events import FIRST, Event, Recorded, Scalar, digest
from portal.domain.person import Person
from portal.store.rows import as_text, batched, columns_of, every, values_of
from portal.store.session import Session, inserting
from portal.store.tables import ApplicationRow, EventRow, PersonRow, ReadingRow

_LOCK = 7_140_225
_PAGE, _READ = 1000, 5000


@dataclass(frozen=True, slots=True)
class Verification:
    """What proving the chain found; `broken_at` is the number of the first event that is not as it was written."""

    count: int
    head: str
    broken_at: int | None = None

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def append(session: Session, event: Event) -> int:
    """Add an event and give its number; call it last, for the log's lock is held until the transaction ends."""
    return append_all(session, (event,))


def append_all(session: Session, events: Iterable[Event]) -> int:
    """The same for many, a thousand in memory at a time; gives the number of the last."""
    if session.dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    seq, previous = head(session)
    for some in batched(events, _PAGE):
        rows = []
        for event in some:
            seq += 1
            rows.append(values_of(event) | {"seq": seq, "prev_hash": previous})
            previous = rows[-1]["hash"] = event.hashed(seq, previous)
        session.execute(insert(EventRow), rows)
    return seq


def log(
    session: Session,
    act: str,
    by: Person | None,
    at: datetime,
    application_id: int | None = None,
    /,
    **body: Scalar,
) -> None:
    """Add what somebody did (None: an operator, or the portal itself) to an application or to anything else."""
    append(session, Event(act, None if by is None else by.id, at, application_id, body))


def history(session: Session, application_id: int) -> list[Recorded]:
    """What happened to an application, in order."""
    return every(session.execute(_events().where(EventRow.application_id == application_id)), _recorded)


def of_actor(session: Session, person_id: int) -> list[Event]:
    """What somebody did, in order."""
    return [
        each.event
        for each in every(session.execute(_events().where(EventRow.actor_id == person_id)), _recorded)
    ]


def latest(
    session: Session,
    *,
    before: int | None = None,
    automatic: bool = True,
    application_id: int | None = None,
    actors: Collection[int] | None = None,
    limit: int = 50,
) -> list[Recorded]:
    """The last events, or the last before one with a number; the newest first.

    automatic: also what the portal does in an application by itself, such as keeping a letter.
    actors: only what those people did.
    """
    statement = _events().order_by(None).order_by(EventRow.seq.desc()).limit(limit)
    if before is not None:
        statement = statement.where(EventRow.seq < before)
    if not automatic:
        statement = statement.where(or_(EventRow.actor_id.is_not(None), EventRow.application_id.is_(None)))
    if application_id is not None:
        statement = statement.where(EventRow.application_id == application_id)
    if actors is not None:
        statement = statement.where(EventRow.actor_id.in_(actors))
    return every(session.execute(statement), _recorded)


def first_after(session: Session, instant: datetime) -> int | None:
    """The number of the first event after an instant; None where there is none yet."""
    statement = select(EventRow.seq).where(EventRow.at > instant).order_by(EventRow.at, EventRow.seq).limit(1)
    return session.execute(statement).scalar()


def head(session: Session) -> tuple[int, str]:
    """The number and hash of the last event: kept elsewhere, it also proves that no tail was cut off."""
    last = session.execute(
        select(EventRow.seq, EventRow.hash).order_by(EventRow.seq.desc()).limit(1)
    ).one_or_none()
    return (last.seq, last.hash) if last else (0, FIRST)


def verify(session: Session, anchor: tuple[int, str] | None = None, *, since: bool = False) -> Verification:
    """Prove the whole chain, and that it still holds an earlier `head`; stops at the first fault.

    With `since`, what came before that head is taken as proved, and only its event and those after it are gone through.
    """
    seq, previous = 0, FIRST
    if since and anchor is not None:
        seq = max(anchor[0] - 1, 0)
        found = session.execute(select(EventRow.prev_hash).where(EventRow.seq == anchor[0])).scalar()
        previous = found or FIRST
    for some in _as_kept(session, after=seq):
        for number, prev_hash, hashed, at, actor_id, act, application_id, body in some:
            seq, last = seq + 1, previous
            previous = digest(seq, at, actor_id, act, application_id, body, last)
            if (number, prev_hash, hashed) != (seq, last, previous):
                return Verification(seq - 1, last, seq)
            if anchor is not None and anchor[0] == seq and anchor[1] != previous:
                return Verification(seq, previous, seq)
    if anchor is not None and anchor[0] > seq:
        return Verification(seq, previous, seq + 1)
    return Verification(seq, previous)


def _as_kept(session: Session, *, after: int) -> Iterator[Sequence[Any]]:
    """Every event in order, as the texts and numbers it was kept as; so many in memory at a time."""
    row, dialect = EventRow, session.dialect.name
    said = (row.at, row.actor_id, row.act, row.application_id, row.body)
    columns = (row.seq, row.prev_hash, row.hash, *(as_text(each, dialect) for each in said))
    page = select(*columns).order_by(row.seq).limit(_READ)
    while some := session.execute(page.where(row.seq > after)).all():
        yield some
        after = some[-1].seq


def _events() -> Select[*tuple[Any, ...]]:
    place = (EventRow.seq, EventRow.prev_hash, EventRow.hash)
    return select(*place, *columns_of(EventRow, Event)).order_by(EventRow.seq)


def _recorded(seq: int, previous: str, hashed: str, *event: Any) -> Recorded:
    return Recorded(seq, Event(*event), previous, hashed)


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody who is no party in a case opened it that day, or fetched from it, by a kind of door."""

    number: str
    person: str
    person_id: int
    door: str
    first_at: datetime


def note_reading(
    session: Session, *, application_id: int, person_id: int, door: str, day: date, at: datetime
) -> None:
    """Keep that the person read the case by that kind of door; once a day."""
    row = {"application_id": application_id, "person_id": person_id, "day": day, "door": door, "first_at": at}
    session.execute(inserting(session, ReadingRow).values(row).on_conflict_do_nothing())


def is_noted(session: Session, application_id: int, person_id: int, door: str, day: date) -> bool:
    row = {"application_id": application_id, "person_id": person_id, "day": day, "door": door}
    noted = (getattr(ReadingRow, name) == value for name, value in row.items())
    return session.execute(select(exists().where(*noted))).scalar_one()


def readings(
    session: Session, *, application_id: int | None = None, person_id: int | None = None, limit: int = 200
) -> list[Reading]:
    """Who read a case, or what a person read; the newest first."""
    statement = (
        select(ApplicationRow.number, PersonRow.name, PersonRow.id, ReadingRow.door, ReadingRow.first_at)
        .join(ApplicationRow, ApplicationRow.id == ReadingRow.application_id)
        .join(PersonRow, PersonRow.id == ReadingRow.person_id)
        .order_by(ReadingRow.first_at.desc(), ApplicationRow.number)
        .limit(limit)
    )
    if application_id is not None:
        statement = statement.where(ReadingRow.application_id == application_id)
    if person_id is not None:
        statement = statement.where(ReadingRow.person_id == person_id)
    return every(session.execute(statement), Reading)
