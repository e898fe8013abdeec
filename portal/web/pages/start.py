"""What the start page is given: what the person owes first, then what is theirs, then what they can apply for."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for this person."""

    title: str
    href: str
    hint: str = ""
    kind: str = ""
    status: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """Something the person has begun to write."""

    title: str
    fund: str
    href: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """An application the person wrote or is the participant of."""

    number: str
    title: str
    fund: str
    href: str
    starts_on: date
    amount: str
    """Empty for a kind that gives no money."""
    kind: str
    """The tag it is shown with."""
    status: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A fund's edition that takes applications today."""

    title: str
    summary: str
    action: str
    terms_href: str
    button: str


@dataclass(frozen=True, slots=True)
class StartPage:
    """The start page."""

    name: str
    tasks: tuple[Task, ...]
    drafts: tuple[DraftLine, ...]
    applications: tuple[ApplicationLine, ...]
    offers: tuple[Offer, ...]
