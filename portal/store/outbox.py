"""E-mails to send, written in the transaction of what they tell; rendering and sending them is `mail`'s.

Who wants e-mails once a day gets those that can wait together: they fall due at the same hour, and are claimed as one.
A relay leases a row and commits before SMTP: what fails is tried again later, and two relays never hold the same row.
The number of the attempt is its fencing token: a relay that came back too late changes nothing. A row ends as sent or
parked, never forgotten.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, update

from portal.domain.person import CAN_WAIT
from portal.store.rows import columns_of, every, one
from portal.store.session import Session, inserting
from portal.store.tables import OutboxRow, PersonRow
from portal.store.types import aliased

_MOST_TOGETHER = 100
LEASE = timedelta(minutes=10)
"""How long a claimed row is leased: longer than any SMTP session (`mail.relay` sees to that)."""


AWAY = "no connection: "
"""How the error of an e-mail begins that failed since the mail server was away."""
DAILY_AT = time(5, tzinfo=UTC)
"""When e-mails that wait for others of the day are sent: before work, in Sweden and in Norway, all year."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to render and send, with where its receiver is to be reached now."""

    id: int
    receiver_id: int
    kind: str
    params: Mapping[str, Any]
    created_at: datetime
    attempts: int
    message_id: str
    email: str = ""
    language: str = "sv"
    active: bool = True
    others: tuple["Mail", ...] = ()
    """What goes with it in one message, where the receiver wants them once a day."""

    @property
    def ids(self) -> list[int]:
        return [self.id, *(each.id for each in self.others)]


@dataclass(frozen=True, slots=True)
class Entry:
    """An e-mail as the administrator sees it: where it stands, never what it says of anybody."""

    id: int
    receiver_id: int
    kind: str
    params: Mapping[str, Any]
    created_at: datetime
    next_try_at: datetime
    attempts: int
    sent_at: datetime | None
    parked_at: datetime | None
    last_error: str | None
    bounced_at: datetime | None


_MAIL = columns_of(OutboxRow, Mail, but=("email", "language", "active", "others"))
_ENTRY = columns_of(OutboxRow, Entry)
_WAITS = (OutboxRow.sent_at.is_(None), OutboxRow.parked_at.is_(None))


def add(
    session: Session,
    *,
    key: str,
    receiver_id: int,
    kind: str,
    params: Mapping[str, Any],
    at: datetime,
    by: date | None = None,
) -> None:
    """Keep an e-mail to send; `key` says which it is: the same one is never kept, or sent, twice.

    `by` is when it has to be done, where there is such a day: what is due tomorrow waits for no other.
    """
    soon = by is not None and at.date() <= by <= at.date() + timedelta(days=1)
    waits = kind in CAN_WAIT and not soon and takes_daily(session, receiver_id)
    session.execute(
        inserting(session, OutboxRow)
        .values(
            dedup_key=key,
            receiver_id=receiver_id,
            kind=kind,
            params=params,
            created_at=at,
            next_try_at=_next_morning(at) if waits else at,
            attempts=0,
            message_id=f"{hashlib.sha256(f'{key} {at.isoformat()}'.encode()).hexdigest()[:40]}@portal",
        )
        .on_conflict_do_nothing(index_elements=["dedup_key"])
    )


def _next_morning(at: datetime) -> datetime:
    morning = datetime.combine(at.astimezone(UTC).date(), DAILY_AT)
    return morning if morning > at else morning + timedelta(days=1)


def takes_daily(session: Session, person_id: int) -> bool:
    """Whether somebody wants the e-mails that can wait once a day."""
    return bool(session.execute(select(PersonRow.daily_mail).where(PersonRow.id == person_id)).scalar())


