"""E-mails to send, written in the transaction of what they tell; rendering and sending them is `mail`'s.

A relay claims a row and commits before it talks to a mail server: what fails is tried again later, and two relays
never hold the same row. A row ends as sent or parked, never forgotten.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from portal.store.ledger import OutboxRow
from portal.store.session import Session

LEASE = timedelta(minutes=10)
"""How long a claimed row is left alone: longer than any talk with a mail server."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to render and send."""

    id: int
    receiver_id: int
    kind: str
    params: Mapping[str, Any]
    created_at: datetime
    attempts: int
    message_id: str


def add(
    session: Session, *, key: str, receiver_id: int, kind: str, params: Mapping[str, Any], at: datetime
) -> None:
    """Keep an e-mail to send; `key` says which it is, so that one act never sends it twice."""
    session.execute(
        insert(OutboxRow).values(
            dedup_key=key,
            receiver_id=receiver_id,
            kind=kind,
            params=dict(params),
            created_at=at,
            next_try_at=at,
            attempts=0,
            message_id=f"{hashlib.sha256(f'{key} {at.isoformat()}'.encode()).hexdigest()[:40]}@portal",
        )
    )


def claim(session: Session, *, at: datetime) -> Mail | None:
    """Take the e-mail that has waited longest and is due, leaving it alone for others meanwhile; None when none is."""
    due = (
        select(
            OutboxRow.id,
            OutboxRow.receiver_id,
            OutboxRow.kind,
            OutboxRow.params,
            OutboxRow.created_at,
            OutboxRow.attempts,
            OutboxRow.message_id,
        )
        .where(OutboxRow.sent_at.is_(None), OutboxRow.parked_at.is_(None), OutboxRow.next_try_at <= at)
        .order_by(OutboxRow.next_try_at, OutboxRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.execute(due).one_or_none()
    if row is None:
        return None
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row.id)
        .values(attempts=OutboxRow.attempts + 1, next_try_at=at + LEASE)
    )
    return Mail(**{**row._asdict(), "attempts": row.attempts + 1})


def mark_sent(session: Session, mail_id: int, *, at: datetime) -> None:
    """The mail server took it."""
    session.execute(update(OutboxRow).where(OutboxRow.id == mail_id).values(sent_at=at, last_error=None))


def postpone(session: Session, mail_id: int, *, until: datetime, error: str) -> None:
    """Try again later; the error is shown to the administrator."""
    session.execute(
        update(OutboxRow).where(OutboxRow.id == mail_id).values(next_try_at=until, last_error=error[:2000])
    )


def park(session: Session, mail_id: int, *, at: datetime, error: str) -> None:
    """Give up until an administrator looks."""
    session.execute(
        update(OutboxRow).where(OutboxRow.id == mail_id).values(parked_at=at, last_error=error[:2000])
    )


def retry(session: Session, mail_id: int, *, at: datetime) -> None:
    """Try a parked e-mail once more."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == mail_id, OutboxRow.sent_at.is_(None))
        .values(parked_at=None, next_try_at=at)
    )


def waiting(session: Session) -> tuple[int, int, datetime | None]:
    """How many wait, how many are parked, and since when the oldest waits."""
    row = session.execute(
        select(
            func.count().filter(OutboxRow.parked_at.is_(None)),
            func.count().filter(OutboxRow.parked_at.is_not(None)),
            func.min(OutboxRow.created_at, type_=OutboxRow.created_at.type).filter(
                OutboxRow.parked_at.is_(None)
            ),
        ).where(OutboxRow.sent_at.is_(None))
    ).one()
    return row[0], row[1], row[2]
