"""Builds the page of the queue: tabs, filters, lines, and what would be left of the budget after each line.

The running balance goes by edition and budget period, so that kronor of one fund never meet those of another. From one
page to the next it is carried in the address, like the place: a page costs the same wherever in the queue it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from portal.domain.application import Outcome, Status
from portal.domain.periods import budget_period_on, first_decision_day, local_day
from portal.domain.person import Person
from portal.domain.queue import Stretch, Tab, stretches
from portal.domain.refusal import N_
from portal.domain.scheme import Scheme
from portal.forms.typed import whole
from portal.language.wording import money
from portal.schemes.vocabulary import vocabulary
from portal.store import budgets, queue, seats
from portal.store.queue import Place, Queued, Signed, Wanted
from portal.store.session import Session
from portal.web import current
from portal.web.language import _, count, day, fund_name, language, standing, words
from portal.web.pages.signoff import Filters, LeftLine, QueueLine, QueuePage, SignedLine, TabLink

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

Used = Mapping[str, int]
"""What the lines before this page would take, by edition, in minor units."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the page asks for; what cannot be read is as if it were not there."""

    tab: Tab
    fund: str
    year: str
    zone: str
    unit: str
    words: str
    after: Place | None
    before: Place | None
    """The page ends before this place; then `after` is not read."""
    used: Used
    path: str
    """The address of the queue, bare."""

    @property
    def wanted(self) -> Wanted:
        return Wanted(zone=self.zone, unit=self.unit, words=self.words)

    def address(self, **changes: Any) -> str:
        """The address of the page with these filters, from its start unless told otherwise."""
        kept: dict[str, Any] = {
            "tab": self.tab.value,
            "fund": self.fund,
            "year": self.year,
            "zone": self.zone,
        }
        kept |= {"unit": self.unit, "q": self.words} | changes
        return f"{self.path}?{urlencode({name: value for name, value in kept.items() if value}, doseq=True)}"


def asked(args: MultiDict[str, str]) -> Asked:
    """Read the address."""
    tab = args.get("tab", "")
    return Asked(
        tab=Tab(tab) if tab in set(Tab) else Tab.MINE,
        fund=args.get("fund", "")[:60],
        year=args.get("year", "")[:4],
        zone=args.get("zone", "")[:60],
        unit=args.get("unit", "").strip()[:200],
        words=args.get("q", "").strip()[:200],
        after=None if "before" in args else _place(args.get("after", "")),
        before=_place(args.get("before", "")),
        used=dict(filter(None, map(_used, args.getlist("used")[:50]))),
        path=url_for("signoff.queue"),
    )


def _place(text: str) -> Place | None:
    day, _dot, number = text.partition(".")
    last = whole(number)
    try:
        return None if last is None else Place(date.fromisoformat(day), last)
    except ValueError:
        return None


def _used(text: str) -> tuple[str, int] | None:
    scheme, _dot, typed = text.rpartition(".")
    amount = whole(typed)
    return None if amount is None or amount > MOST else (scheme, amount)


def build(session: Session, reader: Person, wish: Asked) -> QueuePage:
    """The page that the address asks for, for this reader."""
    held = _held(session, reader)
    editions = _editions(held)
    parts = stretches(wish.tab, _chosen(editions, wish), held, current.now())
    turned = _turned(session, reader, wish, parts)
    lines, ids = turned.lines, [line.id for line in turned.lines]
    left = _left(session, wish.tab, lines)
    balances, used = _balances(lines, left, turned.used)
    signatures = queue.signed(session, ids)
    told = _told(editions, wish)
    told_lines = tuple(
        _line(line, told, signatures.get(line.id, ()), balance, waits=wish.tab.waits)
        for line, balance in zip(lines, balances, strict=True)
    )
    return QueuePage(
        tabs=tuple(TabLink(title(tab), wish.address(tab=tab.value), tab is wish.tab) for tab in Tab),
        tab=wish.tab.value,
        title=title(wish.tab),
        filters=_filters(editions, wish),
        lines=told_lines,
        tags=tuple(told.tags),
        left=tuple(
            LeftLine(
                words(current.schemes()[key].title),
                period,
                money(amount, current.schemes()[key].currency, language()),
            )
            for key, (period, amount) in left.items()
        ),
        next_href=_leaf(wish, used, after=lines[-1]) if turned.more else "",
        previous_href=_leaf(wish, turned.used, before=lines[0]) if turned.later and lines else "",
        first_href=wish.address() if turned.later else "",
        narrowed=any((wish.fund, wish.year, wish.zone, wish.unit, wish.words)),
        says=_says(wish, len(lines), first=turned.more and not turned.later),
    )


