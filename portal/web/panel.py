"""An assessment in the reader's language: live from `assess`, or word for word as it was kept at submission.

Judges nothing: which findings there are and what the amount is, the assessment says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.actions.judging import Judged
from portal.domain.application import Application
from portal.domain.assessment import Assessment, Finding, Step
from portal.domain.fields import Typed, awaits_another, is_asked
from portal.domain.periods import budget_period_on
from portal.domain.rates import ReferenceRates, rated_on, suggested
from portal.domain.scheme import BudgetPeriod, FieldType, Kind, Scheme, Severity
from portal.language.wording import (
    change_text,
    finding_text,
    number,
    step_text,
    title_of,
    veiled,
    veiled_records,
)
from portal.web import current
from portal.web.language import _, count, day, language, money, words
from portal.web.questions import label_of, needed


@dataclass(frozen=True, slots=True)
class SumLine:
    """One line of how the amount came about; kind: "limit" decides it, "sum" adds up."""

    label: str
    amount: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding in the reader's language."""

    severity: str
    field: str
    message: str
    remedy: str = ""
    source_text: str = ""
    source_heading: str = ""
    source_lang: str = "sv"
    href: str = ""
    label: str = ""
    """The question it speaks of."""
    short: str = ""
    """The same in a few words, where the rule has them."""


@dataclass(frozen=True, slots=True)
class SubmittedPanel:
    """What was said at submission, word for word."""

    figure: str
    """The amount; empty for a kind that gives no money."""
    lines: tuple[SumLine, ...]
    findings: tuple[FindingLine, ...]
    """The gravest first."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What the portal says beside a form that is being written."""

    assessment: Assessment
    figure: str
    """The amount; empty for a kind that gives no money."""
    lines: tuple[SumLine, ...]
    missing: tuple[FindingLine, ...]
    """What stops it only because it has not been answered yet."""
    said: tuple[FindingLine, ...]
    """What the rules say of what has been answered, the gravest first."""
    announce: str
    """What a screen reader is told after a change."""
    budget_left: int | None
    """None where the fund has no budget, or the day of the decision is not known."""
    period: BudgetPeriod | None
    year: int
    earlier: Sequence[Application] | None
    """Requests of the reader's own in that year; None where they are not to be told."""
    standing: Mapping[int, int]
    """What stands of those that are granted."""
    puts: tuple[tuple[str, str], ...]
    """Texts for elements elsewhere on the page: the title, and what each cost line comes to."""
    unasked: tuple[str, ...]
    """Questions that do not bear on what has been answered."""
    awaiting: tuple[str, ...]
    """Questions that may come to bear on it; a page that is told so as one writes shows them then."""


def live(judged: Judged, *, base: str = "") -> Panel:
    """The panel beside a form that is being written; links lead to `base` + "#field"."""
    scheme, typed, facts, assessment = judged.scheme, judged.typed, judged.facts, judged.assessment
    kind, answers = typed.kind, typed.answers
    missing: list[FindingLine] = []
    said: list[FindingLine] = []
    own = judged.participant.id == current.person().id
    findings: Sequence[Finding] = assessment.findings
    if not own:
        requested = facts.register.requested > 0
        findings = veiled(findings, scheme, kind.key, year=assessment.year, requested=requested)
    for finding in findings:
        line = line_of(finding, scheme, kind, base)
        blank = finding.severity is Severity.BLOCKS and _is_blank(answers, finding.field)
        (missing if blank else said).append(line)
    stops = sum(line.severity == Severity.BLOCKS for line in said)
    figure = money(assessment.amount, assessment.currency) if kind.gives_money else ""
    dated = assessment.year is not None or scheme.ends_on is not None
    decided = assessment.decidable_from
    left = facts.budget_left if kind.gives_money and decided is not None else None
    # Who writes for somebody else learns by a finding that there is an earlier request, and no more.
    earlier = facts.requests if dated and own else None
    title = title_of(kind, answers, language()) or _("New application")
    unasked = tuple(field.name for field in kind.conditional if not is_asked(field, answers))
    asked = needed(scheme, kind, language()) - {*unasked}
    unanswered = len(asked & {line.field.partition("-")[0] for line in missing})
    progress = _("%(answered)s of %(asked)s answered", answered=len(asked) - unanswered, asked=len(asked))
    return Panel(
        assessment=assessment,
        figure=figure,
        lines=tuple(sum_line(step, assessment.currency) for step in assessment.steps) if figure else (),
        missing=tuple(missing),
        said=gravest_first(said),
        announce=_announced(figure, len(missing), stops),
        budget_left=None if left is None else max(left, 0),
        period=None if left is None or decided is None else budget_period_on(scheme, decided),
        year=assessment.year or scheme.year,
        earlier=earlier,
        standing=facts.standing,
        puts=(
            *counted(typed, (*scheme.reference_rates, *facts.rates)),
            ("title", title),
            ("edition", words(scheme.title)),
            ("progress", progress),
        ),
        unasked=unasked,
        awaiting=tuple(field.name for field in kind.conditional if awaits_another(field, answers)),
    )


