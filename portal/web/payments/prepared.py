"""Finance, where two people are wanted: what one has prepared, for another to confirm or decline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import preparing
from portal.domain.access import may
from portal.domain.application import Application
from portal.domain.claim import Invoice
from portal.domain.payment import Prepared
from portal.domain.person import FINANCE
from portal.domain.refusal import Refusal, Refused
from portal.domain.scheme import Scheme, Words
from portal.forms.typed import clean
from portal.language.vocabularies import PREPARED
from portal.store import applications, claims, payments, people
from portal.store.session import NotFound
from portal.web import current, proof, render
from portal.web.guard import guard, note_reading
from portal.web.language import _, spoken

blueprint = Blueprint("prepared", __name__, url_prefix="/finance/prepared")

_SETTLED = 25


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """One prepared act: what it would do, or what came of it."""

    prepared: Prepared
    scheme: Scheme
    application: Application | None
    """None for a batch."""
    before: Invoice | None
    """The invoice that is corrected, as it is."""
    rows: Sequence[Any]
    """Of a batch: those still due, each with its reference."""
    payee: Sequence[tuple[Words, str, str]]
    """Of a corrected payee: each question with what was said and what is to be."""
    names: Mapping[int, str]
    able: Sequence[str]
    """Who can confirm it."""
    stale: bool
    """Whether it can no longer be done, because what it was prepared of has changed."""
    says: Mapping[str, str]
    """The words for what is prepared."""
    acts: Mapping[str, Refusal | None]
    """confirm, decline or take-back, or why not."""
    reason: str
    errors: Sequence[str]
    error: str


@blueprint.get("")
@guard("see-payments")
def listed() -> ResponseReturnValue:
    """What waits to be confirmed in the reader's funds, and what came of the last."""
    session, me = current.reading(), current.person()
    schemes = {e.fund: e for e in current.schemes().values() if may(me, "see-payments", fund=e.fund) is None}
    waiting, settled = (
        payments.prepared_in(session, tuple(schemes), waiting=each, limit=_SETTLED) for each in (True, False)
    )
    every = [*waiting, *settled]
    ids = {each.application_id for each in every if each.application_id is not None}
    return render.page(
        "payments/prepared.html",
        waiting=waiting,
        settled=settled,
        schemes=schemes,
        numbers=applications.numbers_of(session, ids),
        names=people.names_of(session, {p for e in every for p in (e.prepared_by, e.settled_by) if p}),
        alone=alone_in_finance(),
        says=PREPARED,
    )


@blueprint.get("/<int:prepared_id>")
@guard("see-payments")
def one(prepared_id: int) -> ResponseReturnValue:
    """What it would do, and who can confirm it."""
    prepared, application = _found(prepared_id)
    if application is not None:
        note_reading(application)
    return render.page("payments/one_prepared.html", _page(prepared, application))


@blueprint.post("/<int:prepared_id>")
@guard("register-payment")
def settle(prepared_id: int) -> ResponseReturnValue:
    """Confirm it, decline it with a reason, or take it back, as the button says."""
    _found(prepared_id)
    act, reason = request.form.get("action", ""), clean(request.form.get("reason", ""), 4000)
    if act == "confirm" and (first := proof.first()) is not None:
        return first
    how: dict[str, Any] = {"prepared_id": prepared_id}
    try:
        if act == "confirm":
            current.act(preparing.confirm, schemes=current.schemes(), **how)
            render.say(_("It is confirmed and done. Who prepared it is told."))
        elif act == "decline":
            current.act(preparing.decline, reason=reason, **how)
            render.say(_("It is declined, and nothing was done. Who prepared it is told."))
        else:
            current.act(preparing.take_back, **how)
            render.say(_("It is taken back, and nothing was done."))
    except Refused as refused:
        if refused.refusal.code.startswith("access."):
            raise
        said = spoken(refused.refusal)
        beside = refused.refusal == preparing.WHY_NOT
        again = _page(*_found(prepared_id), reason, [said] if beside else [], "" if beside else said)
        return render.page("payments/one_prepared.html", again, status=render.REFUSED if beside else 409)
    return render.redirect(url_for("prepared.one", prepared_id=prepared_id))


def prepared_now(prepared: Prepared) -> ResponseReturnValue:
    """What is said and shown when an act waits instead of being done."""
    render.say(_("It is prepared. It is done once somebody else in finance confirms it."))
    return render.redirect(url_for("prepared.one", prepared_id=prepared.id))


def alone_in_finance() -> list[tuple[Scheme, str]]:
    """The funds in which nobody can confirm what the only finance person prepares, with that person, if any."""
    if not current.settings().second_finance:
        return []
    session, day = current.reading(), current.today()
    by_fund = {each.fund: each for each in current.schemes().values()}
    held = ((each, people.with_role(session, FINANCE, day=day, fund=each.fund)) for each in by_fund.values())
    return [(each, next((p.name for p in some), "")) for each, some in held if len(some) < 2]


def _found(prepared_id: int) -> tuple[Prepared, Application | None]:
    """What was prepared, with its application; 404 for what is not the reader's to see."""
    session = current.reading()
    try:
        prepared = payments.get_prepared(session, prepared_id)
    except NotFound:
        abort(404)
    application = None
    if prepared.application_id is not None:
        application = applications.get_by_id(session, prepared.application_id)
    seen = application is None or current.reads(application)
    if may(current.person(), "see-payments", fund=prepared.fund) is not None or not seen:
        abort(404)
    return prepared, application


def _page(
    prepared: Prepared,
    application: Application | None,
    reason: str = "",
    errors: Sequence[str] = (),
    error: str = "",
) -> PreparedPage:
    session, me, at, schemes = current.reading(), current.person(), current.now(), current.schemes()
    scheme = next(e for e in schemes.values() if e.fund == prepared.fund)
    acts: dict[str, Refusal | None] = {}
    if prepared.outcome is None and me.pays(prepared.fund):
        offered = ("take-back",) if prepared.prepared_by == me.id else ("confirm", "decline")
        acts = {act: preparing.may_settle_it(session, prepared, act, me, at=at) for act in offered}
    of = [] if application is None else claims.invoices_of(session, application.id)
    return PreparedPage(
        prepared=prepared,
        scheme=schemes[application.scheme] if application else scheme,
        application=application,
        before=next((each for each in of if each.id == prepared.how.get("invoice_id")), None),
        rows=preparing.lines_of(session, prepared, schemes)
        if prepared.outcome is None and not application
        else (),
        payee=_payee(schemes[application.scheme], prepared) if application else (),
        names=people.names_of(session, {p for p in (prepared.prepared_by, prepared.settled_by) if p}),
        able=[each.name for each in preparing.confirmers(session, prepared, at=at)],
        stale=prepared.outcome is None and preparing.is_stale(session, prepared, schemes),
        says=PREPARED,
        acts=acts,
        reason=reason,
        errors=errors,
        error=error,
    )


def _payee(scheme: Scheme, prepared: Prepared) -> list[tuple[Words, str, str]]:
    was, becomes = prepared.payee
    fields = scheme.main_kind.fields
    return [
        (fields[name].label, str(was.get(name) or "–"), str(text or "–")) for name, text in becomes.items()
    ]
