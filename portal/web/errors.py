"""What is answered when something cannot be done: a page in the reader's language with an id that stands in the log.

Knows every kind of fault: nobody signed in, Refused by the domain, nothing there, a store that is busy or away, an old
form, a fault of our own. Never shows a trace, a version, a path or a statement. A form that was sent into a fault is
shown with what was typed, to be sent once more.
"""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from portal.domain.access import NOT_FOUND
from portal.domain.refusal import N_, Refused
from portal.store.files import Away
from portal.store.session import Busy, NotFound, Unsure, is_away
from portal.web import current, limits, logs, render, sessions
from portal.web.account.views import show_sign_in
from portal.web.apply.sheets import GONE
from portal.web.language import _, instant, size, spoken
from portal.web.questions import given_back

_WORDS = {
    400: (N_("The request could not be understood"), N_("Go back, load the page again and try once more.")),
    403: (
        N_("Not allowed from here"),
        N_("The request did not come from a page of the portal, so nothing was done."),
    ),
    404: (N_("There is no such page"), N_("It does not exist, or you may not see it. Check the address.")),
    405: (
        N_("The page cannot be used that way"),
        N_("Nothing was done. Go back and use the buttons of the page."),
    ),
    409: (N_("This could not be done"), N_("Things have changed since the page was shown. Load it again.")),
    413: (
        N_("Too much at once"),
        N_(
            "What you sent is more than the portal takes at once. Send fewer files, each of at most %(limit)s."
        ),
    ),
    429: (N_("Too many attempts"), N_("Wait a quarter of an hour and try again.")),
    500: (N_("Something went wrong on our side"), N_("Nothing was saved. Try again in a moment.")),
    503: (
        N_("The portal is busy"),
        N_("Nothing was saved. Try again in a moment; what you typed is still in the form."),
    ),
}

_GIVE_BACK = (404, 409, 429, 500, 503)
"""Answers to a form of the portal's own: they show what was typed in it."""

TOO_LONG = N_("It is more than this form takes. Go back, where what you typed still stands, and shorten it.")

AGAIN = N_("Wait a moment: the page asks again by itself.")
AWAY = N_("The portal does not answer just now")
AWAY_TEXT = N_("Nothing was saved just now. Wait a minute and try again.")
UNSURE = N_(
    "We do not know whether it was saved, because the answer was lost. Wait a minute and look at the page first; "
    "send it once more only if it is not there."
)
_SOON, _LATER = "5", "30"
"""Seconds after which to try again what was busy, and what was away."""

_LAST_RESORT = """<!doctype html><html lang="sv"><meta charset="utf-8"><title>{status}</title>
<h1>{words}</h1><p>{id}</p></html>"""
_LAST_WORDS = {
    400: "Begäran går inte att läsa · Forespørselen kan ikke leses · The request could not be understood",
    500: "Något gick fel hos oss · Noe gikk galt hos oss · Something went wrong on our side",
    503: "Portalen svarar inte just nu. Försök igen om en minut. · Portalen svarer ikke akkurat nå. Prøv igjen om et "
    "minutt. · The portal does not answer just now. Try again in a minute.",
}


_TO_SIGN_IN = ("account.try_to_sign_in", "account.be_somebody")


def install(app: Flask) -> None:
    """Answer every fault."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _old_form)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(Busy, _fault)
    # What was raised while another fault was answered comes as this one.
    app.register_error_handler(InternalServerError, lambda error: _fault(error.original_exception or error))
    app.register_error_handler(Exception, _fault)
    app.wsgi_app = _Net(app.wsgi_app)  # type: ignore[method-assign]


class _Net:
    """Catches what is raised outside of every view and every handler, where a server would answer with a bare page."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return self._app(environ, start_response)
        except Exception as error:
            logs.bare_fault(error)
            return _last_resort(503 if is_away(error) else 500)(environ, start_response)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code == 401:
        return _signed_out()
    status = error.code if error.code in _WORDS else 400 if error.code < 500 else 500
    text = error.limit.error_message if isinstance(error, RateLimitExceeded) else None
    if status == 413 and request.endpoint not in limits.WITH_FILES:
        text = TOO_LONG
    try:
        response = show(status, _(str(text)) if text else "")
    except Exception as second:
        # Only a request that is no sense at all has no page: its host cannot be read, or its form.
        if status != 400 or is_away(second):
            raise
        logs.fault(second)
        return _last_resort(400)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def show(status: int, text: str = "", title: str = "") -> Response:
    """The page about a fault; `text` takes the place of the usual sentence, and `title` of its heading."""
    known, usual = _WORDS[status]
    if status == 503 and request.method == "GET":
        text = _(AGAIN)
    lost = status in _GIVE_BACK and request.method == "POST" and not render.is_fragment_request()
    return render.fragment(
        "errors/_error.html",
        typed=given_back(sessions.texts_of(sessions.carried())) if lost else (),
        back=render.asked_page() if lost and status != 404 else "",
        title=title or _(known),
        text=text or _(usual, limit=size(current.settings().max_upload)),
        request_id=logs.request_id(),
        of="errors/error.html",
        status=status,
    )


