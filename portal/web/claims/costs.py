"""After the grant: the applicant, the participant or the head states what the course actually cost.

Without JavaScript every button posts the whole form; with it the page asks for `check` as one writes.
"""

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import claiming
from portal.domain.application import Application
from portal.domain.refusal import Refused
from portal.forms.typed import whole
from portal.web import current, render
from portal.web.claims import costs_page
from portal.web.guard import guard
from portal.web.language import _, spoken

blueprint = Blueprint("costs", __name__, url_prefix="/applications/<number>/claim")


@blueprint.get("")
@guard("state-costs", application=True)
def show(application: Application) -> ResponseReturnValue:
    """The costs as stated, or as applied for, and what is payable of them."""
    desk = costs_page.lay_out(application)
    return render.page("claims/costs.html", costs_page.build(desk, desk.stated))


@blueprint.post("/check")
@guard("state-costs", application=True)
def check(application: Application) -> ResponseReturnValue:
    """What is payable of the costs in the form; nothing is written."""
    desk, lines = costs_page.lay_out(application), costs_page.typed_lines()
    if render.is_fragment_request():
        return render.fragment("claims/_payable.html", costs_page.payable_lines(desk, lines))
    return render.page("claims/costs.html", costs_page.build(desk, lines, marked=True))


@blueprint.post("")
@guard("state-costs", application=True)
def state(application: Application) -> ResponseReturnValue:
    """Keep the costs in the form, or only look at them, as the button says."""
    desk, lines = costs_page.lay_out(application), costs_page.typed_lines()
    if request.form.get("action", "state") != "state":
        return render.page("claims/costs.html", costs_page.build(desk, lines, marked=True))
    try:
        current.act(
            claiming.state_costs,
            number=application.number,
            schemes=current.schemes(),
            costs={costs_page.COSTS: lines},
            revision=_revision(),
        )
    except Refused as refused:
        status = {claiming.UNREADABLE.code: render.REFUSED, claiming.CHANGED.code: 409}
        if refused.refusal.code not in status:
            raise
        page = costs_page.build(
            costs_page.lay_out(application), lines, marked=True, error=spoken(refused.refusal)
        )
        return render.page("claims/costs.html", page, status=status[refused.refusal.code])
    render.say(_("The costs are stated. They can be changed until the invoice is registered."))
    return render.redirect(url_for("costs.show", number=application.number))


def _revision() -> int:
    found = whole(request.form.get("revision", ""))
    return abort(400) if found is None else found
