"""What the pages of follow-ups are given: one to record or confirm, and what colleagues have brought home."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.web.answers import AnswerRow


@dataclass(frozen=True, slots=True)
class FollowUpPage:
    """One follow-up: what was planned, what is recorded, and what the reader can do about it."""

    number: str
    title: str
    planned: tuple[AnswerRow, ...]
    recorded: tuple[AnswerRow, ...]
    kind: str
    """The tag it is shown with."""
    status: str
    typed: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    owed: bool = True
    """Whether it has to be recorded, or has been."""
    records: bool = False
    """Whether the reader is one who records it, and sees the form or why not."""
    record_reason: str = ""
    confirms: bool = False
    """Whether the reader is the head, who confirms it or is told why not."""
    confirm_reason: str = ""

    def said(self, name: str) -> list[str]:
        """The messages beside one field."""
        return [self.messages[name]] if name in self.messages else []

    @property
    def errors(self) -> list[dict[str, str]]:
        """The messages, for the summary."""
        return [{"field": name, "message": message} for name, message in self.messages.items()]


@dataclass(frozen=True, slots=True)
class LessonLine:
    """What a colleague brought home."""

    event: str
    held_on: date
    participant: str
    unit: str
    forum: str
    lesson: str


@dataclass(frozen=True, slots=True)
class LessonsPage:
    """What colleagues have brought home, and the words it was searched by."""

    words: str
    lessons: tuple[LessonLine, ...]
    next_href: str
    owed_href: str = ""
    """The list of what is owed, for those who look after it."""


@dataclass(frozen=True, slots=True)
class OwedLine:
    """A follow-up that should have been recorded."""

    number: str
    href: str
    event: str
    participant: str
    unit: str
    planned_on: date
    late: int
    """Days since the planned day."""


@dataclass(frozen=True, slots=True)
class OwedPage:
    """The follow-ups that are late."""

    lines: tuple[OwedLine, ...]
    zone: Any = None
