"""Two people in finance: what one prepares, another confirms, and only then is it done. Off without SECOND_FINANCE.

Preparing goes through with the very act and takes it back again, so nothing is prepared that could not be done that
day; confirming does it as the first person, judged anew, in one transaction with the second one's word.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from portal.actions import claiming, paying, submitting
from portal.actions.cases import said, take
from portal.actions.notices import tell_person
from portal.domain.access import NOT_FOUND, is_party, may_settle
from portal.domain.application import Application, Status
from portal.domain.claim import Claim
from portal.domain.payment import (
    PREPARED_BEFORE,
    Prepared,
    is_to_confirm,
    may_settle_prepared,
    payee_fields,
    shown_digest,
)
from portal.domain.person import FINANCE, Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.scheme import Scheme
from portal.schemes.loader import Schemes
from portal.store import applications, audit, claims, payments, people, signing
from portal.store.session import Clash, NotFound, Session

ACTS: Mapping[str, Callable[..., Any]] = {
    "make-batch": paying.make_batch,
    "correct-invoice": claiming.correct_invoice,
    "register-invoice": claiming.register_invoice,
    "release": claiming.release,
    "correct-payee": claiming.correct_payee,
    "cancel": submitting.cancel,
}
_KEPT: Mapping[str, tuple[str, ...]] = {
    "correct-payee": ("revision", "was", "answers"),
    "cancel": ("revision",),
}
"""What is kept besides of acts that do not ask themselves whether all is as it was shown: confirming them asks."""
WHY_NOT = Refusal("prepared.reason", N_("Say why you decline it."))


def do(
    session: Session, *, act: str, second: bool, schemes: Schemes, by: Person, at: datetime, **how: Any
) -> Any:
    """Do one of these acts, or keep it prepared where a `second` person is to confirm it. Raises Refused as the act.

    What a party does to their own case is done at once, and so is what moves no money or has been done before.
    """
    application = None if act == "make-batch" else applications.find(session, number=how["number"])
    if not second or _at_once(session, act, application, by):
        return _run(session, act, how, schemes, by=by, at=at)
    if application is None:
        fund, scheme = how["fund"], next(each for each in schemes.values() if each.fund == how["fund"])
        due = paying.with_references(paying.due_for(session, how["fund"], by)[0], schemes)
        how["only"] = [list(paying.line_of(each)) for each, _reference in due]
    else:
        fund, scheme = application.fund, schemes[application.scheme]
    if payments.find_waiting(session, fund if application is None else application.id) is not None:
        raise Refused(PREPARED_BEFORE)
    before = None if application is None else _as_it_is(session, application, scheme)
    trial = session.begin_nested()
    done = _run(session, act, how, schemes, by=by, at=at)
    if application is None or before is None:
        amount, released, waits = done.paid_amount + done.reversed_amount, 0, True
    else:
        (claim, was), (after, becomes) = before, _as_it_is(session, application, scheme)
        amount, released = how.get("amount", 0), after.released_amount - claim.released_amount
        waits = is_to_confirm(scheme, act, released, invoiced=claim.invoice_amount > 0)
        more = {"revision": claim.revision, "was": was, "answers": becomes}
        how |= {name: more[name] for name in _KEPT.get(act, ())}
        if act == "correct-payee":
            waits = was != becomes
    if not waits:
        trial.commit()
        return done
    trial.rollback()
    kept = {key: value.isoformat() if isinstance(value, date) else value for key, value in how.items()}
    values = {
        "how": kept,
        "amount": amount,
        "released_amount": released,
        "prepared_by": by.id,
        "prepared_at": at,
    }
    try:
        application_id = None if application is None else application.id
        made = payments.add_prepared(session, fund=fund, application_id=application_id, act=act, **values)
    except Clash:
        raise Refused(PREPARED_BEFORE) from None
    prepared = payments.get_prepared(session, made)
    for each in confirmers(session, prepared, at=at):
        tell_person(session, "to-confirm", each.id, at=at, occasion=made, number=str(made))
    told = {"prepared": made, "what": act, "amount": amount, "released": released}
    audit.log(session, "prepare", by, at, application_id, fund=fund, **told)
    return prepared


def _at_once(session: Session, act: str, application: Application | None, by: Person) -> bool:
    """Whether nobody has to confirm it: a party's own act, one that moves no money, or one that is done already."""
    if act == "make-batch":
        return False
    if application is None or is_party(by, application) or claims.find(session, application.id) is None:
        return True
    return act == "cancel" and application.status is Status.CANCELLED


def _as_it_is(session: Session, application: Application, scheme: Scheme) -> tuple[Claim, dict[str, Any]]:
    """The claim, and what is said of who is paid."""
    answers = claims.answered(session, application)
    said_of = {each.name: answers.get(each.name, "") for each in payee_fields(scheme, answers)}
    return claims.get(session, application.id), said_of