def _signed_out() -> Response:
    """To the sign-in page, and afterwards back to the page that was asked for, or to the one the form stood on."""
    came_from = render.asked_page()
    if render.is_fragment_request():
        return render.leave(url_for("account.sign_in", next=render.shown_page(), ended=1))
    late = request.method == "POST"
    if late and (kept := sessions.seal()):
        return show_sign_in(came_from, kept=kept, status=401)
    going = came_from if came_from != "/" else None
    address = url_for("account.sign_in", next=going, ended=1 if late else None)
    return Response(status=303 if late else 302, headers={"Location": address})


def _refused(error: Refused) -> ResponseReturnValue:
    if error.refusal.code == NOT_FOUND.code:
        return show(404)
    if error.refusal == GONE:
        return show(404, spoken(GONE))
    return show(409, spoken(error.refusal))


def _not_found(_error: NotFound) -> ResponseReturnValue:
    return show(404)


def _old_form(_error: CSRFError) -> ResponseReturnValue:
    """A form whose token is too old: shown again with what was typed, for the person to send once more."""
    typed = sessions.carried()
    person = current.person_or_none()
    logs.refused("csrf")
    if request.endpoint in _TO_SIGN_IN:
        return render.redirect(url_for("account.sign_in", next=request.form.get("next")))
    if person is None:
        return _signed_out()
    if sessions.is_of_somebody_else(request.form.get("csrf_token", "")):
        return show(
            403,
            _(
                "Nothing was done. The form was opened by somebody else, or before you signed in. Open it again."
            ),
            _("The form is not yours"),
        )
    if not _can_be_resent(typed):
        return show(
            403,
            _("Nothing was done. Load the page again and try once more."),
            _("The page had been open too long"),
        )
    return _resend(
        typed,
        _("The page had been open too long"),
        _("Nothing was saved yet, and nothing you typed is lost."),
        status=403,
    )


def _can_be_resent(typed: list[tuple[str, str]]) -> bool:
    """Whether a whole form came that can be shown again: no password is, and no fragment replaces a page."""
    secret = any(sessions.is_secret(name) for name, _value in typed)
    return (
        bool(typed) and not render.is_fragment_request() and not secret and len(typed) <= sessions.MOST_FIELDS
    )


def _resend(typed: list[tuple[str, str]], title: str, text: str, *, status: int, back: str = "") -> Response:
    """What was typed, and a button that sends it once more; `back` is the page that shows whether it is needed."""
    return render.resend(request.full_path.rstrip("?"), typed, title, text, status=status, back=back)


def _fault(error: BaseException) -> Response:
    """Busy and away are over soon, and said to be; whatever else is a fault of ours."""
    logs.fault(error)
    status = 503 if isinstance(error, Busy | Away) or is_away(error) else 500
    try:
        current.release()
        sessions.trust_nothing_more()
        response = _fault_page(error, status)
    except Exception as second:
        logs.fault(second)
        g.pop("reading", None)
        g.pop("reading_context", None)
        response = _last_resort(503 if is_away(second) else status)
    if response.status_code == 503:
        response.headers["Retry-After"] = wait = _SOON if isinstance(error, Busy) else _LATER
        if _asks_again():  # not all of them at the same moment
            response.headers["Refresh"] = str(int(wait) + secrets.randbelow(10))
    return response


def _asks_again() -> bool:
    """Whether a browser may ask for the same whole page again without anybody's doing."""
    return request.method == "GET" and not render.is_fragment_request()


def _fault_page(error: BaseException, status: int) -> Response:
    title, text = ("", "") if isinstance(error, Busy) or status == 500 else (_(AWAY), _(AWAY_TEXT))
    unsure = isinstance(error, Unsure) or "acted" in g
    if unsure:
        text = _(UNSURE)
    typed = sessions.carried() if request.method == "POST" else []
    if request.blueprint == "account" or not _can_be_resent(typed):
        return show(status, text, title)
    if unsure:
        return _resend(typed, title or _(_WORDS[status][0]), text, status=status, back=render.asked_page())
    saved_at = _when(request.form.get("saved_at", ""))
    said = _("Nothing was saved just now, and nothing you typed is lost.")
    if saved_at is not None:
        said += " " + _("It was last saved %(at)s.", at=instant(saved_at))
    return _resend(typed, title or _(_WORDS[status][0]), said, status=status)


def _when(typed: str) -> datetime | None:
    """The instant that a form carries of when it was last saved."""
    try:
        return datetime.fromisoformat(typed).astimezone()
    except (ValueError, OverflowError):
        return None


def _last_resort(status: int) -> Response:
    """A page that needs nothing of the portal."""
    request_id = logs.request_id() if has_request_context() else ""
    text = _LAST_RESORT.format(id=request_id, status=status, words=_LAST_WORDS[status])
    headers = {"Retry-After": _LATER} if status == 503 else {}
    return Response(text, status=status, mimetype="text/html", headers=headers)
