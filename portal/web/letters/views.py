"""The letters of an application, to be fetched as they were kept; the case in one file; and printing what is due.

A letter is ordered with what it tells and printed right after, in the same request (`print_what_was_ordered`). Should
that fail, the worker prints it, and whoever asks for it before gets the same bytes: a GET never writes.
"""

from collections.abc import Callable, Sequence
from io import BytesIO

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.application import Application
from portal.domain.person import mailable
from portal.domain.scheme import LANGUAGES
from portal.forms.typed import whole
from portal.letters.composing import KINDS
from portal.letters.document import words as letter_words
from portal.letters.orders import pdf_of, print_due
from portal.letters.press import Unprinted
from portal.store import letters
from portal.web import current, limits, logs, render
from portal.web.guard import guard
from portal.web.language import _
from portal.web.letters import bundles, package

blueprint = Blueprint("letters", __name__, url_prefix="/applications/<number>")

ORDERING = frozenset({"apply.submit", "signoff.sign", "costs.state", "payee.correct"})
"""The views whose acts order letters."""


@blueprint.get("/letters")
@guard("see", application=True)
def show(application: Application) -> ResponseReturnValue:
    """The letters, and the case in one file."""
    return _letters(application)


def _letters(application: Application, to: str = "", wrong: Sequence[str] = ()) -> ResponseReturnValue:
    """The page; `to` is what was typed as the economist's address, and `wrong` what is wrong with it."""
    found = letters.of_application(current.reading(), application.id)
    return render.page(
        "letters/letters.html",
        application=application,
        scheme=current.scheme(application.scheme),
        letters=[each for each in found if bundles.reads_letter(application, each.kind)],
        titles=letter_words(),
        whole=current.reads(application, "words"),
        packed=bool(package.parts_of(application)),
        to=to,
        wrong=wrong,
        status=render.REFUSED if wrong else 200,
    )


@blueprint.get("/letters/<kind>.pdf")
@guard("see", application=True)
def fetch(application: Application, kind: str) -> ResponseReturnValue:
    """The newest letter of a kind, the bytes that were kept, or that will be."""
    asked = request.args.get("language")
    if kind not in KINDS or asked not in (None, *LANGUAGES):
        abort(404)
    session = current.reading()
    found = letters.find_latest(
        session,
        application.id,
        kind,
        asked,
        version=whole(request.args.get("version", "")),
        edition=whole(request.args.get("edition", "")),
    )
    if found is None or not bundles.reads_letter(application, kind):
        abort(404)
    try:
        pdf = pdf_of(session, found)
    except Unprinted as error:
        return _unmade(application, found.id, error)
    return render.attached(
        BytesIO(pdf), f"{application.number}-{kind}-{found.language}.pdf", "application/pdf"
    )


@blueprint.get("/package.pdf")
@guard("see", application=True)
@limits.exports
def fetch_package(application: Application) -> ResponseReturnValue:
    """Confirmation, decision and basis of the invoice in one PDF."""
    if not package.parts_of(application):
        abort(404)
    name = f"{application.number}-package.pdf"
    return render.attached(BytesIO(package.as_pdf(application)), name, "application/pdf")


@blueprint.get("/package.eml")
@guard("see", application=True)
@limits.exports
def fetch_mail(application: Application) -> ResponseReturnValue:
    """The same as a message to the unit's economist, for one's own mail program."""
    if not package.parts_of(application):
        abort(404)
    typed = request.args.get("to", "")
    try:
        receiver = mailable(typed)
    except ValueError:
        return _letters(application, typed, [_("Write an e-mail address, such as name@example.se.")])
    content = BytesIO(package.as_mail(application, receiver))
    return render.attached(content, f"{application.number}.eml", "message/rfc822")


@blueprint.get("/case.zip")
@guard("see", application=True)
@limits.exports
def fetch_case(application: Application) -> ResponseReturnValue:
    """What was submitted, its documents, its letters and its history in one file."""
    try:
        bundle = bundles.bundle(application)
    except Unprinted as error:
        return _unmade(application, 0, error)
    return render.attached(bundle, f"{application.number}.zip", "application/zip")


def _unmade(application: Application, letter: int, error: Unprinted) -> ResponseReturnValue:
    _failing()(letter, error)
    render.say(_("A letter could not be made. The administrator can see why in the log."), "bad")
    return render.redirect(url_for("letters.show", number=application.number))


@blueprint.after_app_request
def print_what_was_ordered(response: Response) -> Response:
    """After an act that orders letters, print them once it is answered; the act stands whatever comes of it."""
    if request.method == "POST" and request.endpoint in ORDERING and response.status_code < 400:
        database, at, failing = current.database(), current.now(), _failing()

        def work() -> None:
            try:
                print_due(database, at=at, failing=failing, since=at)
            except Exception as error:
                failing(0, error)

        response.call_on_close(work)
    return response


def _failing() -> Callable[[int, Exception], None]:
    """Logs a letter that could not be printed as of this request, also once it is answered."""
    request_id = logs.request_id()

    def failed(letter: int, error: Exception) -> None:
        reason = str(error) if isinstance(error, Unprinted) else type(error).__name__
        logs.letter_failed(letter, reason, request_id=request_id)

    return failed
