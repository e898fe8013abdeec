"""The funds and their terms, shown from the scheme files, each with the sentence it stands on."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.domain import periods
from portal.domain.periods import edition_that_begins, local_day
from portal.domain.person import Person
from portal.domain.scheme import Scheme, Severity
from portal.language.wording import spell
from portal.schemes.vocabulary import vocabulary
from portal.store import people, seats
from portal.web import current, render
from portal.web.guard import guard
from portal.web.language import language, words

blueprint = Blueprint("funds", __name__)

_ORDER = (Severity.BLOCKS, Severity.WARNS, Severity.NOTES)


class _Unfilled(dict[str, str]):
    """Stands for the values of a message that is not about any application."""

    def get(self, _key: str, _default: object = None) -> str:
        return "…"


@blueprint.get("/funds")
@guard("come-in")
def funds() -> ResponseReturnValue:
    """All funds, each by its edition of today."""
    schemes = current.schemes()
    shown = [_edition_of_today(schemes.of_fund(fund)) for fund in schemes.funds()]
    return render.page("funds/funds.html", funds=[(each, is_open(each)) for each in shown])


@blueprint.get("/funds/<key>")
@guard("come-in")
def fund(key: str) -> ResponseReturnValue:
    """One edition's terms, limits, calendar, money, seats and rules."""
    scheme = current.scheme(key)
    earlier = current.schemes().get(scheme.carried_over_from or "")
    return render.page(
        "funds/fund.html",
        scheme=scheme,
        open=is_open(scheme),
        editions=current.schemes().of_fund(scheme.fund),
        carried_over_from=earlier.letter if earlier else scheme.carried_over_from,
        zones=vocabulary("zones"),
        holders=_holders(scheme),
        rules=[
            (rule, spell(words(rule.message), _Unfilled(), language()))
            for rule in sorted(scheme.rules, key=lambda rule: _ORDER.index(rule.severity))
        ],
    )


def is_open(scheme: Scheme) -> bool:
    """Whether the edition takes applications today, in the fund's own zone."""
    return periods.is_open(scheme, local_day(current.now(), scheme))


def open_editions(reader: Person) -> list[Scheme]:
    """The edition of each fund in which an application begins today, the funds in the reader's own language first."""
    found = filter(None, (edition_begun(fund) for fund in current.schemes().funds()))
    return sorted(found, key=lambda scheme: (scheme.language != reader.language, scheme.fund))


def edition_begun(fund: str, kind: str = "") -> Scheme | None:
    """The open edition in which an application begins today; the event's first day can move it to another."""
    editions = [each for each in current.schemes().of_fund(fund) if not kind or kind in each.kinds]
    return edition_that_begins(editions, local_day(current.now(), editions[0])) if editions else None


def open_years(scheme: Scheme) -> list[int]:
    """The first and last year whose events can be applied for today, where the fund has an edition for each year."""
    editions = (each for each in current.schemes().of_fund(scheme.fund) if is_open(each))
    years = {each.year for each in editions if each.ends_on is not None}
    return sorted({min(years), max(years)}) if years else []


def _edition_of_today(editions: tuple[Scheme, ...]) -> Scheme:
    """The edition whose year it is, else the newest that has opened, else the newest of all (newest come first)."""
    day = current.today()
    begun = [each for each in editions if each.starts_on <= day]
    return next(iter(begun), editions[-1])


def _holders(scheme: Scheme) -> dict[str, list[str]]:
    """Who sits in each seat today, by name; substitutes last."""
    session, day = current.reading(), local_day(current.now(), scheme)
    held = [each for each in seats.of_fund(session, scheme.fund) if each.holds_on(day)]
    names = people.names_of(session, {each.person_id for each in held})
    held.sort(key=lambda each: each.substitute)
    return {
        seat.key: [names[each.person_id] for each in held if each.seat == seat.key] for seat in scheme.seats
    }
