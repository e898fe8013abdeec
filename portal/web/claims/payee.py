"""Who is paid by a grant, to be corrected by its parties or by finance until it stands in a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import preparing
from portal.domain.application import Application
from portal.domain.payment import IN_BATCH, PREPARED_BEFORE, Prepared, payee_fields
from portal.domain.refusal import Refusal, Refused
from portal.domain.scheme import Field
from portal.forms.typed import clean
from portal.store import claims, payments
from portal.web import current, render
from portal.web.claims.costs import Desk, lay_out
from portal.web.guard import guard
from portal.web.language import _, words
from portal.web.payments.prepared import prepared_now

blueprint = Blueprint("payee", __name__, url_prefix="/applications/<number>/payee")


@dataclass(frozen=True, slots=True)
class PayeePage:
    """The questions that say who is paid, with what was answered last or has just been typed."""

    desk: Desk
    fields: Sequence[Field]
    typed: Mapping[str, str]
    errors: Mapping[str, list[str]]
    refusal: Refusal | None
    """Why the payee stays."""
    waits: Prepared | None
    """What is prepared and waits for a second person in finance, who alone are told of it here."""


@blueprint.get("")
@guard("correct-payee", application=True)
def show(application: Application) -> ResponseReturnValue:
    """Who is paid, and whether it can still be corrected."""
    return render.page("claims/payee.html", _page(application))


@blueprint.post("")
@guard("correct-payee", application=True)
def correct(application: Application) -> ResponseReturnValue:
    """Keep who is paid, when the fund's rules have nothing against it."""
    typed = {name: clean(text, 1000) for name, text in request.form.items()}
    try:
        how = {"number": application.number, "schemes": current.schemes(), "answers": typed}
        came = current.act(preparing.do, act="correct-payee", second=current.settings().second_finance, **how)
    except Refused as refused:
        if not refused.refusal.code.startswith(("payee.", "claim.", "prepared.")):
            raise
        stays = None if refused.refusal == PREPARED_BEFORE else refused.refusal
        page = _page(application, typed, refusal=stays)
        return render.page("claims/payee.html", page, status=409)
    if isinstance(came, Prepared):
        return prepared_now(came)
    if came:
        errors: dict[str, list[str]] = {}
        for each in came:
            errors.setdefault(each.field, []).append(words(each.message))
        return render.page("claims/payee.html", _page(application, typed, errors), status=render.REFUSED)
    render.say(_("Who is paid is kept. The parties of the application are told."))
    return render.redirect(url_for("payee.show", number=application.number))


def _page(
    application: Application,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    refusal: Refusal | None = None,
) -> PayeePage:
    session, desk = current.reading(), lay_out(application)
    fields = payee_fields(desk.scheme, desk.answers)
    stays = IN_BATCH if claims.is_in_batch(session, application.id) else None
    kept = {each.name: str(desk.answers.get(each.name) or "") for each in fields}
    pays = current.person().pays(application.fund)
    waits = payments.find_waiting(session, application.id) if pays else None
    return PayeePage(desk, fields, {**kept, **(typed or {})}, errors or {}, refusal or stays, waits)