def _run(
    session: Session, act: str, how: Mapping[str, Any], schemes: Schemes, *, by: Person, at: datetime
) -> Any:
    more = {} if act == "release" else {"schemes": schemes}
    return ACTS[act](session, **how, **more, by=by, at=at)


def confirmers(session: Session, prepared: Prepared, *, at: datetime) -> list[Person]:
    """Who can confirm it: others in finance of the fund who take part in none of its cases."""
    finance = people.with_role(session, FINANCE, day=at.date(), fund=prepared.fund)
    return [
        each
        for each in finance
        if each.id != prepared.prepared_by and not prepared.cases & signing.cases_of(session, each.id)
    ]


def may_settle_it(
    session: Session, prepared: Prepared, act: str, by: Person, *, at: datetime
) -> Refusal | None:
    """None when the person may confirm, decline or take-back it now, else why not; `access.NOT_FOUND` for outsiders."""
    own = signing.cases_of(session, by.id)
    for case in prepared.cases or {0}:
        if (refusal := may_settle(by, prepared.fund, case, own)) is not None:
            return refusal
    preparers = [each.id for each in people.with_role(session, FINANCE, day=at.date(), fund=prepared.fund)]
    return may_settle_prepared(prepared, act, by.id, preparers)


def confirm(session: Session, *, prepared_id: int, schemes: Schemes, by: Person, at: datetime) -> Prepared:
    """Do what somebody else prepared. Raises Refused, also as the act does that can no longer be done."""
    prepared = _take(session, prepared_id, "confirm", by, at)
    how = dict(prepared.how)
    if prepared.act == "make-batch":
        how["number"] = payments.last_number(session, prepared.fund) + 1
    elif "invoice_on" in how:
        how["invoice_on"] = prepared.invoice_on
    if prepared.act in _KEPT:
        take(session, number=how["number"], act="see", by=by)
        if is_stale(session, prepared, schemes):
            raise Refused(claiming.CHANGED)
        how = {name: each for name, each in how.items() if name not in ("revision", "was")}
    first = people.get(session, prepared.prepared_by, day=at.date())
    _run(session, prepared.act, how, schemes, by=first, at=at)
    return _settle(session, prepared, "confirm-prepared", "confirmed", by, at)


def decline(session: Session, *, prepared_id: int, reason: str, by: Person, at: datetime) -> Prepared:
    """Say that it is not to be done, and why; who prepared it is told. Raises Refused."""
    prepared = _take(session, prepared_id, "decline", by, at)
    if not (why := said(reason)):
        raise Refused(WHY_NOT)
    return _settle(session, prepared, "decline-prepared", "declined", by, at, why)


def take_back(session: Session, *, prepared_id: int, by: Person, at: datetime) -> Prepared:
    """Let what one prepared oneself wait no more. Raises Refused."""
    prepared = _take(session, prepared_id, "take-back", by, at)
    if prepared.prepared_by != by.id:
        raise Refused(NOT_FOUND)
    return _settle(session, prepared, "take-back-prepared", "taken-back", by, at)


def _take(session: Session, prepared_id: int, act: str, by: Person, at: datetime) -> Prepared:
    try:
        prepared = payments.get_prepared(session, prepared_id, for_update=True)
    except NotFound:
        raise Refused(NOT_FOUND) from None
    refuse(may_settle_it(session, prepared, act, by, at=at))
    return prepared


def _settle(
    session: Session, prepared: Prepared, act: str, outcome: str, by: Person, at: datetime, reason: str = ""
) -> Prepared:
    payments.settle_prepared(session, prepared.id, outcome, by=by.id, at=at, reason=reason)
    if by.id != prepared.prepared_by:
        kind, number = f"prepared-{outcome}", str(prepared.id)
        tell_person(session, kind, prepared.prepared_by, at=at, occasion=prepared.id, number=number)
    told: dict[str, Any] = {"prepared": prepared.id, "what": prepared.act, "first": prepared.prepared_by}
    audit.log(session, act, by, at, prepared.application_id, fund=prepared.fund, **told)
    return payments.get_prepared(session, prepared.id)


def is_stale(session: Session, prepared: Prepared, schemes: Schemes) -> bool:
    """Whether what it was prepared of has changed since, so that confirming it would be refused."""
    if prepared.application_id is not None:
        application = applications.get_by_id(session, prepared.application_id)
        claim, payee = _as_it_is(session, application, schemes[application.scheme])
        was, how = prepared.how.get("was", payee), prepared.how
        return (claim.revision, payee) != (how.get("revision"), was)
    rows = lines_of(session, prepared, schemes)
    return shown_digest([(each.payment, reference) for each, reference in rows]) != prepared.how.get("shown")


def lines_of(session: Session, prepared: Prepared, schemes: Schemes) -> list[Any]:
    """The rows of a prepared batch that are due still, each with its reference."""
    due = paying.with_references(payments.due(session, prepared.fund), schemes)
    return [(each, reference) for each, reference in due if paying.line_of(each) in prepared.lines]
