"""The sign-off: the queue, one case, and what an approver can do with it.

A refused act shows the case again with why and what was typed: 422 where the form is to be mended, 409 where the case
stands otherwise than the page said. What a button says beside it and what its POST answers are one sentence.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.actions import signing
from portal.domain.access import NOT_FOUND
from portal.domain.application import Application, Outcome
from portal.domain.fields import read_days
from portal.domain.money import Unreadable, read_amount
from portal.domain.refusal import Refused
from portal.domain.signoff import STALE, Verdict
from portal.store import applications, people
from portal.store.queue import Signed
from portal.store.signing import conflicts_in, signatures_on
from portal.web import current, proof, render
from portal.web.guard import guard
from portal.web.language import _, count, says, spoken, words
from portal.web.signoff import case_page, queue_page
from portal.web.signoff import together as together_page
from portal.web.signoff.case_page import Tried
from portal.web.signoff.queue_page import QueueQuery

blueprint = Blueprint("signoff", __name__)

_CONFLICT = 409
_FIELDS = {
    "signoff.reason": "text",
    "text.too-long": "text",
    "return.question": "text",
    "comment.empty": "text",
    "signoff.above": "amount",
    "signoff.zero": "amount",
}
"""Which box of the form a refusal speaks of; the others speak of the case."""
_PROVED = frozenset({"grant", "less", "refuse", "ask"})
"""Acts that decide: they ask for the password again when it was last shown a while ago."""


@blueprint.get("/queue")
@guard("see-queue")
def queue() -> ResponseReturnValue:
    """What waits, a page at a time."""
    page = queue_page.build(current.reading(), current.person(), queue_page.asked(request.args))
    return render.fragment("signoff/_lines.html", page, of="signoff/queue.html")


@blueprint.get("/queue/together")
@guard("see-queue")
def together() -> ResponseReturnValue:
    """The cases that were ticked in the queue, to be signed with one confirmation."""
    page = together_page.build(current.reading(), current.person(), request.args.getlist("case"), _wish())
    return render.page("signoff/together.html", page)


@blueprint.post("/queue/together")
@guard("see-queue")
def sign_together() -> ResponseReturnValue:
    """Sign each as the page showed it; one that is otherwise now is left out and named."""
    seen = request.form.getlist("seen")
    if (first := proof.first_by_provider()) is not None:
        return first
    if unproved := proof.missing("together-password"):
        numbers = [each.partition(" ")[0] for each in seen]
        page = together_page.build(current.reading(), current.person(), numbers, _wish(), unproved)
        return render.page("signoff/together.html", page, status=render.REFUSED)
    signed, decided, left_out = together_page.sign(seen)
    if signed:
        said = count("%(num)s is signed.", "%(num)s are signed.", signed)
        waits = signed - decided
        came = [
            count("%(num)s is decided by it.", "%(num)s are decided by it.", decided) if decided else "",
            count("%(num)s waits for the other seat.", "%(num)s wait for the other seat.", waits)
            if waits
            else "",
        ]
        render.say(" ".join(filter(None, (said, *came))))
    for number, why in left_out:
        render.say(_("%(number)s was left out: %(why)s", number=number, why=why), "warn")
    return render.redirect(_wish().address())


@blueprint.get("/queue/<number>")
@guard("see-register", application=True)
def case(application: Application) -> ResponseReturnValue:
    """One application with everything that bears on signing it."""
    return _show(application)


@blueprint.post("/queue/<number>/sign")
@guard("sign", application=True)
def sign(application: Application) -> ResponseReturnValue:
    """Grant the assessed amount, grant less, or refuse: one signature."""
    act, typed = _typed("act"), _typed("amount")
    text = _typed(f"{act}-text")
    if act not in ("grant", "less", "refuse"):
        return _show(application, Tried(says=_("Choose what to sign.")))
    kind = current.schemes()[application.scheme].kinds[application.kind]
    amount, days = 0, None
    try:
        if act == "less" and kind.decides_days:
            days = read_days(typed)
        elif act != "refuse":
            amount = read_amount(typed, application.currency)
    except Unreadable as unreadable:
        rule = current.schemes()[application.scheme].form_rules[
            "form.required" if not typed else unreadable.code
        ]
        return _show(application, Tried(act, words(rule.message), "amount", text, typed))
    outcome = Outcome.REFUSE if act == "refuse" else Outcome.GRANT
    given = {"outcome": outcome, "amount": amount, "reason": text, "shown": _typed("shown"), "days": days}
    return _do(
        application,
        act,
        signing.sign,
        partial(_signed, application, Signed("", "", outcome, amount, days)),
        **given,
    )


@blueprint.post("/queue/<number>/return")
@guard("sign", application=True)
def ask(application: Application) -> ResponseReturnValue:
    said = _("The application is returned. The applicant gets an e-mail, and it keeps its place.")
    return _do(
        application,
        "ask",
        signing.return_with_question,
        lambda _done: _go_on(application, said, what=_("Returned with a question")),
        question=_typed("ask-text"),
    )


@blueprint.post("/queue/<number>/comment")
@guard("sign", application=True)
def comment(application: Application) -> ResponseReturnValue:
    """Write to the other seat."""
    said = _("The other seat is told by e-mail that you wrote, and reads it here.")
    return _do(
        application,
        "comment",
        signing.comment,
        lambda _done: _stay(application, said),
        text=_typed("comment-text"),
    )


@blueprint.post("/queue/<number>/register")
@guard("sign", application=True)
def register(application: Application) -> ResponseReturnValue:
    """Keep the number of the authority's own register."""
    number = _typed("registration-text")
    said = _("The number is kept.")
    return _do(
        application,
        "registration",
        signing.register,
        lambda _kept: _stay(application, said),
        registration=number,
    )


