"""Tables of exchange rates, one a day."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from portal.domain.rates import ReferenceRates
from portal.store.session import Session
from portal.store.tables import ExchangeRatesRow as R

_NEAREST = (
    select(R.rated_on, R.source, R.units)
    .where(R.rated_on <= bindparam("day"))
    .order_by(R.rated_on.desc())
    .limit(1)
)


def find_nearest(session: Session, day: date) -> ReferenceRates | None:
    """The table of that day or of the nearest before it."""
    row: Any = session.execute(_NEAREST, {"day": day}).one_or_none()
    if row is None:
        return None
    on, source, units = row
    return ReferenceRates(on, source, 3, {currency: Decimal(each) for currency, each in units.items()})


def replace_all(session: Session, tables: Iterable[ReferenceRates], at: datetime) -> None:
    """Keep the tables in place of those of the same days."""
    rows = [
        {"rated_on": each.on, "source": each.source, "loaded_at": at}
        | {"units": {currency: str(unit) for currency, unit in each.units.items()}}
        for each in tables
    ]
    session.execute(delete(R).where(R.rated_on.in_([row["rated_on"] for row in rows])))
    session.execute(insert(R), rows)
