"""What the page for several participants in one go is given: a row for each, with what the portal says of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.web.pages.apply import Found
from portal.web.panel import FindingLine
from portal.web.questions import QuestionText


@dataclass(frozen=True, slots=True)
class NewRow:
    """The row in which one more participant is named."""

    typed: str = ""
    answers: Mapping[str, str] | None = None
    error: str = ""
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class RowLine:
    """One participant's row."""

    token: str
    revision: int
    name: str
    unit: str
    answers: Mapping[str, str]
    messages: Mapping[str, tuple[str, ...]]
    """What stops or warns, by the question it stands beside."""
    elsewhere: tuple[FindingLine, ...]
    """What stops it and is answered in its own form, but for what stops the first as well."""
    figure: str
    files: str
    href: str
    submittable: bool
    first: bool
    as_first: bool = False
    """Whether anything of what they share stops it as it stops the first."""
    own: tuple[str, ...] = ()
    """The questions that this one answers otherwise than the first, in its own form."""


@dataclass(frozen=True, slots=True)
class SeveralPage:
    """All rows, the questions in them and one more row to fill in."""

    token: str
    title: str
    scheme_title: str
    currency: str
    questions: tuple[QuestionText, ...]
    rows: tuple[RowLine, ...]
    new: NewRow
    total: str
    stopped: str = ""
    """Why they cannot be sent yet."""
    says: str = ""
    """Why what was sent was not kept."""
