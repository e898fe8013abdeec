"""The administrator's list of e-mails that are not sent, and trying them again."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.actions import notices as actions
from portal.mail.message import Unsendable, written
from portal.store import outbox, people
from portal.store.outbox import Entry, Mail
from portal.web import current, language, render
from portal.web.guard import guard
from portal.web.language import _
from portal.web.pages.letters import MailLine, OutboxPage

blueprint = Blueprint("outbox", __name__, url_prefix="/outbox")

_MOST = 200


@blueprint.get("")
@guard("administer")
def show() -> ResponseReturnValue:
    """What waits, and what was given up, with why."""
    session = current.reading()
    waiting, parked, since = outbox.waiting(session)
    entries = outbox.unsent(session, limit=_MOST + 1)
    names = people.names_of(session, {each.receiver_id for each in entries})
    page = OutboxPage(
        lines=tuple(_line(each, names[each.receiver_id]) for each in entries[:_MOST]),
        waiting=waiting,
        parked=parked,
        sends=bool(current.settings().smtp_url),
        since=since,
        more=len(entries) > _MOST,
    )
    return render.page("letters/outbox.html", page)


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


def _line(entry: Entry, receiver: str) -> MailLine:
    if entry.parked_at is not None:
        state, tone = _("Given up"), "bad"
    elif entry.last_error:
        state, tone = _("Will be tried again"), "warn"
    else:
        state, tone = _("Waits"), "plain"
    return MailLine(
        id=entry.id,
        subject=_subject(entry),
        receiver=receiver,
        created_at=entry.created_at,
        state=state,
        tone=tone,
        attempts=entry.attempts,
        next_try_at=entry.next_try_at if entry.last_error and entry.parked_at is None else None,
        error=entry.last_error or "",
        retriable=entry.parked_at is not None or bool(entry.last_error),
    )


def _subject(entry: Entry) -> str:
    """What it says on top, in the administrator's language."""
    mail = Mail(
        entry.id,
        entry.receiver_id,
        entry.kind,
        entry.params,
        entry.created_at,
        entry.attempts,
        "",
        language=language.language(),
    )
    try:
        return written(mail, base_url="").subject
    except Unsendable:
        return entry.kind
