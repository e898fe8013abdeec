"""Where somebody has signed in, for an administrator to see and to end."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import sign_in as actions
from portal.store import people
from portal.web import current, language, render
from portal.web.account.views import sign_ins
from portal.web.guard import guard
from portal.web.pages.people import SignInsPage

blueprint = Blueprint("sign_ins", __name__, url_prefix="/people/<int:person_id>/sign-ins")


@blueprint.get("")
@guard("administer")
def show(person_id: int) -> ResponseReturnValue:
    """The sign-ins of a person."""
    person = people.get(current.reading(), person_id, day=current.today())
    return render.page("people/sign-ins.html", SignInsPage(person, sign_ins(person_id)))


@blueprint.post("/end")
@guard("administer")
def end(person_id: int) -> ResponseReturnValue:
    """End one session of a person, or all."""
    ended = current.act(
        actions.end_sessions,
        person_id=person_id,
        only=request.form.get("session", ""),
        zone=current.settings().zone,
    )
    render.say(language.count("%(num)s browser is signed out.", "%(num)s browsers are signed out.", ended))
    return render.redirect(url_for("sign_ins.show", person_id=person_id))
