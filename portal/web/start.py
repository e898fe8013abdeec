"""The start page: what I owe, my drafts and applications, and the funds that are open."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.domain.application import Draft
from portal.domain.scheme import Scheme
from portal.store import drafts
from portal.web import current, render
from portal.web.funds import is_open
from portal.web.guard import guard
from portal.web.language import _, words
from portal.web.pages.start import DraftLine, Offer, StartPage

blueprint = Blueprint("start", __name__)


@blueprint.get("/")
@guard("apply")
def start() -> ResponseReturnValue:
    """Everything that is this person's, what waits for them first."""
    me, session = current.person(), current.reading()
    page = StartPage(
        name=me.name,
        tasks=(),
        drafts=tuple(_draft(each) for each in drafts.written_by(session, me.id)),
        applications=(),
        offers=tuple(_offer(each) for each in current.schemes().values() if is_open(each)),
    )
    return render.page("start/start.html", page)


def _draft(draft: Draft) -> DraftLine:
    scheme = current.schemes().get(draft.scheme)
    title = str(draft.answers.get("event") or draft.answers.get("course_title") or "").strip()
    return DraftLine(
        title=title or _("Without a name yet"),
        fund=words(scheme.title) if scheme else draft.scheme,
        href=f"/drafts/{draft.token}",
        saved_at=draft.saved_at,
    )


def _offer(scheme: Scheme) -> Offer:
    return Offer(
        title=words(scheme.title),
        summary=words(scheme.summary),
        action=f"/apply/{scheme.key}",
        terms_href=url_for("funds.fund", key=scheme.key),
        button=_("Apply"),
    )
