"""What each budget period has, has granted and is waited for; which period what waits belongs to is worked out here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain.periods import budget_period_on, first_decision_day, local_day
from portal.domain.scheme import BudgetPeriod, Scheme
from portal.finance.sheets import BUDGET
from portal.store import budgets
from portal.store.session import Session


@dataclass(frozen=True, slots=True)
class Line:
    """One budget period, in minor units of its currency."""

    scheme: Scheme
    period: BudgetPeriod
    allocated_amount: int
    granted_amount: int
    waiting_amount: int

    @property
    def left_amount(self) -> int:
        return self.allocated_amount - self.granted_amount

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


def budget_lines(session: Session, editions: Sequence[Scheme], at: datetime) -> list[Line]:
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
                Line(
                    scheme=scheme,
                    period=period,
                    allocated_amount=standing.allocated_amount + standing.carried_amount,
                    granted_amount=standing.granted_amount,
                    waiting_amount=waiting if period == current else 0,
                )
            )
    return lines
