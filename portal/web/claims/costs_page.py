"""Builds the page of actual costs: what was typed, stated before or applied for, and what is payable of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, request, url_for

from portal.domain.application import Answers, Application, Status
from portal.domain.claim import Claim, Payable, Stage, is_invoiced, may_move, payable
from portal.domain.fields import Problem
from portal.domain.periods import local_day
from portal.domain.scheme import FieldType, Kind, Scheme
from portal.forms.application import PARTS, Line, changed_by, read_lines, without_last_blanks
from portal.store import applications, claims, letters, payments
from portal.web import current
from portal.web.answers import AnswerRow
from portal.web.claims import stages
from portal.web.language import _, day, in_language, language, money, words
from portal.web.pages.claim import ClaimPage, PayableLines
from portal.web.panel import FindingLine, SumLine, counted, sum_line
from portal.web.questions import currency_options, sections_of

COSTS = "costs"


@dataclass(frozen=True, slots=True)
class Desk:
    """A claim with all it is judged by."""

    application: Application
    claim: Claim
    scheme: Scheme
    answers: Answers

    @property
    def kind(self) -> Kind:
        return self.scheme.kinds[self.application.kind]

    @property
    def editable(self) -> bool:
        """Whether costs can be stated now."""
        granted = self.application.status is Status.GRANTED
        return granted and is_invoiced(self.scheme) and may_move(self.claim, "state") is None

    @property
    def stated(self) -> list[Line]:
        """The lines that were stated; before that, those that were applied for."""
        source = self.answers if self.claim.stage is Stage.WAITING else self.claim.costs
        return [dict(line) for line in source.get(COSTS, []) if isinstance(line, Mapping)]

    def worth(self, lines: Sequence[Line]) -> Payable:
        """What is payable of these lines."""
        costs = {COSTS: list(lines)}
        return payable(self.scheme, self.application.kind, self.answers, costs, self.claim.granted_amount)


def lay_out(application: Application) -> Desk:
    """The claim on the application; 404 where there is none."""
    session = current.reading()
    claim = claims.find(session, application.id)
    if claim is None:
        abort(404)
    version = applications.version_of(session, application)
    return Desk(application, claim, current.scheme(application.scheme), version.answers)


def typed_lines() -> list[Line]:
    """The cost lines in the form, changed by the button for lines when it was one that was pressed."""
    lines = read_lines(COSTS, request.form)
    changed = changed_by(request.form.get("action", ""), lines)
    return without_last_blanks(lines) if changed is None else changed


def build(desk: Desk, lines: Sequence[Line], *, marked: bool = False, error: str = "") -> ClaimPage:
    """The whole page with these lines in it; `marked` puts what cannot be read beside each input."""
    application, claim, scheme = desk.application, desk.claim, desk.scheme
    kind, stage = stages.tag(claim, _today(desk), cancelled=application.status is Status.CANCELLED)
    panel = payable_lines(desk, lines)
    messages = {line.field: (line.message,) for line in panel.problems} if marked else {}
    says, tone = _says(desk)
    label, hint, kinds = _question(desk)
    return ClaimPage(
        number=application.number,
        title=application.title,
        scheme_title=words(scheme.title),
        kind=kind,
        stage=stage,
        says=says,
        tone=tone,
        facts=_facts(desk),
        invoiced=is_invoiced(scheme),
        editable=desk.editable,
        revision=claim.revision,
        currency=scheme.currency,
        label=label,
        hint=hint,
        kinds=kinds,
        lines=_with_messages(lines or [{}], panel, messages),
        currencies=currency_options(language()),
        payable=panel,
        basis=_basis(desk) if is_invoiced(scheme) else (),
        letter_href=letter_of(application) if is_invoiced(scheme) else "",
        messages=messages,
        error=error,
    )


def payable_lines(desk: Desk, lines: Sequence[Line]) -> PayableLines:
    """What is payable of these lines, in the reader's language."""
    worth, currency = desk.worth(lines), desk.scheme.currency
    problems = tuple(_problem(each, desk.scheme) for each in worth.problems)
    figure = money(worth.amount, currency)
    going_back = money(worth.unused, currency) if worth.unused and not problems else ""
    said = [_("%(amount)s is payable", amount=figure)]
    if problems:
        said = [_("Some of the costs cannot be read.")]
    elif going_back:
        said.append(_("%(amount)s goes back to the fund", amount=going_back))
    settled = desk.claim.stage in (Stage.INVOICED, Stage.PAID, Stage.RELEASED)
    return PayableLines(
        caption=_("Payable") if settled or not desk.editable else _("Payable with these costs"),
        figure=figure,
        lines=tuple(_step(each, currency) for each in worth.steps),
        unused=going_back,
        nothing=worth.amount == 0 and not problems,
        problems=problems,
        announce=", ".join(said),
        puts=counted(worth.typed),
    )


