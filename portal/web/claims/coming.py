"""What comes after a grant, for the application's own page: where its claim is reached, and what is next."""

from collections.abc import Iterator

from flask import url_for

from portal.domain.access import may
from portal.domain.application import Application, Status
from portal.domain.claim import Stage, is_invoiced
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.scheme import Scheme
from portal.store import claims
from portal.web import current
from portal.web.language import _, day
from portal.web.pages.applications import PartyAct, TimelineItem


def acts(application: Application, reader: Person) -> Iterator[PartyAct]:
    """The way to the costs and the payment, for whoever may state them, once there is a claim."""
    if application.status not in (Status.GRANTED, Status.CANCELLED):
        return
    claim = claims.find(current.reading(), application.id)
    if claim is None:
        return
    invoiced = is_invoiced(current.scheme(application.scheme))
    if may(reader, "state-costs", application) is None:
        open_ = application.status is Status.GRANTED and claim.stage is Stage.WAITING
        label = _("State the actual costs") if open_ else _("Costs and invoice") if invoiced else _("Payment")
        href = url_for("costs.show", number=application.number)
        yield PartyAct("claim", label, href, kind="primary" if open_ else "secondary")
    if may(reader, "register-payment") is None:
        yield PartyAct(
            "register", _("Invoice and payment"), url_for("claims.claim", number=application.number)
        )


def coming(application: Application, scheme: Scheme) -> Iterator[TimelineItem]:
    """What the claim waits for now, and what follows."""
    claim = claims.find(current.reading(), application.id)
    if claim is None or claim.stage in (Stage.PAID, Stage.RELEASED):
        return
    by = _("By %(day)s.", day=day(claim.due_on)) if claim.due_on else ""
    ahead = {
        Stage.WAITING: (_("Waits for the actual costs"), _("Invoice"), _("Payment")),
        Stage.STATED: (_("Waits for the invoice"), _("Payment")),
        Stage.INVOICED: (_("Waits for the payment"),),
    }[claim.stage]
    if claim.stage is Stage.STATED and not is_invoiced(scheme):
        ahead = (_("Waits for the payment"),)
    text = by if claim.stage in (Stage.WAITING, Stage.STATED) else ""
    begun = application.starts_on <= local_day(current.now(), scheme)
    yield TimelineItem(ahead[0], "now" if begun else "next", text=text)
    for title in ahead[1:]:
        yield TimelineItem(title, "next")
