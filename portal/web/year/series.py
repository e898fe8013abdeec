"""The drawings of the year's page with their words; where lines and bars stand is worked out in `plots`."""

from datetime import date

from portal.finance.overview import PeriodFigure, YearFigures
from portal.language import wording
from portal.web.language import _, count, day, language, money, number, words
from portal.web.pages.year import ColumnPlot, Fact, MonthLine, PeriodPlot
from portal.web.year import plots

_WEEKS_SHOWN = 26


def short(amount: int) -> str:
    """Minor units as a few characters for an axis: 1,5 mn."""
    return wording.short(amount, language())


def month_name(on: date, *, style: str = "LLLL") -> str:
    """A month by its name, in a table or (LLL) under a bar."""
    return wording.day(on, language(), style)


def period_name(found: PeriodFigure) -> str:
    """The half-year with its year; money that lasts until it is used up has none."""
    name = words(found.period.label)
    name = name[:1].upper() + name[1:]
    return f"{name} {found.period.starts_on.year}" if found.period.ends_on else name


def periods(found: YearFigures) -> tuple[PeriodPlot, ...]:
    """Each budget period against time."""
    return tuple(_period(each, found.scheme.currency, found.scheme.key) for each in found.periods)


def _period(found: PeriodFigure, currency: str, scheme: str) -> PeriodPlot:
    plot = plots.burn_up(
        first=found.first,
        last=found.last,
        today=found.today,
        opening=found.opening_amount,
        days=[(each.on, each.sum_amount) for each in found.days],
        allocated=found.allocated_amount,
        waiting=found.waiting_amount,
        projected=found.projected_amount,
    )
    return PeriodPlot(
        key=f"{scheme}-{found.period.key}",
        title=period_name(found),
        says=_says(found, currency),
        plot=plot,
        marks=tuple(short(tick.value) for tick in plot.ticks),
        months=tuple(month_name(month, style="LLL").rstrip(".")[:3] for _x, month in plot.months),
        facts=_facts(found, currency),
        lines=_lines(found, currency),
    )


def _says(found: PeriodFigure, currency: str) -> str:
    said = [
        _(
            "%(granted)s of %(allocated)s is granted, %(waiting)s waits for a decision.",
            granted=money(found.granted_amount, currency),
            allocated=money(found.allocated_amount, currency),
            waiting=money(found.waiting_amount, currency),
        )
    ]
    if found.projected_amount is not None:
        said.append(
            _(
                "If it goes on as it has, %(projected)s will be granted by %(day)s.",
                projected=money(found.projected_amount, currency),
                day=day(found.last),
            )
        )
    return " ".join(said)


def _facts(found: PeriodFigure, currency: str) -> tuple[Fact, ...]:
    facts = [
        Fact(_("Allocated"), money(found.allocated_amount, currency)),
        Fact(_("Granted"), money(found.granted_amount, currency)),
        Fact(_("Waiting"), money(found.waiting_amount, currency)),
        Fact(_("Left"), money(found.allocated_amount - found.granted_amount, currency)),
    ]
    if found.projected_amount is not None:
        facts.append(Fact(_("Projected by the end"), money(found.projected_amount, currency)))
    return tuple(facts)


def _lines(found: PeriodFigure, currency: str) -> tuple[MonthLine, ...]:
    """Month by month, as far as something can have happened; what came back later stands in the last."""
    lines, so_far = [], found.opening_amount
    months = sorted({date(each.year, each.month, 1) for each in _firsts(found)})
    for place, month in enumerate(months):
        following = months[place + 1] if place + 1 < len(months) else date.max
        mine = [each for each in found.days if month <= each.on < following]
        so_far = mine[-1].sum_amount if mine else so_far
        lines.append(
            MonthLine(
                month_name(month),
                money(sum(each.reserved_amount for each in mine), currency),
                money(sum(each.returned_amount for each in mine), currency),
                money(so_far, currency),
            )
        )
    return tuple(lines)


def _firsts(found: PeriodFigure) -> list[date]:
    until = min(found.last, max(found.today, found.first))
    return [
        date(found.first.year, month, 1)
        for month in range(found.first.month, until.month + 1 if until.year == found.first.year else 13)
    ]


def months(found: YearFigures) -> ColumnPlot:
    """What the decisions of each month have used."""
    firsts = [date(found.year, month, 1) for month, _used in found.months]
    plot = plots.columns(
        [
            (month_name(first, style="LLL").rstrip(".")[:3], used.used_amount)
            for first, (_month, used) in zip(firsts, found.months, strict=True)
        ]
    )
    most = max(found.months, key=lambda each: each[1].used_amount)
    return ColumnPlot(
        key=f"{found.scheme.key}-months",
        title=_("Used by month of decision"),
        says=_(
            "The most in %(month)s: %(amount)s.",
            month=month_name(date(found.year, most[0], 1)),
            amount=money(most[1].used_amount, found.scheme.currency),
        ),
        axis=_("Month of the decision"),
        plot=plot,
        marks=tuple(short(tick.value) for tick in plot.ticks),
    )


def weeks(found: YearFigures) -> ColumnPlot:
    """How many decisions took how many weeks."""
    shown = shown_weeks(found)
    plot = plots.columns([(label, decisions) for label, decisions in shown])
    median, most = found.median_days, found.most_days
    says = ""
    if median is not None and most is not None:
        says = _(
            "Half of the decisions came within %(median)s, nine in ten within %(most)s.",
            median=count("%(num)s day", "%(num)s days", median),
            most=count("%(num)s day", "%(num)s days", most),
        )
    return ColumnPlot(
        key=f"{found.scheme.key}-weeks",
        title=_("Decisions by whole weeks from received to decided"),
        says=says,
        axis=_("Whole weeks"),
        plot=plot,
        marks=tuple(number(tick.value) for tick in plot.ticks),
    )


def shown_weeks(found: YearFigures) -> list[tuple[str, int]]:
    """The weeks as they are shown: those above half a year together."""
    weeks = found.weeks_taken
    shown = [(str(week), decisions) for week, decisions in weeks[:_WEEKS_SHOWN]]
    if len(weeks) > _WEEKS_SHOWN:
        shown.append((f"{_WEEKS_SHOWN}+", sum(decisions for _week, decisions in weeks[_WEEKS_SHOWN:])))
    return shown
