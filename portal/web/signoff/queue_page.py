"""What the page of the queue is given: its address read, its lines, and what would be left of the budget after each.

The running balance goes by edition and budget period, so that kronor of one fund never meet those of another. From one
page to the next it is carried in the address, like the place: a page costs the same wherever in the queue it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from portal.domain.application import Application, Status
from portal.domain.periods import budget_period_on, first_decision_day, local_day
from portal.domain.person import Person
from portal.domain.queue import Stretch, Tab, stretches
from portal.domain.refusal import N_
from portal.domain.scheme import BudgetPeriod, Scheme
from portal.forms.typed import whole
from portal.language.wording import rule_text
from portal.schemes.vocabulary import vocabulary
from portal.store import budgets, queue, seats
from portal.store.queue import MOST_COUNTED, Order, QueueCursor, Queued, Signed, Wanted
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

_ORDERS = {
    Order.EVENT: N_("The next event first"),
    Order.RECEIVED: N_("Longest waiting first"),
    Order.AMOUNT: N_("Largest amount first"),
}

_COUNTED = tuple(tab for tab in Tab if tab is not Tab.DECIDED)

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
    order: Order
    after: QueueCursor | None
    before: QueueCursor | None
    """The page ends before this place; then `after` is not read."""
    used: UsedSoFar
    path: str
    """The address of the queue, bare."""

    @property
    def narrowed(self) -> bool:
        return bool(self.fund or self.year) or self.wanted != Wanted()

    @property
    def backwards(self) -> bool:
        """Whether what comes last by the order stands first."""
        return self.tab is Tab.DECIDED or self.order is Order.AMOUNT

    @property
    def kept(self) -> dict[str, str]:
        """What an address carries on, so that the tab, the filters and the order stay; also those of a case."""
        kept = {"tab": self.tab.value, "fund": self.fund, "year": self.year, "zone": self.wanted.zone}
        kept |= {"unit": self.wanted.unit, "q": self.wanted.words}
        kept |= {"sort": self.order.value} if self.order is not Order.EVENT else {}
        return {name: value for name, value in kept.items() if value}

    def address_of(self, endpoint: str, number: str | None = None) -> str:
        """The address of a case, or of an act on it or on several."""
        more: dict[str, Any] = self.kept
        return url_for(endpoint, number=number, **more)

    def address(self, **changes: Any) -> str:
        """The address of the page with these filters, from its start unless told otherwise."""
        kept: dict[str, Any] = self.kept | changes
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
    days_ahead: int
    """How many it is until the event begins; below zero once it has."""
    warned: Sequence[str]
    """What the rules warned of when it was submitted, in a few words each."""
    comment: tuple[str, str] | None
    """What was last written between the seats: by whom, and the text."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    wish: QueueQuery
    editions: Sequence[Scheme]
    """Those the reader signs for."""
    lines: Sequence[QueueLine]
    left: Sequence[Left]
    """For each edition on the page."""
    counts: Mapping[Tab, int]
    """How many lines stand under each tab; none for what is decided, which only grows."""
    asked: Mapping[str, int]
    """What the lines of this tab come to, by edition, in minor units."""
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
            Door(_(title), self.wish.address(tab=tab.value), tab is self.wish.tab, self._counted(tab))
            for tab, title in _TITLES.items()
        ]

    def _counted(self, tab: Tab) -> str:
        number = self.counts.get(tab, 0)
        return f"{MOST_COUNTED}+" if number >= MOST_COUNTED else str(number or "")

    @property
    def short(self) -> bool:
        """Whether the money does not last for all that waits here: then each line tells what would be left."""
        return any(amount < self.asked.get(scheme.key, 0) for scheme, _period, amount in self.left)

    def orders(self) -> Choices:
        return [(order.value, _(title)) for order, title in _ORDERS.items()]

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
    tab, order = args.get("tab", ""), args.get("sort", "")
    read = QueueQuery(
        tab=Tab(tab) if tab in set(Tab) else Tab.MINE,
        fund=args.get("fund", "")[:60],
        year=args.get("year", "")[:4],
        wanted=Wanted(
            zone=args.get("zone", "")[:60],
            unit=args.get("unit", "").strip()[:200],
            words=args.get("q", "").strip()[:200],
        ),
        order=Order(order) if order in set(Order) else Order.EVENT,
        after=None,
        before=None,
        used=dict(filter(None, map(_used, args.getlist("used")[:50]))),
        path=url_for("signoff.queue"),
    )
    after, before = (_place(args.get(name, ""), read.order) for name in ("after", "before"))
    return replace(read, after=None if "before" in args else after, before=before)


def _place(text: str, order: Order) -> QueueCursor | None:
    typed, _dot, number = text.rpartition(".")
    last = whole(number)
    try:
        value = _READ[order](typed)
    except ValueError:
        return None
    return None if last is None or value is None else QueueCursor(value, last)


