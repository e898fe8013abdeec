"""Finance and the claims: who owes costs, an invoice or a payment, and registering what comes; page and file alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.actions import claiming, paying, preparing
from portal.actions.cases import LONGEST
from portal.domain.access import OWN_CASE, may, may_settle
from portal.domain.application import Application
from portal.domain.claim import NOT_GRANTED, Invoice, Stage, is_invoiced, may_correct, may_move
from portal.domain.money import Unreadable, read_amount
from portal.domain.payment import NOT_IN_BATCH, Prepared
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.finance import downloads
from portal.finance.sheets import CLAIMS
from portal.forms.typed import clean, day, whole
from portal.store import applications, claim_reports, payments, people, signing
from portal.store.claim_reports import FILTERS, ClaimFilter, ClaimTotal
from portal.store.claims import with_same_invoice
from portal.store.payments import BatchPosition
from portal.web import current, limits, render
from portal.web.answers import DocumentLink, of_claim
from portal.web.claims.costs import Desk, PayablePage, has_letter, lay_out, payable_of, with_places
from portal.web.finance.views import asked_profile, editions, manner, own_first, paying_funds, sent_file
from portal.web.guard import guard
from portal.web.language import _, fund_name, spoken, stage, words
from portal.web.payments.prepared import prepared_now
from portal.web.payments.views import somebody_else

blueprint = Blueprint("claims", __name__, url_prefix="/finance/claims")

NO_DAY = N_("Write a date that exists, such as 2026-03-01.")
NOT_SAID = N_("Say whether more invoices may come.")
_FIELDS = {
    "claim.number": "invoice_number",
    "claim.above": "amount",
    "claim.day": "invoice_on",
    "claim.zero": "amount",
    "text.too-long": "invoice_number",
    "payment.future": "paid_on",
    "payment.early": "paid_on",
    "claim.reason": "reason",
    "claim.returned-above": "returned",
    "claim.returned-day": "returned_on",
}
"""The input that a refusal speaks of."""


PAGE = 25


@dataclass(frozen=True, slots=True)
class ClaimsQuery:
    """What an address asks for; what it says of no fund or stage is left out."""

    fund: str
    stage: str
    after: int | None
    filter: ClaimFilter

    def address(self, endpoint: str = "claims.claims", **changes: Any) -> str:
        """An address with the same filter, from its start unless told otherwise."""
        kept = {"fund": self.fund, "stage": self.stage} | changes
        return url_for(endpoint, **{name: value for name, value in kept.items() if value})


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """The claims of a filter, what they add up to, and the file of them."""

    query: ClaimsQuery
    funds: Mapping[str, str]
    """The names of the funds that the reader sees."""
    stages: Mapping[str, str]
    rows: Sequence[Any]
    """With the values of `store.claim_reports`."""
    totals: Sequence[ClaimTotal]
    next_href: str
    registers: frozenset[str]
    """The funds whose invoices and payments the reader sees."""


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """One claim as finance works with it."""

    desk: Desk
    payable: PayablePage
    """Of the stated costs; before that, of those applied for."""
    participant: str
    invoices: Sequence[tuple[Invoice, Sequence[BatchPosition]]]
    """Each with where it stood in batches."""
    to_pay: Invoice | None
    """The first that stood in a batch and is not marked as paid; what was credited comes last."""
    files: Sequence[DocumentLink]
    """Receipts and proof of attendance."""
    has_letter: bool
    acts: Mapping[str, Refusal | None]
    """What can be done (invoice, pay, release, correct, cancel), or why not."""
    same_invoice: Sequence[str]
    """Other applications that an invoice of the same number is registered on."""
    barred: str
    """Why the reader leaves the case to somebody else in finance, and to whom."""
    waits: Prepared | None
    """What is prepared and waits for a second person."""
    typed: Mapping[str, str]
    errors: Mapping[str, list[str]]
    error: str


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """One invoice, to be corrected or credited, and what has come back of it."""

    desk: Desk
    invoice: Invoice
    places: Sequence[BatchPosition]
    refusal: Refusal | None
    """Why it can be neither corrected nor credited."""
    settles: bool
    """Whether the reader may correct it, as far as it can be."""
    barred: str
    typed: Mapping[str, str]
    errors: Mapping[str, list[str]]
    error: str


@blueprint.get("")
@guard("see-finance")
def claims() -> ResponseReturnValue:
    """The page, or the list in it."""
    session, reader = current.reading(), current.person()
    query = _query(request.args, reader)
    rows = claim_reports.page(session, query.filter, after=query.after, limit=PAGE + 1)
    page = ClaimsPage(
        query=query,
        funds={each.fund: fund_name(each) for each in editions(reader)},
        stages={key: stage(key) for key in FILTERS},
        rows=rows[:PAGE],
        totals=own_first(claim_reports.totals(session, query.filter), reader),
        next_href=query.address(after=rows[PAGE - 1].id) if len(rows) > PAGE else "",
        registers=paying_funds(reader),
    )
    return render.fragment("claims/_list.html", page, of="claims/claims.html")


@blueprint.get("/claims.csv")
@guard("see-finance")
@limits.exports
def download() -> ResponseReturnValue:
    """The claims that the page with this address shows, all of them."""
    profile, query = asked_profile(), _query(request.args, current.person())
    pieces = downloads.claims(current.database(), query.filter, manner(profile), current.settings().zone)
    return sent_file(pieces, CLAIMS, query.fund, current.today())


def _query(args: MultiDict[str, str], reader: Person) -> ClaimsQuery:
    """Read an address: all grants that stand of all funds the reader sees, unless it says less."""
    seen = tuple(dict.fromkeys(scheme.fund for scheme in editions(reader)))
    fund = args.get("fund", "") if args.get("fund", "") in seen else ""
    wanted = args.get("stage", "") if args.get("stage", "") in FILTERS else ""
    found = ClaimFilter((fund,) if fund else seen, current.today(), wanted, but_aside=reader.id)
    return ClaimsQuery(fund, wanted, whole(args.get("after", "")), found)


@blueprint.get("/<number>")
@guard("see-payments", application=True)
def claim(application: Application) -> ResponseReturnValue:
    """One claim, with what finance can do."""
    return render.page("claims/claim.html", _page(application))


@blueprint.post("/<number>/invoice")
@guard("register-payment", application=True)
def invoice(application: Application) -> ResponseReturnValue:
    """Register an invoice; when it is all, what is left goes back to the budget period at once."""
    typed = _typed("invoice_number", "invoice_on", "amount", "whole")
    how, wrong = _invoice_in(application, typed)
    if wrong:
        return _again(application, typed, wrong)
    return _do(application, typed, "register-invoice", _("The invoice is registered."), **how)


@blueprint.post("/<number>/release")
@guard("register-payment", application=True)
def release(application: Application) -> ResponseReturnValue:
    """Let what is not invoiced go back to its budget period."""
    typed = _typed("reason", longest=LONGEST)
    done = _("The money has gone back to the fund.")
    return _do(application, typed, "release", done, reason=typed["reason"])


@blueprint.post("/<number>/paid")
@guard("register-payment", application=True)
def paid(application: Application) -> ResponseReturnValue:
    """Mark an invoice that stood in a batch as paid."""
    typed = _typed("paid_on")
    paid_on, invoice_id = day(typed["paid_on"], current.today()), whole(request.form.get("invoice", ""))
    if paid_on is None:
        return _again(application, typed, {"paid_on": _(NO_DAY)})
    how = {"paid_on": paid_on, "invoice_id": invoice_id}
    return _do(application, typed, paying.mark_paid, _("It is marked as paid."), **how)


@blueprint.get("/<number>/invoices/<int:invoice_id>")
@guard("see-payments", application=True)
def one_invoice(application: Application, invoice_id: int) -> ResponseReturnValue:
    """One invoice, with what can be corrected."""
    return render.page("claims/invoice.html", _invoice_page(application, invoice_id))


@blueprint.post("/<number>/invoices/<int:invoice_id>")
@guard("register-payment", application=True)
def correct(application: Application, invoice_id: int) -> ResponseReturnValue:
    """Correct the invoice, or credit it, as the button says."""
    typed = _typed("invoice_number", "invoice_on", "amount", "whole") | _typed("reason", longest=LONGEST)
    credited = request.form.get("action") == "credit"
    how, wrong = _invoice_in(application, typed, credited=credited)
    if wrong:
        return _again(application, typed, wrong, invoice_id=invoice_id)
    done = _("The invoice is credited.") if credited else _("The invoice is corrected.")
    how |= {"invoice_id": invoice_id, "reason": typed["reason"]}
    return _do(application, typed, "correct-invoice", done, **how)


@blueprint.post("/<number>/invoices/<int:invoice_id>/returned")
@guard("register-payment", application=True)
def returned(application: Application, invoice_id: int) -> ResponseReturnValue:
    """Register what has come back of the invoice after it was paid."""
    typed = _typed("returned", "returned_on")
    amount, wrong = _amount_in(application, typed["returned"], "returned")
    if (returned_on := day(typed["returned_on"], current.today())) is None:
        wrong["returned_on"] = _(NO_DAY)
    if wrong:
        return _again(application, typed, wrong, invoice_id=invoice_id)
    how = {"invoice_id": invoice_id, "amount": amount, "returned_on": returned_on}
    return _do(application, typed, claiming.register_return, _("It is registered."), **how)


def _amount_in(application: Application, typed: str, field: str) -> tuple[int, dict[str, str]]:
    """The amount that was typed in a field, or what is wrong with it."""
    scheme = current.scheme(application.scheme)
    try:
        return read_amount(typed, scheme.currency), {}
    except Unreadable as unreadable:
        return 0, {field: words(scheme.form_rules[unreadable.code].message)}


def _invoice_in(
    application: Application, typed: Mapping[str, str], *, credited: bool = False
) -> tuple[dict[str, Any], dict[str, str]]:
    """The invoice that was typed, as the actions take it, and what is wrong by field."""
    amount, wrong = (0, {}) if credited else _amount_in(application, typed["amount"], "amount")
    invoice_on = day(typed["invoice_on"], current.today())
    if invoice_on is None and not credited and is_invoiced(current.scheme(application.scheme)):
        wrong["invoice_on"] = _(NO_DAY)
    if typed["whole"] not in ("yes", "no"):
        wrong["whole"] = _(NOT_SAID)
    how = {"invoice_number": typed["invoice_number"], "invoice_on": invoice_on, "amount": amount}
    return {**how, "whole": typed["whole"] == "yes"}, wrong


def _do(
    application: Application, typed: dict[str, str], action: Any, done: str, **how: Any
) -> ResponseReturnValue:
    """Run the action, or the act that a second person may confirm, and go on to the claim.

    What is refused is said on the page, beside what was typed.
    """
    if action is not paying.mark_paid:
        how["revision"] = current.sent_revision()
    how |= {"number": application.number, "schemes": current.schemes()}
    try:
        if isinstance(action, str):
            came = current.act(preparing.do, act=action, second=current.settings().second_finance, **how)
        else:
            came = current.act(action, **how)
    except Refused as refused:
        said = spoken(refused.refusal)
        field = _FIELDS.get(refused.refusal.code)
        if field is None and not refused.refusal.code.startswith(("claim.", "payment.", "prepared.")):
            raise
        of = how.get("invoice_id") if action is not paying.mark_paid else None
        wrong = {field: said} if field else {}
        return _again(application, typed, wrong, error="" if field else said, invoice_id=of)
    if isinstance(came, Prepared):
        return prepared_now(came)
    render.say(done)
    return render.redirect(url_for("claims.claim", number=application.number))


def _again(
    application: Application,
    typed: dict[str, str],
    wrong: dict[str, str],
    *,
    error: str = "",
    invoice_id: int | None = None,
) -> ResponseReturnValue:
    fresh, status = applications.get(current.reading(), number=application.number), 409
    if wrong:
        status = render.REFUSED
    if invoice_id is not None:
        again = _invoice_page(fresh, invoice_id, typed, wrong, error)
        return render.page("claims/invoice.html", again, status=status)
    return render.page("claims/claim.html", _page(fresh, typed, wrong, error), status=status)


def _typed(*names: str, longest: int = 200) -> dict[str, str]:
    return {name: clean(request.form.get(name, ""), longest) for name in names}


def _barred(application: Application) -> tuple[Refusal | None, str]:
    """Why the reader only looks, and when the case is left to somebody else in finance, to whom."""
    session, me = current.reading(), current.person()
    refusal = may_settle(me, application.fund, application.id, signing.cases_of(session, me.id))
    if refusal != OWN_CASE:
        return refusal, ""
    return refusal, f"{spoken(OWN_CASE)} {somebody_else(application.fund, {application.id})}"


def _plain(amount: int) -> str:
    return f"{amount // 100},{amount % 100:02d}"


def _page(
    application: Application,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    error: str = "",
) -> ClaimPage:
    """The claim as of now; `typed` is what was sent and not accepted, for the reasons in `errors` by field."""
    session, desk = current.reading(), lay_out(application)
    refusal, barred = _barred(application)
    invoices = with_places(application)
    unpaid = [each for each, places in invoices if places and each.paid_on is None]
    to_pay = next((each for each in unpaid if each.stands), next(iter(unpaid), None))
    left = desk.claim.payable_amount - sum(each.amount for each, _places in invoices if each.stands)
    today = desk.today.isoformat()
    filled = {"amount": _plain(left), "invoice_on": today, "paid_on": today}
    return ClaimPage(
        desk=desk,
        payable=payable_of(desk, desk.stated),
        participant=people.names_of(session, {application.participant_id})[application.participant_id],
        invoices=invoices,
        to_pay=to_pay,
        files=of_claim(application),
        has_letter=desk.invoiced and has_letter(application),
        acts={} if refusal is not None else _acts(desk, invoices, to_pay),
        same_invoice=with_same_invoice(session, application.id, application.fund),
        barred=barred,
        waits=payments.find_waiting(session, application.id),
        typed={"invoice_number": "", "whole": "", "reason": "", **filled, **(typed or {})},
        errors={name: [said] for name, said in (errors or {}).items()},
        error=error,
    )


def _acts(
    desk: Desk, invoices: Sequence[tuple[Invoice, Sequence[BatchPosition]]], to_pay: Invoice | None
) -> dict[str, Refusal | None]:
    acts: dict[str, Refusal | None] = {}
    if desk.stands and desk.invoiced:
        if may_move(desk.claim, "invoice") is None:
            acts["invoice"] = None
        if desk.claim.stage is not Stage.RELEASED:
            acts["release"] = may_move(desk.claim, "release")
    if to_pay is not None:
        acts["pay"] = None
    elif any(each.stands and each.paid_on is None for each, _places in invoices):
        acts["pay"] = NOT_IN_BATCH if desk.stands else NOT_GRANTED
    if may_move(desk.claim, "correct") is None:
        acts["correct"] = None
    if desk.stands and may(current.person(), "cancel", desk.application) is None:
        acts["cancel"] = None
    return acts


def _invoice_page(
    application: Application,
    invoice_id: int,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    error: str = "",
) -> InvoicePage:
    """One invoice of the claim as of now; 404 for another's."""
    desk, found = lay_out(application), with_places(application)
    barred, says = _barred(application)
    one = next((each for each in found if each[0].id == invoice_id), None)
    if one is None:
        abort(404)
    invoice, places = one
    filled = {
        "invoice_number": invoice.number,
        "invoice_on": invoice.invoice_on.isoformat() if invoice.invoice_on else "",
        "amount": _plain(invoice.amount),
        "whole": "yes" if desk.claim.is_whole else "",
        "reason": "",
        "returned": _plain(invoice.returned_amount or invoice.amount),
        "returned_on": (invoice.returned_on or desk.today).isoformat(),
    }
    return InvoicePage(
        desk=desk,
        invoice=invoice,
        places=places,
        refusal=may_correct(invoice),
        settles=barred is None,
        barred=says,
        typed={**filled, **(typed or {})},
        errors={name: [said] for name, said in (errors or {}).items()},
        error=error,
    )
