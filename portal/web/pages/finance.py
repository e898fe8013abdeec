"""What the finance page is given."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Filters:
    """The filter form as it was sent, and what may be chosen in it."""

    first: str
    last: str
    by: str
    fund: str
    status: str
    words: str
    bys: tuple[tuple[str, str], ...]
    funds: tuple[tuple[str, str], ...]
    """Empty where there is only one."""
    statuses: tuple[tuple[str, str], ...]
    periods: tuple["PeriodLink", ...]
    problems: dict[str, list[str]]
    """By the name of the field that cannot be read, why."""


@dataclass(frozen=True, slots=True)
class PeriodLink:
    """A budget period to look at with one click."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One application with what was decided on it; amounts as written."""

    number: str
    href: str
    participant: str
    unit: str
    title: str
    starts_on: date
    on: date
    """The day it was received or decided, as the filter asks, where the fund is."""
    kind: str
    status: str
    assessed: str
    granted: str
    """Empty before the decision."""
    note: str
    """What a granted amount that no longer stands is about."""


@dataclass(frozen=True, slots=True)
class TotalLine:
    """What the filter adds up to in one currency, as written."""

    currency: str
    applications: int
    assessed: str
    granted: str
    standing: str


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One budget period, as written."""

    period: str
    allocated: str
    granted: str
    waiting: str
    left: str
    current: bool
    """Whether a decision of today draws from it."""


@dataclass(frozen=True, slots=True)
class BudgetTable:
    """The budget periods of one fund, in its own currency."""

    title: str
    lines: tuple[BudgetLine, ...]


@dataclass(frozen=True, slots=True)
class Download:
    """One file to download."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column of a file."""

    header: str
    key: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SheetTable:
    """The columns of one file."""

    title: str
    columns: tuple[ColumnLine, ...]


@dataclass(frozen=True, slots=True)
class FinancePage:
    """Applications and decisions of a period, what they add up to, the budgets, and the files of both."""

    filters: Filters
    says: str
    """How many there are, for the heading of the list and for screen readers."""
    lines: tuple[Line, ...]
    totals: tuple[TotalLine, ...]
    downloads: tuple[Download, ...]
    first_href: str
    next_href: str
    budgets: tuple[BudgetTable, ...]
    budget_downloads: tuple[Download, ...]
    sheets: tuple[SheetTable, ...]
    registers: bool = False
    """Whether the reader registers invoices and payments."""
