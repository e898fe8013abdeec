"""The files of the year's figures: which columns each has, and its rows out of the very figures that the page shows."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from portal.domain.scheme import Words
from portal.finance.columns import Column, Kind, Sheet
from portal.finance.overview import YearFigures
from portal.store.overview import Used


def _in(sv: str, nb: str, en: str) -> Words:
    return {"sv": sv, "nb": nb, "en": en}


_SCHEME = Column("scheme", Kind.TEXT, _in("Omgång", "Omgang", "Round"), {})
_CURRENCY = Column("currency", Kind.TEXT, _in("Valuta", "Valuta", "Currency"), {})
_PERIOD = Column("period", Kind.WORD, _in("Budgetperiod", "Budsjettperiode", "Budget period"), {}, "periods")


def _amount(key: str, sv: str, nb: str, en: str) -> Column:
    return Column(key, Kind.AMOUNT, _in(sv, nb, en), {})


def _number(key: str, sv: str, nb: str, en: str) -> Column:
    return Column(key, Kind.NUMBER, _in(sv, nb, en), {})


_GRANTED = _amount("granted_amount", "Beviljat", "Innvilget", "Granted")
_RELEASED = _amount("released_amount", "Återlämnat", "Frigitt", "Given back")
_USED: Final = (
    _number("decisions", "Beslut", "Vedtak", "Decisions"),
    _number("grants", "Gällande bifall", "Gjeldende innvilgelser", "Grants in force"),
    _number("refusals", "Avslag", "Avslag", "Refusals"),
    _number("cancelled", "Avbokade", "Avbestilte", "Cancelled"),
    _GRANTED,
    _RELEASED,
    _amount("used_amount", "Använt", "Brukt", "Used"),
)


def _sheet(key: str, title: Words, *columns: Column) -> Sheet:
    return Sheet(f"year-{key}", title, (_SCHEME, _CURRENCY, *columns))


def _part(key: str, title: Words, column: Column) -> Sheet:
    return _sheet(key, title, column, *_USED)


SHEETS: Final[Mapping[str, Sheet]] = {
    "budget": _sheet(
        "budget",
        _in("Budgetperioder", "Budsjettperioder", "Budget periods"),
        _PERIOD,
        Column("starts_on", Kind.DATE, _in("Från", "Fra", "From"), {}),
        Column("ends_on", Kind.DATE, _in("Till", "Til", "Until"), {}),
        _amount("allocated_amount", "Avsatt", "Avsatt", "Allocated"),
        _GRANTED,
        _amount("waiting_amount", "Väntar", "Venter", "Waiting"),
        _amount("projected_amount", "Beräknat vid slutet", "Beregnet ved slutten", "Projected by the end"),
    ),
    "days": _sheet(
        "days",
        _in("Budget dag för dag", "Budsjett dag for dag", "Budget day by day"),
        _PERIOD,
        Column("day", Kind.DATE, _in("Dag", "Dag", "Day"), {}),
        _amount("reserved_amount", "Beviljat den dagen", "Innvilget den dagen", "Granted that day"),
        _amount("returned_amount", "Tillbaka den dagen", "Tilbake den dagen", "Back that day"),
        _amount("sum_amount", "Beviljat hittills", "Innvilget hittil", "Granted so far"),
        _amount("allocated_amount", "Avsatt", "Avsatt", "Allocated"),
    ),
    "units": _part(
        "units",
        _in("Enheter", "Enheter", "Units"),
        Column("unit", Kind.TEXT, _in("Enhet", "Enhet", "Unit"), {}),
    ),
    "zones": _part(
        "zones",
        _in("Zoner", "Soner", "Zones"),
        Column("zone", Kind.WORD, _in("Zon", "Sone", "Zone"), {}, "zones"),
    ),
    "kinds": _part(
        "kinds",
        _in("Slag av ansökan", "Slag søknad", "Kinds of application"),
        Column("kind", Kind.WORD, _in("Slag", "Slag", "Kind"), {}, "kinds"),
    ),
    "months": _part(
        "months",
        _in("Månader", "Måneder", "Months"),
        Column("month", Kind.TEXT, _in("Månad", "Måned", "Month"), {}),
    ),
    "times": _sheet(
        "times",
        _in("Tid till beslut", "Tid til vedtak", "Time to decision"),
        _number("days", "Dagar", "Dager", "Days"),
        _number("decisions", "Beslut", "Vedtak", "Decisions"),
    ),
    "after": _sheet(
        "after",
        _in("Efter beslutet", "Etter vedtaket", "After the decision"),
        Column("stage", Kind.WORD, _in("Faktura", "Faktura", "Invoice"), {}, "stages"),
        Column("late", Kind.WORD, _in("Försenad", "Forsinket", "Late"), {}, "late"),
        Column("followup", Kind.WORD, _in("Återkoppling", "Tilbakemelding", "Follow-up"), {}, "followups"),
        _number("grants", "Gällande bifall", "Gjeldende innvilgelser", "Grants in force"),
        _GRANTED,
        _amount("invoice_amount", "Fakturerat", "Fakturert", "Invoiced"),
        _RELEASED,
    ),
}


def _counts(used: Used) -> tuple[int, ...]:
    return (
        used.decisions,
        used.grants,
        used.refusals,
        used.cancelled,
        used.granted_amount,
        used.released_amount,
        used.used_amount,
    )


def _budget(year: YearFigures) -> Iterator[tuple[Any, ...]]:
    for each in year.periods:
        yield (
            f"{year.scheme.key}/{each.period.key}",
            each.first.isoformat(),
            each.last.isoformat(),
            each.allocated_amount,
            each.granted_amount,
            each.waiting_amount,
            each.projected_amount,
        )


def _days(year: YearFigures) -> Iterator[tuple[Any, ...]]:
    for each in year.periods:
        for day in each.days:
            yield (
                f"{year.scheme.key}/{each.period.key}",
                day.on.isoformat(),
                day.reserved_amount,
                day.returned_amount,
                day.sum_amount,
                each.allocated_amount,
            )


def _after(year: YearFigures) -> Iterator[tuple[Any, ...]]:
    for each in year.followed:
        late = "late" if each.late else None
        amounts = (each.granted_amount, each.invoice_amount, each.released_amount)
        yield (each.stage, late, each.followup, each.grants, *amounts)


_ROWS: Final[Mapping[str, Callable[[YearFigures], Iterator[tuple[Any, ...]]]]] = {
    "budget": _budget,
    "days": _days,
    "units": lambda year: ((unit, *_counts(used)) for unit, used in year.units),
    "zones": lambda year: ((zone, *_counts(used)) for zone, used in year.zones),
    "kinds": lambda year: ((kind, *_counts(used)) for kind, used in year.kinds),
    "months": lambda year: ((f"{year.year}-{month:02d}", *_counts(used)) for month, used in year.months),
    "times": lambda year: iter(sorted(year.days_taken.items())),
    "after": _after,
}


def rows(year: YearFigures, key: str) -> Iterator[tuple[Any, ...]]:
    """The rows of one file, in the order of its columns."""
    for row in _ROWS[key](year):
        yield (year.scheme.key, year.scheme.currency, *row)
