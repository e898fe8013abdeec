"""Finance and the claims: who owes costs, an invoice or a payment, and registering what comes; page and file alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.actions import claiming, paying
from portal.domain.access import OWN_CASE, may_settle
from portal.domain.application import Application
from portal.domain.claim import NOT_GRANTED, Stage, may_move
from portal.domain.money import Unreadable, read_amount
from portal.domain.payment import NOT_IN_BATCH
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
from portal.web.claims.costs import Desk, PayablePage, has_letter, lay_out, payable_of
from portal.web.finance.views import asked_profile, editions, manner, paying_funds, sent_file
from portal.web.guard import guard
from portal.web.language import _, fund_name, spoken, stage, words
from portal.web.payments.views import somebody_else

blueprint = Blueprint("claims", __name__, url_prefix="/finance/claims")

NO_DAY = N_("Write a date that exists, such as 2026-03-01.")
_FIELDS = {
    "claim.number": "invoice_number",
    "claim.above": "amount",
    "claim.day": "invoice_on",
    "claim.zero": "amount",
    "text.too-long": "invoice_number",
    "payment.future": "paid_on",
    "payment.early": "paid_on",
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
    places: Sequence[BatchPosition]
    has_letter: bool
    acts: Mapping[str, Refusal | None]
    """What can be done (invoice, pay, release), or why not."""
    same_invoice: Sequence[str]
    """Other applications that an invoice of the same number is registered on."""
    barred: str
    """Why the reader leaves the case to somebody else in finance, and to whom."""
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
        totals=claim_reports.totals(session, query.filter),
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
    """Register the invoice; what it leaves over goes back to the budget period at once."""
    typed = _typed("invoice_number", "invoice_on", "amount")
    scheme, wrong, amount = current.scheme(application.scheme), {}, 0
    try:
        amount = read_amount(typed["amount"], scheme.currency)
    except Unreadable as unreadable:
        wrong["amount"] = words(scheme.form_rules[unreadable.code].message)
    if (invoice_on := day(typed["invoice_on"])) is None:
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
    typed = _typed("paid_on")
    paid_on = day(typed["paid_on"])
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
        how["revision"] = current.sent_revision()
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
    page = _page(fresh, typed, wrong, error)
    return render.page("claims/claim.html", page, status=render.REFUSED if wrong else 409)


def _typed(*names: str) -> dict[str, str]:
    return {name: clean(request.form.get(name, ""), 200) for name in names}


def _page(
    application: Application,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    error: str = "",
) -> ClaimPage:
    """The claim as of now; `typed` is what was sent and not accepted, for the reasons in `errors` by field."""
    session, me, desk = current.reading(), current.person(), lay_out(application)
    places = payments.places(session, [application.id])
    refusal = may_settle(me, application.fund, application.id, signing.cases_of(session, me.id))
    barred = (
        f"{spoken(OWN_CASE)} {somebody_else(application.fund, {application.id})}"
        if refusal == OWN_CASE
        else ""
    )
    payable, today = desk.claim.payable_amount, desk.today.isoformat()
    filled = {"amount": f"{payable // 100},{payable % 100:02d}", "invoice_on": today, "paid_on": today}
    return ClaimPage(
        desk=desk,
        payable=payable_of(desk, desk.stated),
        participant=people.names_of(session, {application.participant_id})[application.participant_id],
        places=places,
        has_letter=desk.invoiced and has_letter(application),
        acts={} if refusal is not None else _acts(desk, in_batch=bool(places)),
        same_invoice=_same_invoice(desk),
        barred=barred,
        typed={"invoice_number": "", **filled, **(typed or {})},
        errors={name: [said] for name, said in (errors or {}).items()},
        error=error,
    )


def _same_invoice(desk: Desk) -> list[str]:
    if not desk.claim.invoice_number or desk.claim.invoice_on is None:
        return []
    return with_same_invoice(current.reading(), desk.claim, desk.application.fund)


def _acts(desk: Desk, *, in_batch: bool) -> dict[str, Refusal | None]:
    acts: dict[str, Refusal | None] = {}
    if desk.stands and desk.invoiced:
        if may_move(desk.claim, "invoice") is None:
            acts["invoice"] = None
        if desk.claim.stage is not Stage.RELEASED:
            acts["release"] = may_move(desk.claim, "release")
    if desk.claim.stage is Stage.INVOICED:
        acts["pay"] = None if in_batch else NOT_IN_BATCH if desk.stands else NOT_GRANTED
    return acts
