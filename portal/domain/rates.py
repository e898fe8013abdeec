"""Rates of exchange that people state, held against dated reference rates: inverted, per 100, or of a day to come."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any

from portal.domain.days import read_date, read_day
from portal.domain.delimited import NotText, heading_of, rows
from portal.domain.fields import CostLine
from portal.domain.money import CURRENCIES, Unreadable, read_rate


@dataclass(frozen=True, slots=True)
class ReferenceRates:
    """What currencies were worth on a day: how many of each one unit of the same base was."""

    on: date
    source: str
    times: int
    """A rate more than so many times above or below is odd."""
    units: Mapping[str, Decimal]
    assumed: bool = False
    """Whether it ships with the portal, for rates to be held against, and nobody has loaded it."""

    def is_odd(self, rate: Decimal, currency: str, fund: str) -> bool:
        """Whether a rate (fund currency for one unit) cannot well be right; one that is not known here can."""
        if currency not in self.units or fund not in self.units:
            return False
        stated, fair = rate * self.units[currency], self.units[fund]
        return stated > fair * self.times or stated * self.times < fair

    def of(self, currency: str, fund: str, digits: int = 4) -> Decimal:
        """The rate to so many significant digits."""
        rate = self.units[fund] / self.units[currency]
        return rate.quantize(Decimal(1).scaleb(max(rate.adjusted() + 1 - digits, -6)))


def rated_on(line: Mapping[str, Any], today: date) -> date:
    """The day whose rate a cost line wants: the one typed, else today's."""
    try:
        return min(read_date(line.get("rate_on")), today)
    except Unreadable:
        return today


def suggested(
    references: Iterable[ReferenceRates], currency: str, fund: str, day: date
) -> tuple[Decimal, ReferenceRates] | None:
    """The rate of the nearest day not after that one, and whose it is; None where no table has both currencies."""
    known = [each for each in references if each.on <= day and {currency, fund} <= each.units.keys()]
    nearest = max(known, key=lambda each: each.on, default=None)
    return None if nearest is None else (nearest.of(currency, fund, 6), nearest)


KEPT = timedelta(days=500)
"""How far back a bank's file is read: an actual cost can be of last year."""

_HEADINGS = {
    "on": {"time_period", "datum", "dato", "date", "period"},
    "series": {"serie", "series"},
    "base": {"base_cur"},
    "quote": {"quote_cur"},
    "times": {"unit_mult"},
    "rate": {"obs_value", "värde", "verdi", "value"},
}
_SERIES = re.compile(r"([0-9]{1,4}) ([A-Z]{3})")
_PARTS = 12
"""Significant digits that are kept of a rate turned round."""


class NoRates(ValueError):
    """The file is no table of rates; `line` is where that shows, and None where every day of it is too old."""

    def __init__(self, line: int | None) -> None:
        super().__init__(f"no rates in line {line}")
        self.line = line


def read_tables(content: bytes, source: str, since: date) -> list[ReferenceRates]:
    """A central bank's CSV as a table for each day from `since` on. Raises NoRates.

    The ECB's (a column a currency, for one euro), Norges Bank's (BASE_CUR, QUOTE_CUR, UNIT_MULT, TIME_PERIOD,
    OBS_VALUE) or Sveriges Riksbank's (Datum, Serie "100 JPY", Värde, in SEK).
    """
    tables: dict[date, dict[str, Decimal]] = {}
    places: dict[str, int] = {}
    wide: dict[int, str] = {}
    line = 1
    try:
        for line, cells in rows(content):
            if not places:
                names = [heading_of(cell) for cell in cells]
                places = {
                    part: n
                    for part, known in _HEADINGS.items()
                    for n, each in enumerate(names)
                    if each in known
                }
                wide = {n: each.upper() for n, each in enumerate(names) if each.upper() in CURRENCIES}
                if "on" not in places or not (wide or {"rate"} < places.keys()):
                    raise NoRates(line)
                continue
            on = read_day(cells[places["on"]], since)
            if on < since:
                continue
            table = tables.setdefault(on, {})
            if wide:
                table["EUR"] = Decimal(1)
                table |= {
                    each: read_rate(cells[n])
                    for n, each in wide.items()
                    if cells[n].strip() not in ("", "N/A")
                }
                continue
            rate = read_rate(cells[places["rate"]])
            if "series" in places:
                found = _SERIES.fullmatch(cells[places["series"]].strip())
                if found is None:
                    continue
                base, quote, units = found[2], "SEK", Decimal(found[1])
            else:
                base, quote = (cells[places[part]].strip().upper() for part in ("base", "quote"))
                units = Decimal(10) ** int(cells[places["times"]] if "times" in places else 0)
            table[quote] = Decimal(1)
            table[base] = Context(prec=_PARTS).divide(units, rate)
    except (Unreadable, NotText, IndexError, KeyError, ValueError, ArithmeticError):
        raise NoRates(line) from None
    if not tables:
        raise NoRates(None if places else line)
    return [ReferenceRates(on, source, 3, units) for on, units in sorted(tables.items())]


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
