"""The administrator's rooms: people, roles, seats and the audit list."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.store import people as store
from portal.web import current, render
from portal.web.guard import guard
from portal.web.pages.people import PeoplePage

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("")
@guard("administer")
def people() -> ResponseReturnValue:
    """Everybody."""
    return render.page("people/people.html", PeoplePage(tuple(store.everybody(current.reading(), day=current.today()))))
