"""Who sits in which seat, as holder or substitute, and from when until when."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, insert, or_, select, update

from portal.domain.signoff import Holding
from portal.store.session import NotFound, Session, run
from portal.store.tables import PersonRow, SeatHoldingRow
from portal.store.types import Day


def _holdings() -> Select[*tuple[Any, ...]]:
    return (
        select(
            SeatHoldingRow.id,
            SeatHoldingRow.fund,
            SeatHoldingRow.seat,
            SeatHoldingRow.person_id,
            SeatHoldingRow.substitute,
            SeatHoldingRow.starts_on,
            SeatHoldingRow.ends_on,
            (~PersonRow.active).label("left"),
        )
        .join(PersonRow, PersonRow.id == SeatHoldingRow.person_id)
        .order_by(SeatHoldingRow.fund, SeatHoldingRow.seat, SeatHoldingRow.starts_on, SeatHoldingRow.id)
    )


def _holding(row: Row[Any]) -> Holding:
    return Holding(**{**row._asdict(), "left": bool(row.left)})


def get(session: Session, holding_id: int) -> Holding:
    """The holding, kept from signers until the transaction ends. Raises NotFound."""
    row = session.execute(
        _holdings().where(SeatHoldingRow.id == holding_id).with_for_update(of=SeatHoldingRow)
    ).one_or_none()
    if row is None:
        raise NotFound("no such holding")
    return _holding(row)


def of_person(session: Session, person_id: int) -> tuple[Holding, ...]:
    """Every holding a person has, past and coming ones too, kept from signers until the transaction ends."""
    rows = session.execute(
        _holdings().where(SeatHoldingRow.person_id == person_id).with_for_update(of=SeatHoldingRow)
    )
    return tuple(_holding(row) for row in rows)


def of_fund(session: Session, fund: str) -> tuple[Holding, ...]:
    """Every holding of a fund's seats, past and coming ones too."""
    return tuple(_holding(row) for row in session.execute(_holdings().where(SeatHoldingRow.fund == fund)))


def all_of_them(session: Session) -> tuple[Holding, ...]:
    """Every holding of every fund, for the page about seats."""
    return tuple(_holding(row) for row in session.execute(_holdings()))


def lock_of_fund(session: Session, fund: str) -> None:
    """Keep the fund's holdings as they are until the transaction ends: nobody loses a seat in mid-signature."""
    session.execute(
        select(SeatHoldingRow.id)
        .where(SeatHoldingRow.fund == fund)
        .order_by(SeatHoldingRow.id)
        .with_for_update(read=True)
    ).all()


def in_force(session: Session, fund: str, day: date) -> tuple[Holding, ...]:
    """The holdings of a fund's seats that hold on a day, but for persons who have left."""
    rows = session.execute(
        _holdings().where(
            SeatHoldingRow.fund == fund,
            PersonRow.active,
            SeatHoldingRow.starts_on <= day,
            or_(SeatHoldingRow.ends_on.is_(None), SeatHoldingRow.ends_on >= day),
        )
    )
    return tuple(_holding(row) for row in rows)


_DAY = bindparam("day", type_=Day())
_HELD_BY = _holdings().where(
    SeatHoldingRow.person_id == bindparam("person"),
    SeatHoldingRow.starts_on <= _DAY,
    or_(SeatHoldingRow.ends_on.is_(None), SeatHoldingRow.ends_on >= _DAY),
)
"""Built once: every page of the queue asks."""


def held_by(session: Session, person_id: int, *, day: date) -> tuple[Holding, ...]:
    """The holdings in force that a person has on a day."""
    rows = run(session, _HELD_BY, person=person_id, day=day)
    return tuple(_holding(row) for row in rows)


def add(session: Session, holding: Holding, *, appointed_by: int | None, at: datetime) -> int:
    """Keep a new holding; the id given is ignored."""
    holding_id: int = session.execute(
        insert(SeatHoldingRow)
        .values(
            fund=holding.fund,
            seat=holding.seat,
            person_id=holding.person_id,
            substitute=holding.substitute,
            starts_on=holding.starts_on,
            ends_on=holding.ends_on,
            appointed_by=appointed_by,
            appointed_at=at,
        )
        .returning(SeatHoldingRow.id)
    ).scalar_one()
    return holding_id


def end(session: Session, holding_id: int, ends_on: date) -> None:
    """Let a holding end with a day, which it still includes."""
    session.execute(update(SeatHoldingRow).where(SeatHoldingRow.id == holding_id).values(ends_on=ends_on))


def drop(session: Session, holding_id: int) -> None:
    """Let a holding that has not begun never begin."""
    session.execute(delete(SeatHoldingRow).where(SeatHoldingRow.id == holding_id))
