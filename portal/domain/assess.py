"""THE evaluation: what every form, submission, sign-off page, letter and command line calls, and nothing else does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal.domain.assessment import Assessment, Finding
from portal.domain.check import Context
from portal.domain.checks import CHECKS
from portal.domain.facts import Facts
from portal.domain.fields import Problem, Typed
from portal.domain.periods import first_decision_day, local_day
from portal.domain.rates import wrong_rates
from portal.domain.reckoning import METHODS
from portal.domain.scheme import Kind, Rule, Scheme


def assess(typed: Typed, scheme: Scheme, facts: Facts, at: datetime) -> Assessment:
    """Judge answers as read, under a scheme, at the instant of submission (aware): all that stops, warns or notes.

    What cannot be read is a finding like any other. Raises ValueError for an instant without
    time zone.
    """
    kind = typed.kind
    reckoning = METHODS[kind.reckoning].method(scheme, kind, typed)
    today = local_day(at, scheme)
    decidable_from = first_decision_day(scheme, today)
    context = Context(scheme, typed, facts, today, reckoning, decidable_from)
    findings = [_unread(scheme, kind, each) for each in typed.problems]
    rates = (*scheme.reference_rates, *facts.rates)
    findings += [
        _finding(scheme.form_rules[code], values, field)
        for code, field, values in wrong_rates(typed.costs, rates, scheme.currency, today)
    ]
    for rule in scheme.rules_of[kind.key]:
        values = CHECKS[rule.check].test(context, **rule.params)
        if values is not None:
            findings.append(_finding(rule, values, values.get("field", rule.field)))
    starts_on = typed["starts_on"]
    return Assessment(
        scheme=scheme.key,
        kind=kind.key,
        currency=scheme.currency,
        amount=reckoning.amount or 0,
        decidable_from=decidable_from,
        findings=tuple(findings),
        steps=reckoning.steps,
        year=starts_on.year if starts_on else None,
        zone=reckoning.zone,
        quantities=reckoning.quantities,
    )


def _unread(scheme: Scheme, kind: Kind, problem: Problem) -> Finding:
    """What cannot be read, or is missing and named."""
    rule, (name, dash, part) = scheme.form_rules[problem.code], problem.field.partition("-")
    asked = scheme.missing_parts.get(part.rpartition("-")[2]) if dash else kind.fields[name].missing
    says = asked if asked and problem.code == "form.required" else rule.message
    return replace(_finding(rule, {}, problem.field), message=says)


def _finding(rule: Rule, values: Mapping[str, Any], field: str) -> Finding:
    return Finding(rule.code, rule.severity, field, rule.source, rule.message, rule.change, values)