def _instant(text: str) -> datetime | None:
    read = datetime.fromisoformat(text)
    return None if read.tzinfo is None else read


_READ: Mapping[Order, Callable[[str], date | datetime | int | None]] = {
    Order.EVENT: date.fromisoformat,
    Order.RECEIVED: _instant,
    Order.AMOUNT: whole,
}


def _used(text: str) -> tuple[str, int] | None:
    scheme, _dot, typed = text.rpartition(".")
    amount = whole(typed)
    return None if amount is None or amount > MOST else (scheme, amount)


def build(session: Session, reader: Person, wish: QueueQuery) -> QueuePage:
    """The page that the address asks for, for this reader."""
    held = _held(session, reader)
    editions = _editions(held)
    chosen = _chosen(wish, editions)
    turned = _turned(session, reader, wish, stretches(wish.tab, chosen, held, current.now()))
    found, left = turned.lines, _left(session, wish.tab, turned.lines)
    parts = {
        tab.value: (stretches(tab, chosen, held, current.now()), tab is not Tab.MINE) for tab in _COUNTED
    }
    counted = queue.counted(session, parts, reader_id=reader.id, wanted=wish.wanted)
    lines, used = _lines(session, found, left, turned.used, reader)
    return QueuePage(
        wish=wish,
        editions=editions,
        lines=lines,
        left=list(left.values()),
        counts={tab: sum(each.number for each in counted if each.part == tab) for tab in _COUNTED},
        asked={each.scheme: each.amount for each in counted if each.part == wish.tab},
        next_href=_leaf(wish, used, after=found[-1]) if turned.more else "",
        previous_href=_leaf(wish, turned.used, before=found[0]) if turned.later and found else "",
        first_href=wish.address() if turned.later else "",
    )


def _lines(
    session: Session, found: Sequence[Queued], left: Mapping[str, Left], used: UsedSoFar, reader: Person
) -> tuple[list[QueueLine], UsedSoFar]:
    """The lines with what is left after each were all granted in this order, and what they have used by then."""
    now, schemes, spent = current.now(), current.schemes(), dict(used)
    ids = [each.id for each in found]
    signatures, comments = queue.signed(session, ids), queue.commented(session, ids, reader_id=reader.id)

    @cache  # a page has few ways to stand and many lines
    def status(scheme: str, status: str, signed: bool, disagreed: bool) -> tuple[str, str]:
        next_year = local_day(now, schemes[scheme]) < schemes[scheme].decides_from
        return standing(Status(status), next_year=next_year, signed=signed, disagreed=disagreed)

    @cache
    def warned(scheme: str, codes: tuple[str, ...]) -> list[str]:
        named = (rule_text(schemes[scheme], code, language(), short=True) for code in codes)
        return [each for each in named if each]

    lines, today = [], current.today()
    for each in found:
        key, signed = each.scheme, signatures.get(each.id, ())
        spent[key] = spent.get(key, 0) + each.amount
        balance = left[key][2] - spent[key] if key in left else None
        how = status(key, each.status, bool(signed), each.disagreed)
        ahead = (each.starts_on - today).days
        odd, comment = warned(key, tuple(each.marks)), comments.get(each.id)
        lines.append(QueueLine(each, schemes[key], how, signed, balance, ahead, odd, comment))
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
            order=wish.order,
            newest_first=wish.backwards is not back,
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


def beside(
    session: Session, reader: Person, wish: QueueQuery, application: Application
) -> tuple[Queued | None, Queued | None]:
    """The lines before and after an application where it stands, or stood, in what the address asks for."""
    held = _held(session, reader)
    parts = stretches(wish.tab, _chosen(wish, _editions(held)), held, current.now())
    found = [
        queue.page(
            session,
            parts,
            reader_id=reader.id,
            wanted=wish.wanted,
            after=queue.place_of(application, wish.order),
            order=wish.order,
            newest_first=back,
            parties=wish.tab is not Tab.MINE,
            limit=1,
        )
        for back in (not wish.backwards, wish.backwards)
    ]
    before, after = (next(iter(each), None) for each in found)
    return before, after


def come_next(
    session: Session, reader: Person, wish: QueueQuery, application: Application
) -> tuple[Queued | None, int]:
    """What to look at after a case: the line after it, else the first that is left; and how many there are."""
    page = build(session, reader, wish)
    _before, after = beside(session, reader, wish, application)
    first = next((line.told for line in page.lines if line.told.id != application.id), None)
    return after or first, page.counts.get(wish.tab, 0)


def _chosen(wish: QueueQuery, editions: Iterable[Scheme]) -> list[Scheme]:
    return [e for e in editions if wish.fund in ("", e.fund) and wish.year in ("", str(e.year))]


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
    edge = {way: _written(queue.place_of(line, wish.order)) for way, line in beside.items()}
    return wish.address(**edge, used=carried)


def _written(place: QueueCursor) -> str:
    value = place.value
    return f"{value if isinstance(value, int) else value.isoformat()}.{place.id}"
