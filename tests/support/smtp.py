"""A mail server on the loopback that keeps what it is sent and fails on demand.

smtp.messages           what was accepted, as email.message.EmailMessage with the envelope's addresses
smtp.fail(fault, times) the next mails meet the fault (times=None: all of them, until smtp.heal())
smtp.refuse()           nobody listens on the port any more; smtp.listen() opens it again
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class Fault(Enum):
    """What can go wrong between this portal and its mail server."""

    HANG = "answers nothing to EHLO"
    SENDER_LATER = "4xx to MAIL FROM"
    RECIPIENT_LATER = "4xx to RCPT TO"
    RECIPIENT_NEVER = "5xx to RCPT TO"
    DATA_LATER = "4xx after the message"
    DATA_NEVER = "5xx after the message"
    DROP_AFTER_DATA = "takes the message, then closes without an answer"


ANSWERS = {
    Fault.SENDER_LATER: "451 4.3.0 Try again later",
    Fault.RECIPIENT_LATER: "450 4.2.0 Mailbox busy, try again later",
    Fault.RECIPIENT_NEVER: "550 5.1.1 No such mailbox",
    Fault.DATA_LATER: "451 4.3.0 Try again later",
    Fault.DATA_NEVER: "554 5.6.0 Message refused",
}


@dataclass(frozen=True)
class Delivery:
    """One message that the server took, with the envelope it came in."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


class _Handler:
    def __init__(self, owner: "SmtpServer") -> None:
        self._owner = owner

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        if self._owner.met(Fault.HANG):
            await asyncio.sleep(3600)
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._owner.met(Fault.SENDER_LATER):
            return ANSWERS[Fault.SENDER_LATER]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        for fault in (Fault.RECIPIENT_LATER, Fault.RECIPIENT_NEVER):
            if self._owner.met(fault):
                return ANSWERS[fault]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        for fault in (Fault.DATA_LATER, Fault.DATA_NEVER):
            if self._owner.met(fault):
                return ANSWERS[fault]
        self._owner.keep(envelope)
        if self._owner.met(Fault.DROP_AFTER_DATA):
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"


class SmtpServer:
    """The server itself: a port, what it took, and how it fails."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.port = free_port()
        self._fault: Fault | None = None
        self._times: int | None = None
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    @property
    def host(self) -> str:
        """The address it listens on."""
        return HOST

    @property
    def messages(self) -> list[EmailMessage]:
        """What was accepted, in order."""
        return [delivery.message for delivery in self.deliveries]

    def fail(self, fault: Fault, times: int | None = None) -> None:
        """Let the next mails meet the fault: so many of them, or all."""
        with self._lock:
            self._fault, self._times = fault, times

    def heal(self) -> None:
        """No more faults."""
        with self._lock:
            self._fault = None

    def listen(self) -> None:
        """Take connections."""
        if self._controller is None:
            self._controller = Controller(_Handler(self), hostname=HOST, port=self.port)
            self._controller.start()

    def refuse(self) -> None:
        """Close the port: whoever connects is refused."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def met(self, fault: Fault) -> bool:
        """Whether this mail meets the fault; counts it."""
        with self._lock:
            if self._fault is not fault:
                return False
            if self._times is not None:
                self._times -= 1
                if self._times <= 0:
                    self._fault = None
            return True

    def keep(self, envelope: Envelope) -> None:
        """Remember an accepted mail."""
        content: Any = envelope.content
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.deliveries.append(Delivery(envelope.mail_from or "", tuple(envelope.rcpt_tos), message))


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A mail server of the test's own."""
    server = SmtpServer()
    server.listen()
    yield server
    server.refuse()
