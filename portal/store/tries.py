"""Tries that failed, counted before they are judged: those made at once, and in several processes, count together."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, or_, select, update

from portal.domain.tries import QUIET, Allowance, TooSoon
from portal.store.session import Session, inserting
from portal.store.tables import TryRow

_KEPT = timedelta(days=1)


def check(session: Session, *, counted: Mapping[str, Allowance], at: datetime) -> None:
    """Raise TooSoon when that can be seen without writing: a flood of tries must not keep others from the database."""
    rows = session.execute(
        select(TryRow.subject, TryRow.failures, TryRow.last_at).where(TryRow.subject.in_(counted))
    )
    waits = ((each.last_at, counted[each.subject].wait(each.failures)) for each in rows)
    left: timedelta = max((last_at + wait - at for last_at, wait in waits if wait), default=timedelta())
    if left > timedelta():
        raise TooSoon(left)


def reserve(session: Session, *, counted: Mapping[str, Allowance], at: datetime) -> dict[str, int]:
    """Count a try for each subject as if it had failed; how many have, with this one.

    Raises TooSoon when one of them has to wait, and then counts nothing: let that end the transaction.
    """
    failures = {}
    # In one order, so that two that share subjects do not wait for each other.
    for subject in sorted(counted):
        made = _count(session, subject, counted[subject], at)
        if made is None:
            check(session, counted={subject: counted[subject]}, at=at)
            raise TooSoon(timedelta(seconds=1))  # another process's clock is a little ahead
        failures[subject] = made
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
