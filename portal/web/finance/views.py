"""Finance: applications and decisions of a period, the budgets, and both as files; page and file share one filter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from portal.finance import downloads
from portal.finance.downloads import Pieces
from portal.finance.profiles import PROFILES, Profile
from portal.finance.sheets import APPLICATIONS, BUDGET, Sheet
from portal.web import current, limits, render
from portal.web.finance import page as finance_page
from portal.web.guard import guard
from portal.web.language import language

blueprint = Blueprint("finance", __name__, url_prefix="/finance")


@blueprint.get("")
@guard("see-finance")
def overview() -> ResponseReturnValue:
    """The page, or the list in it."""
    reader = current.person()
    page = finance_page.build(current.reading(), reader, finance_page.asked(request.args, reader))
    return render.fragment("finance/_found.html", page, of="finance/overview.html")


@blueprint.get("/applications.csv")
@guard("see-finance")
@limits.exports
def applications() -> ResponseReturnValue:
    """The applications and decisions that the page with this address shows, all of them."""
    profile, wish = asked_profile(), finance_page.asked(request.args, current.person())
    wanted = wish.filter
    if wanted is None:
        abort(400)
    pieces = downloads.applications(current.database(), wanted, manner(profile))
    return sent_file(pieces, APPLICATIONS, wish.fund, wanted.first, wanted.last)


@blueprint.get("/budget.csv")
@guard("see-finance")
@limits.exports
def budget() -> ResponseReturnValue:
    """The budget periods that the page shows."""
    profile, reader = asked_profile(), current.person()
    zone = current.settings().zone
    editions, at = finance_page.editions(reader), current.now()
    pieces = downloads.budget(current.reading(), editions, manner(profile), zone=zone, at=at)
    return sent_file(pieces, BUDGET, "", at.astimezone(zone).date())


def asked_profile() -> Profile:
    """The way of writing that the address asks for, or 404."""
    profile = PROFILES.get(request.args.get("profile", "excel"))
    if profile is None:
        abort(404)
    return profile


def manner(profile: Profile) -> downloads.Manner:
    """How files are written for this reader."""
    return downloads.Manner(profile, language(), current.schemes())


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file whose first piece is written; what is behind the rest is given back however it ends."""

    first: bytes
    rest: Pieces

    def __iter__(self) -> Iterator[bytes]:
        yield self.first
        yield from self.rest

    def close(self) -> None:
        """Called by the server at the end, also when the reader has gone away or asked for the headers only."""
        self.rest.close()


def sent_file(pieces: Pieces, sheet: Sheet, fund: str, *days: date) -> Response:
    """A file sent as it is written; what goes wrong before its first row is still answered with a page."""
    name = "_".join((sheet.key, fund or "all-funds", *(day.isoformat() for day in days)))
    response = Response(_Begun(next(pieces, b""), pieces), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