@blueprint.post("/queue/<number>/conflict")
@guard("sign", application=True)
def conflict(application: Application) -> ResponseReturnValue:
    def said(able: list[int] | None) -> ResponseReturnValue:
        aside = _("You have stepped aside.")
        if able:
            names = people.names_of(current.reading(), able)
            told = _(
                "%(names)s can sign in your seat now. An e-mail says so.", names=", ".join(names.values())
            )
        else:
            told = _(
                "Nobody else can sign in your seat today, so nothing is decided until an administrator appoints "
                "a substitute. The administrators have been told by e-mail."
            )
        return _go_on(application, aside if able is None else f"{aside} {told}")

    return _do(application, "conflict", signing.declare_conflict, said, note=_typed("conflict-text"))


@blueprint.post("/queue/<number>/take-back")
@guard("sign", application=True)
def take_back(application: Application) -> ResponseReturnValue:
    """Take back one's own signature; once more, and it is still taken back."""
    said = _("Your signature is taken back and no longer counts.")
    mine = [s for s in signatures_on(current.reading(), application.id) if s.signer_id == current.person().id]
    if mine and all(s.withdrawn_at for s in mine) and application.status.open:
        return _stay(application, said)
    return _do(application, "take-back", signing.take_back, lambda _done: _stay(application, said))


def _do(
    application: Application, act: str, action: Any, done: Callable[[Any], ResponseReturnValue], **values: Any
) -> ResponseReturnValue:
    """Run an act on the case and go on as it says, or come back with why it was not done."""
    tried = Tried(
        act,
        text=_typed(f"{act}-text"),
        amount=_typed("amount") if act == "less" else "",
        shown=_typed("shown"),
        saw=_typed("saw"),
    )
    if act in _PROVED and (first := proof.first_by_provider()) is not None:
        return first
    if act in _PROVED and (unproved := proof.missing(f"{act}-password")):
        return _show(application, replace(tried, says=unproved, field="password"))
    if action is signing.sign:
        values["known"] = proof.shown()
    try:
        came_of_it = current.act(action, number=application.number, schemes=current.schemes(), **values)
    except Refused as refused:
        why = refused.refusal
        if why.code == NOT_FOUND.code:
            raise
        field, stale = _FIELDS.get(why.code, ""), why.code == STALE.code
        return _show(application, replace(tried, says=spoken(why), field=field, stale=stale))
    return done(came_of_it)


def _stay(application: Application, said: str) -> ResponseReturnValue:
    render.say(said)
    return render.redirect(_wish().address_of("signoff.case", application.number))


def _go_on(
    application: Application, said: str, *, what: str = "", kind: str = "good", undo: bool = False
) -> ResponseReturnValue:
    """Say what was done in a case, and show the next one that waits; the queue when none does."""
    session, me, wish = current.reading(), current.person(), _wish()
    following, left = queue_page.come_next(session, me, wish, application)
    if what:
        names = people.names_of(session, {application.participant_id})
        name = names[application.participant_id]
        said = f"{application.number}, {name}: {what}. {said}"
    else:
        said = f"{application.number}: {said}"
    more = count("%(num)s is left here.", "%(num)s are left here.", left) if left else _("None is left here.")
    back = wish.address_of("signoff.take_back", application.number) if undo else ""
    render.say(f"{said} {more}", kind, undo=back)
    if following is None:
        return render.redirect(wish.address())
    return render.redirect(wish.address_of("signoff.case", following.number))


def _signed(application: Application, signature: Signed, verdict: Verdict) -> ResponseReturnValue:
    """What came of a signature."""
    what = says(signature, application.currency)
    kind, undo = "good", True
    if verdict.voided:
        kind, said = (
            "warn",
            _(
                "You have signed. The other signature no longer counts, because its signer has since become head of, "
                "or otherwise tied to, the participant or the applicant. The other seat signs anew."
            ),
        )
    elif verdict.state == "signed once":
        said = _("You have signed. Now it waits for the other seat.")
    elif verdict.state == "disagreed":
        kind, said = (
            "warn",
            _(
                "You have signed. The two signatures differ, so nothing is decided. Each of you can take your own back."
            ),
        )
    else:
        undo = False
        said = _("Decided: refused. The applicant and the participant get an e-mail.")
        if verdict.outcome is not Outcome.REFUSE:
            said = _("Decided: granted. The applicant and the participant get an e-mail.")
    return _go_on(application, said, what=what, kind=kind, undo=undo)


def _show(application: Application, tried: Tried | None = None) -> ResponseReturnValue:
    """The case as it is now, after a refusal with what was tried; no more of it for one who stepped aside."""
    session, me = current.reading(), current.person()
    fresh = application if tried is None else applications.get(session, number=application.number)
    status = 200 if tried is None else render.REFUSED if tried.field else _CONFLICT
    for declared in conflicts_in(session, fresh.id):
        if declared.person_id == me.id:
            return render.page(
                "signoff/aside.html",
                number=fresh.number,
                declared=declared,
                queue=_wish().address(),
                status=status,
            )
    page = case_page.build(session, fresh, me, _wish(), tried or Tried())
    return render.page("signoff/case.html", page, status=status)


def _wish() -> QueueQuery:
    """The part of the queue that the reader came from, with its filters."""
    return queue_page.asked(request.args)


def _typed(name: str) -> str:
    return request.form.get(name, "")
