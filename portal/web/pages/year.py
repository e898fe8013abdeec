"""What the page of the year is given: numbers for the drawings, and everything they say as written too."""

from dataclasses import dataclass

from portal.web.pages.finance import SheetTable
from portal.web.year.plots import BurnUp, Columns


@dataclass(frozen=True, slots=True)
class Choice:
    """A fund or year to look at, and whether it is the one shown."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Download:
    """One figure as a file."""

    label: str
    href: str
    of: str
    """What is in it, for whoever hears the link only."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to know at a glance."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month of a budget period, as written."""

    month: str
    granted: str
    returned: str
    so_far: str


@dataclass(frozen=True, slots=True)
class PeriodPlot:
    """A budget period against time, drawn and as a table."""

    key: str
    title: str
    says: str
    """The whole plot in sentences."""
    plot: BurnUp
    marks: tuple[str, ...]
    """What stands at the ticks of the amounts."""
    months: tuple[str, ...]
    """What stands at each month."""
    facts: tuple[Fact, ...]
    lines: tuple[MonthLine, ...]


@dataclass(frozen=True, slots=True)
class PartLine:
    """What decisions of one part came to, as written; `share` of a hundred is how long its bar is."""

    label: str
    share: float
    decisions: str
    grants: str
    granted: str
    released: str
    used: str


@dataclass(frozen=True, slots=True)
class PartTable:
    """What was used, by one way of dividing it; the lines add up to `total`."""

    key: str
    title: str
    column: str
    lines: tuple[PartLine, ...]
    total: PartLine
    note: str
    downloads: tuple[Download, ...]


@dataclass(frozen=True, slots=True)
class CountLine:
    """One line of a small table of numbers; `share` of a hundred is how long its bar is."""

    label: str
    share: float
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnPlot:
    """Bars side by side."""

    key: str
    title: str
    says: str
    axis: str
    """What the bars stand along."""
    plot: Columns
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditionYear:
    """One edition's year, in its own currency."""

    key: str
    title: str
    facts: tuple[Fact, ...]
    periods: tuple[PeriodPlot, ...]
    month_plot: ColumnPlot
    parts: tuple[PartTable, ...]
    """By month first."""
    week_plot: ColumnPlot
    weeks: tuple[CountLine, ...]
    stages: tuple[CountLine, ...]
    followups: tuple[CountLine, ...]
    budget_downloads: tuple[Download, ...]
    time_downloads: tuple[Download, ...]
    after_downloads: tuple[Download, ...]
    decided: bool
    """Whether anything has been decided in the year."""


@dataclass(frozen=True, slots=True)
class YearPage:
    """The year at a glance."""

    year: int
    as_of: str
    years: tuple[Choice, ...]
    funds: tuple[Choice, ...]
    """Empty where there is only one."""
    editions: tuple[EditionYear, ...]
    sheets: tuple[SheetTable, ...]
    """What stands in the files."""
