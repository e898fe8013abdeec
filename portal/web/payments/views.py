"""Finance and the ledger: payment batches to make and to fetch as they were made, and what the ledger has paid.

The ledger's file is looked at first and sent once more when it is confirmed; nothing is kept in between.
"""

from collections.abc import Sequence
from io import BytesIO

from flask import Blueprint, Response, abort, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.actions import paying
from portal.domain.payment import LedgerLine
from portal.domain.refusal import N_, Refusal, Refused
from portal.finance.ledger import MOST_BYTES, read_ledger, spelled
from portal.store import payments as store
from portal.store.session import NotFound
from portal.web import current, limits, render
from portal.web.guard import guard
from portal.web.language import _, count, spoken
from portal.web.pages.claims import LedgerPage
from portal.web.payments import page as payments_page

blueprint = Blueprint("payments", __name__, url_prefix="/finance")

TOO_LARGE = N_("The file is too large. Split it.")
NO_FILE = N_("Choose a file, or paste its rows.")
SHOWN = 100
"""Wrong lines that are listed."""

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("/payments")
@guard("register-payment")
def payments() -> ResponseReturnValue:
    """What waits to be paid, and the batches there are."""
    return render.page("payments/payments.html", payments_page.build(current.reading(), request.args))


@blueprint.post("/payments/<fund>/<int:batch>")
@guard("register-payment")
def make(fund: str, batch: int) -> ResponseReturnValue:
    """Make the batch with that number of what the page showed; once more gives the same answer."""
    if fund not in current.schemes().funds():
        abort(404)
    try:
        made = current.act(
            paying.make_batch,
            fund=fund,
            number=batch,
            shown=request.form.get("shown", ""),
            schemes=current.schemes(),
        )
    except Refused as refused:
        if refused.refusal not in (paying.BATCH_CHANGED, paying.NOTHING_DUE):
            raise
        render.say(spoken(refused.refusal), "warn")
        return render.redirect(url_for("payments.payments"))
    render.say(
        _("Batch %(number)s is made. It never changes: fetch it as often as you like.", number=made.number)
    )
    return render.redirect(url_for("payments.payments", _anchor="batches"))


@blueprint.get("/payments/<fund>/<int:batch>.<form>")
@guard("register-payment")
@limits.exports
def download(fund: str, batch: int, form: str) -> ResponseReturnValue:
    """A batch, byte for byte as it was made."""
    try:
        file = store.read_file(current.reading(), fund, batch, form)
    except NotFound:
        abort(404)
    answer: Response = send_file(
        BytesIO(file.content),
        mimetype=_TYPES[form],
        as_attachment=True,
        download_name=store.name_of(fund, batch, form),
        conditional=False,
        etag=False,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/ledger")
@guard("register-payment")
def ledger() -> ResponseReturnValue:
    """Where the ledger's file is chosen."""
    return render.page("payments/ledger.html", LedgerPage())


@blueprint.post("/ledger")
@guard("register-payment")
def take_ledger() -> ResponseReturnValue:
    """Look at the file, or mark every row of it as paid when it has been looked at."""
    content = _content()
    if content is None or len(content) > MOST_BYTES:
        page = LedgerPage(error=_(NO_FILE if content is None else TOO_LARGE))
        return render.page("payments/ledger.html", page, status=render.REFUSED)
    lines, unreadable = read_ledger(content)
    wrong = [(each.line, each.refusal) for each in unreadable]
    confirmed = request.form.get("action") == "confirm" and not wrong
    try:
        marked = _mark(lines) if confirmed else _look(lines)
    except paying.WrongLines as found:
        wrong.extend(found.wrong)
    if wrong:
        return _wrong(wrong)
    if confirmed:
        render.say(_says(marked, done=True))
        return render.redirect(url_for("claims.claims", stage="paid"))
    page = LedgerPage(
        checked=True,
        says=_says(marked, done=False),
        text=spelled(lines),
        totals=payments_page.ledger_totals(current.reading(), lines),
        new=marked.paid,
    )
    return render.page("payments/ledger.html", page)


def _content() -> bytes | None:
    """The file that was sent, or the rows that were pasted."""
    file = request.files.get("file")
    if file is not None and file.filename:
        return file.stream.read(MOST_BYTES + 1)
    text = request.form.get("rows", "")
    return text.encode("utf-8", "replace") if text.strip() else None


def _look(lines: list[LedgerLine]) -> paying.Marked:
    return paying.preview_ledger(
        current.reading(), lines=lines, schemes=current.schemes(), by=current.person(), at=current.now()
    )


def _mark(lines: list[LedgerLine]) -> paying.Marked:
    return current.act(
        paying.mark_paid_by_ledger,
        lines=lines,
        schemes=current.schemes(),
    )


def _wrong(wrong: Sequence[tuple[int, Refusal]]) -> ResponseReturnValue:
    found = sorted(((line, spoken(refusal)) for line, refusal in wrong), key=lambda each: each[0])
    page = LedgerPage(
        error=count(
            "%(num)s row is wrong, so nothing is marked.",
            "%(num)s rows are wrong, so nothing is marked.",
            len(found),
        ),
        wrong=tuple(found[:SHOWN]),
        more_wrong=max(0, len(found) - SHOWN),
    )
    return render.page("payments/ledger.html", page, status=render.REFUSED)


def _says(marked: paying.Marked, *, done: bool) -> str:
    """How many rows are new, and how many say what is so already."""
    if done:
        said = count("%(num)s row is marked as paid.", "%(num)s rows are marked as paid.", marked.paid)
    else:
        said = count(
            "%(num)s row will be marked as paid.", "%(num)s rows will be marked as paid.", marked.paid
        )
    if marked.known:
        said += " " + count(
            "%(num)s row says what is so already.", "%(num)s rows say what is so already.", marked.known
        )
    if marked.left_out:
        said += " " + count(
            "%(num)s row is left out, because you take part in the case. "
            "Somebody else in finance sends the file again.",
            "%(num)s rows are left out, because you take part in the cases. "
            "Somebody else in finance sends the file again.",
            marked.left_out,
        )
    return said
