"""Reads the rules of a scheme file: each names a check, and its words may use only what that check gives."""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from portal.domain.checks import CHECKS, Check, FieldName, FieldNames, Texts
from portal.domain.scheme import Kind, Limit, Rule, Severity, Source, Words
from portal.schemes.table import Table, places
from portal.schemes.vocabulary import FORM_FILE

FORM_CODES = (
    "form.required",
    "form.not-a-number",
    "form.not-a-date",
    "form.negative",
    "form.too-large",
    "form.too-precise",
    "form.unknown-choice",
    "form.too-long",
    "form.dates-reversed",
)


def read_rules(file: Table, kinds: Mapping[str, Kind], limits: Mapping[str, Limit]) -> tuple[Rule, ...]:
    """All rules in the file's order. Raises SchemeError."""
    letter = file.text("letter")
    rules = [_rule(row, kinds, limits, letter) for row in file.tables("rules")]
    if len({rule.code for rule in rules}) < len(rules):
        raise file.fail("a rule's code stands twice")
    return tuple(rules)


def read_source(row: Table, letter: str) -> Source:
    """The heading and the sentence a rule or term stands on; a rule without one is refused."""
    source = row.table("source")
    read = Source(source.text("heading"), source.text("sentence"), letter)
    source.done()
    if not read.sentence.strip():
        raise row.fail("the source has no sentence")
    return read


def _rule(row: Table, kinds: Mapping[str, Kind], limits: Mapping[str, Limit], letter: str) -> Rule:
    name = row.text("check")
    if name not in CHECKS:
        raise row.fail(f"unknown check {name}")
    bears_on = frozenset(row.strings("kinds", [next(iter(kinds))]))
    if bears_on - set(kinds):
        raise row.fail(f"unknown kind {', '.join(sorted(bears_on - set(kinds)))}")
    fields = set.intersection(*(set(kinds[kind].fields) for kind in bears_on))
    rule = Rule(
        code=row.text("code"),
        severity=_severity(row),
        check=name,
        field=row.text("field", ""),
        source=read_source(row, letter),
        message=row.words("message"),
        change=row.words("change", None),
        params=_params(row, CHECKS[name], fields, limits),
        kinds=bears_on,
        assumed=row.take("assumed", bool, False),
    )
    row.done()
    if rule.field and rule.field not in fields:
        raise row.fail(f"unknown field {rule.field}")
    _check_places(row, CHECKS[name], rule.message, rule.change)
    return rule


def _severity(row: Table) -> Severity:
    severity = row.text("severity")
    try:
        return Severity(severity)
    except ValueError:
        raise row.fail(f"unknown severity {severity}") from None


def _params(row: Table, check: Check, fields: set[str], limits: Mapping[str, Limit]) -> Mapping[str, Any]:
    given: Mapping[str, Any] = row.take("params", dict, {})
    if set(given) != set(check.params):
        raise row.fail(f"the check {check.name} takes {', '.join(sorted(check.params)) or 'no parameters'}")
    read: dict[str, Any] = {}
    for name, kind in check.params.items():
        value = given[name]
        many = kind in (FieldNames, Texts)
        if not isinstance(value, list if many else str) or (
            many and any(not isinstance(v, str) for v in value)
        ):
            raise row.fail(f"the parameter {name} must be {'a list of texts' if many else 'a text'}")
        named = value if many else [value]
        if kind in (FieldName, FieldNames) and (unknown := set(named) - fields):
            raise row.fail(f"unknown field {', '.join(sorted(unknown))}")
        if name == "limit" and value not in limits:
            raise row.fail(f"unknown limit {value}")
        read[name] = tuple(value) if many else value
    return read


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
        rules[code] = Rule(
            code, Severity.BLOCKS, "", "", None, row.words("message"), row.words("change", None)
        )
        row.done()
    if set(rules) != set(FORM_CODES):
        raise file.fail("the form codes are not the ones the reader gives")
    return rules
