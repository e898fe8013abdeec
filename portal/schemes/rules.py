"""Reads the rules of a scheme file: each names a check, and its words may use only what that check gives."""

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from portal.domain.check import (
    AmountField,
    Answer,
    AnswerValues,
    CalendarField,
    Check,
    CostKinds,
    DateField,
    DaysField,
    DaysLimit,
    DocumentKind,
    FieldName,
    FieldNames,
    Months,
    Quantity,
)
from portal.domain.checks import CHECKS
from portal.domain.fields import COST_KINDS, DOCUMENT_KINDS
from portal.domain.rates import ReferenceRates
from portal.domain.reckoning import METHODS
from portal.domain.scheme import FieldType, Kind, Limit, Rule, Severity, Source, Words
from portal.schemes.table import Table, places, read_each
from portal.schemes.vocabulary import FORM_FILE

FORM_CODES = (
    "form.required",
    "form.not-a-number",
    "form.not-a-date",
    "form.date-unclear",
    "form.negative",
    "form.too-large",
    "form.too-precise",
    "form.unknown-choice",
    "form.too-long",
    "form.dates-reversed",
    "form.implausible-date",
    "form.too-many",
    "form.rate-future",
    "form.rate-odd",
)


def read_rules(file: Table, kinds: Mapping[str, Kind], limits: Mapping[str, Limit]) -> tuple[Rule, ...]:
    """All rules in the file's order. Raises SchemeError."""
    letter = file.text("letter")
    rules = read_each(file.tables("rules"), lambda row: _rule(row, kinds, limits, letter))
    if len({rule.code for rule in rules}) < len(rules):
        raise file.fail("a rule's code stands twice")
    return rules


def read_source(row: Table, letter: str) -> Source:
    """The heading and the sentence a rule or term stands on; a rule without one is refused."""
    source = row.table("source")
    read = Source(source.text("heading"), source.text("sentence"), letter)
    source.done()
    if not read.sentence.strip():
        raise row.fail("the source has no sentence")
    return read


def _rule(row: Table, kinds: Mapping[str, Kind], limits: Mapping[str, Limit], letter: str) -> Rule:
    name = row.one_of("check", CHECKS)
    bears_on = frozenset(row.strings("kinds", [next(iter(kinds))]))
    if bears_on - set(kinds):
        raise row.fail(f"unknown kind {', '.join(sorted(bears_on - set(kinds)))}")
    if not bears_on:
        raise row.fail("“kinds” names no kind of application")
    concerned = [kind for key, kind in kinds.items() if key in bears_on]
    _check_needs(row, CHECKS[name], concerned)
    rule = Rule(
        code=row.text("code"),
        severity=Severity(row.one_of("severity", list(Severity))),
        check=name,
        field=row.text("field", ""),
        source=read_source(row, letter),
        message=row.words("message"),
        change=row.words("change", None),
        short=row.words("short", None),
        params=_params(row, CHECKS[name], concerned, limits),
        kinds=bears_on,
        assumed=row.take("assumed", bool, False),
    )
    row.done()
    if rule.field and any(rule.field not in kind.fields for kind in concerned):
        raise row.fail(f"unknown field {rule.field}")
    _check_places(row, CHECKS[name], rule.message, rule.change)
    return rule


def _params(
    row: Table, check: Check, kinds: Sequence[Kind], limits: Mapping[str, Limit]
) -> Mapping[str, Any]:
    given = row.table("params", {})
    if set(given.content) != set(check.params):
        raise row.fail(f"the check {check.name} takes {', '.join(sorted(check.params)) or 'no parameters'}")
    read: dict[str, Any] = {}
    for name, sort in check.params.items():
        if sort is Months:
            read[name] = given.take(name, int)
            continue
        read[name] = (
            given.strings(name) if sort in (FieldNames, CostKinds, AnswerValues) else given.text(name)
        )
        known = _known(sort, read, kinds, limits)
        named = set(read[name]) if isinstance(read[name], tuple) else {read[name]}
        if unknown := named - known:
            raise row.fail(f"unknown {_CALLED[sort]} {', '.join(sorted(unknown))}")
    return read


def _known(
    sort: Any, read: Mapping[str, Any], kinds: Sequence[Kind], limits: Mapping[str, Limit]
) -> set[str]:
    """What a parameter of that sort may name in all of these kinds of application."""
    if sort is CostKinds:
        return set(COST_KINDS)
    if sort is DocumentKind:
        return set(DOCUMENT_KINDS)
    if sort is DaysLimit:
        return {key for key, limit in limits.items() if limit.unit == "days"}
    if sort is Quantity:
        return set.intersection(*(set(METHODS[kind.reckoning].gives) for kind in kinds))
    if sort in (Answer, AnswerValues):
        field = str(read.get("when") or read["field"])
        return set.intersection(*({choice.value for choice in kind.fields[field].choices} for kind in kinds))
    type_ = _TYPES.get(sort)
    return set.intersection(
        *({field.name for field in kind.fields.values() if type_ in (None, field.type)} for kind in kinds)
    )


_TYPES = {
    AmountField: FieldType.AMOUNT,
    DateField: FieldType.DATE,
    DaysField: FieldType.DAYS,
    CalendarField: FieldType.CALENDAR,
}
_CALLED = {
    CostKinds: "kind of cost",
    DocumentKind: "kind of document",
    DaysLimit: "limit",
    Quantity: "quantity",
    Answer: "answer",
    AnswerValues: "answer",
    FieldName: "field",
    FieldNames: "field",
    AmountField: "amount field",
    DateField: "date field",
    DaysField: "days field",
    CalendarField: "calendar field",
}


def _check_needs(row: Table, check: Check, kinds: Sequence[Kind]) -> None:
    for kind in kinds:
        if missing := check.needs - METHODS[kind.reckoning].gives:
            raise row.fail(
                f"the check {check.name} needs {', '.join(sorted(missing))}, which the reckoning of {kind.key} lacks"
            )
        if missing := check.fields - set(kind.fields):
            raise row.fail(
                f"the check {check.name} needs the field {', '.join(sorted(missing))} in {kind.key}"
            )


def _check_places(row: Table, check: Check, message: Words, change: Words) -> None:
    used = {place for text in (*message.values(), *change.values()) for place in places(text)}
    if unknown := used - check.gives:
        raise row.fail(f"the check {check.name} gives no {{{', '.join(sorted(unknown))}}}")


@cache
def read_form_rules() -> Mapping[str, Rule]:
    """The words for unreadable answers, alike in all funds. Raises SchemeError."""
    file = Table(tomllib.loads(FORM_FILE.read_text("utf-8")), FORM_FILE.name)
    rules = {}
    for row in file.tables("rules"):
        code = row.text("code")
        severity = Severity(row.one_of("severity", list(Severity), Severity.BLOCKS))
        rules[code] = Rule(code, severity, "", "", None, row.words("message"), row.words("change", None))
        row.done()
    if set(rules) != set(FORM_CODES):
        raise file.fail("the form codes are not the ones the reader gives")
    return rules


@cache
def read_reference_rates() -> tuple[ReferenceRates, ...]:
    """What rates are held against, alike in all funds. Raises SchemeError."""
    file = Table(tomllib.loads(FORM_FILE.read_text("utf-8")), FORM_FILE.name)
    found = []
    for row in file.tables("rates"):
        units = {currency: Decimal(units) for currency, units in row.take("units", dict).items()}
        found.append(
            ReferenceRates(row.day("on"), row.text("source"), row.take("times", int), units, assumed=True)
        )
        row.done()
    return tuple(sorted(found, key=lambda each: each.on))
