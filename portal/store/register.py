"""What bears on an application besides its answers: the participant's other requests and the budget, at once."""

from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, case, outerjoin, select

from portal.domain.application import Application, Outcome
from portal.domain.scheme import Scheme
from portal.store import applications, budgets, totals
from portal.store.session import Session
from portal.store.signing import standing_amounts
from portal.store.tables import ApplicationRow, BudgetPeriodRow, ClaimRow, DecisionRow

_SURROUNDINGS = (
    select(
        *budgets.COLUMNS, *applications.COLUMNS, case((DecisionRow.outcome == Outcome.GRANT, totals.STANDING))
    )
    .select_from(outerjoin(BudgetPeriodRow, ApplicationRow, and_(*applications.REGISTERED)))
    .outerjoin(DecisionRow, DecisionRow.application_id == ApplicationRow.id)
    .outerjoin(ClaimRow, ClaimRow.application_id == ApplicationRow.id)
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
) -> tuple[list[Application], dict[int, int], int | None]:
    """A participant's requests for a year without application `but`, the last first, and what is left on a day.

    Between them what stands of those that are granted. More than one statement only for a scheme whose budget was never
    opened.
    """
    whose: dict[str, Any] = {"participant_id": participant_id, "fund": scheme.fund, "year": year}
    rows = session.execute(_SURROUNDINGS, {"scheme": scheme.key, "but": but or 0, **whose}).all()
    if rows:
        found = {row[_OWN]: row[_OWN:] for row in rows if row[_OWN] is not None}
        requests = applications.last_first(Application(*each[:-1]) for each in found.values())
        standing = {key: each[-1] for key, each in found.items() if each[-1] is not None}
    else:
        requests = applications.earlier_requests(session, but=but, **whose)
        standing = standing_amounts(session, [each.id for each in requests]) if requests else {}
    return requests, standing, None if decided_on is None else budgets.left_of(scheme, rows, decided_on)
