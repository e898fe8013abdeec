"""Builds the finance page from what its address asks for; the downloads read the address in the same way.

Currencies are never added. What the filter means in the store is `store.reports.Filter`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from werkzeug.datastructures import MultiDict

from portal.domain.access import may
from portal.domain.application import Status
from portal.domain.periods import budget_period_on, local_day
from portal.domain.person import FINANCE, Person
from portal.domain.scheme import BudgetPeriod, Scheme
from portal.finance.downloads import budget_lines, read_day, zone_of
from portal.finance.profiles import EXCEL, PLAIN
from portal.finance.sheets import SHEETS, Sheet
from portal.forms.typed import whole
from portal.language.vocabularies import STATUSES
from portal.store import reports
from portal.store.reports import DECIDED, RECEIVED, Filter, Key, Total
from portal.store.session import Session
from portal.web import current
from portal.web.language import _, count, fund_name, money, word, words
from portal.web.pages.finance import (
    BudgetLine,
    BudgetTable,
    ColumnLine,
    Download,
    Filters,
    FinancePage,
    Line,
    PeriodLink,
    SheetTable,
    TotalLine,
)

PAGE = 25


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: texts as they came, and the filter they make, or why they make none."""

    first: str
    last: str
    by: str
    fund: str
    status: str
    words: str
    after: Key | None
    filter: Filter | None
    problems: Mapping[str, str]

    def address(self, endpoint: str = "finance.overview", **changes: Any) -> str:
        """An address with the same filter, from its start unless told otherwise."""
        kept: dict[str, Any] = {"from": self.first, "until": self.last, "by": self.by, "fund": self.fund}
        kept |= {"status": self.status, "q": self.words} | changes
        return url_for(endpoint, **{name: value for name, value in kept.items() if value})


def editions(reader: Person) -> tuple[Scheme, ...]:
    """The editions whose money the reader sees: all for finance, an approver's own funds otherwise."""
    schemes = current.schemes().values()
    return tuple(s for s in schemes if FINANCE in reader.roles or s.fund in reader.funds)


def asked(args: MultiDict[str, str], reader: Person) -> Asked:
    """Read an address; without days it asks for this calendar year."""
    seen = tuple(dict.fromkeys(scheme.fund for scheme in editions(reader)))
    fund = args.get("fund", "") if args.get("fund", "") in seen else ""
    zone = zone_of(editions(reader), fund, current.settings().zone)
    year = current.now().astimezone(zone).year
    first = args.get("from", "").strip()[:40] or f"{year}-01-01"
    last = args.get("until", "").strip()[:40] or f"{year}-12-31"
    status = args.get("status", "")
    wish = Asked(
        first=first,
        last=last,
        by=DECIDED if args.get("by") == DECIDED else RECEIVED,
        fund=fund,
        status=status if status in set(Status) else "",
        words=args.get("q", "").replace("\0", "").strip()[:200],
        after=_key(args.get("after", "")),
        filter=None,
        problems={},
    )
    begins, ends = read_day(first), read_day(last)
    if begins is None or ends is None:
        said = _("Write a date that exists, such as 2026-03-01.")
        unread = {name: said for name, day in (("from", begins), ("until", ends)) if day is None}
        return replace(wish, problems=unread)
    if ends < begins:
        return replace(wish, problems={"until": _("The last day is before the first.")})
    return replace(
        wish,
        filter=Filter(
            first=begins,
            last=ends,
            zone=zone,
            funds=(fund,) if fund else seen,
            by=wish.by,
            status=Status(wish.status) if wish.status else None,
            search=wish.words,
            but_aside=reader.id,
        ),
    )


def _key(text: str) -> Key | None:
    at, _dot, number = text.rpartition("_")
    last = whole(number)
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        return None
    return None if last is None or instant.tzinfo is None else Key(instant, last)


def build(session: Session, reader: Person, wish: Asked) -> FinancePage:
    """The page that the address asks for, for this reader."""
    rows: Sequence[Any] = ()
    sums: list[Total] = []
    wanted = wish.filter
    if wanted is not None:
        rows = reports.page(session, wanted, after=wish.after, limit=PAGE + 1)
        sums = reports.totals(session, wanted)
    shown, found = rows[:PAGE], sum(each.applications for each in sums)
    return FinancePage(
        filters=_filters(reader, wish),
        says=count("%(num)s application", "%(num)s applications", found) if found else _("No applications"),
        lines=tuple(_line(row, wish, wanted.zone) for row in shown) if wanted else (),
        totals=tuple(_total(each) for each in sums),
        downloads=_downloads(wish, "finance.applications") if wanted else (),
        first_href=wish.address() if wish.after else "",
        next_href=_next(wish, shown[-1]) if len(rows) > PAGE else "",
        budgets=_budgets(session, reader),
        budget_downloads=_downloads(
            wish, "finance.budget", **{"from": "", "until": "", "by": "", "status": "", "q": "", "fund": ""}
        ),
        sheets=sheet_tables(SHEETS.values()),
        registers=may(reader, "register-payment") is None,
    )


