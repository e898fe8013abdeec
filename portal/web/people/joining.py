"""The administrator's room where two records of one person become one."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import personal
from portal.domain.refusal import Refused
from portal.forms.typed import clean
from portal.store import applications, people, seats
from portal.web import current, render
from portal.web.guard import guard
from portal.web.language import _, count, spoken

blueprint = Blueprint("joining", __name__, url_prefix="/people")


@blueprint.get("/<int:person_id>/join")
@guard("administer")
def look(person_id: int) -> ResponseReturnValue:
    """Which record is meant, and what it has."""
    return _show(person_id, clean(request.args.get("number", ""), 40))


@blueprint.post("/<int:person_id>/join")
@guard("administer")
def join(person_id: int) -> ResponseReturnValue:
    """Give this record all that the other has; that one ceases."""
    typed = clean(request.form.get("number", ""), 40)
    found = people.find_id(current.reading(), typed)
    if found is None:
        return _show(person_id, typed, status=render.REFUSED)
    try:
        joined = current.act(personal.join, kept_id=person_id, other_id=found[0])
    except Refused as refused:
        return _show(person_id, typed, says=spoken(refused.refusal), status=409)
    moved = count("%(num)s application", "%(num)s applications", joined.applications)
    render.say(_("The two records are one now. %(applications)s came along.", applications=moved))
    if joined.double:
        says = _(
            "Of these only one could have been granted: %(numbers)s. "
            "Both stand, and whoever decides on the person sees both.",
            numbers=", ".join(joined.double),
        )
        render.say(says, "warn")
    return render.redirect(url_for("people.person", person_id=person_id))


def _show(person_id: int, typed: str, *, says: str = "", status: int = 200) -> ResponseReturnValue:
    session, day = current.reading(), current.today()
    kept = people.get(session, person_id, day=day)
    found = people.find_id(session, typed) if typed else None
    other = people.get(session, found[0], day=day) if found else None
    if typed and other is None:
        says = _("There is nobody with that personal id.")
    if other is not None and not says:
        refusal = personal.may_join(
            session, kept_id=kept.id, other_id=other.id, by=current.person(), at=current.now()
        )
        says = spoken(refusal) if refusal else ""
    return render.page(
        "people/join.html",
        person=kept,
        other=other,
        typed=typed,
        says=says,
        applications=applications.written_by_or_for(session, other.id) if other else [],
        seats=seats.held_by(session, other.id, day=day) if other else [],
        status=status,
    )
