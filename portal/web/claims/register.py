"""Builds finance's page of one claim: what is payable, the invoice to register, and what else can be done."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import url_for

from portal.actions.paying import NOT_STANDING
from portal.domain.access import may_settle
from portal.domain.application import Application, Status
from portal.domain.claim import Stage, is_invoiced, may_move
from portal.domain.payment import NOT_IN_BATCH, reference_of
from portal.domain.periods import local_day
from portal.domain.refusal import Refusal
from portal.store import payments, people, signing
from portal.web import current
from portal.web.answers import AnswerRow
from portal.web.claims import costs_page, stages
from portal.web.claims.costs_page import Desk
from portal.web.language import _, day, instant, money, spoken, words
from portal.web.pages.claim import PayableLines
from portal.web.pages.claims import Deed, InvoiceForm, RegisterPage
from portal.web.payments.page import somebody_else


def build(
    application: Application,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    error: str = "",
) -> RegisterPage:
    """The claim as of now; `typed` is what was sent and not accepted, for the reasons in `errors` by field."""
    desk = costs_page.lay_out(application)
    claim, currency = desk.claim, desk.scheme.currency
    today = local_day(current.now(), desk.scheme)
    cancelled = application.status is Status.CANCELLED
    kind, stage = stages.tag(claim, today, cancelled=cancelled)
    says, tone = _says(desk, today)
    in_batch = bool(payments.places(current.reading(), [application.id]))
    sent, wrong = typed or {}, errors or {}
    standing = application.status is Status.GRANTED
    barred = _barred(application)
    return RegisterPage(
        number=application.number,
        title=application.title,
        scheme_title=words(desk.scheme.title),
        kind=kind,
        stage=stage,
        says=says,
        tone=tone,
        currency=currency,
        revision=claim.revision,
        facts=_facts(desk),
        payee=_payee(desk),
        payable=_payable(desk),
        invoice=_invoice(desk, sent, wrong, today) if standing and not barred else None,
        release=_release(desk) if standing and is_invoiced(desk.scheme) and not barred else None,
        pay=None if barred else _pay(desk, in_batch=in_batch, standing=standing),
        paid_on=sent.get("paid_on", today.isoformat()),
        pay_error=wrong.get("paid_on", ""),
        letter_href=costs_page.letter_of(application) if is_invoiced(desk.scheme) else "",
        barred=barred if claim.stage not in (Stage.PAID, Stage.RELEASED) else "",
        error=error,
    )


def _barred(application: Application) -> str:
    """Why the reader leaves the case to somebody else in finance, and to whom."""
    session, me = current.reading(), current.person()
    refusal = may_settle(me, application.id, signing.cases_of(session, me.id))
    return "" if refusal is None else f"{spoken(refusal)} {somebody_else(session, {application.id})}"


def _payable(desk: Desk) -> PayableLines:
    """What is payable of the stated costs; before that, of those applied for."""
    lines = costs_page.payable_lines(desk, desk.stated)
    waiting = desk.claim.stage is Stage.WAITING
    return replace(lines, caption=_("With the costs applied for") if waiting else _("Payable"))


def _invoice(
    desk: Desk, sent: Mapping[str, str], wrong: Mapping[str, str], today: date
) -> InvoiceForm | None:
    """The form, filled with what is payable, while an invoice can be registered."""
    if not is_invoiced(desk.scheme) or may_move(desk.claim, "invoice") is not None:
        return None
    payable = desk.claim.payable_amount
    return InvoiceForm(
        number=sent.get("invoice_number", ""),
        day=sent.get("invoice_on", today.isoformat()),
        amount=sent.get("amount", f"{payable // 100},{payable % 100:02d}"),
        most=money(payable, desk.scheme.currency),
        errors={name: [said] for name, said in wrong.items()},
    )


def _release(desk: Desk) -> Deed | None:
    """Letting the whole grant go; once it has gone nothing is said of it."""
    if desk.claim.stage is Stage.RELEASED:
        return None
    return _deed(may_move(desk.claim, "release"))


def _pay(desk: Desk, *, in_batch: bool, standing: bool) -> Deed | None:
    if desk.claim.stage not in (Stage.INVOICED,):
        return None
    if not in_batch:
        return _deed(NOT_IN_BATCH if standing else NOT_STANDING)
    return Deed()


def _deed(refusal: Refusal | None) -> Deed:
    return Deed("" if refusal is None else spoken(refusal))


def _says(desk: Desk, today: date) -> tuple[str, str]:
    claim = desk.claim
    if desk.application.status is Status.CANCELLED:
        return _("The grant is cancelled. What a batch has paid of it is taken back by the next one."), "warn"
    if claim.is_late(today) and claim.due_on is not None:
        return _(
            "The invoice was due on %(day)s. It is late, and still taken.", day=day(claim.due_on)
        ), "warn"
    match claim.stage:
        case Stage.WAITING:
            return _("The applicant has not stated the actual costs yet."), "note"
        case Stage.STATED if is_invoiced(desk.scheme):
            return _("The costs are stated. Register the invoice when it comes."), "note"
        case Stage.STATED:
            return _("It is paid as granted, with the next payment batch."), "note"
        case Stage.INVOICED:
            return _("The invoice is registered. It is paid with a payment batch."), "note"
        case Stage.PAID:
            return _("Paid."), "good"
    return _("Nothing is paid: the whole grant has gone back to the fund."), "note"


def _facts(desk: Desk) -> tuple[AnswerRow, ...]:
    claim, zone = desk.claim, desk.scheme.zone
    rows = [AnswerRow(_("First day"), day(desk.application.starts_on))]
    if claim.due_on is not None:
        rows.append(AnswerRow(_("Invoice due"), day(claim.due_on)))
    if claim.stated_at is not None:
        rows.append(AnswerRow(_("Costs stated"), instant(claim.stated_at, zone)))
    if claim.registered_at is not None and claim.invoice_number:
        rows.append(AnswerRow(_("Invoice number"), claim.invoice_number))
        rows.append(AnswerRow(_("Invoice date"), day(claim.invoice_on) if claim.invoice_on else "–"))
        rows.append(AnswerRow(_("Invoiced"), money(claim.invoice_amount, desk.scheme.currency)))
        late = claim.due_on is not None and local_day(claim.registered_at, desk.scheme) > claim.due_on
        said = instant(claim.registered_at, zone)
        if late:
            said = _("%(when)s, late", when=said)
        rows.append(AnswerRow(_("Registered"), said))
    if claim.released_amount:
        rows.append(AnswerRow(_("Gone back to the fund"), money(claim.released_amount, desk.scheme.currency)))
    for place in payments.places(current.reading(), [claim.application_id]):
        label = _("In batch") if place.amount > 0 else _("Taken back in batch")
        href = url_for("payments.payments")
        rows.append(AnswerRow(label, f"{place.batch} ({day(local_day(place.made_at, desk.scheme))})", href))
    if claim.paid_on is not None:
        rows.append(AnswerRow(_("Paid on"), day(claim.paid_on)))
    return tuple(rows)


def _payee(desk: Desk) -> tuple[AnswerRow, ...]:
    reference = reference_of(desk.scheme, desk.answers)
    ids = {desk.application.participant_id}
    names = people.names_of(current.reading(), ids)
    named = (
        (_("Participant"), names[desk.application.participant_id]),
        (_("Customer number"), reference.customer_number),
        (_("Orderer id"), reference.orderer_id),
        (_("Cost centre or account"), reference.account),
    )
    return tuple(AnswerRow(label, value) for label, value in named if value)
