"""What the pages of letters and of e-mails that wait are given."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter; without an address while it is not printed yet."""

    title: str
    language: str
    version: int
    ordered_at: datetime
    href: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class LettersPage:
    """The letters of an application, and everything of it in one file."""

    number: str
    title: str
    back: str
    zone: ZoneInfo
    letters: tuple[LetterLine, ...]
    bundle: str
    whole: bool
    """Whether the reader also reads what people wrote in their own words."""

    @property
    def waiting(self) -> bool:
        """Whether a letter is still to be printed."""
        return any(not each.href for each in self.letters)


@dataclass(frozen=True, slots=True)
class MailLine:
    """An e-mail that is not sent."""

    id: int
    subject: str
    receiver: str
    created_at: datetime
    state: str
    tone: str
    attempts: int
    next_try_at: datetime | None
    error: str
    retriable: bool


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """The e-mails that are not sent."""

    lines: tuple[MailLine, ...]
    waiting: int
    parked: int
    sends: bool
    """Whether a mail server is set."""
    since: datetime | None = None
    """Since when the oldest that is not given up waits."""
    more: bool = False
