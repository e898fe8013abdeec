"""What is answered when something cannot be done: a page in the reader's language with an id that stands in the log.

Knows every kind of fault: nobody signed in, Refused by the domain, nothing there, a busy store, an old form, a fault of
our own. Never shows a trace, a version, a path or a statement.
"""

from flask import Flask, Response, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from portal.domain.access import NOT_FOUND
from portal.domain.refusal import N_, Refused
from portal.store.session import Busy, NotFound
from portal.web import current, limits, logs, render, sessions
from portal.web.account.views import show_sign_in
from portal.web.language import _, size, spoken

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

TOO_LONG = N_("It is more than this form takes. Go back, where what you typed still stands, and shorten it.")

_LAST_RESORT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>500</title>
<h1>Något gick fel hos oss · Noe gikk galt hos oss · Something went wrong on our side</h1><p>{id}</p></html>"""


def install(app: Flask) -> None:
    """Answer every fault."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _old_form)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(Exception, _fault)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code == 401:
        return _signed_out()
    status = error.code if error.code in _WORDS else 400 if error.code < 500 else 500
    text = error.limit.error_message if isinstance(error, RateLimitExceeded) else None
    if status == 413 and request.endpoint not in limits.WITH_FILES:
        text = TOO_LONG
    response = show(status, _(str(text)) if text else "")
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def show(status: int, text: str = "", title: str = "") -> Response:
    """The page about a fault; `text` takes the place of the usual sentence, and `title` of its heading."""
    known, usual = _WORDS[status]
    return render.fragment(
        "errors/_error.html",
        title=title or _(known),
        text=text or _(usual, limit=size(current.settings().max_upload)),
        request_id=logs.request_id(),
        of="errors/error.html",
        status=status,
    )


def _signed_out() -> Response:
    """To the sign-in page, and afterwards back to the page that was asked for, or to the one the form stood on."""
    came_from = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    address = url_for("account.sign_in", next=came_from if came_from != "/" else None)
    if render.is_fragment_request():
        return render.leave(url_for("account.sign_in", next=render.shown_page()))
    if request.method == "POST" and (kept := sessions.seal()):
        return show_sign_in("", kept=kept, status=401)
    return Response(status=303 if request.method == "POST" else 302, headers={"Location": address})


def _refused(error: Refused) -> ResponseReturnValue:
    if error.refusal.code == NOT_FOUND.code:
        return show(404)
    return show(409, spoken(error.refusal))


def _not_found(_error: NotFound) -> ResponseReturnValue:
    return show(404)


def _busy(error: Busy) -> ResponseReturnValue:
    logs.fault(error)
    response = show(503)
    response.headers["Retry-After"] = "5"
    return response


def _old_form(_error: CSRFError) -> ResponseReturnValue:
    """A form whose token is too old: shown again with what was typed, for the person to send once more."""
    typed = sessions.carried()
    person = current.person_or_none()
    logs.refused("csrf")
    if person is None and request.endpoint != "account.sign_in":
        return _signed_out()
    secret = any(name.endswith("password") for name, _value in typed)
    if render.is_fragment_request() or not typed or secret or len(typed) > 500:
        return show(
            403,
            _("Nothing was done. Load the page again and try once more."),
            _("The page had been open too long"),
        )
    if request.endpoint == "account.sign_in":
        return render.redirect(url_for("account.sign_in", next=request.form.get("next")))
    address = request.full_path.rstrip("?")
    return render.page("errors/resend.html", address=address, fields=typed, status=403)


def _fault(error: Exception) -> ResponseReturnValue:
    logs.fault(error)
    try:
        current.release()
        sessions.trust_nothing_more()
        return show(500)
    except Exception as second:
        logs.fault(second)
        g.pop("reading", None)
        g.pop("reading_context", None)
        return Response(_LAST_RESORT.format(id=logs.request_id()), status=500, mimetype="text/html")
