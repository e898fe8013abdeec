"""What the pages about the funds are given: an edition's terms in the reader's language, each with its sentence."""

from dataclasses import dataclass
from datetime import date

from portal.domain.money import Money
from portal.domain.periods import Days
from portal.domain.scheme import Scheme, Source


@dataclass(frozen=True, slots=True)
class FundCard:
    """One fund in the list: its edition of today, and whether it takes applications."""

    key: str
    title: str
    summary: str
    open: bool
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class FundsPage:
    """The funds."""

    cards: tuple[FundCard, ...]


@dataclass(frozen=True, slots=True)
class TermLine:
    """One term, with the sentence of the letter it stands on."""

    says: str
    source: Source
    assumed: bool


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One value of a limit from a day on."""

    name: str
    zone: str
    starts_on: date
    value: Money | Days
    confirmed: bool
    source: str


@dataclass(frozen=True, slots=True)
class PauseLine:
    """A decision pause."""

    label: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A budget period and what the letter gives it."""

    label: str
    starts_on: date
    ends_on: date | None
    amount: int


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat: whom the letter names, and who holds it today."""

    title: str
    named: str
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of the fund, as a finding would say it."""

    code: str
    severity: str
    says: str
    source: Source | None
    assumed: bool


@dataclass(frozen=True, slots=True)
class EditionLink:
    """Another edition of the same fund."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class FundPage:
    """One edition of a fund: everything its file says that an employee may want to know."""

    scheme: Scheme
    title: str
    summary: str
    open: bool
    editions: tuple[EditionLink, ...]
    carried_over_from: str
    terms: tuple[TermLine, ...]
    limits: tuple[LimitLine, ...]
    pauses: tuple[PauseLine, ...]
    budget: tuple[BudgetLine, ...]
    seats: tuple[SeatLine, ...]
    rules: tuple[RuleLine, ...]
