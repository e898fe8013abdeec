"""What the pages of an application are given: where it stands, what was submitted, and what its parties can do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.web.answers import AnswerRow, AnswerSection
from portal.web.panel import Kept


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """Something that happened, or is to happen next."""

    title: str
    state: str = "done"
    at: str = ""
    datetime: str = ""
    by: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class PartyAct:
    """What a party can do: where its button leads, or why it would be refused."""

    name: str
    button: str
    href: str
    kind: str = "secondary"
    post: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the application, in words."""

    kind: str
    title: str
    figure: str = ""
    reason: str = ""
    reason_lang: str = ""


@dataclass(frozen=True, slots=True)
class VersionLink:
    """A submitted version."""

    number: int
    submitted_at: datetime
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """An application as its parties see it."""

    number: str
    title: str
    scheme_title: str
    zone: Any
    kind: str
    status: str
    about: tuple[AnswerRow, ...]
    outcome: Outcome | None
    question: str
    sections: tuple[AnswerSection, ...]
    panel: Kept
    timeline: tuple[TimelineItem, ...]
    acts: tuple[PartyAct, ...]
    versions: tuple[VersionLink, ...]
    queue_href: str = ""
    """The sign-off's own page of it, for an approver."""


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version as it was submitted, with what differs from the one before."""

    number: str
    title: str
    scheme_title: str
    version: int
    submitted_at: datetime
    zone: Any
    sections: tuple[AnswerSection, ...]
    panel: Kept
    versions: tuple[VersionLink, ...]
    changes: int


@dataclass(frozen=True, slots=True)
class ActPage:
    """Asking whether something is meant, with room for a reason where one is needed."""

    number: str
    title: str
    typed: str = ""
    error: str = ""
