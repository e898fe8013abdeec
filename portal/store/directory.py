"""Everybody at once: what an import of the staff directory reads and writes, and the record of each import."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import starmap
from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from portal.domain.directory import GONE, HERE, VALUES, Registered, Remark, Revision
from portal.domain.person import Person
from portal.store import people
from portal.store.rows import add_row, batched, columns_of, one
from portal.store.session import Session
from portal.store.tables import (
    ApplicationRow,
    ImportRow,
    PersonRoleRow,
    PersonRow,
    SeatHoldingRow,
    SessionRow,
    SignatureRow,
)
from portal.store.types import aliased

DONE, STOPPED = "done", "stopped"
_LOCK = 7_140_226
_AT_ONCE = 1_000
_MOST_REMARKS = 500
_WRITTEN = (*VALUES, "search_text", "name_key_sv", "name_key_nb")
_CHANGE = (
    update(PersonRow)
    .where(PersonRow.id == bindparam("person"))
    .values({name: bindparam(f"new_{name}") for name in _WRITTEN} | {"active": True, "origin": HERE})
)
_LEAD = update(PersonRow).where(PersonRow.id == bindparam("person")).values(head_id=bindparam("head"))


@dataclass(frozen=True, slots=True)
class Import:
    """One import: when, how it ended, how many of each kind, and the first lines to look at."""

    id: int
    at: datetime
    outcome: str
    """`DONE`, or `STOPPED` because too much would have changed."""
    counts: Mapping[str, int]
    remarks: Sequence[Remark]


def lock(session: Session) -> None:
    """Let one import run at a time; SQLite has one writer anyway."""
    if session.dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def everybody(session: Session) -> Iterator[Registered]:
    """Everybody there is, also those who have left, a thousand rows in memory at a time."""
    head = aliased(PersonRow)
    known = columns_of(PersonRow, Registered, but=("head", "active", "origin"))
    statement = (
        select(*known, head.number, PersonRow.active, PersonRow.origin)
        .outerjoin(head, head.id == PersonRow.head_id)
        .execution_options(yield_per=_AT_ONCE)
    )
    return starmap(Registered, session.execute(statement))


def ids_by_number(session: Session) -> dict[str, int]:
    rows = session.execute(select(PersonRow.number, PersonRow.id).execution_options(yield_per=_AT_ONCE))
    return {row.number: row.id for row in rows}


def add(session: Session, new: Iterable[Revision], *, language: str) -> None:
    """Keep people who are new, without their heads, who may be new too."""
    here = {"active": True, "origin": HERE}
    for some in batched(new, _AT_ONCE):
        session.execute(
            insert(PersonRow), [people.columns_from(_person(each, language)) | here for each in some]
        )


def change(session: Session, changes: Iterable[Revision]) -> None:
    """Keep what changed of people, without their heads; they are all here now."""
    for some in batched(changes, _AT_ONCE):
        rows = []
        for each in some:
            values = people.columns_from(_person(each, ""))
            rows.append({f"new_{name}": values[name] for name in _WRITTEN} | {"person": _id(each)})
        session.execute(_CHANGE, rows)
        moved = [_id(each) for each in some if "email" in each.fields]
        session.execute(update(PersonRow).where(PersonRow.id.in_(moved)).values(bounced_at=None))


def lead(session: Session, heads: Iterable[tuple[int, int | None]]) -> None:
    """Give people, by id, their heads."""
    for some in batched(heads, _AT_ONCE):
        session.execute(_LEAD, [{"person": person_id, "head": head_id} for person_id, head_id in some])


def _id(each: Revision) -> int:
    return each.known.id if each.known else 0


def _person(each: Revision, language: str) -> Person:
    said = {name: getattr(each.entry, name) for name in VALUES}
    return Person(id=_id(each), number=each.entry.number, language=language, **said)


def let_go(session: Session, ids: Collection[int]) -> None:
    """Let these people sign in no more, as the directory says that they have left."""
    for some in batched(sorted(ids), _AT_ONCE):
        session.execute(update(PersonRow).where(PersonRow.id.in_(some)).values(active=False, origin=GONE))


def entrusted(session: Session, ids: Collection[int], *, day: date) -> set[int]:
    """Which of these people hold a role, or a seat then or later."""
    seats = select(SeatHoldingRow.person_id).where(
        or_(SeatHoldingRow.ends_on.is_(None), SeatHoldingRow.ends_on >= day)
    )
    roles = select(PersonRoleRow.person_id)
    asked = ((seats, SeatHoldingRow.person_id), (roles, PersonRoleRow.person_id))
    return _among(session, ids, asked)


def engaged(session: Session, ids: Collection[int]) -> set[int]:
    """Which of these people are signed in, or have signed what is not decided."""
    signed = (
        select(SignatureRow.signer_id)
        .join(ApplicationRow, ApplicationRow.id == SignatureRow.application_id)
        .where(SignatureRow.withdrawn_at.is_(None), ApplicationRow.queue != "closed")
    )
    open_sessions = select(SessionRow.person_id).where(SessionRow.revoked_at.is_(None))
    return _among(session, ids, ((open_sessions, SessionRow.person_id), (signed, SignatureRow.signer_id)))


def leading(session: Session, ids: Collection[int]) -> set[int]:
    """Which of these people are the head where an application is open: named in it, or the participant's own."""
    is_open = ApplicationRow.queue != "closed"
    own = select(PersonRow.head_id).join(ApplicationRow, ApplicationRow.participant_id == PersonRow.id)
    asked = (
        (select(ApplicationRow.head_id).where(is_open), ApplicationRow.head_id),
        (own.where(is_open), PersonRow.head_id),
    )
    return _among(session, ids, asked)


def applying(session: Session, ids: Collection[int]) -> set[int]:
    """Which of these people take part in what is not decided."""
    takes_part = ApplicationRow.participant_id
    return _among(session, ids, ((select(takes_part).where(ApplicationRow.queue != "closed"), takes_part),))


def _among(session: Session, ids: Collection[int], asked: Iterable[tuple[Any, Any]]) -> set[int]:
    found = set[int]()
    for some in batched(sorted(ids), _AT_ONCE):
        for statement, column in asked:
            found |= set(session.execute(statement.where(column.in_(some)).distinct()).scalars())
    return found


def record(
    session: Session, *, outcome: str, counts: Mapping[str, int], remarks: Sequence[Remark], at: datetime
) -> int:
    """Keep how an import went; of the lines to look at, the first."""
    kept = [asdict(each) for each in remarks[:_MOST_REMARKS]]
    values = {"at": at, "outcome": outcome, "counts": dict(counts), "remarks": kept}
    return add_row(session, ImportRow, values)


def last(session: Session, outcome: str | None = None) -> Import | None:
    """The last import, or the last that ended so."""
    statement = select(*columns_of(ImportRow, Import)).order_by(ImportRow.id.desc()).limit(1)
    if outcome is not None:
        statement = statement.where(ImportRow.outcome == outcome)
    return one(session.execute(statement), _import)


def _import(
    number: int, at: datetime, outcome: str, counts: Mapping[str, int], remarks: Sequence[Any]
) -> Import:
    return Import(number, at, outcome, counts, [Remark(**each) for each in remarks])
