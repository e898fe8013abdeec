"""Finance: the budgets; applications and decisions of a period; and both as files. List and file share one filter.

Currencies are never added. What the filter means in the store is `store.reports.ApplicationFilter`'s.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.domain.access import may
from portal.domain.application import Status
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.scheme import BudgetPeriod, Scheme
from portal.finance import downloads
from portal.finance.downloads import Pieces, budget_lines, read_day, zone_of
from portal.finance.profiles import PROFILES, XLSX, Profile
from portal.finance.sheets import APPLICATIONS, BUDGET, SHEETS, CsvSheet
from portal.forms.typed import iso, whole
from portal.language.vocabularies import STATUSES
from portal.store import reports
from portal.store.claim_reports import ClaimTotal
from portal.store.reports import ApplicationCursor, ApplicationFilter, ApplicationTotal
from portal.store.totals import DECIDED, RECEIVED
from portal.web import current, limits, render
from portal.web.guard import guard
from portal.web.language import _, fund_name, language

blueprint = Blueprint("finance", __name__, url_prefix="/finance")
EachTotal = TypeVar("EachTotal", ApplicationTotal, ClaimTotal)

PAGE = 25


@dataclass(frozen=True, slots=True)
class FinanceQuery:
    """What an address asks for: texts as they came, and the filter they make, or why they make none."""

    first: str
    last: str
    by: str
    fund: str
    status: str
    words: str
    after: ApplicationCursor | None
    filter: ApplicationFilter | None
    problems: Mapping[str, list[str]]
    """By the name of the field that cannot be read, why."""

    def address(self, endpoint: str = "finance.listed", **changes: Any) -> str:
        """An address with the same filter, from its start unless told otherwise."""
        kept: dict[str, Any] = {"from": self.first, "until": self.last, "by": self.by, "fund": self.fund}
        kept |= {"status": self.status, "q": self.words} | changes
        return url_for(endpoint, **{name: value for name, value in kept.items() if value})


@dataclass(frozen=True, slots=True)
class PeriodLink:
    """A budget period of which the decisions are looked at with one click."""

    period: BudgetPeriod
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class BudgetPage:
    """The budgets, and the file of them."""

    budgets: Sequence[tuple[Sequence[downloads.BudgetLine], Sequence[downloads.BudgetLine]]]
    """By fund, the one in the reader's language first: the periods that decisions draw from now, and the others."""
    sheets: Sequence[CsvSheet]
    registers: frozenset[str]
    """The funds whose invoices and payments the reader sees."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """Applications and decisions of a period, what they add up to, and the file of them."""

    query: FinanceQuery
    funds: Mapping[str, str]
    """The names of the funds that the reader sees."""
    statuses: Mapping[str, str]
    """The words of the statuses."""
    rows: Sequence[Any]
    """With the values of `store.reports`."""
    totals: Sequence[ApplicationTotal]
    next_href: str
    periods: Sequence[PeriodLink]
    sheets: Sequence[CsvSheet]
    registers: frozenset[str]


@blueprint.get("")
@guard("see-finance")
def overview() -> ResponseReturnValue:
    """What is left of the budgets."""
    reader, now = current.person(), current.now()
    lines = budget_lines(current.reading(), editions(reader), now)
    page = BudgetPage(_budgets(lines, reader, now), (SHEETS["budget"],), paying_funds(reader))
    return render.page("finance/budget.html", page)


@blueprint.get("/applications")
@guard("see-finance")
def listed() -> ResponseReturnValue:
    """The page, or the list in it."""
    return render.fragment("finance/_found.html", _page(current.person()), of="finance/applications.html")


@blueprint.get("/applications.csv")
@guard("see-finance")
@limits.exports
def applications() -> ResponseReturnValue:
    """The applications and decisions that the page with this address shows, all of them."""
    profile, query = asked_profile(), _query(request.args, current.person())
    wanted = query.filter
    if wanted is None:
        abort(400)
    pieces = downloads.applications(current.database(), wanted, manner(profile))
    return sent_file(pieces, APPLICATIONS, query.fund, wanted.first, wanted.last)


@blueprint.get("/budget.csv")
@guard("see-finance")
@limits.exports
def budget() -> ResponseReturnValue:
    """The budget periods that the page shows."""
    profile, seen = asked_profile(), editions(current.person())
    zone, at = current.settings().zone, current.now()
    pieces = downloads.budget(current.reading(), seen, manner(profile), zone=zone, at=at)
    return sent_file(pieces, BUDGET, "", at.astimezone(zone).date())


def editions(reader: Person) -> tuple[Scheme, ...]:
    """The editions whose money the reader sees: those of the funds in which they are finance or hold a seat."""
    return tuple(s for s in current.schemes().values() if may(reader, "see-finance", fund=s.fund) is None)


def own_first(totals: Sequence[EachTotal], reader: Person) -> list[EachTotal]:
    """Sums by currency, that of the funds in the reader's language first."""
    own = {each.currency for each in editions(reader) if each.language == reader.language}
    return sorted(totals, key=lambda each: each.currency not in own)


