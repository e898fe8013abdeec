"""The files that finance downloads, from the store's rows to bytes: one way, for the pages and for the command line.

Who may have which funds, and where the bytes go, the doors know.
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.domain.periods import budget_period_on, first_decision_day, local_day
from portal.domain.scheme import BudgetPeriod, Scheme
from portal.finance.batches import workbook
from portal.finance.profiles import XLSX, Profile, Row, lines
from portal.finance.sheets import APPLICATIONS, BUDGET, CLAIMS, CsvSheet
from portal.language.vocabularies import vocabularies
from portal.schemes.loader import Schemes
from portal.store import budgets, claim_reports, reports
from portal.store.session import Database, Session

Pieces = Generator[bytes, None, None]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is written for whoever asked for it."""

    profile: Profile
    language: str
    schemes: Schemes
    at: datetime
    """When, which a workbook holds."""


def written(rows: Iterable[Row], sheet: CsvSheet, manner: Manner, zone: ZoneInfo) -> Pieces:
    """Rows as the file of a sheet, piece by piece; instants in the zone."""
    words = vocabularies(manner.schemes)
    if manner.profile is XLSX:
        return _whole(workbook(rows, sheet, language=manner.language, words=words, at=manner.at, zone=zone))
    return lines(rows, sheet.columns, manner.profile, language=manner.language, zone=zone, words=words)


def _whole(content: bytes) -> Pieces:
    yield content


def applications(database: Database, wanted: reports.ApplicationFilter, manner: Manner) -> Pieces:
    """The applications and decisions of a filter, read while they are written, in a transaction of the file's own."""
    with database.reading() as session, reports.stream(session, wanted, APPLICATIONS.keys) as rows:
        yield from written(rows, APPLICATIONS, manner, wanted.zone)


def claims(database: Database, wanted: claim_reports.ClaimFilter, manner: Manner, zone: ZoneInfo) -> Pieces:
    """The claims of a filter, in the same way."""
    with database.reading() as session, claim_reports.stream(session, wanted, CLAIMS.keys) as rows:
        yield from written(rows, CLAIMS, manner, zone)


def budget(
    session: Session, editions: Sequence[Scheme], manner: Manner, *, zone: ZoneInfo, at: datetime
) -> Pieces:
    """The budget periods of those editions as they stand."""
    return written((line.cells for line in budget_lines(session, editions, at)), BUDGET, manner, zone)


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One budget period, in minor units of its currency."""

    scheme: Scheme
    period: BudgetPeriod
    allocated_amount: int
    before_amount: int
    """What was used before the portal, until `before_on` and by `before_source`."""
    before_on: date | None
    before_source: str
    granted_amount: int
    waiting_amount: int

    @property
    def left_amount(self) -> int:
        return self.allocated_amount - self.before_amount - self.granted_amount

    def is_current(self, at: datetime) -> bool:
        """Whether a decision at that instant draws from it."""
        return budget_period_on(self.scheme, local_day(at, self.scheme)) == self.period

    @property
    def cells(self) -> tuple[Any, ...]:
        return BUDGET.row(
            self,
            fund=self.scheme.fund,
            scheme=self.scheme.key,
            period=f"{self.scheme.key}/{self.period.key}",
            starts_on=self.period.starts_on.isoformat(),
            ends_on=self.period.ends_on and self.period.ends_on.isoformat(),
            currency=self.scheme.currency,
        )


def budget_lines(session: Session, editions: Sequence[Scheme], at: datetime) -> list[BudgetLine]:
    """The budget periods of those editions at an instant, the newest edition first, its periods in order.

    What waits counts in the period in which it can first be decided from then on.
    """
    lines = []
    for scheme in sorted(editions, key=lambda each: (each.fund, -each.year)):
        waiting = budgets.waiting_amount(session, scheme)
        day = first_decision_day(scheme, local_day(at, scheme))
        current = None if day is None else budget_period_on(scheme, day)
        for period, standing in zip(scheme.budget, budgets.standings(session, scheme), strict=True):
            lines.append(
                BudgetLine(
                    scheme=scheme,
                    period=period,
                    allocated_amount=(
                        standing.allocated_amount + standing.carried_amount + standing.opening_amount
                    ),
                    before_amount=standing.opening_amount,
                    before_on=standing.opening_on,
                    before_source=standing.opening_source,
                    granted_amount=standing.granted_amount,
                    waiting_amount=waiting if period == current else 0,
                )
            )
    return lines


def zone_of(editions: Iterable[Scheme], fund: str, otherwise: ZoneInfo) -> ZoneInfo:
    """Where days begin: in the fund's zone, or in the portal's when no fund is chosen."""
    return next((each.zone for each in editions if each.fund == fund), otherwise)


def read_day(typed: str) -> date | None:
    """A day from 1900 to 2199; others are slips, and the end of time has no day after it."""
    try:
        day = date.fromisoformat(typed) if len(typed) == len("2026-01-01") else None
    except ValueError:
        return None
    return day if day is not None and 1900 <= day.year < 2200 else None
