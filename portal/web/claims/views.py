"""Finance and the claims: who owes costs, an invoice or a payment, and registering what comes; page and file alike."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import claiming, paying
from portal.domain.application import Application
from portal.domain.fields import read_date
from portal.domain.money import Unreadable, read_amount
from portal.domain.refusal import N_, Refused
from portal.finance import downloads
from portal.finance.sheets import CLAIMS
from portal.forms.typed import clean, whole
from portal.store import applications
from portal.web import current, limits, render
from portal.web.claims import page as claims_page
from portal.web.claims import register
from portal.web.finance.views import asked_profile, manner, sent_file
from portal.web.guard import guard
from portal.web.language import _, spoken, words

blueprint = Blueprint("claims", __name__, url_prefix="/finance/claims")

NO_DAY = N_("Write a date that exists, such as 2026-03-01.")
_FIELDS = {
    "claim.number": "invoice_number",
    "claim.above": "amount",
    "claim.zero": "amount",
    "text.too-long": "invoice_number",
    "payment.future": "paid_on",
    "payment.early": "paid_on",
}
"""The input that a refusal speaks of."""


@blueprint.get("")
@guard("see-finance")
def claims() -> ResponseReturnValue:
    """The page, or the list in it."""
    reader = current.person()
    page = claims_page.build(current.reading(), reader, claims_page.asked(request.args, reader))
    return render.fragment("claims/_list.html", page, of="claims/claims.html")


@blueprint.get("/claims.csv")
@guard("see-finance")
@limits.exports
def download() -> ResponseReturnValue:
    """The claims that the page with this address shows, all of them."""
    profile, wish = asked_profile(), claims_page.asked(request.args, current.person())
    zone = current.settings().zone
    pieces = downloads.claims(current.database(), wish.filter, manner(profile), zone)
    return sent_file(pieces, CLAIMS, wish.fund, current.today())


@blueprint.get("/<number>")
@guard("register-payment", application=True)
def claim(application: Application) -> ResponseReturnValue:
    """One claim, with what finance can do."""
    return render.page("claims/claim.html", register.build(application))


@blueprint.post("/<number>/invoice")
@guard("register-payment", application=True)
def invoice(application: Application) -> ResponseReturnValue:
    """Register the invoice; what it leaves over goes back to the budget period at once."""
    typed = _typed("invoice_number", "invoice_on", "amount")
    currency, wrong = current.scheme(application.scheme).currency, {}
    amount, invoice_on = 0, None
    try:
        amount = read_amount(typed["amount"], currency)
    except Unreadable as unreadable:
        rule = current.scheme(application.scheme).form_rules[unreadable.code]
        wrong["amount"] = words(rule.message)
    if (invoice_on := _day(typed["invoice_on"])) is None:
        wrong["invoice_on"] = _(NO_DAY)
    if wrong:
        return _again(application, typed, wrong)
    how = {"invoice_number": typed["invoice_number"], "invoice_on": invoice_on, "amount": amount}
    return _do(application, typed, claiming.register_invoice, _("The invoice is registered."), **how)


@blueprint.post("/<number>/release")
@guard("register-payment", application=True)
def release(application: Application) -> ResponseReturnValue:
    """Let the whole grant go back to its budget period."""
    return _do(application, {}, claiming.release, _("The money has gone back to the fund."))


@blueprint.post("/<number>/paid")
@guard("register-payment", application=True)
def paid(application: Application) -> ResponseReturnValue:
    """Mark the invoice as paid."""
    typed = _typed("paid_on")
    paid_on = _day(typed["paid_on"])
    if paid_on is None:
        return _again(application, typed, {"paid_on": _(NO_DAY)})
    return _do(application, typed, paying.mark_paid, _("It is marked as paid."), paid_on=paid_on)


def _do(
    application: Application, typed: dict[str, str], action: Any, done: str, **how: Any
) -> ResponseReturnValue:
    """Run the action and go on to the page; what is refused is said on it, beside what was typed."""
    if action is not claiming.release:
        how["schemes"] = current.schemes()
    if action is not paying.mark_paid:
        how["revision"] = _revision()
    try:
        current.act(action, number=application.number, **how)
    except Refused as refused:
        said = spoken(refused.refusal)
        field = _FIELDS.get(refused.refusal.code)
        if field is None and not refused.refusal.code.startswith(("claim.", "payment.")):
            raise
        return _again(application, typed, {field: said} if field else {}, error="" if field else said)
    render.say(done)
    return render.redirect(url_for("claims.claim", number=application.number))


def _again(
    application: Application, typed: dict[str, str], wrong: dict[str, str], *, error: str = ""
) -> ResponseReturnValue:
    fresh = applications.get(current.reading(), number=application.number)
    page = register.build(fresh, typed=typed, errors=wrong, error=error)
    return render.page("claims/claim.html", page, status=render.REFUSED if wrong else 409)


def _typed(*names: str) -> dict[str, str]:
    return {name: clean(request.form.get(name, ""), 200) for name in names}


def _day(typed: str) -> date | None:
    try:
        return read_date(typed)
    except Unreadable:
        return None


def _revision() -> int:
    found = whole(request.form.get("revision", ""))
    return abort(400) if found is None else found
