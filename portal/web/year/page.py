"""Builds the page of the year from its figures: which editions the reader sees, and every number as written.

Currencies are never added: each edition stands by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from portal.domain.person import ADMINISTRATOR, FINANCE, Person
from portal.domain.scheme import Scheme
from portal.finance.overview import YearFigures, figures, years_of
from portal.finance.profiles import EXCEL, PLAIN
from portal.finance.sheets import YEAR
from portal.forms.typed import whole
from portal.store.session import Session
from portal.web import current
from portal.web.finance.page import sheet_tables
from portal.web.language import _, count, instant, money, number
from portal.web.pages.year import Choice, Download, EditionYear, Fact, YearPage
from portal.web.signoff.queue_page import fund_name
from portal.web.year import series
from portal.web.year.tables import after, parts, waits


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: a year, and the editions of it that the reader sees."""

    year: int
    fund: str
    years: tuple[int, ...]
    funds: tuple[tuple[str, str], ...]
    editions: tuple[Scheme, ...]


def seen(reader: Person) -> list[Scheme]:
    """The editions whose money the reader looks at: an approver's own funds, all for finance and administrators."""
    everything = FINANCE in reader.roles or ADMINISTRATOR in reader.roles
    found = [each for each in current.schemes().values() if everything or each.fund in reader.funds]
    return sorted(found, key=lambda each: (each.language != reader.language, each.fund, each.starts_on))


def asked(args: MultiDict[str, str], reader: Person) -> Asked:
    """Read an address; without a year it asks for this one, and what cannot be read is as if it were not there."""
    today, editions = current.today(), seen(reader)
    spans = {each.key: years_of(each, today) for each in editions}
    years = sorted({year for span in spans.values() for year in span}, reverse=True)
    wish = whole(args.get("year", "")) or today.year
    year = wish if wish in years else min(years, key=lambda each: abs(each - today.year), default=today.year)
    funds = {each.fund: fund_name(each) for each in editions}
    fund = args.get("fund", "") if args.get("fund", "") in funds else ""
    return Asked(
        year=year,
        fund=fund,
        years=tuple(years),
        funds=tuple(funds.items()),
        editions=tuple(each for each in editions if fund in ("", each.fund) and year in spans[each.key]),
    )


def build(session: Session, wish: Asked, at: datetime) -> YearPage:
    """The page that an address asks for."""

    def address(**changes: Any) -> str:
        kept: dict[str, Any] = {"fund": wish.fund, "year": wish.year} | changes
        return url_for("year.year", **{name: value for name, value in kept.items() if value})

    funds = (("", _("All funds")), *wish.funds) if len(wish.funds) > 1 else ()
    return YearPage(
        year=wish.year,
        as_of=instant(at),
        years=tuple(Choice(str(year), address(year=year), year == wish.year) for year in wish.years),
        funds=tuple(Choice(label, address(fund=key), key == wish.fund) for key, label in funds),
        editions=tuple(_edition(each) for each in figures(session, wish.editions, wish.year, at)),
        sheets=sheet_tables(YEAR.values()),
    )


def _edition(found: YearFigures) -> EditionYear:
    scheme = found.scheme
    stages, followups = after(found)
    return EditionYear(
        key=scheme.key,
        title=f"{fund_name(scheme)} {found.year} ({scheme.currency})",
        facts=_facts(found),
        periods=series.periods(found),
        month_plot=series.months(found),
        parts=parts(found, lambda key, of: downloads(found, key, of)),
        week_plot=series.weeks(found),
        weeks=waits(found),
        stages=stages,
        followups=followups,
        budget_downloads=(
            *downloads(found, "budget", _("Budget periods")),
            *(
                replace(each, label=f"{each.of}, {each.label}")
                for each in downloads(found, "days", _("Budget day by day"))
            ),
        ),
        time_downloads=downloads(found, "times", _("Time to decision")),
        after_downloads=downloads(found, "after", _("After the decision")),
        decided=found.total.decisions > 0,
    )


def _facts(found: YearFigures) -> tuple[Fact, ...]:
    """The year in half a dozen numbers."""
    total, currency = found.total, found.scheme.currency
    share = f"{number(round(100 * _grants(found) / total.decisions))} %" if total.decisions else "–"
    median, most = found.median_days, found.most_days
    late = sum(each.grants for each in found.followed if each.late)
    owed = sum(each.grants for each in found.followed if each.followup)
    done = sum(each.grants for each in found.followed if each.followup in ("recorded", "confirmed"))
    behind = sum(each.grants for each in found.followed if each.followup == "late")
    facts = [
        Fact(
            _("Used"),
            money(total.used_amount, currency),
            _("%(granted)s granted, %(released)s given back", granted=money(total.granted_amount, currency),
              released=money(total.released_amount, currency)),
        ),
        Fact(
            _("Share granted"),
            share,
            count("of %(num)s decision", "of %(num)s decisions", total.decisions),
        ),
        Fact(
            _("Time to decision, median"),
            "–" if median is None else count("%(num)s day", "%(num)s days", median),
            "" if most is None else _("nine in ten within %(days)s", days=count("%(num)s day", "%(num)s days", most)),
        ),
        Fact(_("Invoices late"), number(late)),
    ]  # fmt: skip
    if owed:
        facts.append(
            Fact(
                _("Follow-ups done"),
                _("%(done)s of %(owed)s", done=number(done), owed=number(owed)),
                count("%(num)s late", "%(num)s late", behind),
            )
        )
    return tuple(facts)


def _grants(found: YearFigures) -> int:
    """Grants as they were decided, with those cancelled since."""
    return found.total.grants + found.total.cancelled


def downloads(found: YearFigures, key: str, of: str) -> tuple[Download, ...]:
    """A figure for Excel and for other programs."""
    files: Sequence[tuple[str, str]] = ((_("CSV for Excel"), EXCEL.key), (_("Plain CSV"), PLAIN.key))
    return tuple(
        Download(
            label,
            url_for("year.figure", figure=key, scheme=found.scheme.key, year=found.year, profile=profile),
            of,
        )
        for label, profile in files
    )
