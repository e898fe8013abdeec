"""The administrator's rooms for seats and the audit log: who decides when, and who did what."""

from datetime import date

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import people as actions
from portal.domain.events import Recorded
from portal.domain.periods import local_day
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import Scheme, Seat
from portal.domain.signoff import Holding
from portal.forms.people import EndForm, TermForm
from portal.forms.typed import whole
from portal.language.acts import WORDS
from portal.store import applications, audit, people
from portal.store import seats as store
from portal.web import current, render
from portal.web.guard import guard
from portal.web.language import _, spoken, words
from portal.web.pages.people import Errors, EventLine, LogPage, SeatsPage, SeatTerms, TermLine

blueprint = Blueprint("seats", __name__)

_PAGE = 50
_NOBODY = Refusal("seat.nobody", N_("There is nobody with that personal id."))
_FIELDS = {
    "seat.nobody": "number",
    "seat.oneself": "number",
    "seat.open-substitute": "ends_on",
    "seat.days": "ends_on",
}


@blueprint.get("/seats")
@guard("administer")
def seats() -> ResponseReturnValue:
    """Every seat of every fund, with its holders and substitutes."""
    return render.page("people/seats.html", _page())


@blueprint.post("/seats")
@guard("administer")
def appoint() -> ResponseReturnValue:
    """Let somebody hold a seat, or stand in for its holder."""
    form = TermForm(request.form)
    errors: Errors = {}
    if not form.validate():
        errors = {name: tuple(_(text) for text in texts) for name, texts in form.errors.items() if name}
    else:
        try:
            _appoint(form)
            render.say(_("The seat is filled as you said."))
            return render.redirect(url_for("seats.seats"))
        except Refused as refused:
            errors = {_FIELDS.get(refused.refusal.code, "seat"): (spoken(refused.refusal),)}
    values = {name: request.form.get(name, "") for name in ("seat", "number", "starts_on", "ends_on")}
    page = _page(values, substitute=bool(form.substitute.data), errors=errors)
    return render.page("people/seats.html", page, status=render.REFUSED)


@blueprint.post("/seats/end")
@guard("administer")
def end() -> ResponseReturnValue:
    """Let a term end."""
    form = EndForm(request.form)
    errors: Errors = {"": (_("Write a day such as 2026-08-30."),)}
    if form.validate():
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
    return render.page("people/seats.html", _page(errors=errors), status=render.REFUSED)


def _appoint(form: TermForm) -> None:
    person = people.find_by_number(current.reading(), form.number.data or "", day=current.today())
    if person is None:
        raise Refused(_NOBODY)
    fund, _slash, seat = (form.seat.data or "").partition("/")
    current.act(
        actions.appoint,
        fund=fund,
        seat=seat,
        person_id=person.id,
        substitute=bool(form.substitute.data),
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        schemes=current.schemes(),
    )


def _page(
    values: dict[str, str] | None = None, *, substitute: bool = False, errors: Errors | None = None
) -> SeatsPage:
    funds = [current.schemes().of_fund(fund)[0] for fund in current.schemes().funds()]
    held = store.all_of_them(current.reading())
    names = people.names_of(current.reading(), {each.person_id for each in held})
    blank = {"seat": "", "number": "", "starts_on": current.today().isoformat(), "ends_on": ""}
    return SeatsPage(
        seats=tuple(_terms(scheme, seat, held, names) for scheme in funds for seat in scheme.seats),
        choices=tuple(
            (f"{scheme.fund}/{seat.key}", f"{words(seat.title)} ({scheme.prefix})")
            for scheme in funds
            for seat in scheme.seats
        ),
        today=current.today(),
        values=blank | (values or {}),
        substitute=substitute,
        errors=errors or {},
    )


def _terms(scheme: Scheme, seat: Seat, held: tuple[Holding, ...], names: dict[int, str]) -> SeatTerms:
    day, me = local_day(current.now(), scheme), current.person().id
    mine = [each for each in held if (each.fund, each.seat) == (scheme.fund, seat.key)]
    return SeatTerms(
        fund=scheme.prefix,
        title=words(seat.title),
        named=seat.named,
        vacant=not any(each.holds_on(day) for each in mine),
        terms=tuple(
            TermLine(
                id=each.id,
                person=names[each.person_id],
                substitute=each.substitute,
                starts_on=each.starts_on,
                ends_on=each.ends_on,
                state=_state(each, day),
                is_me=each.person_id == me,
            )
            for each in mine
        ),
    )


def _state(term: Holding, day: date) -> str:
    if term.holds_on(day):
        return "now"
    return "coming" if term.starts_on > day and not term.left else "over"


@blueprint.get("/log")
@guard("administer")
def log() -> ResponseReturnValue:
    """The audit log, the newest event first; it holds ids and codes, never a text that somebody wrote."""
    before = whole(request.args.get("before", ""))
    session = current.reading()
    found = audit.latest(session, before=before, limit=_PAGE + 1)
    shown = found[:_PAGE]
    names = people.names_of(
        session, {each.event.actor_id for each in shown if each.event.actor_id is not None}
    )
    ids = {each.event.application_id for each in shown if each.event.application_id is not None}
    numbers = applications.numbers_of(session, ids)
    following = url_for("seats.log", before=shown[-1].seq) if len(found) > _PAGE else ""
    return render.page(
        "people/log.html", LogPage(tuple(_event(each, names, numbers) for each in shown), following)
    )


def _event(recorded: Recorded, names: dict[int, str], numbers: dict[int, str]) -> EventLine:
    event = recorded.event
    return EventLine(
        seq=recorded.seq,
        at=event.at,
        actor=_("Command line") if event.actor_id is None else names.get(event.actor_id, str(event.actor_id)),
        act=_(WORDS.get(event.act, event.act)),
        number=numbers.get(event.application_id or 0, ""),
        # Who reads the case reads there what was decided and paid; here stands only who did what in it, and when.
        body=""
        if event.application_id is not None
        else ", ".join(f"{key} {_short(value)}" for key, value in event.body.items() if value is not None),
    )


def _short(value: object) -> str:
    """A value of an event; of a hash, enough to tell it from another."""
    text = str(value)
    return f"{text[:12]}…" if len(text) > 40 else text
