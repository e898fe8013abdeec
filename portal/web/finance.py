"""Finance: applications and decisions of a period, the budgets, and both as files; page and file share one filter."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from portal.finance.budget import budget_lines
from portal.finance.columns import Sheet
from portal.finance.profiles import PROFILES, Profile
from portal.finance.sheets import APPLICATIONS, BUDGET
from portal.finance.text import lines
from portal.finance.words import vocabularies
from portal.store import reports
from portal.web import current, finance_page, render
from portal.web.guard import guard
from portal.web.language import language

blueprint = Blueprint("finance", __name__, url_prefix="/finance")

Pieces = Generator[bytes, None, None]


@blueprint.get("")
@guard("see-finance")
def overview() -> ResponseReturnValue:
    """The page, or the list in it."""
    reader = current.person()
    page = finance_page.build(current.reading(), reader, finance_page.asked(request.args, reader))
    return render.fragment("finance/_found.html", page, of="finance/overview.html")


@blueprint.get("/applications.csv")
@guard("see-finance")
def applications() -> ResponseReturnValue:
    """The applications and decisions that the page with this address shows, all of them."""
    profile, wish = asked_profile(), finance_page.asked(request.args, current.person())
    wanted = wish.filter
    if wanted is None:
        abort(400)
    database, keys = current.database(), [column.key for column in APPLICATIONS.columns]
    how = into(APPLICATIONS, profile, wanted.zone)

    def pieces() -> Pieces:
        # A transaction of the file's own: it outlives the request, and is given back when the reader goes away.
        with database.reading() as session, reports.stream(session, wanted, keys) as rows:
            yield from lines(rows, **how)

    return sent_file(pieces(), APPLICATIONS, wish.fund, wanted.first, wanted.last)


@blueprint.get("/budget.csv")
@guard("see-finance")
def budget() -> ResponseReturnValue:
    """The budget periods that the page shows."""
    profile, reader = asked_profile(), current.person()
    found = budget_lines(current.reading(), finance_page.editions(reader), current.now())
    zone = current.settings().zone
    pieces = lines((line.cells for line in found), **into(BUDGET, profile, zone))
    return sent_file(pieces, BUDGET, "", current.now().astimezone(zone).date())


def asked_profile() -> Profile:
    """The way of writing that the address asks for, or 404."""
    profile = PROFILES.get(request.args.get("profile", "excel"))
    if profile is None:
        abort(404)
    return profile


def into(sheet: Sheet, profile: Profile, zone: ZoneInfo) -> dict[str, Any]:
    """How the rows of a sheet are written for this reader."""
    known = vocabularies(current.schemes())
    return {
        "columns": sheet.columns,
        "profile": profile,
        "language": language(),
        "zone": zone,
        "words": known,
    }


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
