"""The rows of the year's files, out of the very figures that the page shows; their columns are `overview_sheets`'s."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from portal.finance.overview import YearFigures
from portal.store.overview import Used


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
