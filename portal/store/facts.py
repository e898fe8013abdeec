"""The register and the budget in one statement, for what is judged with every key that is pressed."""

from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, outerjoin, select

from portal.domain.application import Application
from portal.domain.scheme import Scheme
from portal.store import applications, budgets
from portal.store.session import Session, run
from portal.store.tables import ApplicationRow, BudgetPeriodRow

_SURROUNDINGS = (
    select(*budgets.COLUMNS, *applications.COLUMNS)
    .select_from(outerjoin(BudgetPeriodRow, ApplicationRow, and_(*applications.REGISTERED)))
    .where(BudgetPeriodRow.scheme == bindparam("scheme"))
)
"""Each budget period of a scheme beside each request in the register: a few rows, and one statement for both."""

_OWN = len(budgets.COLUMNS)
"""Where the columns of the application begin."""


def register_and_budget(
    session: Session,
    scheme: Scheme,
    participant_id: int,
    *,
    year: int,
    decided_on: date | None,
    but: int | None = None,
) -> tuple[list[Application], int | None]:
    """A participant's requests for a year without application `but`, the last first, and what is left on a day.

    A second statement only for a scheme whose budget was never opened.
    """
    whose: dict[str, Any] = {"participant_id": participant_id, "fund": scheme.fund, "year": year}
    rows = run(session, _SURROUNDINGS, scheme=scheme.key, but=but or 0, **whose).all()
    if rows:
        found = {row[_OWN]: row[_OWN:] for row in rows if row[_OWN] is not None}
        requests = applications.last_first(Application(*each) for each in found.values())
    else:
        requests = applications.earlier_requests(session, but=but, **whose)
    return requests, None if decided_on is None else budgets.left_of(scheme, rows, decided_on)