def paying_funds(reader: Person) -> frozenset[str]:
    """The funds whose invoices and payments the reader sees."""
    return frozenset(
        fund for fund in current.schemes().funds() if may(reader, "see-payments", fund=fund) is None
    )


def _query(args: MultiDict[str, str], reader: Person) -> FinanceQuery:
    """Read an address; without days it asks for this calendar year."""
    seen = tuple(dict.fromkeys(scheme.fund for scheme in editions(reader)))
    fund = args.get("fund", "") if args.get("fund", "") in seen else ""
    zone = zone_of(editions(reader), fund, current.settings().zone)
    year = current.now().astimezone(zone).year
    since = date(year, 1, 1)
    first = iso(args.get("from", "").strip()[:40], since) or f"{year}-01-01"
    last = iso(args.get("until", "").strip()[:40], since) or f"{year}-12-31"
    status = args.get("status", "")
    query = FinanceQuery(
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
        unread = {name: [said] for name, day in (("from", begins), ("until", ends)) if day is None}
        return replace(query, problems=unread)
    if ends < begins:
        return replace(query, problems={"until": [_("The last day is before the first.")]})
    return replace(
        query,
        filter=ApplicationFilter(
            first=begins,
            last=ends,
            zone=zone,
            funds=(fund,) if fund else seen,
            by=query.by,
            status=Status(query.status) if query.status else None,
            search=query.words,
            but_aside=reader.id,
        ),
    )


def _key(text: str) -> ApplicationCursor | None:
    at, _dot, number = text.rpartition("_")
    last = whole(number)
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        return None
    return None if last is None or instant.tzinfo is None else ApplicationCursor(instant, last)


def _page(reader: Person) -> ListPage:
    session, seen = current.reading(), editions(reader)
    query = _query(request.args, reader)
    wanted = query.filter
    rows: Sequence[Any] = ()
    if wanted is not None:
        rows = reports.page(session, wanted, after=query.after, limit=PAGE + 1)
    return ListPage(
        query=query,
        funds={each.fund: fund_name(each) for each in seen},
        statuses={key: _(said) for key, said in STATUSES.items()},
        rows=rows[:PAGE],
        totals=own_first(reports.totals(session, wanted), reader) if wanted is not None else (),
        next_href=_next(query, rows[PAGE - 1]) if len(rows) > PAGE else "",
        periods=_periods(seen, query),
        sheets=(SHEETS["applications"],),
        registers=paying_funds(reader),
    )


def _budgets(
    lines: Sequence[downloads.BudgetLine], reader: Person, now: datetime
) -> list[tuple[list[downloads.BudgetLine], list[downloads.BudgetLine]]]:
    funds = groupby(lines, key=lambda line: line.scheme.fund)
    mine_first = sorted(
        (list(found) for _fund, found in funds), key=lambda found: found[0].scheme.language != reader.language
    )
    return [
        (
            [line for line in found if line.is_current(now)],
            [line for line in found if not line.is_current(now)],
        )
        for found in mine_first
    ]


def _next(query: FinanceQuery, last: Any) -> str:
    at: datetime = last.decided_at if query.by == DECIDED else last.received_at
    return query.address(after=f"{at.isoformat(timespec='microseconds')}_{last.id}")


def _periods(seen: Sequence[Scheme], query: FinanceQuery) -> list[PeriodLink]:
    """The budget periods of last year and this one, by what was decided in them."""
    links = {}
    for scheme in sorted(seen, key=lambda each: (each.fund, each.starts_on)):
        year = local_day(current.now(), scheme).year
        for period in scheme.budget:
            if period.ends_on is None or not year - 1 <= period.starts_on.year <= year:
                continue
            days = {"from": period.starts_on.isoformat(), "until": period.ends_on.isoformat()}
            chosen = query.by == DECIDED and (query.first, query.last) == tuple(days.values())
            href = query.address(by=DECIDED, **days)
            links[href] = PeriodLink(period, href, chosen)
    return list(links.values())


def asked_profile() -> Profile:
    """The way of writing that the address asks for, or 404."""
    profile = {**PROFILES, XLSX.key: XLSX}.get(request.args.get("profile", "excel"))
    if profile is None:
        abort(404)
    return profile


def manner(profile: Profile) -> downloads.Manner:
    """How files are written for this reader."""
    return downloads.Manner(profile, language(), current.schemes(), current.now())


_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file whose first piece is written; what is behind the rest is given back however it ends."""

    first: bytes
    rest: Pieces

    def __iter__(self) -> Iterator[bytes]:
        yield self.first
        yield from self.rest

    def close(self) -> None:
        """Called by the server at the end, also when the reader has gone away or asked for the headers only."""
        self.rest.close()


def sent_file(pieces: Pieces, sheet: CsvSheet, fund: str, *days: date) -> Response:
    """A file sent as it is written; what goes wrong before its first row is still answered with a page."""
    name = "_".join((sheet.key, fund or "all-funds", *(day.isoformat() for day in days)))
    kind, ending = ("text/csv; charset=utf-8", "csv") if asked_profile() is not XLSX else (_WORKBOOK, "xlsx")
    response = Response(_Begun(next(pieces, b""), pieces), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
