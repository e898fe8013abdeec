"""An assessment in the reader's language: live from `assess`, or word for word as it was stored at submission.

Judges nothing: which findings there are and what the amount is, the assessment says.
"""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from portal.actions.judging import Judged
from portal.domain.application import Application
from portal.domain.assessment import Assessment, Finding, Step
from portal.domain.facts import Facts
from portal.domain.fields import Typed, awaits_another, is_asked
from portal.domain.periods import budget_period_on
from portal.domain.scheme import FieldType, Kind, Scheme, Severity
from portal.language.answering import title_of
from portal.language.wording import change_text, finding_text, money, number, step_text
from portal.web import current
from portal.web.language import _, count, day, in_language, language
from portal.web.pages.apply import EarlierLine, FindingLine, Panel, SumLine
from portal.web.words import statuses
from portal.web.words.questions import label_of


def live_panel(judged: Judged, *, base: str = "") -> Panel:
    """The panel beside a form that is being written; links lead to `base` + "#field"."""
    scheme, typed, facts, assessment = judged.scheme, judged.typed, judged.facts, judged.assessment
    kind, answers = typed.kind, typed.answers
    lines = [_finding(each, scheme, kind, base) for each in assessment.findings]
    blocks = [line for line in lines if line.severity == Severity.BLOCKS]
    missing = tuple(line for line in blocks if _is_blank(answers, line.field))
    stops = tuple(line for line in blocks if line not in missing)
    figure = money(assessment.amount, assessment.currency, language()) if kind.gives_money else ""
    dated = assessment.year is not None or scheme.ends_on is not None
    title = title_of(kind, answers, language()) or _("Without a name yet")
    own = judged.participant.id == current.person().id
    return Panel(
        caption=_("The grant can be at most") if assessment.submittable else _("As answered so far, at most"),
        figure=figure,
        lines=tuple(sum_line(step, assessment.currency) for step in assessment.steps),
        missing=missing,
        stops=stops,
        warns=tuple(line for line in lines if line.severity == Severity.WARNS),
        notes=tuple(line for line in lines if line.severity == Severity.NOTES),
        submittable=assessment.submittable,
        left=count("%(num)s question left to answer", "%(num)s questions left to answer", len(missing)),
        announce=_announced(figure, len(missing), len(stops)),
        decision=_decision(assessment),
        budget=_budget(assessment, scheme, facts) if kind.gives_money else "",
        year=assessment.year or scheme.year,
        # Who writes for somebody else learns by a finding that there is an earlier request, and no more.
        earlier=tuple(map(_earlier, facts.requests)) if dated and own else None,
        puts=(*counted(typed), ("title", title)),
        unasked=" ".join(field.name for field in kind.conditional if not is_asked(field, answers)),
        awaiting=" ".join(field.name for field in kind.conditional if awaits_another(field, answers)),
    )


def stored_panel(record: Mapping[str, Any], *, scheme: Scheme, kind: Kind) -> Panel:
    """What was said at submission, as it was stored."""
    code = language()
    lines = [_stored_finding(each, scheme, kind) for each in record["findings"]]
    amount = _minor(record["amount"])
    return Panel(
        caption=_("The grant could be at most"),
        figure=money(amount, record["currency"], code) if kind.gives_money else "",
        lines=tuple(
            SumLine(
                in_language(step["label"], code),
                money(_minor(step["amount"]), record["currency"], code),
                _line_kind(step["key"], decides=step["decides"]),
            )
            for step in record["steps"]
        ),
        missing=(),
        stops=tuple(line for line in lines if line.severity == Severity.BLOCKS),
        warns=tuple(line for line in lines if line.severity == Severity.WARNS),
        notes=tuple(line for line in lines if line.severity == Severity.NOTES),
        submittable=bool(record["submittable"]),
    )


def messages_by_field(panel: Panel) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """What stops and what warns, by the input it stands beside."""
    stops: dict[str, tuple[str, ...]] = {}
    warns: dict[str, tuple[str, ...]] = {}
    for said, lines in ((stops, (*panel.missing, *panel.stops)), (warns, panel.warns)):
        for line in lines:
            if line.field:
                said[line.field] = (*said.get(line.field, ()), line.message)
    return stops, warns


def _finding(finding: Finding, scheme: Scheme, kind: Kind, base: str) -> FindingLine:
    code = language()
    message = finding_text(finding, code)
    return FindingLine(
        severity=finding.severity.value,
        field=finding.field,
        message=message,
        remedy=change_text(finding, code),
        source_text=finding.source.sentence if finding.source else "",
        source_heading=finding.source.heading if finding.source else "",
        source_lang=scheme.language,
        href=f"{base}#{finding.field}" if finding.field else "",
        label=label_of(kind, finding.field, code) or message,
    )


def _stored_finding(record: Mapping[str, Any], scheme: Scheme, kind: Kind) -> FindingLine:
    code = language()
    heading, _between, sentence = (record["source"] or "").partition("“")
    return FindingLine(
        severity=record["severity"],
        field=record["field"],
        message=in_language(record["message"], code),
        remedy=in_language(record["change"], code),
        source_text=sentence.removesuffix("”"),
        source_heading=heading.strip().removesuffix(":"),
        source_lang=scheme.language,
        label=label_of(kind, record["field"], code),
    )


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


def sum_line(step: Step, currency: str) -> SumLine:
    """One step of the calculation in words; a cost in another currency with what it was."""
    code = language()
    label = step_text(step.key, step.values, code)
    foreign = step.values.get("currency")
    if step.key == "line" and foreign not in (None, currency) and step.values.get("rate") is not None:
        original = money(step.values["original"], foreign, code)
        label = f"{label} ({original} × {number(step.values['rate'], code)})"
    return SumLine(label, money(step.amount, currency, code), _line_kind(step.key, decides=step.decides))


def _line_kind(key: str, *, decides: bool) -> str:
    return "limit" if decides else "sum" if key == "eligible" else ""


def _minor(plain: str) -> int:
    """ "8250.00" as it is stored, in minor units."""
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


def _decision(assessment: Assessment) -> str:
    if assessment.decidable_from is None:
        return ""
    return day(assessment.decidable_from)


def _budget(assessment: Assessment, scheme: Scheme, facts: Facts) -> str:
    if assessment.decidable_from is None or facts.budget_left is None:
        return ""
    period = budget_period_on(scheme, assessment.decidable_from)
    left = money(max(facts.budget_left, 0), scheme.currency, language())
    return left if period is None else f"{left} ({in_language(period.label, language())})"


def _earlier(application: Application) -> EarlierLine:
    """An earlier request of the reader's own."""
    kind, status = statuses.of(application)
    return EarlierLine(
        application.number,
        application.title,
        application.starts_on,
        kind,
        status,
        statuses.figure(application),
        url_for("applications.case", number=application.number),
    )


def counted(typed: Typed) -> tuple[tuple[str, str], ...]:
    """What each cost line in another currency comes to, for the line under it."""
    read, puts, currency = {line.position: line for line in typed.costs}, [], typed.kind.currency
    for field in typed.kind.of_type(FieldType.COSTS):
        for position, _line in enumerate(typed.answers.get(field.name) or []):
            line, text = read.get(position), ""
            if line is not None and line.currency != currency and line.rate is not None:
                text = _("Counts as %(amount)s", amount=money(line.amount, currency, language()))
            puts.append((f"{field.name}-{position}-counted", text))
    return tuple(puts)
