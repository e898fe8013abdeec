"""What the pages for applying are given: questions with what stands in them, and the panel that judges them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.web.answers import AnswerSection, Change
from portal.web.pages.evidence import Evidence
from portal.web.panel import Panel
from portal.web.questions import Options, SectionText


@dataclass(frozen=True, slots=True)
class Found:
    """A person found by what was typed."""

    number: str
    name: str
    unit: str

    @property
    def value(self) -> str:
        """What a field holds when the person is chosen: read back by the number in it."""
        return f"{self.name} ({self.number})"


@dataclass(frozen=True, slots=True)
class FoundPage:
    """The people a field offers."""

    people: tuple[Found, ...]
    typed: str
    more: str
    """What to type instead, or empty."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whom an application is for, and what came of looking for somebody else."""

    name: str
    unit: str
    is_me: bool
    typed: str = ""
    error: str = ""
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """When and as what a draft was last kept."""

    revision: int
    at: datetime
    zone: Any


@dataclass(frozen=True, slots=True)
class FormPage:
    """The application form with its panel."""

    token: str
    title: str
    scheme_title: str
    terms_href: str
    currency: str
    sections: tuple[SectionText, ...]
    who: Who
    answers: Mapping[str, Any]
    lines: Mapping[str, tuple[Mapping[str, Any], ...]]
    """The cost lines of each question of that kind, with what each comes to and what is wrong in it."""
    currencies: Options
    panel: Panel
    saved: Saved
    messages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warnings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refused: bool = False
    """Whether it was sent and not accepted: what stops it then stands on top of the page too."""
    returned: str = ""
    """The question asked when the application was returned."""
    number: str = ""
    carried_over: bool = False
    evidence: Evidence | None = None
    """Where files are attached, when the form asks for any."""
    several_href: str = ""
    """Where several are applied for in one go, when they can be."""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """All answers in words before they are sent."""

    token: str
    title: str
    scheme_title: str
    who: Who
    sections: tuple[AnswerSection, ...]
    panel: Panel
    saved: Saved
    number: str = ""


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """Two texts of one draft: what stands in this tab and what another one saved meanwhile."""

    token: str
    title: str
    revision: int
    saved_at: datetime
    zone: Any
    rows: tuple[Change, ...]
    """The answers that differ: as another window saved them, and as they are in this one."""
    fields: tuple[tuple[str, str], ...]
    """Everything that was sent, to be kept after all."""


@dataclass(frozen=True, slots=True)
class EditionOffer:
    """An edition that takes applications today, with the kinds of application it has."""

    key: str
    title: str
    summary: str
    gives: tuple[str, ...]
    terms_href: str
    kinds: tuple[tuple[str, str], ...]
    carried_over: bool


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """What can be applied for today, and for whom."""

    offers: tuple[EditionOffer, ...]
    edition: str = ""
    kind: str = ""
    typed: str = ""
    error: str = ""
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class DeletePage:
    """A draft about to be deleted."""

    token: str
    title: str
    scheme_title: str
    saved: Saved
