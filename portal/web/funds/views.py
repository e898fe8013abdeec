"""The funds and their terms, shown from the scheme files, each with the sentence it stands on."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.domain import periods
from portal.domain.money import Money
from portal.domain.periods import Days, local_day
from portal.domain.person import Person
from portal.domain.scheme import Limit, Scheme, Severity
from portal.language.wording import spell
from portal.schemes.vocabulary import vocabulary
from portal.store import people, seats
from portal.web import current, render
from portal.web.guard import guard
from portal.web.language import language, words
from portal.web.pages.funds import (
    BudgetLine,
    EditionLink,
    FundCard,
    FundPage,
    FundsPage,
    LimitLine,
    PauseLine,
    RuleLine,
    SeatLine,
    TermLine,
)

blueprint = Blueprint("funds", __name__)

_ORDER = (Severity.BLOCKS, Severity.WARNS, Severity.NOTES)


class _Unfilled(dict[str, str]):
    """Stands for the values of a message that is not about any application."""

    def get(self, _key: str, _default: object = None) -> str:
        return "…"


@blueprint.get("/funds")
@guard("apply")
def funds() -> ResponseReturnValue:
    """All funds, each by its edition of today."""
    schemes = current.schemes()
    shown = (edition_of_today(schemes.of_fund(fund)) for fund in schemes.funds())
    cards = tuple(
        FundCard(s.key, words(s.title), words(s.summary), is_open(s), s.starts_on, s.ends_on) for s in shown
    )
    return render.page("funds/funds.html", FundsPage(cards))


@blueprint.get("/funds/<key>")
@guard("apply")
def fund(key: str) -> ResponseReturnValue:
    """One edition's terms, limits, calendar, money, seats and rules."""
    scheme = current.scheme(key)
    return render.page("funds/fund.html", _page(scheme))


def is_open(scheme: Scheme) -> bool:
    """Whether the edition takes applications today, in the fund's own zone."""
    return periods.is_open(scheme, local_day(current.now(), scheme))


def open_editions(reader: Person) -> list[Scheme]:
    """What can be applied for today, the funds in the reader's own language first."""
    found = [each for each in current.schemes().values() if is_open(each)]
    return sorted(
        found, key=lambda scheme: (scheme.language != reader.language, scheme.fund, scheme.starts_on)
    )


def edition_of_today(editions: tuple[Scheme, ...]) -> Scheme:
    """The edition whose year it is, else the newest that has opened, else the newest of all (newest come first)."""
    day = current.today()
    begun = [each for each in editions if each.starts_on <= day]
    return next(iter(begun), editions[-1])


def _page(scheme: Scheme) -> FundPage:
    earlier = current.schemes().get(scheme.carried_over_from or "")
    return FundPage(
        scheme=scheme,
        title=words(scheme.title),
        summary=words(scheme.summary),
        open=is_open(scheme),
        editions=_editions(scheme),
        carried_over_from=earlier.letter if earlier else scheme.carried_over_from or "",
        terms=tuple(TermLine(words(t.says), t.source, t.assumed) for t in scheme.terms),
        limits=tuple(line for limit in scheme.limits.values() for line in _limit(scheme, limit)),
        pauses=tuple(PauseLine(words(p.label), p.starts_on, p.ends_on) for p in scheme.pauses),
        budget=tuple(BudgetLine(words(b.label), b.starts_on, b.ends_on, b.amount) for b in scheme.budget),
        seats=_seats(scheme),
        rules=tuple(
            RuleLine(
                r.code,
                r.severity.value,
                spell(words(r.message), _Unfilled(), language()),
                r.source,
                r.assumed,
            )
            for r in sorted(scheme.rules, key=lambda r: _ORDER.index(r.severity))
        ),
    )


def _editions(scheme: Scheme) -> tuple[EditionLink, ...]:
    editions = current.schemes().of_fund(scheme.fund)
    if len(editions) < 2:
        return ()
    return tuple(
        EditionLink(str(each.year), url_for("funds.fund", key=each.key), each.key == scheme.key)
        for each in editions
    )


def _limit(scheme: Scheme, limit: Limit) -> list[LimitLine]:
    zones = vocabulary("zones")
    return [
        LimitLine(
            name=words(limit.title),
            zone=words(zones[entry.zone]) if entry.zone is not None and entry.zone in zones else "",
            starts_on=entry.starts_on,
            value=Money(entry.value, scheme.currency) if limit.unit == "amount" else Days(entry.value),
            confirmed=entry.confirmed,
            source=entry.source,
        )
        for entry in limit.entries
    ]


def _seats(scheme: Scheme) -> tuple[SeatLine, ...]:
    """The seats with who sits in them today; substitutes last."""
    session, day = current.reading(), local_day(current.now(), scheme)
    held = [each for each in seats.of_fund(session, scheme.fund) if each.holds_on(day)]
    names = people.names_of(session, {each.person_id for each in held})
    return tuple(
        SeatLine(
            words(seat.title),
            seat.named,
            tuple(
                names[each.person_id]
                for each in sorted(held, key=lambda h: h.substitute)
                if each.seat == seat.key
            ),
        )
        for seat in scheme.seats
    )
