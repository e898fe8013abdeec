"""The year at a glance, and each of its figures as a file; page and files are built from the same figures."""

from datetime import date

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from portal.finance.downloads import written
from portal.finance.overview import figures, rows
from portal.finance.sheets import YEAR
from portal.web import current, limits, render
from portal.web.finance.views import asked_profile, manner, sent_file
from portal.web.guard import guard
from portal.web.year import page

blueprint = Blueprint("year", __name__, url_prefix="/year")


@blueprint.get("")
@guard("see-year")
def year() -> ResponseReturnValue:
    """The year of every fund that the reader sees, or of one."""
    wish, at = page.asked(request.args, current.person()), current.now()
    return render.page(
        "year/year.html",
        asked=wish,
        at=at,
        editions=page.editions(current.reading(), wish, at),
        sheets=YEAR.values(),
    )


@blueprint.get("/<figure>.csv")
@guard("see-year")
@limits.exports
def figure(figure: str) -> ResponseReturnValue:
    """One figure of one edition's year."""
    sheet, profile = YEAR.get(figure), asked_profile()
    wish = page.asked(request.args, current.person())
    scheme = next((each for each in wish.editions if each.key == request.args.get("scheme")), None)
    if sheet is None or scheme is None:
        abort(404)
    (found,) = figures(current.reading(), [scheme], wish.year, current.now())
    pieces = written(rows(found, figure), sheet, manner(profile), scheme.zone)
    return sent_file(pieces, sheet, scheme.key, date(wish.year, 1, 1), date(wish.year, 12, 31))
