"""The money: opening the budget, and after a grant the actual costs, the invoice, and releasing what is not used.

"Fakturering av konferenskostnader bör ske skyndsamt efter beslut om godkännande och senast 1 mån efter kursstart."
What is not used goes back to its budget period in the same transaction. Paying is `paying`'s.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal.actions.cases import check_settles, said, take
from portal.domain.access import NOT_FOUND, may
from portal.domain.application import Application, Status
from portal.domain.claim import (
    NOT_GRANTED,
    Claim,
    Payable,
    Stage,
    check_invoice,
    due_on,
    is_invoiced,
    may_move,
    payable,
)
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.scheme import Scheme
from portal.schemes.loader import Schemes
from portal.store import applications, audit, budgets, claims, signing
from portal.store.session import Session

CHANGED = Refusal(
    "claim.changed",
    N_("The claim has changed since the page was shown. Nothing was saved. Look at it again."),
)
UNREADABLE = Refusal("claim.unreadable", N_("Some of the costs cannot be read. Correct them and send again."))
NOT_INVOICED = Refusal(
    "claim.not-invoiced", N_("This fund pays what was decided, so there are no costs to state.")
)


def open_claim(
    session: Session, scheme: Scheme, application: Application, amount: int, *, at: datetime
) -> None:
    """Open the claim on a grant of the fund's main kind, in the transaction that grants it."""
    if application.kind != scheme.main_kind.key:
        return
    claims.open_claim(
        session,
        application_id=application.id,
        granted_amount=amount,
        due_on=due_on(scheme, application.starts_on, local_day(at, scheme)),
        stated=not is_invoiced(scheme),
    )


def state_costs(
    session: Session,
    *,
    number: str,
    schemes: Schemes,
    costs: Mapping[str, Any],
    revision: int,
    by: Person,
    at: datetime,
) -> Payable:
    """State the actual costs (typed lines, as in an application); they can be changed until the invoice is registered.

    `revision` is the one the page showed. Raises Refused when unreadable, too late, changed or not the person's.
    """
    application, claim = _take(session, number, "state-costs", by)
    scheme = schemes[application.scheme]
    if not is_invoiced(scheme):
        raise Refused(NOT_INVOICED)
    _check(claim, "state", revision)
    version = applications.version_of(session, application)
    worth = payable(scheme, application.kind, version.answers, costs, claim.granted_amount)
    if worth.problems:
        raise Refused(UNREADABLE)
    kept = {"costs": list(costs.get("costs", []))}
    stated = {"costs": kept, "payable_amount": worth.amount, "stated_at": at, "stated_by": by.id}
    claims.move(session, claim, Stage.STATED, **stated)
    audit.log(session, "state-costs", by, at, application.id, payable=worth.amount)
    return worth


def register_invoice(
    session: Session,
    *,
    number: str,
    schemes: Schemes,
    invoice_number: str,
    invoice_on: date | None,
    amount: int,
    revision: int,
    by: Person,
    at: datetime,
) -> Claim:
    """Register the invoice (minor units); what it leaves of the grant goes back to the budget period at once.

    Raises Refused when above what is payable, too late, changed, or not finance's.
    """
    application, claim = _take(session, number, "register-payment", by)
    _check(claim, "invoice", revision)
    scheme = schemes[application.scheme]
    name = said(invoice_number, longest=80)
    refuse(check_invoice(claim, name, amount, scheme.currency, invoice_on, local_day(at, scheme)))
    released = claims.keep_invoice(
        session, claim, number=name, day=invoice_on, amount=amount, by=by.id, at=at
    )
    _release(session, application, released, at)
    audit.log(session, "register-invoice", by, at, application.id, amount=amount, released=released)
    return claims.get(session, application.id)


def release(session: Session, *, number: str, revision: int, by: Person, at: datetime) -> Claim:
    """Let the whole grant go back to its budget period, because nothing will be paid. Raises Refused."""
    application, claim = _take(session, number, "register-payment", by)
    _check(claim, "release", revision)
    released = claim.granted_amount
    who = {"registered_at": at, "registered_by": by.id}
    claims.move(session, claim, Stage.RELEASED, released_amount=released, **who)
    _release(session, application, released, at)
    audit.log(session, "release", by, at, application.id, released=released)
    return claims.get(session, application.id)


def _take(session: Session, number: str, act: str, by: Person) -> tuple[Application, Claim]:
    """The granted application and its claim, both under row locks. Raises Refused."""
    application = take(session, number=number, act="see", by=by)
    refuse(may(by, act, application))
    if act == "register-payment":
        check_settles(session, application, by)
    claim = claims.find(session, application.id, for_update=True)
    if claim is None:
        raise Refused(NOT_FOUND)
    if application.status is not Status.GRANTED:
        raise Refused(NOT_GRANTED)
    return application, claim


def _check(claim: Claim, act: str, revision: int) -> None:
    refuse(may_move(claim, act))
    if revision != claim.revision:
        raise Refused(CHANGED)


def _release(session: Session, application: Application, amount: int, at: datetime) -> None:
    period_id = signing.get_decision(session, application.id).period_id
    if amount and period_id is not None:
        budgets.give_back(
            session, period_id=period_id, application_id=application.id, amount=amount, kind="release", at=at
        )


def open_budget(session: Session, *, schemes: Schemes, by: Person | None, at: datetime) -> bool:
    """Let every scheme's periods hold what its file allocates; whether anything changed, which alone is logged.

    Raises `budgets.Unfit` for a file that allocates less than is granted already, or no longer has that period.
    """
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
