"""The year of each edition that a reader sees: its figures, how the page divides them, and where lines and bars stand.

Currencies are never added: each edition stands by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from portal.domain.access import may
from portal.domain.claim import Stage
from portal.domain.person import Person
from portal.domain.scheme import Scheme, Words
from portal.finance.overview import NOTHING, DailyMovement, PeriodFigure, YearFigures, figures, years_of
from portal.forms.typed import whole
from portal.language.vocabularies import FOLLOWUPS, LATE, STAGES
from portal.schemes.vocabulary import vocabulary
from portal.store.overview import Used
from portal.store.session import Session
from portal.web import current
from portal.web.language import _, capitalized, count, day, fund_name, word, words
from portal.web.render import Door
from portal.web.year.plots import BurnUp, Columns, burn_up, columns

UNITS_SHOWN = 12
_WEEKS_SHOWN = 26
_WORTH_DRAWING = 20
"""A period is drawn from one part in so many of the field on."""
Rows = Sequence[tuple[str, Used]]


@dataclass(frozen=True, slots=True)
class YearQuery:
    """What an address asks for: a year, and the editions of it that the reader sees."""

    year: int
    fund: str
    years: tuple[int, ...]
    funds: Mapping[str, str]
    editions: tuple[Scheme, ...]

    def years_to_choose(self) -> list[Door]:
        return [self._choice(str(year), year == self.year, year=year) for year in self.years]

    def funds_to_choose(self) -> list[Door]:
        """Every fund and all together; nothing where there is only one."""
        funds = {"": _("All funds"), **self.funds} if len(self.funds) > 1 else {}
        return [self._choice(label, key == self.fund, fund=key) for key, label in funds.items()]

    def _choice(self, label: str, current: bool, **changes: Any) -> Door:
        kept: dict[str, Any] = {"fund": self.fund, "year": self.year} | changes
        kept = {name: value for name, value in kept.items() if value}
        return Door(label, url_for("year.year", **kept), current)


@dataclass(frozen=True, slots=True)
class Period:
    """A budget period against time, with the drawing of it and the sums of its months."""

    figure: PeriodFigure
    plot: BurnUp | None
    """None where so little is used that a drawing would show an empty field."""
    months: Sequence[DailyMovement]

    @property
    def available_amount(self) -> int:
        return self.figure.allocated_amount - self.figure.before_amount

    @property
    def left_amount(self) -> int:
        return self.available_amount - self.figure.granted_amount


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition's year, as its page divides and draws it."""

    found: YearFigures
    periods: Sequence[Period]
    months: Rows
    month_plot: Columns
    units: Rows
    """Those with most used, then the others together."""
    other_units: int
    zones: Rows
    kinds: Rows
    weeks: Sequence[tuple[str, int, int]]
    """Whole weeks from received to decided, how many decisions, and how many in a hundred had come by then."""
    week_plot: Columns
    stages: Sequence[tuple[str, int, int]]
    """How far invoices have come: how many grants in force, and what they use."""
    followups: Sequence[tuple[str, int]]


def seen(reader: Person) -> list[Scheme]:
    """The editions whose money the reader looks at: of their own funds, all for administrators and auditors."""
    found = [each for each in current.schemes().values() if may(reader, "see-year", fund=each.fund) is None]
    return sorted(found, key=lambda each: (each.language != reader.language, each.fund, each.starts_on))


def asked(args: MultiDict[str, str], reader: Person) -> YearQuery:
    """Read an address; without a year it asks for this one, and what cannot be read is as if it were not there."""
    today, editions = current.today(), seen(reader)
    spans = {each.key: years_of(each, today) for each in editions}
    years = sorted({year for span in spans.values() for year in span}, reverse=True)
    wish = whole(args.get("year", "")) or today.year
    year = wish if wish in years else min(years, key=lambda each: abs(each - today.year), default=today.year)
    funds = {each.fund: fund_name(each) for each in editions}
    fund = args.get("fund", "") if args.get("fund", "") in funds else ""
    return YearQuery(
        year=year,
        fund=fund,
        years=tuple(years),
        funds=funds,
        editions=tuple(each for each in editions if fund in ("", each.fund) and year in spans[each.key]),
    )


def editions(session: Session, wish: YearQuery, at: datetime) -> list[Edition]:
    """The editions that an address asks for."""
    return [_edition(each) for each in figures(session, wish.editions, wish.year, at)]


