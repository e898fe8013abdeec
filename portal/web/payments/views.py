"""Finance and the ledger: payment batches to make and to fetch as they were made, and what the ledger has paid.

The ledger's file is looked at first and sent once more when it is confirmed; nothing is kept in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import paying, preparing
from portal.domain.access import may
from portal.domain.payment import PREPARED_BEFORE, LedgerLine, Prepared, Reference, shown_digest
from portal.domain.person import FINANCE
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.scheme import Scheme
from portal.finance.ledger import MOST_BYTES, read_ledger, spelled
from portal.forms.typed import whole
from portal.store import applications, people, signing
from portal.store import payments as store
from portal.store.payments import Batch, DuePayment
from portal.store.session import NotFound
from portal.web import current, limits, proof, render
from portal.web.guard import guard
from portal.web.language import _, count, spoken
from portal.web.payments.prepared import alone_in_finance, prepared_now

blueprint = Blueprint("payments", __name__, url_prefix="/finance")

PAGE, LISTED = 25, 50
TOO_LARGE = N_("The file is too large. Split it.")
NO_FILE = N_("Choose a file, or paste its rows.")

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the next batch of a fund would hold when the reader makes it."""

    scheme: Scheme
    number: int
    listed: Sequence[tuple[DuePayment, Reference]]
    rows: int
    """Of which not all are listed."""
    amount: int
    shown: str
    """What the page shows of it, for the button to send back."""
    lacking: Sequence[str]
    """Applications whose payee is not stated, so that they wait."""
    left_out: int
    """Payments of cases in which the reader takes part."""
    able: str
    """Who can batch those."""
    waits: Prepared | None
    """The batch that is prepared and waits for a second person."""


@dataclass(frozen=True, slots=True)
class PaymentsPage:
    """What waits to be paid, and the batches there are."""

    waiting: Sequence[Waiting]
    schemes: Mapping[str, Scheme]
    """An edition of each fund."""
    batches: Sequence[Batch]
    makers: Mapping[int, str]
    alone: Sequence[tuple[Scheme, str]]
    """Funds in which a second person is wanted and there is none."""
    first_href: str
    next_href: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """The ledger's file: to be chosen, looked at, or mended."""

    error: str = ""
    wrong: Sequence[tuple[int, str, Refusal]] = ()
    """Line, heading where it is known, and what is wrong there."""
    marked: paying.Marked | None = None
    """What would come of the file."""
    says: str = ""
    text: str = ""
    """The rows as read, to be sent back when they are confirmed; before that, as pasted."""
    totals: Sequence[tuple[str, int]] = ()


@blueprint.get("/payments")
@guard("see-payments")
def payments() -> ResponseReturnValue:
    """What waits to be paid, and the batches there are."""
    session, before = current.reading(), whole(request.args.get("before", ""))
    me, every = current.person(), current.schemes().values()
    schemes = {each.fund: each for each in every if may(me, "see-payments", fund=each.fund) is None}
    made = store.newest(session, tuple(schemes), before=before, limit=PAGE + 1)
    own_first = sorted(schemes.values(), key=lambda each: each.language != me.language)
    page = PaymentsPage(
        waiting=[_waiting(each) for each in own_first if may(me, "register-payment", fund=each.fund) is None],
        schemes=schemes,
        batches=made[:PAGE],
        alone=alone_in_finance(),
        makers=people.names_of(session, {each.made_by for each in made}),
        first_href=url_for("payments.payments") if before is not None else "",
        next_href=url_for("payments.payments", before=made[PAGE - 1].id) if len(made) > PAGE else "",
    )
    return render.page("payments/payments.html", page)


def _waiting(scheme: Scheme) -> Waiting:
    session = current.reading()
    due, left_out = paying.due_for(session, scheme.fund, current.person())
    rows = paying.with_references(due, current.schemes())
    ids = {each.payment.application_id for each in left_out}
    return Waiting(
        scheme=scheme,
        number=store.last_number(session, scheme.fund) + 1,
        listed=rows[:LISTED],
        rows=len(rows),
        amount=sum(each.payment.amount for each, _reference in rows),
        lacking=sorted({each.payment.number for each in due} - {each.payment.number for each, _to in rows}),
        shown=shown_digest([(each.payment, reference) for each, reference in rows]),
        left_out=len(ids),
        able=somebody_else(scheme.fund, ids) if ids else "",
        waits=store.find_waiting(session, scheme.fund),
    )


