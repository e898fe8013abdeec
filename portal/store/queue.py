"""The queue of the sign-off in keyset pages; what stands under which tab is `domain.queue`'s.

Each stretch is one index range scan that stops after a page, so that a page costs the same however long the queue is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.types import TypeEngine

from portal.domain.alphabet import folded
from portal.domain.application import Application, Outcome, Status
from portal.domain.queue import Stretch
from portal.store import totals
from portal.store.rows import pattern
from portal.store.search import candidates
from portal.store.session import Session
from portal.store.tables import ApplicationRow as A
from portal.store.tables import CommentRow as M
from portal.store.tables import ConflictRow as C
from portal.store.tables import HeadWordRow as H
from portal.store.tables import PersonRow as P
from portal.store.tables import SignatureRow as S
from portal.store.types import Day, Flag, Instant, Whole, aliased

PAGE = 25
MOST_WORDS = 8
PLACES = ("waiting", "returned", "closed")
READER: ColumnElement[int] = bindparam("reader", type_=Whole)
IDS = bindparam("ids", expanding=True, type_=Whole)


MOST_COUNTED = 500
"""Lines of one stretch that are counted: more is told as so many and more."""


class Order(StrEnum):
    """By what the lines stand in order."""

    EVENT = "soonest"
    RECEIVED = "received"
    AMOUNT = "amount"


_ORDERED: Mapping[Order, tuple[ColumnElement[Any], TypeEngine[Any]]] = {
    Order.EVENT: (A.starts_on, Day()),
    Order.RECEIVED: (A.received_at, Instant()),
    Order.AMOUNT: (A.amount, Whole),
}


@dataclass(frozen=True, slots=True)
class QueueCursor:
    """The keyset of a line: what it stands in order by, then the application."""

    value: date | datetime | int
    id: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader narrows the queue to; empty texts narrow nothing."""

    zone: str = ""
    unit: str = ""
    words: str = ""


class Queued(NamedTuple):
    """One line of the queue, just as the statement tells it; amounts in minor units of `currency`."""

    id: int
    number: str
    scheme: str
    title: str
    participant: str
    unit: str
    starts_on: date
    ends_on: date
    received_at: datetime
    amount: int
    currency: str
    zone: str | None
    status: Status
    disagreed: bool
    marks: Sequence[str]
    stopped: bool
    """Whether a grant stands already for what may be granted once only."""
    has_head: bool
    """Whether a head stands for the money."""
    head_word: bool | None
    """Whether that head says yes or no; None while the word is awaited."""


def place_of(line: Queued | Application, order: Order) -> QueueCursor:
    """Where a line stands in an order, also one that is not in the queue any more."""
    values: Mapping[Order, date | datetime | int] = {
        Order.EVENT: line.starts_on,
        Order.RECEIVED: line.received_at,
        Order.AMOUNT: line.amount,
    }
    return QueueCursor(values[order], line.id)


class QueueCount(NamedTuple):
    """How many lines of an edition stand in a part of the queue, up to a limit, and what they come to."""

    part: str
    scheme: str
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature that counts, as a line of the queue tells it."""

    seat: str
    signer: str
    outcome: Outcome
    amount: int
    days: int | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the statement for a page depends on; all else are bind parameters, so that it is built once."""

    stretches: tuple[Stretch, ...]
    zone: bool
    unit: int
    words: int
    parties: bool
    found: bool = False
    """Whether an index says which lines come into question."""
    after: bool = False
    order: Order = Order.EVENT
    newest_first: bool = False
    limit: int = MOST_COUNTED

    @property
    def most(self) -> ColumnElement[int]:
        """A literal and not a bind parameter: PostgreSQL plans for a limit it cannot see as a tenth of the table."""
        return literal_column(str(int(self.limit)), Whole)


def page(
    session: Session,
    stretches: Sequence[Stretch],
    *,
    reader_id: int,
    wanted: Wanted = Wanted(),
    after: QueueCursor | None = None,
    order: Order = Order.EVENT,
    newest_first: bool = False,
    parties: bool = True,
    limit: int = PAGE,
) -> list[Queued]:
    """The next lines of the queue; without `parties`, not those that the reader is a party to.

    What the reader has declared a conflict of interest in is never among them.
    """
    found = _candidates(session, wanted)
    if not stretches or found == ():
        return []
    shape = _shape(
        stretches,
        wanted,
        parties,
        found=found is not None,
        after=after is not None,
        order=order,
        newest_first=newest_first,
        limit=limit,
    )
    values = _values(reader_id, wanted, found)
    if after is not None:
        values |= {"after_value": after.value, "after_id": after.id}
    return [Queued._make(row) for row in session.execute(_lines(shape), values)]


