"""The money: opening the budget, and after a grant the actual costs, the invoices, and releasing what is not used.

"Fakturering av konferenskostnader bör ske skyndsamt efter beslut om godkännande och senast 1 mån efter kursstart."
What is not used goes back to its budget period in the same transaction. Paying is `paying`'s.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from portal.actions.cases import check_settles, said, take
from portal.actions.judging import payee_wrong, said_of_costs
from portal.actions.notices import tell_parties
from portal.domain.access import NOT_FOUND, is_party, may
from portal.domain.application import Application, Status
from portal.domain.assessment import Finding
from portal.domain.claim import (
    NOT_GRANTED,
    Claim,
    Invoice,
    Payable,
    Stage,
    check_invoice,
    check_return,
    due_on,
    is_invoiced,
    may_correct,
    may_move,
    payable,
    standing_of,
)
from portal.domain.money import Money
from portal.domain.payment import IN_BATCH, NO_PAYEE, payee_fields
from portal.domain.periods import far_away, local_day
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.scheme import LANGUAGES, Scheme, Severity
from portal.letters.orders import order_basis_anew
from portal.schemes.loader import Schemes
from portal.store import audit, budgets, claims, documents, signing
from portal.store.session import Session

CHANGED = Refusal(
    "claim.changed",
    N_("The claim has changed since the page was shown. Nothing was saved. Look at it again."),
)
UNREADABLE = Refusal("claim.unreadable", N_("Some of the costs have to be corrected first."))
BELOW_INVOICED = Refusal(
    "claim.below-invoiced",
    N_("More than these costs give is invoiced already. Finance has to correct an invoice first."),
)
PERIOD_SHORT = Refusal(
    "claim.period-short",
    N_("The budget period has less left than is to be taken from it again. Nothing was saved."),
)
NO_PROOF = Refusal(
    "claim.proof", N_("Attach what the fund asks for first: receipts, or proof of attendance.")
)
NO_REASON = Refusal("claim.reason", N_("Say why."))
NOTHING_CHANGED = Refusal("claim.same", N_("Nothing of the invoice is changed."))
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
    application, claim = take_claim(session, number, "state-costs", by)
    scheme = schemes[application.scheme]
    if not is_invoiced(scheme):
        raise Refused(NOT_INVOICED)
    _check(claim, "state", revision)
    answers = claims.answered(session, application)
    if payee_wrong(scheme, scheme.kinds[application.kind], answers, at=at):
        raise Refused(NO_PAYEE)
    worth = payable(scheme, application.kind, answers, costs, claim.granted_amount)
    if any(each.severity is Severity.BLOCKS for each in said_of_costs(scheme, worth.typed, at=at)):
        raise Refused(UNREADABLE)
    kept = {"costs": list(costs.get("costs", []))}
    stated = {"costs": kept, "payable_amount": worth.amount, "stated_at": at, "stated_by": by.id}
    if not set(scheme.payment.get("costs_proof", ())) <= {
        each.kind for each in documents.of_claim(session, application.id)
    }:
        raise Refused(NO_PROOF)
    invoices = claims.invoices_of(session, application.id)
    if worth.amount < sum(each.amount for each in invoices if each.stands):
        raise Refused(BELOW_INVOICED)
    stage = Stage.STATED if claim.stage is Stage.WAITING else claim.stage
    claims.move(session, claim, stage=stage, **stated)
    order_basis_anew(session, scheme, application, answers, worth, at=at)
    audit.log(session, "state-costs", by, at, application.id, payable=worth.amount)
    return worth


def correct_payee(
    session: Session,
    *,
    number: str,
    schemes: Schemes,
    answers: Mapping[str, str],
    by: Person,
    at: datetime,
) -> tuple[Finding, ...]:
    """Say who is paid, until it stands in a batch; says what the fund's rules have against it, and then keeps nothing.

    The parties are told, so that nobody's account changes unseen. Raises Refused.
    """
    application = take(session, number=number, act="see", by=by)
    refuse(may(by, "correct-payee", application))
    if not is_party(by, application):
        check_settles(session, application, by)
    claim = claims.find(session, application.id, for_update=True)
    if claim is None or application.status is not Status.GRANTED:
        raise Refused(NOT_GRANTED)
    if claims.is_in_batch(session, application.id):
        raise Refused(IN_BATCH)
    scheme, before = schemes[application.scheme], claims.answered(session, application)
    names = [each.name for each in payee_fields(scheme, before)]
    after = {
        name: said(answers.get(name, ""), longest=scheme.main_kind.fields[name].max_length) for name in names
    }
    changed = [name for name in names if after[name] != before.get(name, "")]
    wrong = payee_wrong(scheme, scheme.main_kind, {**before, **after}, at=at)
    if wrong or not changed:
        return wrong
    payee_id = claims.add_payee(session, application.id, after, by=by.id, at=at)
    ends = {}
    if (account := scheme.payment.get("account_field")) in changed:
        ends = {"was": _last_digits(before.get(account)), "is": _last_digits(after[account])}
    worth = None
    if claim.stage is not Stage.WAITING:
        worth = payable(scheme, application.kind, before, claim.costs, claim.granted_amount)
    order_basis_anew(session, scheme, application, {**before, **after}, worth, at=at)
    labels = [scheme.main_kind.fields[name].label for name in changed]
    what = {language: ", ".join(each[language] for each in labels) for language in LANGUAGES}
    tell_parties(session, "payee-corrected", application, at=at, occasion=str(payee_id), what=what)
    audit.log(
        session, "correct-payee", by, at, application.id, payee=payee_id, fields="+".join(changed), **ends
    )
    return ()


def _last_digits(account: object) -> str:
    return "".join(filter(str.isdigit, str(account or "")))[-3:]


def register_invoice(
    session: Session,
    *,
    number: str,
    schemes: Schemes,
    invoice_number: str,
    invoice_on: date | None,
    amount: int,
    whole: bool,
    revision: int,
    by: Person,
    at: datetime,
) -> Claim:
    """Register an invoice (minor units); when it is the `whole`, what is left of the grant goes back at once.

    Raises Refused when above what is payable, too late, changed, or not finance's.
    """
    application, claim = take_claim(session, number, "register-payment", by)
    _check(claim, "invoice", revision)
    scheme, name = schemes[application.scheme], said(invoice_number, longest=80)
    others, today = claims.invoices_of(session, application.id), local_day(at, scheme)
    refuse(check_invoice(claim, others, name, amount, scheme.currency, invoice_on, today))
    kept: dict[str, Any] = {"number": name, "day": invoice_on, "amount": amount, "by": by.id, "at": at}
    invoice_id = claims.add_invoice(session, application.id, **kept)
    released = settle(session, application, claim, whole=whole, at=at)
    told = {"amount": amount, "released": released, "whole": whole}
    audit.log(session, "register-invoice", by, at, application.id, invoice=invoice_id, **told)
    return claims.get(session, application.id)


def release(session: Session, *, number: str, reason: str, revision: int, by: Person, at: datetime) -> Claim:
    """Let what is not invoiced go back to the budget period, because no more will be. Raises Refused."""
    application, claim = take_claim(session, number, "register-payment", by)
    _check(claim, "release", revision)
    why = _said_why(reason)
    released = settle(session, application, claim, whole=True, at=at, release_reason=why)
    tell_parties(session, "released", application, at=at)
    audit.log(session, "release", by, at, application.id, released=released)
    return claims.get(session, application.id)


def correct_invoice(
    session: Session,
    *,
    number: str,
    schemes: Schemes,
    invoice_id: int,
    invoice_number: str,
    invoice_on: date | None,
    amount: int,
    whole: bool,
    reason: str,
    revision: int,
    by: Person,
    at: datetime,
) -> Claim:
    """Let an invoice stand with other values, or with an amount of 0 no more; what it said stays beside it.

    What stood in a batch is taken back by the next one, and the money goes back to the period or is taken again from it
    at once. Raises Refused, also when the period has less left.
    """
    application, claim = take_claim(session, number, "register-payment", by, cancelled=True)
    _check(claim, "correct", revision)
    scheme, name, why = schemes[application.scheme], said(invoice_number, longest=80), _said_why(reason)
    before = _invoice(session, application, invoice_id)
    refuse(may_correct(before))
    if (name, invoice_on, amount) == (before.number, before.invoice_on, before.amount):
        raise Refused(NOTHING_CHANGED)
    claims.change_invoice(session, before.id, credited_at=at, credited_by=by.id, credit_reason=why)
    changed: dict[str, Any] = {"invoice": before.id, "was": before.amount, "amount": amount}
    if amount:
        if application.status is not Status.GRANTED:
            raise Refused(NOT_GRANTED)
        others, today = claims.invoices_of(session, application.id), local_day(at, scheme)
        refuse(check_invoice(claim, others, name, amount, scheme.currency, invoice_on, today))
        kept: dict[str, Any] = {"number": name, "day": invoice_on, "amount": amount, "by": by.id, "at": at}
        changed["by"] = claims.add_invoice(session, application.id, **kept, replaces=before.id)
        changed |= {"was_on": _iso(before.invoice_on), "on": _iso(invoice_on)}
    whole = whole or application.status is not Status.GRANTED
    changed["released"] = settle(session, application, claim, whole=whole, at=at)
    tell_parties(session, "invoice-corrected", application, at=at, occasion=str(before.id))
    act = "correct-invoice" if amount else "credit-invoice"
    audit.log(session, act, by, at, application.id, **changed)
    return claims.get(session, application.id)


def register_return(
    session: Session,
    *,
    number: str,
    schemes: Schemes,
    invoice_id: int,
    amount: int,
    returned_on: date | None,
    revision: int,
    by: Person,
    at: datetime,
) -> Claim:
    """Register how much has come back, in all, of an invoice that was paid; it goes back to the budget period at once.

    Saying less corrects what was said before. Raises Refused.
    """
    application, claim = take_claim(session, number, "register-payment", by, cancelled=True)
    _check(claim, "return", revision)
    scheme, invoice = schemes[application.scheme], _invoice(session, application, invoice_id)
    refuse(check_return(invoice, amount, returned_on, scheme.currency, local_day(at, scheme)))
    claims.change_invoice(
        session, invoice.id, returned_amount=amount, returned_on=returned_on if amount else None
    )
    whole = claim.is_whole or application.status is not Status.GRANTED
    released = settle(session, application, claim, whole=whole, at=at)
    told = {"invoice": invoice.id, "was": invoice.returned_amount, "amount": amount, "released": released}
    audit.log(session, "return-payment", by, at, application.id, **told, on=_iso(returned_on))
    return claims.get(session, application.id)


def settle(
    session: Session, application: Application, claim: Claim, *, whole: bool, at: datetime, **more: Any
) -> int:
    """Keep where the invoices bring the claim, and move the money with it; gives what went back to the period.

    Raises Refused when more is to be taken than the period has left.
    """
    came = standing_of(claim, claims.invoices_of(session, application.id), whole=whole)
    back = came.released_amount - claim.released_amount
    period_id = signing.get_decision(session, application.id).period_id
    if back and period_id is not None:
        entry: dict[str, Any] = {"period_id": period_id, "application_id": application.id, "at": at}
        if back > 0:
            budgets.give_back(session, amount=back, kind="release", **entry)
        elif not budgets.reserve(session, amount=-back, kind="retake", **entry):
            raise Refused(PERIOD_SHORT)
    claims.move(session, claim, **asdict(came), **more)
    return back


def take_back_unpaid(
    session: Session, application: Application, claim: Claim, reason: str, *, by: Person, at: datetime
) -> None:
    """Credit what is not paid of a grant that is cancelled; its money moves with that. A batch takes back its own."""
    for each in claims.invoices_of(session, application.id):
        if each.stands and each.paid_on is None:
            credited = {"credited_at": at, "credited_by": by.id, "credit_reason": reason}
            claims.change_invoice(session, each.id, **credited)
    came = standing_of(claim, claims.invoices_of(session, application.id), whole=True)
    claims.move(session, claim, **asdict(came))


def _invoice(session: Session, application: Application, invoice_id: int) -> Invoice:
    found = (each for each in claims.invoices_of(session, application.id) if each.id == invoice_id)
    if (invoice := next(found, None)) is None:
        raise Refused(NOT_FOUND)
    return invoice


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _said_why(reason: str) -> str:
    if not (why := said(reason)):
        raise Refused(NO_REASON)
    return why


def take_claim(
    session: Session, number: str, act: str, by: Person, *, cancelled: bool = False
) -> tuple[Application, Claim]:
    """The granted (or cancelled) application and its claim, both under row locks. Raises Refused."""
    application = take(session, number=number, act="see", by=by)
    refuse(may(by, act, application))
    if act == "register-payment":
        check_settles(session, application, by)
    claim = claims.find(session, application.id, for_update=True)
    if claim is None:
        raise Refused(NOT_FOUND)
    if application.status is not Status.GRANTED and not (
        cancelled and application.status is Status.CANCELLED
    ):
        raise Refused(NOT_GRANTED)
    return application, claim


def _check(claim: Claim, act: str, revision: int) -> None:
    refuse(may_move(claim, act))
    if revision != claim.revision:
        raise Refused(CHANGED)


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


NO_PERIOD = Refusal("budget.period", N_("There is no such budget period."))
NO_SOURCE = Refusal("budget.source", N_("Say where the figure comes from."))


def state_opening(
    session: Session,
    *,
    scheme: Scheme,
    period: str,
    amount: int,
    on: date,
    source: str,
    by: Person | None,
    at: datetime,
) -> None:
    """State what was used of a budget period before the portal (minor units), until a day and by a source.

    Raises Refused when more is granted already than would be left.
    """
    refuse(far_away("budget.day", on, local_day(at, scheme)))
    why = said(source, longest=500)
    if not why:
        raise Refused(NO_SOURCE)
    budgets.ensure_periods(session, scheme)
    standing = next((each for each in budgets.standings(session, scheme) if each.key == period), None)
    if standing is None:
        raise Refused(NO_PERIOD)
    most = standing.left + standing.opening_amount
    if amount > most:
        values = {"amount": Money(most, scheme.currency)}
        raise Refused(
            Refusal("budget.opening", N_("At most %(amount)s of the period is not granted."), values)
        )
    budgets.set_opening(session, standing, amount=amount, on=on, source=why)
    stated = {"scheme": scheme.key, "period": period, "until": on.isoformat()}
    audit.log(session, "state-opening", by, at, **stated, amount=amount)
