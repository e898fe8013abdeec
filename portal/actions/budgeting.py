"""Opening the budget: the periods of every scheme, as their files allocate them."""

from datetime import datetime

from portal.actions.cases import Schemes
from portal.domain.person import Person
from portal.store import audit, budgets
from portal.store.session import Session


def open_budget(session: Session, *, schemes: Schemes, by: Person | None, at: datetime) -> bool:
    """Let every scheme's periods hold what its file allocates; whether anything changed, which alone is logged."""
    changed = False
    for scheme in schemes.values():
        before = budgets.standings(session, scheme)
        budgets.ensure_periods(session, scheme)
        after = budgets.standings(session, scheme)
        for one, other in zip(before, after, strict=True):
            if one == other:
                continue
            changed = True
            opened = {"scheme": scheme.key, "period": other.key}
            audit.log(session, "open-budget", by, at, **opened, allocated=other.allocated_amount)
    return changed
