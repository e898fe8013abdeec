"""The administrator's overview of what has to be looked at: seats, heads, the directory, people, who is signed in."""

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.domain.directory import REMARKS
from portal.language.vocabularies import IMPORTED, LACKS
from portal.store import administration, directory, people
from portal.store import seats as store
from portal.web import current, render
from portal.web.guard import guard
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
        names=people.names_of(session, {each.person_id for each in held}),
        heads_gone=administration.heads_gone(session, current.schemes().funds()),
        known=administration.known(session),
        imported=IMPORTED,
        lacks=LACKS,
        signed_in=administration.signed_in(session, since=_oldest()),
    )


@blueprint.get("/sessions")
@guard("see-administration")
def sessions() -> ResponseReturnValue:
    """Who is signed in, the latest first."""
    found = administration.sessions(current.reading(), since=_oldest(), before=_before(), limit=_PAGE + 1)
    return render.page("people/sessions.html", sessions=found[:_PAGE], more=len(found) > _PAGE)


def _oldest() -> datetime:
    """When the oldest session began that can still be open."""
    return current.now() - current.settings().session_absolute


def _before() -> tuple[datetime, str] | None:
    try:
        at = datetime.fromisoformat(request.args.get("at", "").replace(" ", "+"))
    except ValueError:
        return None
    return (at, request.args.get("id", "")[:64]) if at.tzinfo else None
