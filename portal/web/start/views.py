"""The start page: what I owe, my drafts and applications, and the funds that are open."""

from collections.abc import Iterator

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.domain.application import Application, Draft, Status
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.queue import Tab, stretches
from portal.domain.scheme import Scheme
from portal.language.answering import title_of
from portal.store import applications, drafts, queue, seats
from portal.web import current, render
from portal.web.funds.views import open_editions
from portal.web.guard import guard
from portal.web.language import _, amount_of, count, language, standing, words
from portal.web.pages.start import ApplicationLine, DraftLine, Offer, StartPage, Task
from portal.web.start import tasks

blueprint = Blueprint("start", __name__)


@blueprint.get("/")
@guard("apply")
def start() -> ResponseReturnValue:
    """Everything that is this person's, what waits for them first."""
    me, session = current.person(), current.reading()
    mine = applications.written_by_or_for(session, me.id)
    page = StartPage(
        name=me.name,
        tasks=(*_questions(mine), *_signatures(me), *tasks.of_roles(me), *tasks.after_grants(me)),
        drafts=tuple(_draft(each) for each in drafts.written_by(session, me.id)),
        applications=tuple(_application(each) for each in mine),
        offers=tuple(_offer(each) for each in open_editions(me)),
    )
    return render.page("start/start.html", page)


def _questions(mine: list[Application]) -> Iterator[Task]:
    """Returned applications, which wait for an answer."""
    for each in mine:
        if each.status is Status.RETURNED:
            kind, status = standing(each.status)
            yield Task(
                title=_("Answer the question about %(title)s", title=each.title),
                href=_address(each),
                hint=each.number,
                kind=kind,
                status=status,
            )


def _signatures(me: Person) -> Iterator[Task]:
    """For an approver: how many applications wait for their signature."""
    if not me.approves:
        return
    session, day = current.reading(), current.today()
    held: dict[str, frozenset[str]] = {}
    for each in seats.held_by(session, me.id, day=day):
        held[each.fund] = held.get(each.fund, frozenset()) | {each.seat}
    wanted = stretches(Tab.MINE, current.schemes().values(), held, current.now())
    waiting = queue.page(session, wanted, reader_id=me.id, parties=False, limit=queue.PAGE + 1)
    if not waiting:
        return
    if len(waiting) > queue.PAGE:
        title = _("More than %(number)s applications wait for your signature", number=queue.PAGE)
    else:
        title = count(
            "%(num)s application waits for your signature",
            "%(num)s applications wait for your signature",
            len(waiting),
        )
    yield Task(title=title, href=url_for("signoff.queue"), kind="waiting", status=_("Sign-off"))


def _draft(draft: Draft) -> DraftLine:
    scheme = current.schemes().get(draft.scheme)
    kind = scheme.kinds.get(draft.kind) if scheme else None
    title = title_of(kind, draft.answers, language()) if kind else ""
    return DraftLine(
        title=title or _("Without a name yet"),
        fund=words(scheme.title) if scheme else draft.scheme,
        href=url_for("apply.form", token=draft.token),
        saved_at=draft.saved_at,
    )


def _application(application: Application) -> ApplicationLine:
    scheme = current.schemes().get(application.scheme)
    kept = scheme is not None and local_day(current.now(), scheme) < scheme.decides_from
    kind, status = standing(application.status, next_year=kept)
    return ApplicationLine(
        number=application.number,
        title=application.title,
        fund=words(scheme.title) if scheme else application.scheme,
        href=_address(application),
        starts_on=application.starts_on,
        amount=amount_of(application),
        kind=kind,
        status=status,
    )


def _address(application: Application) -> str:
    return url_for("applications.case", number=application.number)


def _offer(scheme: Scheme) -> Offer:
    return Offer(
        title=words(scheme.title),
        summary=words(scheme.summary),
        action=url_for("apply.start", key=scheme.key),
        terms_href=url_for("funds.fund", key=scheme.key),
        button=_("Apply"),
    )
