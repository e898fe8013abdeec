"""Who sits in which seat, as holder or substitute, and from when until when."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, select, update

from portal.domain.signoff import Holding
from portal.store.people import held_on
from portal.store.rows import add_row, columns_of, every, needed, one, values_of
from portal.store.session import Session, inserting
from portal.store.tables import AllowedSubstituteRow, PersonRow, SeatHoldingRow, SignatureRow
from portal.store.types import Day


def _holdings() -> Select[*tuple[Any, ...]]:
    return (
        select(*columns_of(SeatHoldingRow, Holding, but=("left",)), ~PersonRow.active)
        .join(PersonRow, PersonRow.id == SeatHoldingRow.person_id)
        .order_by(SeatHoldingRow.fund, SeatHoldingRow.seat, SeatHoldingRow.starts_on, SeatHoldingRow.id)
    )


def get(session: Session, holding_id: int) -> Holding:
    """The holding, its row locked until the transaction ends: signers wait."""
    statement = _holdings().where(SeatHoldingRow.id == holding_id).with_for_update(of=SeatHoldingRow)
    return needed(one(session.execute(statement), Holding), "holding")


def of_person(session: Session, person_id: int, *, for_update: bool = True) -> tuple[Holding, ...]:
    """Every holding a person has, past and coming ones too; their rows are locked, but for who only looks."""
    statement = _holdings().where(SeatHoldingRow.person_id == person_id)
    if for_update:
        statement = statement.with_for_update(of=SeatHoldingRow)
    return tuple(every(session.execute(statement), Holding))


def of_fund(session: Session, fund: str) -> tuple[Holding, ...]:
    """Every holding of a fund's seats, past and coming ones too."""
    return tuple(every(session.execute(_holdings().where(SeatHoldingRow.fund == fund)), Holding))


def all_of_them(session: Session) -> tuple[Holding, ...]:
    """Every holding of every fund, for the page about seats."""
    return tuple(every(session.execute(_holdings()), Holding))


def lock_of_fund(session: Session, fund: str) -> None:
    """Lock the fund's holdings (FOR SHARE) until the transaction ends: nobody loses a seat in mid-signature."""
    session.execute(
        select(SeatHoldingRow.id)
        .where(SeatHoldingRow.fund == fund)
        .order_by(SeatHoldingRow.id)
        .with_for_update(read=True)
    ).all()


def in_force(session: Session, fund: str, day: date) -> tuple[Holding, ...]:
    """The holdings of a fund's seats that hold on a day, but for persons who have left."""
    statement = _holdings().where(SeatHoldingRow.fund == fund, PersonRow.active, *held_on(day))
    return tuple(every(session.execute(statement), Holding))


_HELD_BY = _holdings().where(
    SeatHoldingRow.person_id == bindparam("person"), *held_on(bindparam("day", type_=Day()))
)
"""Built once: every page of the queue asks."""


def held_by(session: Session, person_id: int, *, day: date) -> tuple[Holding, ...]:
    """The holdings in force that a person has on a day."""
    return tuple(every(session.execute(_HELD_BY, {"person": person_id, "day": day}), Holding))


def add(session: Session, holding: Holding, *, appointed_by: int | None, at: datetime) -> int:
    values = values_of(holding, but=("id", "left")) | {"appointed_by": appointed_by, "appointed_at": at}
    return add_row(session, SeatHoldingRow, values)


def end(session: Session, holding_id: int, ends_on: date) -> None:
    """Let a holding end with a day, which it still includes."""
    session.execute(update(SeatHoldingRow).where(SeatHoldingRow.id == holding_id).values(ends_on=ends_on))


def drop(session: Session, holding_id: int) -> None:
    """Let a holding that has not begun never begin."""
    session.execute(delete(SeatHoldingRow).where(SeatHoldingRow.id == holding_id))


def drop_unused(session: Session, holding_id: int) -> bool:
    """Let a holding in which nothing was ever signed be as if it had never been; False when something was."""
    used = exists().where(SignatureRow.holding_id == SeatHoldingRow.id)
    gone = delete(SeatHoldingRow).where(SeatHoldingRow.id == holding_id, ~used).returning(SeatHoldingRow.id)
    return session.execute(gone).one_or_none() is not None


def allow(session: Session, fund: str, seat: str, person_id: int, *, by: int | None) -> bool:
    """Let the holder of a seat choose somebody as substitute; False when it stood so."""
    row = {"fund": fund, "seat": seat, "person_id": person_id, "allowed_by": by}
    kept = inserting(session, AllowedSubstituteRow).values(row).on_conflict_do_nothing()
    return session.execute(kept.returning(AllowedSubstituteRow.person_id)).one_or_none() is not None


def disallow(session: Session, fund: str, seat: str, person_id: int) -> bool:
    row = AllowedSubstituteRow
    which = (row.fund == fund, row.seat == seat, row.person_id == person_id)
    gone = delete(row).where(*which).returning(row.person_id)
    return session.execute(gone).one_or_none() is not None


def allowed(session: Session, fund: str | None = None) -> dict[tuple[str, str], list[int]]:
    """Whom the holders of each seat may choose as substitute, by fund and seat: who is here, by name."""
    row = AllowedSubstituteRow
    statement = select(row.fund, row.seat, row.person_id).join(PersonRow, PersonRow.id == row.person_id)
    statement = statement.where(PersonRow.active).order_by(PersonRow.name)
    found: dict[tuple[str, str], list[int]] = {}
    for each in session.execute(statement if fund is None else statement.where(row.fund == fund)):
        found.setdefault((each.fund, each.seat), []).append(each.person_id)
    return found
