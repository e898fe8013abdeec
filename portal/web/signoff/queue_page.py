"""What the page of the queue is given: its address read, its lines, and what would be left of the budget after each.

The running balance goes by edition and budget period, so that kronor of one fund never meet those of another. From one
page to the next it is carried in the address, like the place: a page costs the same wherever in the queue it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from portal.domain.application import Status
from portal.domain.periods import budget_period_on, first_decision_day, local_day
from portal.domain.person import Person
from portal.domain.queue import Stretch, Tab, stretches
from portal.domain.refusal import N_
from portal.domain.scheme import BudgetPeriod, Scheme
from portal.forms.typed import whole
from portal.schemes.vocabulary import vocabulary
from portal.store import budgets, queue, seats
from portal.store.queue import QueueCursor, Queued, Signed, Wanted
from portal.store.session import Session
from portal.web import current
from portal.web.language import _, count, fund_name, language, standing, words
from portal.web.render import Door

MOST = 10**13
"""No budget is larger, in minor units: what an address says above it is not read."""

_TITLES = {
    Tab.MINE: N_("Waiting for you"),
    Tab.OTHER: N_("Waiting for the other seat"),
    Tab.DISAGREED: N_("Signatures differ"),
    Tab.RETURNED: N_("Returned"),
    Tab.KEPT: N_("For next year"),
    Tab.DECIDED: N_("Decided"),
}

UsedSoFar = Mapping[str, int]
"""What the lines before this page would take, by edition, in minor units."""
Left = tuple[Scheme, BudgetPeriod, int]
"""An edition, the period that its next decisions draw from, and what is left of it."""
Choices = list[tuple[str, str]]
"""What to choose among: a value and its words each."""


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What the address of the page asks for; what cannot be read is as if it were not there."""

    tab: Tab
    fund: str
    year: str
    wanted: Wanted
    after: QueueCursor | None
    before: QueueCursor | None
    """The page ends before this place; then `after` is not read."""
    used: UsedSoFar
    path: str
    """The address of the queue, bare."""

    @property
    def narrowed(self) -> bool:
        return bool(self.fund or self.year) or self.wanted != Wanted()

    def address(self, **changes: Any) -> str:
        """The address of the page with these filters, from its start unless told otherwise."""
        kept: dict[str, Any] = {"tab": self.tab.value, "fund": self.fund, "year": self.year}
        kept |= {"zone": self.wanted.zone, "unit": self.wanted.unit, "q": self.wanted.words} | changes
        return f"{self.path}?{urlencode({name: value for name, value in kept.items() if value}, doseq=True)}"


