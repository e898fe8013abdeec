"""Brings e-mails from the outbox to the mail server, each in three steps: claim and commit, send, settle and commit.

No transaction is open while the server is talked to. A row is claimed for longer than a talk can last, so that no two
relays send it; only a relay that dies after the server took an e-mail and before it could say so sends it twice, with
the same Message-ID.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.mail.message import Unsendable, message_of
from portal.mail.server import Later, Never, Server, hand_over
from portal.store import outbox
from portal.store.outbox import Mail
from portal.store.session import Database

Clock = Callable[[], datetime]

LAST_ATTEMPT = 38
_FIRST_DELAY = timedelta(minutes=1)
_LONGEST_DELAY = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Post:
    """Who sends, over which server, with links to which address."""

    server: Server
    sender: str
    base_url: str
    key: str = field(default="", repr=False)
    """What codes to sign in with are made with."""


@dataclass(slots=True)
class Round:
    """What one round came to."""

    sent: int = 0
    postponed: int = 0
    parked: int = 0
    away: str = ""
    """Why the round ended before the outbox was empty: the server did not answer."""


def delay_after(attempt: int) -> timedelta:
    """How long to wait after a failed attempt: 1, 2, 4 … minutes, at most 4 hours; 38 attempts take over 5 days."""
    return min(_FIRST_DELAY * (1 << min(attempt - 1, 20)), _LONGEST_DELAY)


def send_due(database: Database, post: Post, *, clock: Clock, at_most: int = 1000) -> Round:
    """Send what is due until nothing is, or the server is away."""
    done = Round()
    for _turn in range(at_most):
        mail = database.write(outbox.claim, at=clock())
        if mail is None:
            return done
        _send(database, mail, post, clock, done)
        if done.away:
            return done
    return done


def _send(database: Database, mail: Mail, post: Post, clock: Clock, done: Round) -> None:
    try:
        message = message_of(mail, sender=post.sender, base_url=post.base_url, at=clock(), key=post.key)
        hand_over(message, post.server, sender=post.sender, receiver=str(message["To"]))
    except Later as reason:
        done.away = str(reason) if reason.away else ""
        _postpone(database, mail, clock(), str(reason), done)
    except (Never, Unsendable) as reason:
        done.parked += database.write(outbox.park, mail, at=clock(), error=str(reason))
    except Exception as fault:
        # A fault of the portal's own must neither lose the e-mail nor keep the others back.
        _postpone(database, mail, clock(), f"a fault in the portal: {type(fault).__name__}", done)
    else:
        done.sent += database.write(outbox.mark_sent, mail, at=clock())


def _postpone(database: Database, mail: Mail, at: datetime, reason: str, done: Round) -> None:
    if mail.attempts >= LAST_ATTEMPT:
        done.parked += database.write(outbox.park, mail, at=at, error=f"given up: {reason}")
        return
    until = at + delay_after(mail.attempts)
    done.postponed += database.write(outbox.postpone, mail, until=until, error=reason)
