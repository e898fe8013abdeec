"""Brings e-mails from the outbox to the mail server, each in three steps: claim and commit, send, settle and commit.

No transaction is open during SMTP. A row is leased for longer than an SMTP session can last, so that no two relays send
it; only a relay that dies after the server took an e-mail and before it could commit that sends it twice, with the same
Message-ID.
"""

import smtplib
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from portal.mail.message import Unsendable, message_of
from portal.store import outbox
from portal.store.outbox import Mail
from portal.store.session import Database

Clock = Callable[[], datetime]

PLAIN = "smtp"
STARTTLS = "smtp+starttls"
TLS = "smtps"
_PORTS = {PLAIN: 25, STARTTLS: 587, TLS: 465}

LAST_ATTEMPT = 38
_FIRST_DELAY = timedelta(minutes=1)
_LONGEST_DELAY = timedelta(hours=4)


class Later(Exception):
    """It did not work this time. `away` says that it was the server, not this e-mail: the others can wait too."""

    def __init__(self, reason: str, *, away: bool = False) -> None:
        super().__init__(reason)
        self.away = away


class Never(Exception):
    """The server refuses this e-mail for good."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where e-mails are handed over, and how patiently; seconds."""

    security: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    patience: float = 240.0
    """How long after the beginning of an SMTP session its e-mail may still be sent: well within its lease."""
    name: str = "localhost"
    """The name in EHLO."""


@dataclass(frozen=True, slots=True)
class Post:
    """Who sends, over which server, with links to which address."""

    server: Server
    sender: str
    base_url: str
    key: str = field(default="", repr=False)
    """What codes to sign in with are made with."""
    bounces: str = ""
    """The sender on the envelope, to whom what cannot be delivered comes back; empty: `sender`."""


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


def send_due(
    database: Database,
    post: Post,
    *,
    clock: Clock,
    at_most: int = 1000,
    stopped: Callable[[], bool] = lambda: False,
) -> Round:
    """Send what is due until nothing is, the server is away, or it is told to stop."""
    done = Round()
    for _turn in range(at_most):
        if stopped():
            return done
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
        hand_over(message, post.server, sender=post.bounces or post.sender, receiver=str(message["To"]))
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


def server_of(url: str, *, name: str = "localhost") -> Server:
    """The server of an address that `settings` has checked."""
    parts = urlsplit(url)
    return Server(
        security=parts.scheme,
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        name=name or "localhost",
    )


def hand_over(message: EmailMessage, server: Server, *, sender: str, receiver: str) -> None:
    """Hand one e-mail to the server. Raises Later or Never; then it is not sent, or (lost answer) perhaps is."""
    begun = time.monotonic()
    smtp = _connected(server)
    try:
        _ask(lambda: smtp.mail(sender), "MAIL FROM")
        _ask(lambda: smtp.rcpt(receiver), "RCPT TO")
        if time.monotonic() - begun > server.patience:
            raise Later("the server was too slow", away=True)
        _ask(lambda: smtp.data(message.as_bytes()), "DATA")
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


def _connected(server: Server) -> smtplib.SMTP:
    """A connection past EHLO, TLS and AUTH; whatever fails in it is no fault of the e-mail."""
    smtp: smtplib.SMTP | None = None
    try:
        where = (server.host, server.port, server.name)
        if server.security == TLS:
            context = ssl.create_default_context()
            smtp = smtplib.SMTP_SSL(*where, timeout=server.timeout, context=context)
        else:
            smtp = smtplib.SMTP(*where, timeout=server.timeout)
        smtp.ehlo_or_helo_if_needed()
        if server.security == STARTTLS:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except (smtplib.SMTPException, OSError) as error:
        if smtp is not None:
            smtp.close()
        raise Later(f"{outbox.AWAY}{_reason(error)}", away=True) from None
    return smtp


def _ask(command: Callable[[], tuple[int, bytes]], name: str) -> None:
    """Send a command and judge the answer: 4xx and a lost connection can pass, 5xx cannot."""
    try:
        code, said = command()
        text: bytes | str = said
    except smtplib.SMTPResponseException as error:
        code, text = error.smtp_code, error.smtp_error
    except (smtplib.SMTPException, OSError) as error:
        raise Later(f"{name}: {_reason(error)}", away=True) from None
    if 200 <= code < 400:
        return
    answer = f"{name}: {code} {_shown(text)}"
    if 500 <= code < 600:
        raise Never(answer)
    raise Later(answer, away=code == 421)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_shown(error.smtp_error)}"
    return _shown(f"{type(error).__name__}: {error}")


def _shown(text: bytes | str) -> str:
    """A server's words on one line, without controls, cut short."""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join("".join(each if each.isprintable() else " " for each in said).split())[:300]
