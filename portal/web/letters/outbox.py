"""The administrator's list of e-mails that are not sent, and trying them again."""

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import notices as actions
from portal.mail.message import Unsendable, Written, written
from portal.store import outbox, people
from portal.store.outbox import Entry, Mail
from portal.web import current, language, render
from portal.web.guard import guard
from portal.web.language import _

blueprint = Blueprint("outbox", __name__, url_prefix="/outbox")

_MOST = 200


@blueprint.get("")
@guard("administer")
def show() -> ResponseReturnValue:
    """What waits, and what was given up, with why."""
    session = current.reading()
    waiting, parked, since = outbox.waiting(session)
    entries = outbox.unsent(session, limit=_MOST + 1)
    return render.page(
        "letters/outbox.html",
        mails=[(each, _subject(each)) for each in entries[:_MOST]],
        names=people.names_of(session, {each.receiver_id for each in entries}),
        waiting=waiting,
        parked=parked,
        since=since,
        sends=bool(current.settings().smtp_url),
        more=len(entries) > _MOST,
    )


@blueprint.get("/sent")
@guard("administer")
def sent() -> ResponseReturnValue:
    """What was sent to somebody, or the e-mail that a mail server sent back, to be marked."""
    session, query = current.reading(), request.args.get("q", "").strip()[:200]
    who = people.find_by_number(session, query, day=current.today()) if query else None
    if who is None and "@" in query:
        who = next(iter(people.search(session, query, day=current.today(), limit=1)), None)
    found = outbox.sent(session, message_id=query.strip("<>")) if query else []
    if not found and who is not None:
        found = outbox.sent(session, person_id=who.id)
    return render.page(
        "letters/sent.html",
        query=query,
        mails=[(each, _subject(each)) for each in found],
        names=people.names_of(session, {each.receiver_id for each in found}),
    )


@blueprint.post("/<int:mail_id>/bounced")
@guard("administer")
def bounced(mail_id: int) -> ResponseReturnValue:
    """Mark an e-mail as come back, or take the mark away."""
    came_back = request.form.get("bounced") == "yes"
    if not current.act(actions.mark_bounced, mail_id=mail_id, bounced=came_back):
        render.say(_("The e-mail stood so already."), "note")
    elif came_back:
        render.say(
            _(
                "The e-mail is marked. The receiver reads it at their start page, until their address is another."
            )
        )
    else:
        render.say(_("The mark is taken away."))
    return render.redirect(url_for("outbox.sent", q=request.form.get("q", "")[:200] or None))


@blueprint.post("/<int:mail_id>/retry")
@guard("administer")
def retry(mail_id: int) -> ResponseReturnValue:
    """Try one again from the beginning."""
    begun = current.act(actions.retry_mail, mail_id=mail_id)
    if begun:
        render.say(_("The e-mail is tried again within a few seconds."))
    else:
        render.say(_("The e-mail has been sent meanwhile, or is being sent."), "note")
    return render.redirect(url_for("outbox.show"))


@blueprint.post("/retry")
@guard("administer")
def retry_all() -> ResponseReturnValue:
    """Try every parked one again."""
    count = current.act(actions.retry_parked)
    render.say(language.count("%(num)s e-mail is tried again.", "%(num)s e-mails are tried again.", count))
    return render.redirect(url_for("outbox.show"))


@blueprint.get("/mine")
@guard("come-in")
def mine() -> ResponseReturnValue:
    """What the reader was sent, in a demo alone: elsewhere it lies in a mailbox of their own."""
    settings = current.settings()
    if not settings.demo:
        abort(404)
    entries = outbox.sent_to(current.reading(), current.person().id)
    shown = [(each, _written(each, settings.secret_key)) for each in entries]
    return render.page(
        "letters/mailbox.html", mails=[(each, said) for each, said in shown if said is not None]
    )


def _subject(entry: Entry) -> str:
    """What it says on top, in the administrator's language."""
    said = _written(entry)
    return entry.kind if said is None else said.subject


def _written(entry: Entry, key: str = "") -> Written | None:
    """What an e-mail says, in the reader's language; None for one that cannot be written."""
    mail = Mail(
        entry.id,
        entry.receiver_id,
        entry.kind,
        entry.params,
        entry.created_at,
        entry.attempts,
        message_id="",
        language=language.language(),
    )
    try:
        return written(mail, base_url="", key=key)
    except Unsendable:
        return None
