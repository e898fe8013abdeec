"""An approver's own substitute: who, between which days, set by the holder of the seat."""

from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import standing_in
from portal.actions.people import BOTH_SEATS, DAYS_REVERSED
from portal.domain.refusal import Refused
from portal.domain.signoff import Holding
from portal.forms.people import SubstituteForm
from portal.forms.typed import whole
from portal.store import people, seats
from portal.web import current, render
from portal.web.guard import guard
from portal.web.language import _, day, spoken
from portal.web.people.views import Errors, errors_in

blueprint = Blueprint("substitute", __name__, url_prefix="/queue/substitute")

_FIELDS = {
    standing_in.NOT_ALLOWED.code: "person",
    standing_in.TAKEN.code: "person",
    BOTH_SEATS.code: "person",
    standing_in.PAST.code: "starts_on",
    DAYS_REVERSED.code: "ends_on",
    "seat.ends-far": "ends_on",
}


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """A seat that the reader holds, who stands in for them now or later, and whom they may choose."""

    held: Holding
    terms: list[Holding]
    allowed: list[int]


@blueprint.get("")
@guard("sign")
def show() -> ResponseReturnValue:
    return _show()


@blueprint.post("")
@guard("sign")
def choose() -> ResponseReturnValue:
    """Set a substitute between two days."""
    form = SubstituteForm(request.form, meta={"today": current.today()})
    errors = errors_in(form)
    if not errors:
        try:
            term = current.act(
                standing_in.set_substitute,
                holding_id=form.holding.data,
                person_id=form.person.data,
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                schemes=current.schemes(),
            )
        except Refused as refused:
            errors = {_FIELDS.get(refused.refusal.code, "person"): (spoken(refused.refusal),)}
        else:
            name = people.names_of(current.reading(), [term.person_id])[term.person_id]
            first, last = day(term.starts_on), day(term.ends_on or term.starts_on)
            said = _(
                "%(name)s can sign in your seat from %(first)s to %(last)s.",
                name=name,
                first=first,
                last=last,
            )
            told = _("An e-mail says so. You can sign too.")
            render.say(f"{said} {told}")
            return render.redirect(url_for("substitute.show"))
    return _show(errors)


@blueprint.post("/end")
@guard("sign")
def end() -> ResponseReturnValue:
    holding_id = whole(request.form.get("term", "")) or 0
    current.act(standing_in.end_substitute, holding_id=holding_id, schemes=current.schemes())
    render.say(_("The time as substitute is ended, and they are told by e-mail."))
    return render.redirect(url_for("substitute.show"))


def _show(errors: Errors | None = None) -> Response:
    session, today = current.reading(), current.today()
    allowed = seats.allowed(session)
    own = [
        OwnSeat(
            held,
            [
                each
                for each in seats.of_fund(session, held.fund)
                if each.substitute and each.seat == held.seat and not each.left
                and each.ends_on is not None and each.ends_on >= today
            ],
            allowed.get((held.fund, held.seat), []),
        )
        for held in seats.held_by(session, current.person().id, day=today)
        if not held.substitute
    ]  # fmt: skip
    known = {each for one in own for each in (*one.allowed, *(term.person_id for term in one.terms))}
    typed = {name: request.form.get(name, "") for name in ("holding", "person", "starts_on", "ends_on")}
    return render.page(
        "signoff/substitute.html",
        seats=own,
        names=people.names_of(session, known),
        typed=typed,
        errors=errors or {},
        today=today,
        status=render.REFUSED if errors else 200,
    )