def counted(
    session: Session, parts: Mapping[str, tuple[Sequence[Stretch], bool]], *, reader_id: int, wanted: Wanted
) -> list[QueueCount]:
    """How many lines stand in each part of the queue, by edition; a part is its stretches, and whether with parties."""
    found = _candidates(session, wanted)
    shapes = tuple(
        (key, _shape(stretches, wanted, parties, found=found is not None))
        for key, (stretches, parties) in parts.items()
        if stretches
    )
    if not shapes or found == ():
        return []
    values = _values(reader_id, wanted, found)
    return [QueueCount._make(row) for row in session.execute(_counts(shapes), values)]


def _candidates(session: Session, wanted: Wanted) -> tuple[int, ...] | None:
    """The lines that can hold the words; None where no index says it."""
    found = candidates(session, A.id, _words(wanted.words))
    return None if found is None else tuple(found)


def _shape(stretches: Sequence[Stretch], wanted: Wanted, parties: bool, **more: Any) -> _Shape:
    words, units = len(_words(wanted.words)), len(_spellings(wanted.unit))
    return _Shape(tuple(stretches), bool(wanted.zone), units, words, parties, **more)


def _values(reader_id: int, wanted: Wanted, found: Sequence[int] | None) -> dict[str, Any]:
    values: dict[str, Any] = {"reader": reader_id, "zone": wanted.zone}
    values |= {} if found is None else {"found": found}
    values |= {f"word_{number}": pattern(word) for number, word in enumerate(_words(wanted.words))}
    return values | {f"unit_{number}": pattern for number, pattern in enumerate(_spellings(wanted.unit))}


@lru_cache(maxsize=500)
def _lines(shape: _Shape) -> Select[*tuple[Any, ...]]:
    """The statement: a page of each stretch, merged, and of those a page with what a line tells."""
    merged = _merged(shape)
    return (
        select(
            A.id, A.number, A.scheme, A.title, P.name, P.unit, A.starts_on, A.ends_on, A.received_at, A.amount,
            A.currency, A.zone, A.status, A.disagreed, A.marks, _granted_elsewhere(),
            A.head_id.is_not(None), _HEAD_WORD,
        )
        .select_from(merged)
        .join(A, A.id == merged.c.id)
        .join(P, P.id == A.participant_id)
        .order_by(*_order(merged.c.value, merged.c.id, shape))
        .limit(shape.most)
    )  # fmt: skip


@lru_cache(maxsize=200)
def _counts(shapes: tuple[tuple[str, _Shape], ...]) -> CompoundSelect[*tuple[Any, ...]]:
    """The statement: each part's lines up to the limit, counted by edition."""
    found = []
    for key, shape in shapes:
        merged = _merged(shape)
        found.append(
            select(literal(key), A.scheme, func.count(), cast(func.sum(A.amount), Whole))
            .select_from(merged)
            .join(A, A.id == merged.c.id)
            .group_by(A.scheme)
        )
    return union_all(*found)


def _merged(shape: _Shape) -> Subquery:
    found = [_stretch(shape, each).subquery() for each in shape.stretches]
    return union_all(*(select(each) for each in found)).subquery() if len(found) > 1 else found[0]


def _granted_elsewhere() -> ColumnElement[bool]:
    """By the partial index of what uses up its key: the condition is that of the index, word for word."""
    other = aliased(A, "other")
    used: ColumnElement[bool] = literal_column(
        "(other.status = 'granted' OR CAST(other.spent AS INTEGER) = 1)"
    )
    return exists().where(other.once_key == A.once_key, other.id != A.id, used)


_HEAD_WORD = select(H.given).where(H.application_id == A.id, H.void_at.is_(None)).scalar_subquery()


def _order(day: Any, key: Any, shape: _Shape) -> list[ColumnElement[Any]]:
    return [day.desc(), key.desc()] if shape.newest_first else [day, key]


def _tied() -> Select[*tuple[Any, ...]]:
    """Whom the reader leads, and their own head: in what these apply for they sign nothing."""
    near, me = aliased(P), aliased(P)
    own_head = select(me.head_id).where(me.id == READER).scalar_subquery()
    return select(near.id).where(or_(near.head_id == READER, near.id == own_head))


_TIED = _tied()


