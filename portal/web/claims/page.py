"""Builds finance's list of claims from what its address asks for; the download reads the address in the same way."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from portal.domain.access import may
from portal.domain.person import Person
from portal.finance.profiles import EXCEL, PLAIN
from portal.forms.typed import whole
from portal.language.vocabularies import LATE, STAGES
from portal.store import claim_reports
from portal.store.claim_reports import FILTERS, Filter, Total
from portal.store.session import Session
from portal.web import current
from portal.web.claims import stages
from portal.web.finance.page import editions
from portal.web.language import _, count, fund_name, money, word
from portal.web.pages.claims import ClaimLine, ClaimsPage, ClaimTotal
from portal.web.pages.finance import Download

PAGE = 25


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for; what it says of no fund or stage is left out."""

    fund: str
    stage: str
    after: int | None
    filter: Filter

    def address(self, endpoint: str = "claims.claims", **changes: Any) -> str:
        """An address with the same filter, from its start unless told otherwise."""
        kept = {"fund": self.fund, "stage": self.stage} | changes
        return url_for(endpoint, **{name: value for name, value in kept.items() if value})


def asked(args: MultiDict[str, str], reader: Person) -> Asked:
    """Read an address: all grants that stand of all funds the reader sees, unless it says less."""
    seen = tuple(dict.fromkeys(scheme.fund for scheme in editions(reader)))
    fund = args.get("fund", "") if args.get("fund", "") in seen else ""
    stage = args.get("stage", "") if args.get("stage", "") in FILTERS else ""
    after = whole(args.get("after", ""))
    wanted = Filter((fund,) if fund else seen, current.today(), stage, but_aside=reader.id)
    return Asked(fund, stage, after, wanted)


def build(session: Session, reader: Person, wish: Asked) -> ClaimsPage:
    """The page that the address asks for, for this reader."""
    rows = claim_reports.page(session, wish.filter, after=wish.after, limit=PAGE + 1)
    sums = claim_reports.totals(session, wish.filter)
    shown, found = rows[:PAGE], sum(each.claims for each in sums)
    registers = may(reader, "register-payment") is None
    funds = {each.fund: fund_name(each) for each in editions(reader)}
    return ClaimsPage(
        fund=wish.fund,
        stage=wish.stage,
        funds=(("", _("All funds")), *funds.items()) if len(funds) > 1 else (),
        stages=(("", _("All that stand")), *((key, word({**STAGES, **LATE}, key)) for key in FILTERS)),
        says=count("%(num)s grant", "%(num)s grants", found) if found else _("No grants"),
        lines=tuple(_line(row, registers=registers) for row in shown),
        totals=tuple(_total(each) for each in sums),
        downloads=tuple(
            Download(label, wish.address("claims.download", profile=profile.key))
            for label, profile in ((_("CSV for Excel"), EXCEL), (_("Plain CSV"), PLAIN))
        ),
        first_href=wish.address() if wish.after else "",
        next_href=wish.address(after=str(shown[-1].id)) if len(rows) > PAGE else "",
        registers=registers,
    )


def _line(row: Any, *, registers: bool) -> ClaimLine:
    kind, stage = stages.tag_of(row.stage)
    return ClaimLine(
        number=row.number,
        href=url_for("claims.claim" if registers else "applications.case", number=row.number),
        participant=row.participant,
        unit=row.unit,
        title=row.title,
        due_on=row.due_on,
        kind=kind,
        stage=stage,
        late=row.late is not None,
        granted=money(row.granted_amount, row.currency),
        invoiced="" if row.invoice_amount is None else money(row.invoice_amount, row.currency),
        released=money(row.released_amount, row.currency) if row.released_amount else "",
        paid_on=row.paid_on,
        batch=row.batch,
    )


def _total(total: Total) -> ClaimTotal:
    def said(amount: int) -> str:
        return money(amount, total.currency)

    return ClaimTotal(
        total.currency,
        total.claims,
        said(total.granted_amount),
        said(total.invoiced_amount),
        said(total.paid_amount),
        said(total.released_amount),
    )
