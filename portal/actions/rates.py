"""Loading a central bank's table of exchange rates, from which pages suggest rates."""

from collections.abc import Sequence
from datetime import datetime

from portal.domain.access import NOT_FOUND, may
from portal.domain.person import Person
from portal.domain.rates import ReferenceRates
from portal.domain.refusal import Refused
from portal.store import audit, rates
from portal.store.session import Session


def load_rates(
    session: Session, *, tables: Sequence[ReferenceRates], by: Person | None, at: datetime
) -> None:
    """Keep the tables in place of those of the same days; None is the command line. Raises Refused."""
    if by is not None and may(by, "register-payment") is not None:
        raise Refused(NOT_FOUND)
    rates.replace_all(session, tables, at)
    first, last = tables[0].on.isoformat(), tables[-1].on.isoformat()
    audit.log(
        session, "load-rates", by, at, days=len(tables), first=first, last=last, source=tables[0].source
    )