def _step(step: Any, currency: str) -> SumLine:
    if step.key == "granted":
        amount = money(step.amount, currency)
        return SumLine(_("Granted"), amount, "limit" if step.decides else "")
    return sum_line(step, currency)


def _problem(problem: Problem, scheme: Scheme) -> FindingLine:
    rule = scheme.form_rules[problem.code]
    message = in_language(rule.message, language())
    return FindingLine("blocks", problem.field, message, href=f"#{problem.field}", label=message)


def _with_messages(
    lines: Sequence[Line], panel: PayableLines, messages: Mapping[str, tuple[str, ...]]
) -> tuple[Mapping[str, Any], ...]:
    comes_to = dict(panel.puts)
    return tuple(
        {
            **line,
            "counted": comes_to.get(f"{COSTS}-{n}-counted", ""),
            "messages": {part: messages.get(f"{COSTS}-{n}-{part}", ()) for part in PARTS},
        }
        for n, line in enumerate(lines)
    )


def _today(desk: Desk) -> Any:
    return local_day(current.now(), desk.scheme)


def _question(desk: Desk) -> tuple[str, str, Any]:
    """Label, hint and kinds of cost as the application asked for them."""
    for section in sections_of(desk.scheme, desk.kind, language()):
        for row in section.rows:
            for question in row:
                if question.type == FieldType.COSTS and question.name == COSTS:
                    return question.label, question.hint, question.options
    return _("Costs"), "", ()


def _says(desk: Desk) -> tuple[str, str]:
    """What comes next, and how grave it is."""
    claim, today = desk.claim, _today(desk)
    due = day(claim.due_on) if claim.due_on else ""
    if desk.application.status is Status.CANCELLED:
        return _("The grant is cancelled, so nothing more is to be done here."), "note"
    match claim.stage:
        case Stage.RELEASED:
            return _("Nothing is paid: the whole grant has gone back to the fund."), "note"
        case Stage.PAID:
            return _(
                "Paid on %(day)s. Nothing more is to be done here.", day=day(claim.paid_on or today)
            ), "good"
        case Stage.INVOICED:
            return _("The invoice is registered and will be paid."), "good"
        case Stage.STATED if not is_invoiced(desk.scheme):
            return _(
                "What was granted is paid as it is, with the next payments. You need not do anything."
            ), "good"
    if claim.is_late(today):
        return _(
            "The invoice was due on %(day)s. Send it as soon as you can; it is still taken.", day=due
        ), "warn"
    if claim.stage is Stage.STATED:
        return _("The costs are stated. The unit sends its invoice by %(day)s.", day=due), "note"
    return _(
        "State what the course actually cost, and let the unit send its invoice by %(day)s.", day=due
    ), "note"


def _facts(desk: Desk) -> tuple[AnswerRow, ...]:
    claim, currency = desk.claim, desk.scheme.currency
    rows = [AnswerRow(_("Granted"), money(claim.granted_amount, currency))]
    if claim.due_on is not None:
        rows.append(AnswerRow(_("Invoice due"), day(claim.due_on)))
    if claim.stage in (Stage.INVOICED, Stage.PAID):
        rows.append(AnswerRow(_("Invoice number"), claim.invoice_number))
        rows.append(AnswerRow(_("Invoiced"), money(claim.invoice_amount, currency)))
    if claim.released_amount:
        rows.append(AnswerRow(_("Gone back to the fund"), money(claim.released_amount, currency)))
    for place in payments.places(current.reading(), [claim.application_id]):
        said = _("Sent to be paid") if place.amount > 0 else _("Sent to be taken back")
        rows.append(AnswerRow(said, day(local_day(place.made_at, desk.scheme))))
    if claim.paid_on is not None:
        rows.append(AnswerRow(_("Paid on"), day(claim.paid_on)))
    return tuple(rows)


def _basis(desk: Desk) -> tuple[AnswerRow, ...]:
    """What the clearing invoice needs ("En intern clearingfaktura … sänds")."""
    payment = desk.scheme.payment
    named = (
        (_("Send the invoice to"), payment.get("addressee")),
        (_("Customer number"), payment.get("customer_number")),
        (_("Orderer id"), payment.get("orderer_id")),
        (_("Cost centre"), desk.answers.get(payment.get("cost_centre_field", ""))),
        (_("Mark it with"), desk.application.number),
    )
    return tuple(AnswerRow(label, str(value)) for label, value in named if value)


def letter_of(application: Application) -> str:
    """Where the basis of the invoice is fetched, once it is printed."""
    found = letters.find_latest(current.reading(), application.id, "invoice")
    if found is None or found.made_at is None:
        return ""
    return url_for("letters.fetch", number=application.number, kind="invoice")