def blocking(panel: Panel) -> list[FindingLine]:
    """All that stops it."""
    return [*(each for each in panel.said if each.severity == Severity.BLOCKS), *panel.missing]


def errors(panel: Panel) -> list[dict[str, str]]:
    """The same for the top of a page; what no letter speaks of is said with its question."""
    return [{"message": _with_question(each), "href": each.href} for each in blocking(panel)]


def by_field(lines: Iterable[FindingLine], severity: Severity) -> dict[str, list[str]]:
    """What is said with that severity, by the input it stands beside."""
    said: dict[str, list[str]] = {}
    for line in lines:
        if line.field and line.severity == severity:
            said.setdefault(line.field, []).append(line.message)
    return said


def kept(
    record: Mapping[str, Any], *, application: Application, scheme: Scheme, kind: Kind
) -> SubmittedPanel:
    """What was said at submission, as it was kept with the version, of other applications to whom it concerns."""
    findings = record["findings"]
    if not current.reads(application, "register"):
        findings = veiled_records(findings, scheme, kind.key)
    return SubmittedPanel(
        kept_figure(record, kind),
        kept_lines(record),
        gravest_first(kept_finding(each, scheme) for each in findings),
    )


def kept_figure(record: Mapping[str, Any], kind: Kind) -> str:
    """The amount of an assessment as it was kept; empty for a kind that gives no money."""
    return money(_minor(record["amount"]), record["currency"]) if kind.gives_money else ""


def kept_lines(record: Mapping[str, Any]) -> tuple[SumLine, ...]:
    """How the amount came about, as it was kept."""
    return tuple(
        SumLine(
            words(step["label"]),
            money(_minor(step["amount"]), record["currency"]),
            _line_kind(step["key"], decides=step["decides"]),
        )
        for step in record["steps"]
    )


def cited(source: str | None) -> tuple[str, str]:
    """The sentence and the heading of a source as it is kept: "Heading: “sentence”"."""
    heading, _mark, sentence = (source or "").partition("“")
    return sentence.removesuffix("”"), heading.strip().removesuffix(":")


def sum_line(step: Step, currency: str) -> SumLine:
    """One step of the calculation in words; a cost in another currency with what it was."""
    code = language()
    label = step_text(step.key, step.values, code)
    foreign = step.values.get("currency")
    if step.key == "line" and foreign not in (None, currency) and step.values.get("rate") is not None:
        original = money(step.values["original"], foreign, code)
        label = f"{label} ({original} × {number(step.values['rate'], code)})"
    return SumLine(label, money(step.amount, currency, code), _line_kind(step.key, decides=step.decides))


def counted(typed: Typed, rates: Sequence[ReferenceRates] = ()) -> tuple[tuple[str, str], ...]:
    """What each cost line in another currency comes to, and which rate is suggested for it, for the line under it."""
    read, puts, currency = {line.position: line for line in typed.costs}, [], typed.kind.currency
    for field in typed.kind.of_type(FieldType.COSTS):
        for position, typed_line in enumerate(typed.answers.get(field.name) or []):
            puts.append((f"{field.name}-{position}-suggested", _suggested(typed_line, currency, rates)))
            line, text = read.get(position), ""
            if line is not None and line.currency != currency and line.rate is not None:
                text = _("Counts as %(amount)s", amount=money(line.amount, currency))
            puts.append((f"{field.name}-{position}-counted", text))
    return tuple(puts)