def somebody_else(fund: str, ids: set[int]) -> str:
    """Who in finance can see to cases in which the reader takes part, or that nobody can yet."""
    session = current.reading()
    finance = people.with_role(session, FINANCE, day=current.today(), fund=fund)
    able = [each.name for each in finance if ids - signing.cases_of(session, each.id)]
    if able:
        return _("It can be done by %(names)s.", names=", ".join(able))
    return _(
        "Nobody else in finance can do it. "
        "An administrator has to give the finance role to somebody who takes no part in it."
    )


@blueprint.post("/payments/<fund>/<int:batch>")
@guard("register-payment")
def make(fund: str, batch: int) -> ResponseReturnValue:
    """Make the batch with that number of what the page showed; once more gives the same answer."""
    if fund not in current.schemes().funds():
        abort(404)
    if (first := proof.first()) is not None:
        return first
    try:
        made = current.act(
            preparing.do,
            act="make-batch",
            second=current.settings().second_finance,
            fund=fund,
            number=batch,
            shown=request.form.get("shown", ""),
            schemes=current.schemes(),
        )
    except Refused as refused:
        if refused.refusal not in (paying.BATCH_CHANGED, paying.NOTHING_DUE, PREPARED_BEFORE):
            raise
        render.say(spoken(refused.refusal), "warn")
        return render.redirect(url_for("payments.payments"))
    if isinstance(made, Prepared):
        return prepared_now(made)
    render.say(
        _("Batch %(number)s is made. It never changes: fetch it as often as you like.", number=made.number)
    )
    return render.redirect(url_for("payments.payments", _anchor="batches"))


@blueprint.get("/payments/<fund>/<int:batch>.<form>")
@guard("see-payments")
@limits.exports
def download(fund: str, batch: int, form: str) -> ResponseReturnValue:
    """A batch, byte for byte as it was made."""
    refuse(may(current.person(), "see-payments", fund=fund))
    try:
        file = store.read_file(current.reading(), fund, batch, form)
    except NotFound:
        abort(404)
    return render.attached(BytesIO(file.content), store.name_of(fund, batch, form), _TYPES[form])


@blueprint.get("/ledger")
@guard("register-payment")
def ledger() -> ResponseReturnValue:
    """Where the ledger's file is chosen."""
    return render.page("payments/ledger.html", LedgerPage())


@blueprint.post("/ledger")
@guard("register-payment")
def take_ledger() -> ResponseReturnValue:
    """Look at the file, or mark every row of it as paid when it has been looked at."""
    content, pasted = _content(), request.form.get("rows", "")
    if content is None or len(content) > MOST_BYTES:
        page = LedgerPage(error=_(NO_FILE if content is None else TOO_LARGE), text=pasted)
        return render.page("payments/ledger.html", page, status=render.REFUSED)
    lines, unreadable = read_ledger(content)
    wrong = [(each.line, each.column, each.refusal) for each in unreadable]
    confirmed = request.form.get("action") == "confirm" and not wrong
    try:
        marked = _mark(lines) if confirmed else _look(lines)
    except paying.WrongLines as found:
        wrong.extend((line, "", refusal) for line, refusal in found.wrong)
    if wrong:
        page = LedgerPage(wrong=sorted(wrong, key=lambda each: each[0]), text=pasted)
        return render.page("payments/ledger.html", page, status=render.REFUSED)
    if confirmed:
        render.say(_says(marked, done=True))
        return render.redirect(url_for("claims.claims", stage="paid"))
    page = LedgerPage(
        marked=marked, says=_says(marked, done=False), text=spelled(lines), totals=_totals(lines)
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
    return current.act(paying.mark_paid_by_ledger, lines=lines, schemes=current.schemes())


def _totals(lines: Sequence[LedgerLine]) -> list[tuple[str, int]]:
    """What the lines add up to in each currency."""
    sums: dict[str, int] = {}
    for line in lines:
        found = applications.find(current.reading(), number=line.number)
        if found is not None and may(current.person(), "register-payment", found) is None:
            sums[found.currency] = sums.get(found.currency, 0) + line.amount
    return sorted(sums.items())


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
