"""Tries that failed, counted before they are judged: those made at once, and in several processes, count together."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, or_, select, update

from portal.domain.tries import QUIET, Allowance, TooSoon
from portal.store.session import Session, inserting
from portal.store.tables import TryRow

_KEPT = timedelta(days=1)


def reserve(session: Session, *, counted: Mapping[str, Allowance], at: datetime) -> dict[str, int]:
    """Count a try for each subject as if it had failed; how many have, with this one.

    Raises TooSoon when one of them has to wait, and then counts nothing: let that end the transaction.
    """
    failures, waits = {}, []
    for subject in sorted(
        counted
    ):  # in one order, so that two that share subjects do not lock each other out
        made = _count(session, subject, counted[subject], at)
        if made is None:
            waits.append(_still_waits(session, subject, counted[subject], at))
        else:
            failures[subject] = made
    if waits:
        raise TooSoon(max(waits))
    return failures


def _count(session: Session, subject: str, allowance: Allowance, at: datetime) -> int | None:
    """One statement, so that of two at once the second sees what the first has counted; None: too soon."""
    allowed = or_(
        TryRow.failures < allowance.free,
        *(and_(TryRow.failures <= n, TryRow.last_at <= at - wait) for n, wait in allowance.steps()),
        TryRow.last_at <= at - allowance.longest,
    )
    failures = case((TryRow.last_at < at - QUIET, 1), else_=TryRow.failures + 1)
    made: int | None = session.execute(
        inserting(session, TryRow)
        .values(subject=subject, failures=1, last_at=at)
        .on_conflict_do_update(
            index_elements=["subject"], set_={"failures": failures, "last_at": at}, where=allowed
        )
        .returning(TryRow.failures)
    ).scalar_one_or_none()
    return made


def _still_waits(session: Session, subject: str, allowance: Allowance, at: datetime) -> timedelta:
    row = session.execute(select(TryRow.failures, TryRow.last_at).where(TryRow.subject == subject)).one()
    left: timedelta = row.last_at + allowance.wait(row.failures) - at
    return max(left, timedelta(seconds=1))


def give_back(session: Session, *, counted: Mapping[str, Allowance], at: datetime) -> None:
    """The try that was counted for each subject has succeeded."""
    for subject in sorted(counted):
        mine = TryRow.subject == subject
        if counted[subject].forgiving:
            session.execute(delete(TryRow).where(mine))
        else:
            fewer = update(TryRow).where(mine, TryRow.failures > 0)
            session.execute(fewer.values(failures=TryRow.failures - 1))
    session.execute(delete(TryRow).where(TryRow.last_at < at - _KEPT))