def set_daily(session: Session, person_id: int, *, daily: bool, at: datetime) -> None:
    """Let somebody have e-mails once a day, or as they come: then what has waited goes now."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(daily_mail=daily))
    if not daily:
        waits = (OutboxRow.receiver_id == person_id, OutboxRow.attempts == 0, *_WAITS)
        session.execute(update(OutboxRow).where(*waits, OutboxRow.next_try_at > at).values(next_try_at=at))


def known(session: Session, keys: Collection[str]) -> set[str]:
    """Which of these e-mails are in the outbox, sent or not."""
    wanted, found = sorted(keys), set[str]()
    for start in range(0, len(wanted), 500):
        rows = session.execute(
            select(OutboxRow.dedup_key).where(OutboxRow.dedup_key.in_(wanted[start : start + 500]))
        )
        found.update(row.dedup_key for row in rows)
    return found


def claim(session: Session, *, at: datetime) -> Mail | None:
    """Take the e-mail that has waited longest and is due, leaving it alone for others meanwhile; None when none is."""
    # Of those that can go together the first leads, so that two relays never share them out.
    lead = aliased(OutboxRow)
    follows = exists().where(
        lead.receiver_id == OutboxRow.receiver_id,
        lead.id < OutboxRow.id,
        lead.kind.in_(CAN_WAIT),
        lead.next_try_at <= at,
        lead.sent_at.is_(None),
        lead.parked_at.is_(None),
    )
    due = (
        select(*_MAIL)
        .where(*_WAITS, OutboxRow.next_try_at <= at, OutboxRow.kind.not_in(CAN_WAIT) | ~follows)
        .order_by(OutboxRow.next_try_at, OutboxRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    mail = one(session.execute(due), Mail)
    if mail is None:
        return None
    person = session.execute(
        select(PersonRow.email, PersonRow.language, PersonRow.active, PersonRow.daily_mail).where(
            PersonRow.id == mail.receiver_id
        )
    ).one()
    if person.daily_mail and mail.kind in CAN_WAIT:
        others = (OutboxRow.receiver_id == mail.receiver_id, OutboxRow.kind.in_(CAN_WAIT))
        also = select(*_MAIL).where(*_WAITS, *others, OutboxRow.next_try_at <= at, OutboxRow.id != mail.id)
        rows = session.execute(also.order_by(OutboxRow.id).limit(_MOST_TOGETHER).with_for_update())
        mail = replace(mail, others=tuple(every(rows, Mail)))
    # One fencing token for all that go together, higher than any of them has had.
    attempts = max(each.attempts for each in (mail, *mail.others)) + 1
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(mail.ids))
        .values(attempts=attempts, next_try_at=at + LEASE, last_error=None)
    )
    reached = {"email": person.email, "language": person.language, "active": person.active}
    return replace(mail, attempts=attempts, **reached)


def mark_sent(session: Session, mail: Mail, *, at: datetime) -> bool:
    """The mail server took it; False when the lease had run out and somebody else holds the row."""
    return _settle(session, mail, sent_at=at, last_error=None)


def postpone(session: Session, mail: Mail, *, until: datetime, error: str) -> bool:
    """Try again later; the error is shown to the administrator."""
    return _settle(session, mail, next_try_at=until, last_error=error[:2000])


def park(session: Session, mail: Mail, *, at: datetime, error: str) -> bool:
    """Give up until an administrator looks."""
    return _settle(session, mail, parked_at=at, last_error=error[:2000])


def _settle(session: Session, mail: Mail, **values: Any) -> bool:
    settled = session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(mail.ids), OutboxRow.attempts == mail.attempts, *_WAITS)
        .values(**values)
        .returning(OutboxRow.id)
    )
    return bool(settled.all())


def retry(session: Session, mail_id: int, *, at: datetime) -> bool:
    """Let a parked e-mail begin anew, or one that waits for its next try go now; False when there is nothing to do.

    One that a relay holds (no error yet) is left alone: its try is under way.
    """
    idle = or_(OutboxRow.parked_at.is_not(None), OutboxRow.last_error.is_not(None))
    return _begin_anew(session, OutboxRow.id == mail_id, OutboxRow.sent_at.is_(None), idle, at=at) == 1


def retry_parked(session: Session, *, at: datetime) -> int:
    """Let every parked e-mail begin anew; says how many."""
    return _begin_anew(session, OutboxRow.parked_at.is_not(None), at=at)


def _begin_anew(session: Session, *which: ColumnElement[bool], at: datetime) -> int:
    begun = session.execute(
        update(OutboxRow)
        .where(*which)
        .values(parked_at=None, next_try_at=at, attempts=0, last_error=None)
        .returning(OutboxRow.id)
    )
    return len(begun.all())


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


def server_away(session: Session) -> str | None:
    """Why the mail server could not be talked to when one of those that wait was last tried; None when it could."""
    waits = OutboxRow.sent_at.is_(None) & OutboxRow.parked_at.is_(None) & (OutboxRow.attempts > 0)
    newest = select(OutboxRow.last_error).where(waits).order_by(OutboxRow.next_try_at.desc()).limit(1)
    found: str | None = session.execute(newest).scalar_one_or_none()
    return found if found and found.startswith(AWAY) else None


def sent_to(session: Session, receiver_id: int, *, limit: int = 200) -> Sequence[Entry]:
    """The e-mails that somebody was sent, the newest first."""
    rows = session.execute(
        select(*_ENTRY)
        .where(OutboxRow.receiver_id == receiver_id, OutboxRow.sent_at.is_not(None))
        .order_by(OutboxRow.created_at.desc(), OutboxRow.id.desc())
        .limit(limit)
    )
    return every(rows, Entry)


def sent(
    session: Session, *, person_id: int | None = None, message_id: str = "", limit: int = 50
) -> Sequence[Entry]:
    """The e-mails sent to a person, the last first, or the one of that Message-ID."""
    which = OutboxRow.message_id == message_id if person_id is None else OutboxRow.receiver_id == person_id
    rows = session.execute(
        select(*_ENTRY)
        .where(which, OutboxRow.sent_at.is_not(None))
        .order_by(OutboxRow.id.desc())
        .limit(limit)
    )
    return every(rows, Entry)


def set_bounced(session: Session, mail_id: int, *, at: datetime | None) -> Entry | None:
    """Note that a sent e-mail came back, or with None that it did not; None when it stood so already."""
    differs = OutboxRow.bounced_at.is_(None) if at is not None else OutboxRow.bounced_at.is_not(None)
    rows = session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == mail_id, OutboxRow.sent_at.is_not(None), differs)
        .values(bounced_at=at)
        .returning(*_ENTRY)
    )
    return one(rows, Entry)


def unsent(session: Session, *, limit: int = 200) -> Sequence[Entry]:
    """The e-mails that are not sent: parked ones first, then those that wait, the oldest first."""
    rows = session.execute(
        select(*_ENTRY)
        .where(OutboxRow.sent_at.is_(None))
        .order_by(OutboxRow.parked_at.is_(None), OutboxRow.created_at, OutboxRow.id)
        .limit(limit)
    )
    return every(rows, Entry)
