"""After the grant: the applicant, the participant or the head states what the course actually cost.

Without JavaScript every button posts the whole form; with it the page asks for `check` as one writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import claiming
from portal.actions.documents import attach_to_claim, remove_from_claim
from portal.actions.judging import rates_for, said_of_costs
from portal.domain.access import may
from portal.domain.application import Answers, Application, Status
from portal.domain.claim import Claim, Invoice, Payable, Stage, is_invoiced, may_move, payable
from portal.domain.document import CLAIMED
from portal.domain.fields import MOST_LINES
from portal.domain.payment import NO_PAYEE, Reference, payee_fields, reference_of
from portal.domain.periods import local_day
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import Choice, Field, FieldType, Kind, Scheme, Severity
from portal.forms.application import Line, changed_by, read_lines, with_rate, without_last_blanks
from portal.forms.typed import whole
from portal.language.catalogue import in_each
from portal.store import claims, letters, payments
from portal.store.payments import BatchPosition
from portal.web import current, render
from portal.web.answers import CLAIMED_AS, DocumentLink, of_claim
from portal.web.apply import documents
from portal.web.apply.documents import DocumentsQuestion, Taken
from portal.web.apply.sheets import rate_of
from portal.web.guard import guard
from portal.web.language import _, language, words
from portal.web.panel import FindingLine, SumLine, by_field, counted, gravest_first, line_of, sum_line
from portal.web.questions import Options, QuestionText, currency_options, sections_of

blueprint = Blueprint("costs", __name__, url_prefix="/applications/<number>/claim")

COSTS = "costs"


@dataclass(frozen=True, slots=True)
class Desk:
    """A claim with all it is judged by."""

    application: Application
    claim: Claim
    scheme: Scheme
    answers: Answers
    today: date

    @property
    def kind(self) -> Kind:
        return self.scheme.kinds[self.application.kind]

    @property
    def invoiced(self) -> bool:
        """Whether the fund is invoiced for actual costs, so that there are costs to state."""
        return is_invoiced(self.scheme)

    @property
    def stands(self) -> bool:
        return self.application.status is Status.GRANTED

    @property
    def corrects_payee(self) -> bool:
        """Whether its reader may say who is paid instead."""
        owed = self.stands and self.claim.stage is not Stage.RELEASED
        return owed and may(current.person(), "correct-payee", self.application) is None

    @property
    def late(self) -> bool:
        return self.claim.is_late(self.today)

    @property
    def stage(self) -> str:
        """What the tag says: late instead of the stage."""
        if self.application.status is Status.CANCELLED:
            return Status.CANCELLED
        return "late" if self.late else self.claim.stage

    @property
    def editable(self) -> bool:
        """Whether costs can be stated now."""
        return self.stands and self.invoiced and may_move(self.claim, "state") is None

    @property
    def reference(self) -> Reference:
        """By what the ledger knows whom to pay."""
        return reference_of(self.scheme, self.answers)

    @property
    def payee(self) -> list[tuple[str, str]]:
        """Who is paid, by the questions that say so."""
        return [
            (words(each.label), str(self.answers.get(each.name) or ""))
            for each in payee_fields(self.scheme, self.answers)
        ]

    @property
    def stated(self) -> list[Line]:
        """The lines that were stated; before that, those that were applied for."""
        source = self.answers if self.claim.stage is Stage.WAITING else self.claim.costs
        return [dict(line) for line in source.get(COSTS, []) if isinstance(line, Mapping)]


@dataclass(frozen=True, slots=True)
class PayablePage:
    """What is payable of some lines of cost, and how it came about."""

    desk: Desk
    worth: Payable
    findings: tuple[FindingLine, ...]
    """What is said of the costs, the gravest first."""

    @property
    def lines(self) -> list[SumLine]:
        return [sum_line(step, self.desk.scheme.currency) for step in self.worth.steps]

    @property
    def puts(self) -> tuple[tuple[str, str], ...]:
        """Texts for elements elsewhere on the page: what each cost line comes to."""
        rates = rates_for(current.reading(), self.desk.scheme, self.worth.typed.answers, current.today())
        return counted(self.worth.typed, (*self.desk.scheme.reference_rates, *rates))

    @property
    def stops(self) -> list[FindingLine]:
        return [each for each in self.findings if each.severity == Severity.BLOCKS]


@dataclass(frozen=True, slots=True)
class CostsPage:
    """The claim on a grant as its parties see it."""

    desk: Desk
    payable: PayablePage
    question: QuestionText
    """As the application asked for the costs."""
    lines: Sequence[Mapping[str, Any]]
    messages: Mapping[str, list[str]]
    """What stops, by input."""
    warnings: Mapping[str, list[str]]
    currencies: Options
    invoices: Sequence[tuple[Invoice, Sequence[BatchPosition]]]
    """Each with where it stood in batches."""
    has_letter: bool
    proof: DocumentsQuestion | None
    """Where receipts and proof of attendance are attached, while costs can be stated."""
    files: Sequence[DocumentLink]
    """Those attached, once no more can be."""
    refusal: Refusal | None
    """Why what was sent was not kept."""


@blueprint.get("")
@guard("state-costs", application=True)
def show(application: Application) -> ResponseReturnValue:
    """The costs as stated, or as applied for, and what is payable of them."""
    desk, wanted = lay_out(application), min(whole(request.args.get("lines", "")) or 0, MOST_LINES)
    lines = [*desk.stated, *({} for _ in range(wanted))][:wanted] if wanted else desk.stated
    return render.page("claims/costs.html", _page(desk, lines))


@blueprint.post("/check")
@guard("state-costs", application=True)
def check(application: Application) -> ResponseReturnValue:
    """What is payable of the costs in the form; nothing is written."""
    desk, lines = lay_out(application), _typed_lines(application)
    if render.is_fragment_request():
        return render.fragment("claims/_payable.html", payable_of(desk, lines))
    return render.page("claims/costs.html", _page(desk, lines, marked=True))


@blueprint.post("")
@guard("state-costs", application=True)
def state(application: Application) -> ResponseReturnValue:
    """Keep the costs in the form, or only look at them, as the button says."""
    lines = _typed_lines(application)
    if lay_out(application).editable:
        taken = _take_files(application)
        taken.say()
        if documents.is_about_files() or taken.refused:
            return render.page("claims/costs.html", _page(lay_out(application), lines, taken=taken))
    if request.form.get("action", "state") != "state":
        return render.page("claims/costs.html", _page(lay_out(application), lines, marked=True))
    try:
        current.act(
            claiming.state_costs,
            number=application.number,
            schemes=current.schemes(),
            costs={COSTS: lines},
            revision=current.sent_revision(),
        )
    except Refused as refused:
        status = {
            claiming.UNREADABLE.code: render.REFUSED,
            claiming.CHANGED.code: 409,
            claiming.BELOW_INVOICED.code: 409,
            claiming.NO_PROOF.code: render.REFUSED,
            NO_PAYEE.code: 409,
        }
        if refused.refusal.code not in status:
            raise
        page = _page(lay_out(application), lines, marked=True, refusal=refused.refusal)
        return render.page("claims/costs.html", page, status=status[refused.refusal.code])
    render.say(_("The costs are stated. They can be changed until all is invoiced."))
    return render.redirect(url_for("costs.show", number=application.number))


@blueprint.get("/documents")
@guard("state-costs", application=True)
def files(application: Application) -> ResponseReturnValue:
    """Where the files stand on the page of the costs."""
    return render.redirect(url_for("costs.show", number=application.number, _anchor="documents"))


@blueprint.post("/documents")
@guard("state-costs", application=True)
def attach(application: Application) -> ResponseReturnValue:
    """Attach the files sent, or take one off, and show those there are."""
    taken = _take_files(application)
    question, status = proof_of(application, taken), render.REFUSED if taken.refused else 200
    if render.is_fragment_request():
        return render.fragment("apply/_documents.html", question, status=status)
    taken.say()
    return render.redirect(url_for("costs.show", number=application.number, _anchor="documents"))


def _take_files(application: Application) -> Taken:
    into = {"number": application.number}
    return documents.take([_asked()], attach_to_claim, remove_from_claim, into)


def _asked() -> Field:
    label, hint = N_("Receipts and proof of attendance"), N_("Who may read the case reads them, finance too.")
    choices = tuple(Choice(kind, in_each(CLAIMED_AS[kind])) for kind in CLAIMED)
    return Field("proof", FieldType.DOCUMENTS, in_each(label), in_each(hint), choices=choices)


def proof_of(application: Application, taken: Taken | None = None) -> DocumentsQuestion:
    """Where files are attached to the actual costs, with those there are."""
    href, most = url_for("costs.attach", number=application.number), current.settings().max_upload
    return DocumentsQuestion(href, _asked(), of_claim(application), most, taken or Taken(), ())


def lay_out(application: Application) -> Desk:
    """The claim on the application; 404 where there is none."""
    session, scheme = current.reading(), current.scheme(application.scheme)
    claim = claims.find(session, application.id)
    if claim is None:
        abort(404)
    answers = claims.answered(session, application)
    return Desk(application, claim, scheme, answers, local_day(current.now(), scheme))


def payable_of(desk: Desk, lines: Sequence[Line]) -> PayablePage:
    costs, granted = {COSTS: list(lines)}, desk.claim.granted_amount
    worth = payable(desk.scheme, desk.application.kind, desk.answers, costs, granted)
    said = said_of_costs(desk.scheme, worth.typed, at=current.now())
    return PayablePage(desk, worth, gravest_first(line_of(each, desk.scheme, desk.kind) for each in said))


def with_places(application: Application) -> list[tuple[Invoice, list[BatchPosition]]]:
    """The invoices on a grant, each with where it stood in batches."""
    session = current.reading()
    places = payments.places(session, [application.id])
    return [
        (each, [place for place in places if place.invoice_id == each.id])
        for each in claims.invoices_of(session, application.id)
    ]


def has_letter(application: Application) -> bool:
    """Whether the basis of the invoice is printed."""
    found = letters.find_latest(current.reading(), application.id, "invoice")
    return found is not None and found.made_at is not None


def _typed_lines(application: Application) -> list[Line]:
    """The cost lines in the form, changed by the button for lines when it was one that was pressed."""
    lines = read_lines(COSTS, request.form, current.today())
    action, scheme = request.form.get("action", ""), current.scheme(application.scheme)
    changed = changed_by(action, lines)
    if changed is None:
        changed = with_rate(action, lines, lambda line: rate_of(scheme, line))
    return without_last_blanks(lines) if changed is None else changed


def _page(
    desk: Desk,
    lines: Sequence[Line],
    *,
    marked: bool = False,
    refusal: Refusal | None = None,
    taken: Taken | None = None,
) -> CostsPage:
    """The whole page with these lines in it; `marked` puts what is said of the costs beside each input."""
    panel = payable_of(desk, lines)
    return CostsPage(
        desk=desk,
        payable=panel,
        question=_question(desk),
        lines=lines or [{}],
        messages=by_field(panel.findings, Severity.BLOCKS) if marked else {},
        warnings=by_field(panel.findings, Severity.WARNS) if marked else {},
        currencies=currency_options(language()),
        invoices=with_places(desk.application),
        has_letter=desk.invoiced and has_letter(desk.application),
        proof=proof_of(desk.application, taken) if desk.editable else None,
        files=() if desk.editable else of_claim(desk.application),
        refusal=refusal,
    )


def _question(desk: Desk) -> QuestionText:
    """The form's question about costs; a fund may reckon without asking one."""
    sections = sections_of(desk.scheme, desk.kind, language())
    asked = (question for section in sections for row in section.rows for question in row)
    unasked = QuestionText(COSTS, FieldType.COSTS, _("Costs"), "", optional=False, options=(), attrs={})
    return next((each for each in asked if (each.type, each.name) == (FieldType.COSTS, COSTS)), unasked)
