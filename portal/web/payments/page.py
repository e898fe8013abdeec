"""Builds finance's page of payment batches: what the next one would hold, and those that were made."""

from collections.abc import Sequence

from flask import url_for
from werkzeug.datastructures import MultiDict

from portal.actions import paying
from portal.domain.payment import LedgerLine, PaymentKind, reference_of, shown_digest
from portal.domain.person import FINANCE
from portal.forms.typed import whole
from portal.store import applications, payments, people, signing
from portal.store.payments import Batch, Due
from portal.store.session import Session
from portal.web import current
from portal.web.language import _, count, fund_name, money
from portal.web.pages.claims import BatchLine, DueLine, NextBatch, PaymentsPage
from portal.web.pages.finance import Download

PAGE = 25
LISTED = 50
"""Rows of the next batch that are shown; its total counts them all."""


def build(session: Session, args: MultiDict[str, str]) -> PaymentsPage:
    """The page from its start, or from before a batch."""
    before = whole(args.get("before", ""))
    names = {scheme.fund: fund_name(scheme) for scheme in current.schemes().values()}
    made = payments.newest(session, tuple(names), before=before, limit=PAGE + 1)
    makers = people.names_of(session, {each.made_by for each in made})
    shown = made[:PAGE]
    return PaymentsPage(
        waiting=tuple(_next(session, fund, name) for fund, name in names.items()),
        batches=tuple(_batch(each, names[each.fund], makers[each.made_by]) for each in shown),
        first_href=url_for("payments.payments") if before is not None else "",
        next_href=url_for("payments.payments", before=shown[-1].id) if len(made) > PAGE else "",
    )


def _next(session: Session, fund: str, name: str) -> NextBatch:
    due, left_out = paying.due_for(session, fund, current.person())
    return NextBatch(
        fund=fund,
        fund_name=name,
        number=payments.last_number(session, fund) + 1,
        shown=shown_digest([each.payment for each in due]),
        lines=tuple(_due(each) for each in due[:LISTED]),
        more=max(0, len(due) - LISTED),
        total=money(sum(each.payment.amount for each in due), due[0].currency) if due else "",
        left_out=_left_out(session, {each.payment.application_id for each in left_out}),
    )


def _left_out(session: Session, ids: set[int]) -> str:
    if not ids:
        return ""
    said = count(
        "%(num)s payment is left out, because you take part in the case.",
        "%(num)s payments are left out, because you take part in the cases.",
        len(ids),
    )
    return f"{said} {somebody_else(session, ids)}"


def somebody_else(session: Session, ids: set[int]) -> str:
    """Who in finance can see to cases in which the reader takes part, or that nobody can yet."""
    finance = people.with_role(session, FINANCE, day=current.today())
    able = [each.name for each in finance if ids - signing.cases_of(session, each.id)]
    if able:
        return _("It can be done by %(names)s.", names=", ".join(able))
    return _(
        "Nobody else in finance can do it. "
        "An administrator has to give the finance role to somebody who takes no part in it."
    )


def _due(due: Due) -> DueLine:
    return DueLine(
        number=due.payment.number,
        href=url_for("claims.claim", number=due.payment.number),
        participant=due.participant,
        reference=str(reference_of(current.scheme(due.scheme), due.answers)),
        invoice_number=due.invoice_number,
        amount=money(due.payment.amount, due.currency),
        back=due.payment.kind is PaymentKind.REVERSE,
    )


def _batch(batch: Batch, name: str, maker: str) -> BatchLine:
    files = tuple(
        Download(label, url_for("payments.download", fund=batch.fund, batch=batch.number, form=form))
        for label, form in ((_("CSV for Excel"), "csv"), (_("XLSX"), "xlsx"))
    )
    zone = next(s.zone for s in current.schemes().values() if s.fund == batch.fund)
    return BatchLine(
        fund=name,
        number=batch.number,
        made_at=batch.made_at,
        made_by=maker,
        zone=zone,
        rows=batch.rows,
        paid=money(batch.paid_amount, batch.currency),
        taken_back=money(batch.reversed_amount, batch.currency) if batch.reversed_amount else "",
        downloads=files,
        csv_sha256=batch.csv_sha256,
        xlsx_sha256=batch.xlsx_sha256,
    )


def ledger_totals(session: Session, lines: Sequence[LedgerLine]) -> tuple[str, ...]:
    """What the lines add up to in each currency, as written."""
    sums: dict[str, int] = {}
    for line in lines:
        found = applications.find(session, number=line.number)
        if found is not None:
            sums[found.currency] = sums.get(found.currency, 0) + line.amount
    return tuple(money(amount, currency) for currency, amount in sorted(sums.items()))