def _suggested(line: Any, fund: str, rates: Sequence[ReferenceRates]) -> str:
    """The rate that a cost in another currency can be counted by, with its day and source, unless it stands there."""
    currency = line.get("currency", fund) if isinstance(line, Mapping) else fund
    found = None if currency == fund else suggested(rates, currency, fund, rated_on(line, current.today()))
    if found is None or line.get("rate") == typed_rate(found[0]):
        return ""
    rate, table = found
    says = _(
        "1 %(currency)s = %(rate)s %(fund)s, exchange rate of %(day)s (%(source)s)",
        currency=currency, rate=number(rate, language()), fund=fund, day=day(table.on), source=table.source,
    )  # fmt: skip
    return says + ". " + _("Assumed: no newer rates are loaded.") if table.assumed else says


def typed_rate(rate: Decimal) -> str:
    """A rate as it is typed."""
    return f"{rate.normalize():f}".replace(".", ",")


def line_of(finding: Finding, scheme: Scheme, kind: Kind, base: str = "") -> FindingLine:
    """A finding beside a form; its link leads to `base` + "#field"."""
    code, source = language(), finding.source
    message = finding_text(finding, code)
    return FindingLine(
        severity=finding.severity.value,
        field=finding.field,
        message=message,
        remedy=change_text(finding, code),
        source_text=source.sentence if source else "",
        source_heading=source.heading if source else "",
        source_lang=scheme.language,
        href=f"{base}#{finding.field}" if finding.field else "",
        label=label_of(kind, finding.field, code) or message,
    )


def kept_finding(record: Mapping[str, Any], scheme: Scheme) -> FindingLine:
    sentence, heading = cited(record["source"])
    return FindingLine(
        record["severity"],
        "",  # beside a case there is no input to speak of
        words(record["message"]),
        words(record["change"]),
        sentence,
        heading,
        scheme.language,
        short=next(
            (words(rule.short) for rule in scheme.rules if rule.code == record["code"] and rule.short), ""
        ),
    )


_GRAVITY = {severity.value: place for place, severity in enumerate(Severity)}


def gravest_first(lines: Iterable[FindingLine]) -> tuple[FindingLine, ...]:
    return tuple(sorted(lines, key=lambda line: _GRAVITY[line.severity]))


def _with_question(line: FindingLine) -> str:
    """A message that makes no sense without the question it speaks of."""
    if line.source_text:
        return line.message
    return f"{line.label}{' ' if line.label.endswith('?') else ': '}{line.message}"


def _is_blank(answers: Mapping[str, Any], field: str) -> bool:
    """Whether the input that a finding speaks of is still empty, so that it only waits to be answered."""
    name, dash, rest = field.partition("-")
    answer = answers.get(name)
    if not dash:
        if isinstance(answer, list):
            if all(isinstance(line, str) for line in answer):  # documents: one more is always what is wanted
                return True
            return not any(line.get("amount") if isinstance(line, Mapping) else line for line in answer)
        return not answer
    position, _dash, part = rest.partition("-")
    if isinstance(answer, list) and position.isdigit() and int(position) < len(answer):
        return not answer[int(position)].get(part)
    return False


def _line_kind(key: str, *, decides: bool) -> str:
    return "limit" if decides else "sum" if key == "eligible" else ""


def _minor(plain: str) -> int:
    """ "8250.00" as it is kept, in minor units."""
    return int(plain.replace(".", ""))


def _announced(figure: str, missing: int, stops: int) -> str:
    """What a screen reader is told after a change: short, and only what matters."""
    parts = [figure] if figure else []
    if stops:
        parts.append(
            count("%(num)s thing stops the application", "%(num)s things stop the application", stops)
        )
    if missing:
        parts.append(count("%(num)s question left", "%(num)s questions left", missing))
    if not stops and not missing:
        parts.append(_("nothing stops the application"))
    return ", ".join(parts)
