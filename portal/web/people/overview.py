"""The administrator's overview of what has to be looked at: seats, heads, the directory, people, who is signed in."""

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.domain.directory import REMARKS
from portal.domain.person import Person
from portal.forms.typed import whole
from portal.language.vocabularies import IMPORTED, LACKS, UNLINKED
from portal.store import administration, directory, people
from portal.store import seats as store
from portal.web import current, render
from portal.web.guard import guard
from portal.web.payments.prepared import alone_in_finance
from portal.web.people.seats import alone, terms_of_seats

blueprint = Blueprint("overview", __name__, url_prefix="/administration")

_PAGE = 50
_MOST_REMARKS = 100


@blueprint.get("")
@guard("see-administration")
def overview() -> ResponseReturnValue:
    """What is as it should be, and what is not."""
    session = current.reading()
    held = store.all_of_them(session)
    last, done = directory.last(session), directory.last(session, directory.DONE)
    remarks = list(last.remarks[:_MOST_REMARKS]) if last else []
    return render.page(
        "people/overview.html",
        imports=[each for each in (last, done if done != last else None) if each],
        remarks=[(each, REMARKS[each.code]) for each in remarks],
        whose=people.find_numbered(session, {each.number for each in remarks}),
        seats=terms_of_seats(held),
        alone=alone(held),
        finance_alone=alone_in_finance(),
        names=people.names_of(session, {each.person_id for each in held}),
        heads_gone=administration.heads_gone(session, current.schemes().funds()),
        known=administration.known(session),
        imported=IMPORTED,
        lacks=LACKS,
        signed_in=administration.signed_in(session, since=_oldest()),
        by_provider=current.ways().provider is not None,
        break_glass=_break_glass(),
    )


@blueprint.get("/sessions")
@guard("see-administration")
def sessions() -> ResponseReturnValue:
    """Who is signed in, the latest first."""
    found = administration.sessions(current.reading(), since=_oldest(), before=_before(), limit=_PAGE + 1)
    return render.page("people/sessions.html", sessions=found[:_PAGE], more=len(found) > _PAGE)


@blueprint.get("/links")
@guard("see-administration")
def links() -> ResponseReturnValue:
    """Who is linked to the organisation's sign-in, the last used first; or whose link was undone."""
    session, undone, before = current.reading(), bool(request.args.get("undone")), _before()
    after = None if before is None else (before[0], whole(before[1]) or 0)
    found = administration.links(session, undone=undone, before=after, limit=_PAGE + 1)
    by = {each.undone_by for each in found if each.undone_by is not None}
    return render.page(
        "people/links.html",
        links=found[:_PAGE],
        more=len(found) > _PAGE,
        undone=undone,
        names=people.names_of(session, by),
    )


@blueprint.get("/unlinked")
@guard("see-administration")
def unlinked() -> ResponseReturnValue:
    """Whom the organisation's sign-in knows and nobody here is linked to, the latest first."""
    found = administration.unlinked(current.reading(), before=_before(), limit=_PAGE + 1)
    return render.page(
        "people/unlinked.html", unlinked=found[:_PAGE], more=len(found) > _PAGE, reasons=UNLINKED
    )


def _break_glass() -> Person | None:
    """The administrator who signs in by password though nobody else can."""
    ways = current.ways()
    if ways.local or not ways.break_glass:
        return None
    return people.find_by_number(current.reading(), ways.break_glass, day=current.today())


def _oldest() -> datetime:
    """When the oldest session began that can still be open."""
    return current.now() - current.settings().session_absolute


def _before() -> tuple[datetime, str] | None:
    try:
        at = datetime.fromisoformat(request.args.get("at", "").replace(" ", "+"))
    except ValueError:
        return None
    return (at, request.args.get("id", "")[:255]) if at.tzinfo else None