def sheet_tables(sheets: Iterable[Sheet]) -> tuple[SheetTable, ...]:
    """What stands in the columns of files."""
    return tuple(
        SheetTable(
            _(sheet.title),
            tuple(ColumnLine(_(c.header), c.key, _(c.meaning)) for c in sheet.columns),
        )
        for sheet in sheets
    )


def _filters(reader: Person, wish: Asked) -> Filters:
    funds = {each.fund: fund_name(each) for each in editions(reader)}
    return Filters(
        first=wish.first,
        last=wish.last,
        by=wish.by,
        fund=wish.fund,
        status=wish.status,
        words=wish.words,
        bys=((RECEIVED, _("Received on")), (DECIDED, _("Decided on"))),
        funds=(("", _("All funds")), *funds.items()) if len(funds) > 1 else (),
        statuses=(("", _("All")), *((key, _(said)) for key, said in STATUSES.items())),
        periods=_periods(reader, wish),
        problems={name: [said] for name, said in wish.problems.items()},
    )


def _periods(reader: Person, wish: Asked) -> tuple[PeriodLink, ...]:
    """The budget periods of last year and this one, by what was decided in them."""
    links = []
    for scheme in sorted(editions(reader), key=lambda each: (each.fund, each.starts_on)):
        today = local_day(current.now(), scheme)
        for period in scheme.budget:
            if period.ends_on is None or not today.year - 1 <= period.starts_on.year <= today.year:
                continue
            days = {"from": period.starts_on.isoformat(), "until": period.ends_on.isoformat()}
            chosen = wish.by == DECIDED and (wish.first, wish.last) == tuple(days.values())
            href = wish.address(by=DECIDED, **days)
            links.append(PeriodLink(_period_name(period), href, chosen))
    return tuple({link.href: link for link in links}.values())


def _period_name(period: BudgetPeriod) -> str:
    """The half-year with its year; money that lasts until it is used up has none."""
    name = words(period.label)
    name = name[:1].upper() + name[1:]
    return f"{name} {period.starts_on.year}" if period.ends_on else name


def _line(row: Any, wish: Asked, zone: ZoneInfo) -> Line:
    granted = row.outcome == "grant"
    return Line(
        number=row.number,
        href=url_for("applications.case", number=row.number),
        participant=row.participant,
        unit=row.unit,
        title=row.title,
        starts_on=row.starts_on,
        on=(row.decided_at if wish.by == DECIDED else row.received_at).astimezone(zone).date(),
        kind=row.status,
        status=word(STATUSES, row.status),
        assessed=money(row.assessed_amount, row.currency),
        granted=money(row.granted_amount, row.currency) if granted else "",
        note=_("cancelled, money free again") if row.cancelled_at is not None else "",
    )


def _total(total: Total) -> TotalLine:
    def said(amount: int) -> str:
        return money(amount, total.currency)

    return TotalLine(
        total.currency,
        total.applications,
        said(total.assessed_amount),
        said(total.granted_amount),
        said(total.standing_amount),
    )


def _next(wish: Asked, last: Any) -> str:
    at: datetime = last.decided_at if wish.by == DECIDED else last.received_at
    return wish.address(after=f"{at.isoformat(timespec='microseconds')}_{last.id}")


def _downloads(wish: Asked, endpoint: str, **changes: str) -> tuple[Download, ...]:
    return (
        Download(_("CSV for Excel"), wish.address(endpoint, profile=EXCEL.key, **changes)),
        Download(_("Plain CSV"), wish.address(endpoint, profile=PLAIN.key, **changes)),
    )


def _budgets(session: Session, reader: Person) -> tuple[BudgetTable, ...]:
    """One table a fund, so that each is in one currency."""
    at, tables = current.now(), []
    found = budget_lines(session, editions(reader), at)
    for fund in dict.fromkeys(line.scheme.fund for line in found):
        lines = [line for line in found if line.scheme.fund == fund]
        scheme = lines[0].scheme
        today = local_day(at, scheme)
        tables.append(
            BudgetTable(
                f"{fund_name(scheme)} ({scheme.currency})",
                tuple(
                    BudgetLine(
                        _period_name(line.period),
                        money(line.allocated_amount, scheme.currency),
                        money(line.granted_amount, scheme.currency),
                        money(line.waiting_amount, scheme.currency),
                        money(line.left_amount, scheme.currency),
                        current=budget_period_on(line.scheme, today) == line.period,
                    )
                    for line in lines
                ),
            )
        )
    return tuple(tables)
