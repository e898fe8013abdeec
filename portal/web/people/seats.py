"""The administrator's room for seats: who decides when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import people as actions
from portal.actions import standing_in
from portal.domain.periods import local_day
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import Scheme, Seat
from portal.domain.signoff import Holding
from portal.forms.people import AllowForm, EndForm, TermForm
from portal.forms.typed import whole
from portal.store import people
from portal.store import seats as store
from portal.web import current, proof, render
from portal.web.guard import guard
from portal.web.language import _, spoken
from portal.web.people.views import Errors, errors_in

blueprint = Blueprint("seats", __name__)

_NOBODY = Refusal("seat.nobody", N_("There is nobody with that personal id."))
_FIELDS = {
    "seat.nobody": "number",
    "seat.oneself": "number",
    "seat.both": "number",
    actions.ONLY_READS.code: "number",
    actions.NO_SEAT_TOO.code: "number",
    "seat.open-substitute": "ends_on",
    "seat.days": "ends_on",
    "seat.starts-far": "starts_on",
    "seat.ends-far": "ends_on",
}


@blueprint.get("/seats")
@guard("see-administration")
def seats() -> ResponseReturnValue:
    """Every seat of every fund, with its holders and substitutes."""
    return _show()


@blueprint.post("/seats")
@guard("administer")
def appoint() -> ResponseReturnValue:
    """Let somebody hold a seat, or stand in for its holder."""
    form = TermForm(request.form, meta={"today": current.today()})
    errors = errors_in(form)
    if not errors and (first := proof.first()) is not None:
        return first
    if not errors:
        try:
            _appoint(form)
            render.say(_("The seat is filled as you said."))
            return render.redirect(url_for("seats.seats"))
        except Refused as refused:
            errors = {_FIELDS.get(refused.refusal.code, "seat"): (spoken(refused.refusal),)}
    values = {name: request.form.get(name, "") for name in ("seat", "number", "starts_on", "ends_on")}
    return _show(values, substitute=bool(form.substitute.data), errors=errors)


@blueprint.post("/seats/end")
@guard("administer")
def end() -> ResponseReturnValue:
    form = EndForm(request.form, meta={"today": current.today()})
    errors: Errors = {"": tuple(said for texts in errors_in(form).values() for said in texts)}
    if not errors[""]:
        try:
            current.act(
                actions.end_holding,
                holding_id=form.holding.data,
                ends_on=form.ends_on.data,
                schemes=current.schemes(),
            )
            render.say(_("The term ends as you said."))
            return render.redirect(url_for("seats.seats"))
        except Refused as refused:
            errors = {"": (spoken(refused.refusal),)}
    return _show(errors=errors)


@blueprint.post("/seats/substitutes")
@guard("administer")
def allow() -> ResponseReturnValue:
    """Let the holder of a seat choose somebody as substitute."""
    form = AllowForm(request.form)
    errors = errors_in(form)
    if not errors:
        try:
            fund, _slash, seat = (form.allow_seat.data or "").partition("/")
            whom = _named(form.allow_number.data)
            current.act(standing_in.allow, fund=fund, seat=seat, person_id=whom, schemes=current.schemes())
            render.say(_("The holder of the seat can choose them as substitute now."))
            return render.redirect(url_for("seats.seats"))
        except Refused as refused:
            errors = {"allow_" + _FIELDS.get(refused.refusal.code, "seat"): (spoken(refused.refusal),)}
    values = {name: request.form.get(name, "") for name in ("allow_seat", "allow_number")}
    return _show(values, errors=errors)


@blueprint.post("/seats/substitutes/end")
@guard("administer")
def disallow() -> ResponseReturnValue:
    fund, _slash, seat = request.form.get("seat", "").partition("/")
    person_id = whole(request.form.get("person", "")) or 0
    current.act(standing_in.disallow, fund=fund, seat=seat, person_id=person_id)
    render.say(_("They can be chosen as substitute no more."))
    return render.redirect(url_for("seats.seats"))


def _named(number: str | None) -> int:
    person = people.find_by_number(current.reading(), number or "", day=current.today())
    if person is None:
        raise Refused(_NOBODY)
    return person.id


def _appoint(form: TermForm) -> None:
    person_id = _named(form.number.data)
    fund, _slash, seat = (form.seat.data or "").partition("/")
    current.act(
        actions.appoint,
        fund=fund,
        seat=seat,
        person_id=person_id,
        substitute=bool(form.substitute.data),
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        schemes=current.schemes(),
    )


@dataclass(frozen=True, slots=True)
class SeatTerms:
    """A seat with everybody who sat, sits or will sit in it."""

    scheme: Scheme
    seat: Seat
    terms: tuple[Holding, ...]
    day: date
    allowed: Sequence[int]
    """Whom the holder may choose as substitute."""

    @property
    def vacant(self) -> bool:
        return not any(each.holds_on(self.day) for each in self.terms)

    @property
    def has_substitute(self) -> bool:
        """Somebody stands in today, or the holder can choose somebody."""
        return bool(self.allowed) or any(each.substitute and each.holds_on(self.day) for each in self.terms)

    def state(self, term: Holding) -> str:
        """now, coming or over."""
        if term.holds_on(self.day):
            return "now"
        return "coming" if term.starts_on > self.day and not term.left else "over"


def terms_of_seats(held: Sequence[Holding]) -> list[SeatTerms]:
    """Every seat of every fund, with its terms."""
    at, allowed = current.now(), store.allowed(current.reading())
    return [
        SeatTerms(
            scheme,
            seat,
            tuple(each for each in held if (each.fund, each.seat) == (scheme.fund, seat.key)),
            local_day(at, scheme),
            allowed.get((scheme.fund, seat.key), ()),
        )
        for scheme in _latest()
        for seat in scheme.seats
    ]


def alone(held: Sequence[Holding]) -> list[tuple[Scheme, int]]:
    """Each fund whose seats have one person in all of them today: alone they can decide nothing."""
    found = []
    for scheme in _latest():
        day = local_day(current.now(), scheme)
        today = [each for each in held if each.fund == scheme.fund and each.holds_on(day)]
        sitting, filled = {each.person_id for each in today}, {each.seat for each in today}
        if len(sitting) == 1 and filled == {each.key for each in scheme.seats}:
            found.append((scheme, sitting.pop()))
    return found


def _latest() -> list[Scheme]:
    return [current.schemes().of_fund(fund)[0] for fund in current.schemes().funds()]


def _show(
    values: Mapping[str, str] | None = None, *, substitute: bool = False, errors: Errors | None = None
) -> Response:
    """The seats of every fund, and the form to appoint somebody."""
    held = store.all_of_them(current.reading())
    lines = terms_of_seats(held)
    known = {each.person_id for each in held}.union(*(each.allowed for each in lines))
    blank = {"seat": "", "number": "", "starts_on": current.today().isoformat(), "ends_on": ""}
    blank |= {"allow_seat": "", "allow_number": ""}
    return render.page(
        "people/seats.html",
        seats=lines,
        alone=alone(held),
        names=people.names_of(current.reading(), known),
        today=current.today(),
        values=blank | dict(values or {}),
        substitute=substitute,
        errors=errors or {},
        status=render.REFUSED if errors else 200,
    )