def _stretch(shape: _Shape, stretch: Stretch) -> Select[*tuple[Any, ...]]:
    """The keysets of one stretch: an index range scan with a limit."""
    conditions: list[ColumnElement[bool]] = [A.scheme == stretch.scheme, _in_queue(stretch.queue)]
    if stretch.signed is not None:
        conditions += [
            A.disagreed == literal(stretch.disagreed, Flag()),
            A.signed_seats == list(stretch.signed),
        ]
    if stretch.by_me is not None:
        conditions.append(_signed_by_reader() if stretch.by_me else ~_signed_by_reader())
    value, type_ = _ORDERED[shape.order]
    if shape.after:
        here = tuple_(value, A.id)
        last = tuple_(bindparam("after_value", type_=type_), bindparam("after_id", type_=Whole))
        conditions.append(here < last if shape.newest_first else here > last)
    if not shape.parties:
        conditions += [
            A.participant_id.not_in(_TIED),
            A.applicant_id.not_in(_TIED),
            A.participant_id != READER,
            A.applicant_id != READER,
            A.author_id != READER,
            or_(A.head_id.is_(None), A.head_id != READER),
        ]
    declared = exists().where(C.application_id == A.id, C.person_id == READER)
    return (
        select(value.label("value"), A.id)
        .where(*conditions, *_narrowed(shape), ~declared)
        .order_by(*_order(value, A.id, shape))
        .limit(shape.most)
    )


def _in_queue(queue: str) -> ColumnElement[bool]:
    """A literal and not a bind parameter: only so does a partial index serve."""
    if queue not in PLACES:
        raise ValueError(f"no such part of the queue: {queue}")
    found: ColumnElement[bool] = A.queue == literal_column(f"'{queue}'")
    return found


def _signed_by_reader() -> ColumnElement[bool]:
    return exists().where(
        S.application_id == A.id,
        S.version == A.version,
        S.signer_id == READER,
        S.withdrawn_at.is_(None),
    )


def _narrowed(shape: _Shape) -> list[ColumnElement[bool]]:
    """The filters, each as a LIKE pattern with what was typed escaped."""
    narrow: list[ColumnElement[bool]] = []
    if shape.found:
        narrow.append(A.id.in_(bindparam("found", expanding=True)))
    if shape.zone:
        narrow.append(A.zone == bindparam("zone"))
    narrow.extend(A.search_text.like(bindparam(f"word_{n}"), escape="/") for n in range(shape.words))
    if shape.unit:
        units = (func.lower(P.unit).like(bindparam(f"unit_{n}"), escape="/") for n in range(shape.unit))
        narrow.append(exists().where(P.id == A.participant_id, or_(*units)))
    return narrow


def _words(typed: str) -> list[str]:
    return folded(typed).split()[:MOST_WORDS]


def _spellings(typed: str) -> list[str]:
    """SQLite's LIKE folds the case of A to Z only: å, ä, ö and ø are asked for as typed and in either case."""
    text = typed.strip()
    folded = [
        _ascii_lower(each) for each in (text, text.lower(), text.capitalize(), text.title(), text.upper())
    ]
    return [pattern(each) for each in dict.fromkeys(folded)] if text else []


def _ascii_lower(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


_SIGNED = (
    select(S.application_id, S.seat, P.name, S.outcome, S.amount, S.days)
    .select_from(S)
    .join(A, and_(A.id == S.application_id, A.version == S.version))
    .join(P, P.id == S.signer_id)
    .where(S.application_id.in_(IDS), S.withdrawn_at.is_(None))
    .order_by(S.id)
)


def signed(session: Session, ids: Collection[int]) -> dict[int, list[Signed]]:
    """The signatures that count on those applications, in the order they were made."""
    found: dict[int, list[Signed]] = {}
    for row in session.execute(_SIGNED, {"ids": list(ids)}) if ids else ():
        said = Signed(row.seat, row.name, row.outcome, row.amount, row.days)
        found.setdefault(row.application_id, []).append(said)
    return found


_NEWEST = aliased(M, "newest")
_COMMENTED = (
    select(M.application_id, P.name, M.text)
    .select_from(M)
    .join(A, A.id == M.application_id)
    .join(P, P.id == M.author_id)
    .where(
        M.application_id.in_(IDS),
        M.id
        == select(func.max(_NEWEST.id)).where(_NEWEST.application_id == M.application_id).scalar_subquery(),
        A.participant_id != READER,
        A.applicant_id != READER,
        or_(A.head_id.is_(None), A.head_id != READER),
    )
)


def commented(session: Session, ids: Collection[int], *, reader_id: int) -> dict[int, tuple[str, str]]:
    """What was last written between the seats on those applications, and by whom; not where the reader is a party."""
    rows = session.execute(_COMMENTED, {"ids": list(ids), "reader": reader_id}) if ids else ()
    return {row.application_id: (row.name, row.text) for row in rows}


def reassess(session: Session, application_id: int, *, amount: int, marks: Sequence[str]) -> None:
    """Let lists tell what an application comes to now that something outside it has changed."""
    with totals.counted(session, application_id):
        session.execute(update(A).where(A.id == application_id).values(amount=amount, marks=list(marks)))