@dataclass(frozen=True, slots=True)
class _Turned:
    """The lines of one page, and where in the queue it is."""

    lines: Sequence[Queued]
    used: Used
    more: bool
    """Whether any come after."""
    later: bool
    """Whether any came before."""


def _turned(session: Session, reader: Person, wish: Asked, parts: Sequence[Stretch]) -> _Turned:
    """The page that was turned to, forwards or backwards; one that would reach past the start is the first."""

    def leaf(after: Place | None, *, back: bool = False) -> tuple[list[Queued], bool]:
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


def _used_before(lines: Sequence[Queued], used: Used) -> Used:
    """What the lines before these would take, where `used` is what they and these would."""
    spent = dict(used)
    for line in lines:
        spent[line.scheme] = max(0, spent.get(line.scheme, 0) - line.amount)
    return spent


def title(tab: Tab) -> str:
    """What a tab is called."""
    return _(_TITLES[tab])


def neighbours(
    session: Session, reader: Person, tab: Tab, line: Place
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
    """The seats that somebody holds today, by fund."""
    held: dict[str, frozenset[str]] = {}
    for each in seats.held_by(session, reader.id, day=current.today()):
        held[each.fund] = held.get(each.fund, frozenset()) | {each.seat}
    return held


def _editions(held: Mapping[str, object]) -> tuple[Scheme, ...]:
    return tuple(scheme for fund in held for scheme in current.schemes().of_fund(fund))


def _chosen(editions: Iterable[Scheme], wish: Asked) -> tuple[Scheme, ...]:
    return tuple(
        each for each in editions if wish.fund in ("", each.fund) and wish.year in ("", str(each.year))
    )


def _filters(editions: Sequence[Scheme], wish: Asked) -> Filters:
    funds = {each.fund: fund_name(each) for each in editions}
    years = sorted({str(each.year) for each in editions})
    return Filters(
        tab=wish.tab.value,
        funds=(("", _("All funds")), *funds.items()) if len(funds) > 1 else (),
        years=(("", _("All years")), *((year, year) for year in years)) if len(years) > 1 else (),
        zones=(("", _("Anywhere")), *((key, words(said)) for key, said in vocabulary("zones").items())),
        fund=wish.fund,
        year=wish.year,
        zone=wish.zone,
        unit=wish.unit,
        words=wish.words,
        clear_href=f"{wish.path}?tab={wish.tab.value}",
    )


def left_next(session: Session, scheme: Scheme) -> tuple[str, int] | None:
    """The budget period that the next decisions draw from, by name, and what is left of it in minor units."""
    day = first_decision_day(scheme, local_day(current.now(), scheme))
    period = None if day is None else budget_period_on(scheme, day)
    standing = None if day is None else budgets.left_on(session, scheme, day)
    return None if period is None or standing is None else (words(period.label), standing)


def _left(session: Session, tab: Tab, lines: Sequence[Queued]) -> Mapping[str, tuple[str, int]]:
    """The same for each edition on the page."""
    if not tab.waits:
        return {}
    keys = dict.fromkeys(line.scheme for line in lines)
    found = {key: left_next(session, current.schemes()[key]) for key in keys}
    return {key: left for key, left in found.items() if left is not None}


def _balances(
    lines: Sequence[Queued], left: Mapping[str, tuple[str, int]], used: Used
) -> tuple[list[int | None], Used]:
    """What is left after each line were all granted in this order, and what they have used by then."""
    spent, balances = dict(used), list[int | None]()
    for line in lines:
        spent[line.scheme] = spent.get(line.scheme, 0) + line.amount
        balances.append(left[line.scheme][1] - spent[line.scheme] if line.scheme in left else None)
    return balances, spent


def _leaf(wish: Asked, used: Used, **beside: Queued) -> str:
    """The address of the page after, or before, a line; `used` is what the lines before that page's edge would take."""
    carried = [f"{scheme}.{amount}" for scheme, amount in used.items()] if wish.tab.waits else []
    edge = {way: f"{line.starts_on.isoformat()}.{line.id}" for way, line in beside.items()}
    return wish.address(**edge, used=carried)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the lines of a page share, looked up once."""

    code: str
    zones: Mapping[str, str]
    funds: Mapping[str, str]
    """The names of the funds by edition, where the reader signs for more than one."""
    next_year: frozenset[str]
    """The editions whose year has not begun."""
    before: str
    after: str
    """What stands before and after the number in the address of a case."""
    stops: str
    schemes: Mapping[str, Scheme]
    ways: dict[tuple[str, bool, bool, bool], int] = field(default_factory=dict)
    tags: list[tuple[str, str]] = field(default_factory=list)

    def tag(self, line: Queued, *, signed: bool) -> int:
        """How a line stands, as a place in the tags; a page has few ways and many lines."""
        way = (line.status, line.scheme in self.next_year, signed, line.disagreed)
        if way not in self.ways:
            self.ways[way] = len(self.tags)
            self.tags.append(standing(Status(way[0]), next_year=way[1], signed=way[2], disagreed=way[3]))
        return self.ways[way]


def _told(editions: Sequence[Scheme], wish: Asked) -> _Told:
    now = current.now()
    before, after = url_for("signoff.case", number="NUMBER", tab=wish.tab.value).split("NUMBER")
    several = len({each.fund for each in editions}) > 1
    return _Told(
        code=language(),
        zones={key: words(said) for key, said in vocabulary("zones").items()},
        funds={each.key: fund_name(each) for each in editions} if several else {},
        next_year=frozenset(each.key for each in editions if local_day(now, each) < each.decides_from),
        before=before,
        after=after,
        stops=_("A grant already stands for this participant"),
        schemes=current.schemes(),
    )


def _line(
    line: Queued,
    told: _Told,
    signatures: Sequence[Signed],
    balance: int | None,
    *,
    waits: bool,
) -> QueueLine:
    scheme = told.schemes[line.scheme]
    first, last = (day(each, "medium", told.code) for each in (line.starts_on, line.ends_on))
    amount = _amount(line, signatures)
    return QueueLine(
        number=line.number,
        href=f"{told.before}{line.number}{told.after}",
        fund=told.funds.get(line.scheme, ""),
        participant=line.participant,
        unit=line.unit,
        title=line.title,
        days=first if first == last else f"{first} – {last}",
        amount=money(amount, line.currency, told.code) if amount else "–",
        zone=told.zones.get(line.zone or "", ""),
        tag=told.tag(line, signed=bool(signatures)),
        signed=tuple(signed_line(each, scheme, differ=line.disagreed) for each in signatures),
        stops=told.stops if waits and line.stopped else "",
        warns=_warns(len(line.marks)) if waits and line.marks else "",
        left="" if balance is None else money(balance, line.currency, told.code),
        short=balance is not None and balance < 0,
    )


def _warns(number: int) -> str:
    return count("%(num)s thing to look at", "%(num)s things to look at", number)


def _amount(line: Queued, signatures: Sequence[Signed]) -> int:
    """What was granted, where that is decided, else what was assessed."""
    granted = line.status in (Status.GRANTED, Status.CANCELLED)
    return signatures[0].amount if granted and signatures else line.amount


def signed_line(signature: Signed, scheme: Scheme, *, differ: bool) -> SignedLine:
    """Who signed in which seat; what it says only where two signatures differ, so that the second judges for itself."""
    if not differ:
        says = ""
    elif signature.outcome is Outcome.REFUSE:
        says = _("Refuse")
    elif not signature.amount:
        says = _("Approve")
    else:
        says = _("Grant %(amount)s", amount=money(signature.amount, scheme.currency, language()))
    return SignedLine(words(scheme.seat(signature.seat).title), signature.signer, says)


def _says(wish: Asked, shown: int, *, first: bool) -> str:
    """The outcome of a filter in one sentence, read out when it changes."""
    if not shown:
        return _("No application under “%(tab)s”.", tab=title(wish.tab))
    if first:
        return count("The first %(num)s application.", "The first %(num)s applications.", shown)
    return count("%(num)s application.", "%(num)s applications.", shown)
