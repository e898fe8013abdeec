"""The accessibility statement, which anybody may read."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.web import current, render
from portal.web.guard import public
from portal.web.pages.about import StatementPage

blueprint = Blueprint("about", __name__)


@blueprint.get("/accessibility")
@public("accessibility")
def accessibility() -> ResponseReturnValue:
    """How accessible the portal is, and how to say that it is not."""
    return render.page("start/accessibility.html", StatementPage(contact=current.settings().mail_from))