def _edition(found: YearFigures) -> Edition:
    months = [(date(found.year, month, 1), used) for month, used in found.months]
    weeks = _weeks(found)
    return Edition(
        found=found,
        periods=[_period(each, max(map(_highest, found.periods))) for each in found.periods],
        months=[(day(first, "LLLL"), used) for first, used in months],
        month_plot=columns([(day(first, "LLL")[:3], used.used_amount) for first, used in months]),
        units=_units(found),
        other_units=len(found.units[UNITS_SHOWN:]),
        zones=_named(found.zones, vocabulary("zones"), _("Without a zone")),
        kinds=_named(found.kinds, {key: kind.title for key, kind in found.scheme.kinds.items()}),
        weeks=weeks,
        week_plot=columns([(label, decisions) for label, decisions, _reached in weeks]),
        stages=_stages(found),
        followups=_followups(found),
    )


def _period(found: PeriodFigure, most: int) -> Period:
    """With its drawing, as high as the highest of those beside it."""
    plot = burn_up(
        first=found.first,
        last=found.last,
        today=found.today,
        opening=found.opening_amount,
        days=[(each.on, each.sum_amount) for each in found.days],
        allocated=found.allocated_amount - found.before_amount,
        waiting=found.waiting_amount,
        projected=found.projected_amount,
        most=most,
    )
    return Period(found, plot if _used_at_most(found) * _WORTH_DRAWING >= most else None, _by_month(found))


def _used_at_most(found: PeriodFigure) -> int:
    """What is in force, waits or is projected, at its most."""
    sums = (each.sum_amount for each in found.days)
    return max(found.granted_amount + found.waiting_amount, found.projected_amount or 0, *sums, 0)


def _highest(found: PeriodFigure) -> int:
    return max(found.allocated_amount - found.before_amount, _used_at_most(found))


def _by_month(found: PeriodFigure) -> list[DailyMovement]:
    """Month by month, as far as something can have happened; what came back later stands in the last."""
    until, so_far = min(found.last, max(found.today, found.first)), found.opening_amount
    last = until.month if until.year == found.first.year else 12
    firsts = [date(found.first.year, month, 1) for month in range(found.first.month, last + 1)]
    months = []
    for first, following in zip(firsts, [*firsts[1:], date.max], strict=True):
        mine = [each for each in found.days if first <= each.on < following]
        so_far = mine[-1].sum_amount if mine else so_far
        reserved, returned = sum(d.reserved_amount for d in mine), sum(d.returned_amount for d in mine)
        months.append(DailyMovement(first, reserved, returned, so_far))
    return months


def _units(found: YearFigures) -> Rows:
    shown, rest = found.units[:UNITS_SHOWN], found.units[UNITS_SHOWN:]
    units = [(unit or _("Without a unit"), used) for unit, used in shown]
    if rest:
        others = count("%(num)s other unit", "%(num)s other units", len(rest))
        units.append((others, sum((used for _unit, used in rest), NOTHING)))
    return units


def _named(rows: Iterable[tuple[str | None, Used]], vocabulary: Mapping[str, Words], none: str = "") -> Rows:
    """The same by the words of a vocabulary."""
    known = {key: capitalized(words(said)) for key, said in vocabulary.items()}
    return [(known.get(key or "", key or none), used) for key, used in rows]


def _weeks(found: YearFigures) -> list[tuple[str, int, int]]:
    """The weeks as they are shown: those above half a year together."""
    weeks, all_of_them = found.weeks_taken, sum(found.days_taken.values())
    shown = [(str(week), decisions) for week, decisions in weeks[:_WEEKS_SHOWN]]
    if len(weeks) > _WEEKS_SHOWN:
        shown.append((f"{_WEEKS_SHOWN}+", sum(decisions for _week, decisions in weeks[_WEEKS_SHOWN:])))
    so_far, lines = 0, []
    for label, decisions in shown:
        so_far += decisions
        lines.append((label, decisions, 100 * so_far // all_of_them))
    return lines


def _stages(found: YearFigures) -> list[tuple[str, int, int]]:
    """How far the invoices of grants in force have come; those that are late stand after the others of their stage."""
    lines = []
    for stage in Stage:
        for late in (False, True):
            mine = [each for each in found.followed if (each.stage, each.late) == (stage, late)]
            label = word(STAGES, stage) + (f" ({word(LATE, 'late').lower()})" if late else "")
            amount = sum(each.granted_amount - each.released_amount for each in mine)
            lines.append((label, sum(each.grants for each in mine), amount))
    return [line for line in lines if line[1]]


def _followups(found: YearFigures) -> list[tuple[str, int]]:
    lines = [
        (_(said), sum(each.grants for each in found.followed if each.followup == key))
        for key, said in FOLLOWUPS.items()
    ]
    return [line for line in lines if line[1]]
