"""Talks to a mail server: hands over one e-mail, or says whether trying again can help."""

import smtplib
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

PLAIN = "smtp"
STARTTLS = "smtp+starttls"
TLS = "smtps"
_PORTS = {PLAIN: 25, STARTTLS: 587, TLS: 465}


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
    """How long after the beginning of a talk its e-mail may still be sent: well within the claim on its row."""
    name: str = "localhost"
    """How the portal introduces itself."""


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
    """A connection past greeting, encryption and sign-in; whatever fails in it is no fault of the e-mail."""
    smtp: smtplib.SMTP | None = None
    try:
        if server.security == TLS:
            smtp = smtplib.SMTP_SSL(
                server.host,
                server.port,
                server.name,
                timeout=server.timeout,
                context=ssl.create_default_context(),
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, server.name, timeout=server.timeout)
        smtp.ehlo_or_helo_if_needed()
        if server.security == STARTTLS:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except (smtplib.SMTPException, OSError) as error:
        if smtp is not None:
            smtp.close()
        raise Later(f"no connection: {_reason(error)}", away=True) from None
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