class QueueLine(NamedTuple):
    """One line of the queue with what its page knows of it."""

    told: Queued
    scheme: Scheme
    status: tuple[str, str]
    """The kind of its tag and its words."""
    signed: Sequence[Signed]
    balance: int | None
    """What is left of the budget period if all up to here are granted, where that is known."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    wish: QueueQuery
    editions: Sequence[Scheme]
    """Those the reader signs for."""
    lines: Sequence[QueueLine]
    left: Sequence[Left]
    """For each edition on the page."""
    next_href: str
    previous_href: str
    first_href: str

    @property
    def title(self) -> str:
        return _(_TITLES[self.wish.tab])

    @property
    def says(self) -> str:
        """The outcome of a filter in one sentence, read out when it changes."""
        shown = len(self.lines)
        if not shown:
            return _("No application under “%(tab)s”.", tab=self.title)
        if self.next_href and not self.first_href:
            return count("The first %(num)s application.", "The first %(num)s applications.", shown)
        return count("%(num)s application.", "%(num)s applications.", shown)

    @property
    def code(self) -> str:
        return language()

    def tabs(self) -> list[Door]:
        return [
            Door(_(title), self.wish.address(tab=tab.value), current=tab is self.wish.tab)
            for tab, title in _TITLES.items()
        ]

    def funds(self) -> Choices:
        """None for a reader who signs for one only."""
        names = {each.fund: fund_name(each) for each in self.editions}
        return [("", _("All funds")), *names.items()] if len(names) > 1 else []

    def years(self) -> Choices:
        years = sorted({str(each.year) for each in self.editions})
        return [("", _("All years")), *((year, year) for year in years)] if len(years) > 1 else []

    def zones(self) -> Choices:
        return [("", _("Anywhere")), *((key, words(said)) for key, said in vocabulary("zones").items())]


def asked(args: MultiDict[str, str]) -> QueueQuery:
    """Read the address."""
    tab = args.get("tab", "")
    return QueueQuery(
        tab=Tab(tab) if tab in set(Tab) else Tab.MINE,
        fund=args.get("fund", "")[:60],
        year=args.get("year", "")[:4],
        wanted=Wanted(
            zone=args.get("zone", "")[:60],
            unit=args.get("unit", "").strip()[:200],
            words=args.get("q", "").strip()[:200],
        ),
        after=None if "before" in args else _place(args.get("after", "")),
        before=_place(args.get("before", "")),
        used=dict(filter(None, map(_used, args.getlist("used")[:50]))),
        path=url_for("signoff.queue"),
    )


def _place(text: str) -> QueueCursor | None:
    day, _dot, number = text.partition(".")
    last = whole(number)
    try:
        return None if last is None else QueueCursor(date.fromisoformat(day), last)
    except ValueError:
        return None


def _used(text: str) -> tuple[str, int] | None:
    scheme, _dot, typed = text.rpartition(".")
    amount = whole(typed)
    return None if amount is None or amount > MOST else (scheme, amount)


def build(session: Session, reader: Person, wish: QueueQuery) -> QueuePage:
    """The page that the address asks for, for this reader."""
    held = _held(session, reader)
    editions = _editions(held)
    chosen = [e for e in editions if wish.fund in ("", e.fund) and wish.year in ("", str(e.year))]
    turned = _turned(session, reader, wish, stretches(wish.tab, chosen, held, current.now()))
    found, left = turned.lines, _left(session, wish.tab, turned.lines)
    lines, used = _lines(session, found, left, turned.used)
    return QueuePage(
        wish=wish,
        editions=editions,
        lines=lines,
        left=list(left.values()),
        next_href=_leaf(wish, used, after=found[-1]) if turned.more else "",
        previous_href=_leaf(wish, turned.used, before=found[0]) if turned.later and found else "",
        first_href=wish.address() if turned.later else "",
    )


def _lines(
    session: Session, found: Sequence[Queued], left: Mapping[str, Left], used: UsedSoFar
) -> tuple[list[QueueLine], UsedSoFar]:
    """The lines with what is left after each were all granted in this order, and what they have used by then."""
    now, schemes, spent = current.now(), current.schemes(), dict(used)
    signatures = queue.signed(session, [each.id for each in found])

    @cache  # a page has few ways to stand and many lines
    def status(scheme: str, status: str, signed: bool, disagreed: bool) -> tuple[str, str]:
        next_year = local_day(now, schemes[scheme]) < schemes[scheme].decides_from
        return standing(Status(status), next_year=next_year, signed=signed, disagreed=disagreed)

    lines = []
    for each in found:
        key, signed = each.scheme, signatures.get(each.id, ())
        spent[key] = spent.get(key, 0) + each.amount
        balance = left[key][2] - spent[key] if key in left else None
        how = status(key, each.status, bool(signed), each.disagreed)
        lines.append(QueueLine(each, schemes[key], how, signed, balance))
    return lines, spent


@dataclass(frozen=True, slots=True)
class _Turned:
    """The lines of one page, and where in the queue it is."""

    lines: Sequence[Queued]
    used: UsedSoFar
    more: bool
    """Whether any come after."""
    later: bool
    """Whether any came before."""


def _turned(session: Session, reader: Person, wish: QueueQuery, parts: Sequence[Stretch]) -> _Turned:
    """The page that was turned to, forwards or backwards; one that would reach past the start is the first."""

    def leaf(after: QueueCursor | None, *, back: bool = False) -> tuple[list[Queued], bool]:
        found = queue.page(
            session,
            parts,
            reader_id=reader.id,
            wanted=wish.wanted,
            after=after,
            newest_first=(wish.tab is Tab.DECIDED) is not back,
            parties=wish.tab is not Tab.MINE,
            limit=queue.PAGE + 1,
        )
        return found[: queue.PAGE], len(found) > queue.PAGE

    if wish.before is not None:
        lines, later = leaf(wish.before, back=True)
        if later:
            lines.reverse()
            return _Turned(lines, _used_before(lines, wish.used), more=True, later=True)
    lines, more = leaf(wish.after)
    return _Turned(lines, wish.used if wish.after else {}, more, later=wish.after is not None)


def _used_before(lines: Sequence[Queued], used: UsedSoFar) -> UsedSoFar:
    """What the lines before these would take, where `used` is what they and these would."""
    spent = dict(used)
    for line in lines:
        spent[line.scheme] = max(0, spent.get(line.scheme, 0) - line.amount)
    return spent


def neighbours(
    session: Session, reader: Person, tab: Tab, line: QueueCursor
) -> tuple[Queued | None, Queued | None]:
    """The lines before and after a place under a tab."""
    held = _held(session, reader)
    parts = stretches(tab, _editions(held), held, current.now())
    newest, parties = tab is Tab.DECIDED, tab is not Tab.MINE
    found = [
        queue.page(
            session, parts, reader_id=reader.id, after=line, newest_first=back, parties=parties, limit=1
        )
        for back in (not newest, newest)
    ]
    before, after = (next(iter(each), None) for each in found)
    return before, after


def _held(session: Session, reader: Person) -> Mapping[str, frozenset[str]]:
    """The seats that somebody holds today, by fund; an auditor looks at those of all."""
    if reader.audits:
        schemes = current.schemes()
        return {
            fund: frozenset(seat.key for seat in schemes.of_fund(fund)[0].seats) for fund in schemes.funds()
        }
    held: dict[str, frozenset[str]] = {}
    for each in seats.held_by(session, reader.id, day=current.today()):
        held[each.fund] = held.get(each.fund, frozenset()) | {each.seat}
    return held


def _editions(held: Mapping[str, object]) -> tuple[Scheme, ...]:
    return tuple(scheme for fund in held for scheme in current.schemes().of_fund(fund))


def left_next(session: Session, scheme: Scheme) -> tuple[BudgetPeriod, int] | None:
    """The budget period that the next decisions draw from, and what is left of it in minor units."""
    day = first_decision_day(scheme, local_day(current.now(), scheme))
    period = None if day is None else budget_period_on(scheme, day)
    left = None if day is None else budgets.left_on(session, scheme, day)
    return None if period is None or left is None else (period, left)


def _left(session: Session, tab: Tab, lines: Sequence[Queued]) -> Mapping[str, Left]:
    """The same for each edition on the page."""
    schemes = current.schemes()
    keys = dict.fromkeys(line.scheme for line in lines) if tab.waits else ()
    return {key: (schemes[key], *left) for key in keys if (left := left_next(session, schemes[key]))}


def _leaf(wish: QueueQuery, used: UsedSoFar, **beside: Queued) -> str:
    """The address of the page after, or before, a line; `used` is what the lines before that page's edge would take."""
    carried = [f"{scheme}.{amount}" for scheme, amount in used.items()] if wish.tab.waits else []
    edge = {way: f"{line.starts_on.isoformat()}.{line.id}" for way, line in beside.items()}
    return wish.address(**edge, used=carried)
