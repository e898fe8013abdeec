"""What the page of actual costs is given: the lines as typed, and what is payable of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.web.answers import AnswerRow
from portal.web.panel import FindingLine, SumLine
from portal.web.questions import Options


@dataclass(frozen=True, slots=True)
class PayableLines:
    """What is payable, how it came about, and what goes back."""

    caption: str
    figure: str
    lines: tuple[SumLine, ...]
    unused: str
    """What goes back to the budget period; empty for nothing."""
    nothing: bool
    """Whether nothing would be payable."""
    problems: tuple[FindingLine, ...]
    announce: str
    puts: tuple[tuple[str, str], ...] = ()
    """Texts for elements elsewhere on the page: what each cost line comes to."""


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """The claim on a grant as its parties see it."""

    number: str
    title: str
    scheme_title: str
    kind: str
    """The tag it is shown with."""
    stage: str
    says: str
    """What is to be done next, in a sentence."""
    tone: str
    facts: tuple[AnswerRow, ...]
    invoiced: bool
    """Whether the fund is invoiced for actual costs, so that there are costs to state."""
    editable: bool
    revision: int
    currency: str
    label: str
    hint: str
    kinds: Any
    lines: tuple[Mapping[str, Any], ...]
    currencies: Options
    payable: PayableLines
    basis: tuple[AnswerRow, ...] = ()
    """What the invoice needs: for whom, which numbers, by when."""
    letter_href: str = ""
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    error: str = ""
    """Why what was sent was not kept."""
