"""Rates of exchange that people state, held against dated reference rates: inverted, per 100, or of a day to come."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain.fields import CostLine


@dataclass(frozen=True, slots=True)
class ReferenceRates:
    """What currencies were worth on a day: how many of each one unit of the same base was."""

    on: date
    source: str
    times: int
    """A rate more than so many times above or below is odd."""
    units: Mapping[str, Decimal]

    def is_odd(self, rate: Decimal, currency: str, fund: str) -> bool:
        """Whether a rate (fund currency for one unit) cannot well be right; one that is not known here can."""
        if currency not in self.units or fund not in self.units:
            return False
        stated, fair = rate * self.units[currency], self.units[fund]
        return stated > fair * self.times or stated * self.times < fair

    def of(self, currency: str, fund: str) -> Decimal:
        """The rate to four significant digits."""
        rate = self.units[fund] / self.units[currency]
        return rate.quantize(Decimal(1).scaleb(rate.adjusted() - 3))


def wrong_rates(
    costs: Iterable[CostLine], references: Sequence[ReferenceRates], fund: str, today: date
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """What is to be said of the rates of cost lines: code, input, and the values of its message."""
    for line in costs:
        if line.rate_on is not None and line.rate_on > today:
            yield "form.rate-future", f"costs-{line.position}-rate_on", {"day": line.rate_on}
        known = [each for each in references if line.rate_on is not None and each.on <= line.rate_on]
        nearest = max(known, key=lambda each: each.on, default=references[0] if references else None)
        if line.rate is not None and nearest is not None and nearest.is_odd(line.rate, line.currency, fund):
            values = {
                "rate": line.rate, "currency": line.currency, "fund": fund,
                "reference": nearest.of(line.currency, fund), "on": nearest.on, "source": nearest.source,
            }  # fmt: skip
            yield "form.rate-odd", f"costs-{line.position}-rate", values
