"""What the pages for applying are given: questions with what stands in them, and the panel that judges them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape

from portal.web.pages.evidence import Evidence, FileLine


class Options:
    """A long list to choose from, printed once and then only marked: countries and currencies are on every form."""

    def __init__(self, rows: Iterable[tuple[str, ...]]) -> None:
        self._rows = tuple(rows)
        self._html = "".join(self._option(*row) for row in self._rows)

    @staticmethod
    def _option(value: str, label: str, names: str = "") -> str:
        also = f' data-names="{escape(names)}"' if names else ""
        return f'<option value="{escape(value)}"{also}>{escape(label)}</option>'

    def __iter__(self) -> Any:
        return iter(self._rows)

    def html(self, value: str) -> Markup:
        """The option elements with that value chosen."""
        chosen = f'<option value="{escape(value)}"'
        # Every part was escaped when the list was made.
        return Markup(self._html.replace(chosen, f"{chosen} selected", 1) if value else self._html)  # noqa: S704


@dataclass(frozen=True, slots=True)
class QuestionText:
    """A question in one language: all of it that does not depend on the answer."""

    name: str
    type: str
    label: str
    hint: str
    optional: bool
    options: Any
    attrs: Mapping[str, Any]
    level: int = 3
    """The level of its heading, where it has one."""
    row: bool = False
    """Whether its choices are few and short enough to stand side by side."""


@dataclass(frozen=True, slots=True)
class SectionText:
    """A part of the form in one language; dates that follow one another share a row."""

    key: str
    title: str
    intro: str
    rows: tuple[tuple[QuestionText, ...], ...]
    headed: bool = True
    """Whether its title is printed: not where its only question says the same."""


@dataclass(frozen=True, slots=True)
class SumLine:
    """One line of how the amount came about."""

    label: str
    amount: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding in the reader's language."""

    severity: str
    field: str
    message: str
    remedy: str = ""
    source_text: str = ""
    source_heading: str = ""
    source_lang: str = "sv"
    href: str = ""
    label: str = ""
    """The question it speaks of."""


def _after(label: str, message: str) -> str:
    """A message that makes no sense without the question it speaks of."""
    return f"{label}{' ' if label.endswith('?') else ': '}{message}" if label else message


@dataclass(frozen=True, slots=True)
class EarlierLine:
    """An earlier request of the participant."""

    number: str
    title: str
    starts_on: date
    kind: str
    status: str
    amount: str
    """Empty for a kind that gives no money."""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """What the portal says of an application, in the reader's language."""

    caption: str
    figure: str
    lines: tuple[SumLine, ...]
    missing: tuple[FindingLine, ...]
    """What stops it only because it has not been answered yet."""
    stops: tuple[FindingLine, ...]
    warns: tuple[FindingLine, ...]
    notes: tuple[FindingLine, ...]
    submittable: bool
    left: str = ""
    """How many questions are left to answer, in words."""
    announce: str = ""
    decision: str = ""
    budget: str = ""
    year: int | None = None
    earlier: tuple[EarlierLine, ...] | None = None
    """None where the register was not asked."""
    puts: tuple[tuple[str, str], ...] = ()
    """Texts for elements elsewhere on the page: what each cost line comes to."""
    unasked: str = ""
    """Names of questions that do not bear on what has been answered."""
    awaiting: str = ""
    """Names of questions that may come to bear on it; a page that is told so as one writes shows them then."""

    @property
    def said(self) -> tuple[FindingLine, ...]:
        """What the rules say of what has been answered, the gravest first."""
        return (*self.stops, *self.warns, *self.notes)

    @property
    def blocking(self) -> tuple[dict[str, str], ...]:
        """All that stops it, for the top of a page; one that no letter speaks of is said with its question."""
        return tuple(
            {
                "message": line.message if line.source_text else _after(line.label, line.message),
                "href": line.href,
            }
            for line in (*self.stops, *self.missing)
        )


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
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
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
class AnswerRow:
    """One answer in words."""

    label: str
    value: str
    href: str = ""
    changed: bool = False
    lang: str = ""
    files: tuple[FileLine, ...] = ()
    """What is attached as the answer."""


@dataclass(frozen=True, slots=True)
class AnswerSection:
    """The answers of one part of the form."""

    title: str
    rows: tuple[AnswerRow, ...]


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
    rows: tuple[tuple[AnswerRow, AnswerRow], ...]
    """The answers that differ: as they are in this window, and as another one saved them."""
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
