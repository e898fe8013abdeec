"""An application as its parties see it: receipt, where it stands, what was submitted; withdraw, answer, cancel."""

from io import BytesIO

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import drafting, handing_over, preparing, submitting
from portal.domain.access import NOT_FOUND, is_party
from portal.domain.application import Application
from portal.domain.claim import cancelling
from portal.domain.fields import read
from portal.domain.payment import PREPARED_BEFORE, Prepared
from portal.domain.periods import local_day
from portal.domain.refusal import Refusal, Refused, refuse
from portal.forms.typed import clean
from portal.store import applications, claims, heads, signing
from portal.web import current, limits, panel, render
from portal.web.answers import in_words, of_version
from portal.web.applications import page
from portal.web.applications.days import calendar, days_of
from portal.web.guard import guard
from portal.web.heads.page import said_of
from portal.web.language import _
from portal.web.payments.prepared import prepared_now

blueprint = Blueprint("applications", __name__, url_prefix="/applications")

_REASON = frozenset({submitting.NO_REASON.code, submitting.NO_WHY.code, "text.too-long"})


@blueprint.get("/colleagues")
@guard("apply")
def colleagues() -> ResponseReturnValue:
    """What colleagues of the same unit answer for: its number and whose it is, and nothing of what it is about."""
    offered = handing_over.offered(current.reading(), current.person())
    titles = {each.key: each.title for each in current.schemes().values()}
    return render.page("applications/colleagues.html", offered=offered, titles=titles)


@blueprint.post("/<number>/take-over")
@guard("apply")
def take_over(number: str) -> ResponseReturnValue:
    """Answer for a colleague's application from now on; once more gives the same answer."""
    current.act(handing_over.take_over, number=number, schemes=current.schemes())
    render.say(
        _("You answer for this application now. Your colleague, the participant and the head are told.")
    )
    return render.redirect(url_for("applications.case", number=number))


@blueprint.post("/<number>/give-back")
@guard("see", application=True)
def give_back(application: Application) -> ResponseReturnValue:
    """Let who wrote it answer for it again."""
    current.act(handing_over.give_back, number=application.number, schemes=current.schemes())
    render.say(_("You have given it back. Who wrote it answers for it again, and is told."))
    return render.redirect(url_for("start.start"))


@blueprint.get("/<number>")
@guard("see", application=True)
def case(application: Application) -> ResponseReturnValue:
    """Where the application stands, what was submitted and what can be done."""
    return render.page("applications/case.html", page.build(application))


@blueprint.get("/<number>/versions/<int:version>")
@guard("see", application=True)
def version(application: Application, version: int) -> ResponseReturnValue:
    """One version as it was submitted, with what it changed marked."""
    session = current.reading()
    versions = applications.versions_of(session, application.id)
    if not 1 <= version <= len(versions):
        abort(404)
    scheme = current.scheme(application.scheme)
    kind, shown = scheme.kinds[application.kind], versions[version - 1]
    before = versions[version - 2].answers if version > 1 else None
    attached = of_version(application, kind, version)
    sections = in_words(
        scheme, read(kind, shown.answers), before=before, attached=attached, application=application
    )
    return render.page(
        "applications/version.html",
        application=application,
        scheme=scheme,
        versions=versions,
        shown=shown,
        head=next(
            (said_of(each) for each in heads.words_on(session, application.id) if each.version == version),
            None,
        ),
        sections=sections,
        changes=sum(row.changed for section in sections for row in section.rows),
        panel=panel.kept(shown.assessment, application=application, scheme=scheme, kind=kind),
    )


@blueprint.get("/<number>/days.ics")
@guard("see", application=True)
def days(application: Application) -> ResponseReturnValue:
    """Its days for the calendar of whoever it is about."""
    if not is_party(current.person(), application):
        abort(404)
    content = calendar(application.number, days_of(application), current.now())
    return render.attached(BytesIO(content), f"{application.number}.ics", "text/calendar")


@blueprint.get("/<number>/withdraw")
@guard("withdraw", application=True)
def confirm_withdraw(application: Application) -> ResponseReturnValue:
    """Whether the application is really to be withdrawn."""
    return render.page("applications/withdraw.html", application=application)


@blueprint.post("/<number>/withdraw")
@guard("see", application=True)
def withdraw(application: Application) -> ResponseReturnValue:
    """Withdraw the application; once more gives the same answer."""
    current.act(submitting.withdraw, number=application.number)
    render.say(_("The application is withdrawn."))
    return render.redirect(url_for("applications.case", number=application.number))


@blueprint.get("/<number>/decline")
@guard("decline", application=True)
def confirm_decline(application: Application) -> ResponseReturnValue:
    """Whether one really says no to what somebody else has applied for, and why."""
    return render.page("applications/decline.html", application=application, typed="", refusal=None)


@blueprint.post("/<number>/decline")
@guard("see", application=True)
def decline(application: Application) -> ResponseReturnValue:
    """Say no with a reason, which withdraws the application; once more gives the same answer."""
    typed = clean(request.form.get("reason", ""))
    try:
        current.act(submitting.decline, number=application.number, reason=typed)
    except Refused as refused:
        if refused.refusal.code not in _REASON:
            raise
        return render.page(
            "applications/decline.html",
            application=application,
            typed=typed,
            refusal=refused.refusal,
            status=render.REFUSED,
        )
    render.say(_("You have said no. The application is withdrawn, and who wrote it is told."))
    return render.redirect(url_for("applications.case", number=application.number))


@blueprint.post("/<number>/answer")
@guard("resubmit", application=True)
def answer(application: Application) -> ResponseReturnValue:
    """Go on with the returned application in a draft, filled with what was submitted."""
    draft = current.act(drafting.start_answer, number=application.number)
    return render.redirect(url_for("apply.form", token=draft.token))


@blueprint.post("/<number>/go-on")
@guard("see", application=True)
def go_on(application: Application) -> ResponseReturnValue:
    """Begin what this granted application leads to, filled from it."""
    draft = current.act(drafting.start_from, number=application.number, schemes=current.schemes())
    return render.redirect(url_for("apply.form", token=draft.token))


@blueprint.post("/<number>/copy")
@guard("see", application=True)
def copy(application: Application) -> ResponseReturnValue:
    """Begin another application with the answers of this one, in the edition that is open."""
    scheme = page.edition_to_copy_to(application)
    if scheme is None or limits.is_over(limits.DRAFTS, "drafts"):
        raise Refused(NOT_FOUND if scheme is None else limits.TOO_MANY_DRAFTS)
    draft = current.act(drafting.start_copy, number=application.number, scheme=scheme)
    render.say(_("Your earlier answers stand here. Days, rates and files are new each time."))
    return render.redirect(url_for("apply.form", token=draft.token))


@blueprint.get("/<number>/cancel")
@guard("cancel", application=True)
def confirm_cancel(application: Application) -> ResponseReturnValue:
    """Whether the grant is really to be cancelled, and why."""
    return _cancel(application)


@blueprint.post("/<number>/cancel")
@guard("see", application=True)
def cancel(application: Application) -> ResponseReturnValue:
    """Cancel the grant with a reason; once more gives the same answer."""
    reason = clean(request.form.get("reason", ""))
    try:
        how = {"number": application.number, "reason": reason, "schemes": current.schemes()}
        came = current.act(preparing.do, act="cancel", second=current.settings().second_finance, **how)
    except Refused as refused:
        if refused.refusal.code not in _REASON | {PREPARED_BEFORE.code}:
            raise
        return _cancel(application, reason, refused.refusal)
    if isinstance(came, Prepared):
        return prepared_now(came)
    gives = current.scheme(application.scheme).kinds[application.kind].gives_money
    cancelled = _("The grant is cancelled. What was not paid can be granted to somebody else.")
    render.say(cancelled if gives else _("The approval is cancelled."))
    return render.redirect(url_for("applications.case", number=application.number))


def _cancel(application: Application, typed: str = "", refusal: Refusal | None = None) -> ResponseReturnValue:
    """The page that asks why, and says what cancelling comes to."""
    session, scheme = current.reading(), current.scheme(application.scheme)
    claim, decision = claims.find(session, application.id), signing.get_decision(session, application.id)
    today, at = local_day(current.now(), scheme), current.now()
    refuse(submitting.why_not_cancel(session, scheme, application, claim, current.person(), at))
    return render.page(
        "applications/cancel.html",
        application=application,
        money=scheme.kinds[application.kind].gives_money,
        user=submitting.find_user(session, application),
        comes_to=cancelling(scheme, application, claim, decision.amount, today),
        typed=typed,
        refusal=refusal,
        status=render.REFUSED if refusal else 200,
    )
