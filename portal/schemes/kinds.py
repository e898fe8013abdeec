"""Reads the kinds of application of a scheme file: their sections, fields and reckoning."""

import re
from collections.abc import Mapping
from fractions import Fraction

from portal.domain.fields import COST_KINDS, DOCUMENT_KINDS, PARTS_OF_DAY
from portal.domain.reckoning import METHODS
from portal.domain.scheme import (
    KNOWN,
    REQUESTS,
    Choice,
    Confirmed,
    Field,
    FieldType,
    Kind,
    Lapse,
    Limit,
    Section,
    When,
)
from portal.schemes.table import Table, read_each

WIDTHS = ("", "short", "medium")
RESERVED = frozenset({"csrf_token", "action", "revision", "for_whom", "lang"})
"""Names that the pages around the questions use themselves."""
_SHARE = re.compile(r"[0-9]{1,3}/[1-9][0-9]{0,2}")


def read_kinds(file: Table, limits: Mapping[str, Limit]) -> Mapping[str, Kind]:
    """All kinds by key, in the file's order; the first is what the fund is about. Raises SchemeError."""
    kinds: dict[str, Kind] = {}
    for row in file.tables("kinds"):
        sections = read_each(row.tables("sections"), lambda section: _section(section, kinds))
        texts = [field.name for each in sections for field in each.fields if field.type is FieldType.TEXT]
        kind = Kind(
            key=row.text("key"),
            title=row.words("title"),
            sections=sections,
            reckoning=row.text("reckoning"),
            currency=file.text("currency"),
            named_by=row.strings("named_by", texts[:1]),
            follow_up=row.strings("follow_up", []),
            at_a_glance=row.strings("at_a_glance", []),
            params=row.take("params", dict, {}),
            leads_to=row.text("leads_to", None),
            fills=row.take("fills", dict, {}),
            lapses=_lapse(row),
            each=tuple(row.take("each", list, [])),
            confirms=read_each(row.tables("confirms", []), _confirmed),
        )
        row.done()
        _check_fields(row, kind)
        _check_each(row, kind)
        _check_roles(row, kind)
        _check_reckoning(row, kind, limits)
        kinds[kind.key] = kind
    if not kinds:
        raise file.fail("a fund needs a kind of application")
    for kind in kinds.values():
        _check_leads(file, kind, kinds)
    return kinds


def _lapse(row: Table) -> Lapse | None:
    table = row.table("lapses", {})
    lapse = Lapse(table.take("months", int, 0), table.take("told_days", int, 0))
    table.done()
    return lapse if lapse.months else None


def _check_leads(file: Table, kind: Kind, kinds: Mapping[str, Kind]) -> None:
    if kind.leads_to is None and not kind.fills:
        return
    target = kinds.get(kind.leads_to or "")
    if target is None:
        raise file.fail(f"{kind.key} leads to an unknown kind {kind.leads_to}")
    if not target.of_type(FieldType.APPLICATION):
        raise file.fail(f"{target.key} needs a field of type application to point at one of {kind.key}")
    for given, source in kind.fills.items():
        if source not in kind.fields or given not in target.fields or not target.fields[given].given:
            raise file.fail(f"{kind.key} cannot fill {given} of {target.key} from {source}")


_IN_A_ROW = frozenset({FieldType.TEXT, FieldType.AMOUNT, FieldType.COUNT, FieldType.DAYS})


def _check_each(row: Table, kind: Kind) -> None:
    """What is asked for each participant fits a row: a short text, an amount or a number."""
    for name in kind.each:
        if name not in kind.fields or kind.fields[name].given or kind.fields[name].type not in _IN_A_ROW:
            raise row.fail(f"each: {name} is no text, amount or number that is asked")


def _check_roles(row: Table, kind: Kind) -> None:
    """What names the event can be read as a name, and a plan for the follow-up has its day."""
    for key, names, types in (
        ("named_by", kind.named_by, {FieldType.TEXT, FieldType.CHOICE, FieldType.COURSE}),
        ("follow_up", kind.follow_up, {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.DATE}),
    ):
        if unfit := [
            name for name in names if name not in kind.fields or kind.fields[name].type not in types
        ]:
            raise row.fail(f"{key}: {unfit[0]} is no field of such a type")
    if unknown := [name for name in kind.at_a_glance if name not in kind.fields]:
        raise row.fail(f"at_a_glance: there is no field {unknown[0]}")
    if not kind.named_by:
        raise row.fail("named_by must say which fields name the event")
    if unknown := [name for each in kind.confirms for name in each.fields if name not in kind.fields]:
        raise row.fail(f"confirms: there is no field {unknown[0]}")
    if kind.confirms and not kind.of_type(FieldType.PERSON):
        raise row.fail("confirms: there is no field that names the head")
    if kind.follow_up and kind.planned_on is None:
        raise row.fail("follow_up needs one date, the day that is planned")


def _confirmed(row: Table) -> Confirmed:
    confirmed = Confirmed(row.text("key"), row.words("says"), row.strings("fields"))
    row.done()
    return confirmed


def _section(row: Table, kinds: Mapping[str, Kind]) -> Section:
    section = Section(
        row.text("key"),
        row.words("title"),
        read_each(row.tables("fields"), lambda field: _field_or_same(field, kinds)),
        row.words("intro", None),
    )
    row.done()
    return section


def _field_or_same(row: Table, kinds: Mapping[str, Kind]) -> Field:
    """A field of its own, or the same as in a kind that stands earlier in the file."""
    other = row.text("same_as", "")
    if not other:
        return _field(row)
    name = row.text("name")
    row.done()
    if other not in kinds or name not in kinds[other].fields:
        raise row.fail(f"there is no field {name} in an earlier kind {other}")
    return kinds[other].fields[name]


def _field(row: Table) -> Field:
    type_ = FieldType(row.one_of("type", list(FieldType)))
    field = Field(
        name=row.text("name"),
        type=type_,
        label=row.words("label"),
        hint=row.words("hint", None),
        required=row.take("required", bool, False),
        missing=row.words("missing", None),
        needed_when=_needed_when(row),
        shown_when=_when(row, "shown_when", row.take("shown_when", dict, {})),
        choices=read_each(row.tables("choices", []), _choice),
        max_length=row.take("max_length", int, 4000 if type_ is FieldType.LONG_TEXT else 200),
        not_before=row.text("not_before", None),
        width=row.one_of("width", WIDTHS, ""),
        counts=row.take("counts", dict, {}),
        given=row.take("given", bool, False),
        known=row.one_of("known", ("", *KNOWN), ""),
    )
    row.done()
    if not field.name.isidentifier() or not field.name.islower():
        raise row.fail(f"a field's name is written in small letters and underscores, not {field.name!r}")
    if field.name in RESERVED:
        raise row.fail(f"a question cannot be called {field.name}")
    _check_choices(row, field)
    return field


def _needed_when(row: Table) -> tuple[When, ...]:
    """One condition, or a list of conditions of which one must hold."""
    given = row.take("needed_when", dict | list, [])  # type: ignore[arg-type]
    return tuple(_when(row, "needed_when", each) for each in (given if isinstance(given, list) else [given]))


def _when(row: Table, key: str, when: object) -> When:
    if not isinstance(when, Mapping) or any(
        not isinstance(answers, list) or any(not isinstance(answer, str) for answer in answers)
        for answers in when.values()
    ):
        raise row.fail(f"“{key}” gives each field a list of answers")
    return {name: frozenset(answers) for name, answers in when.items()}


def _choice(row: Table) -> Choice:
    choice = Choice(
        row.text("value"),
        row.words("label"),
        row.words("hint", None),
        row.strings("also", []),
        row.half_days("days", None),
        row.take("refused", bool, False),
        row.take("own", bool, False),
    )
    row.done()
    return choice


def _check_choices(row: Table, field: Field) -> None:
    values = [choice.value for choice in field.choices]
    if len(set(values)) < len(values):
        raise row.fail("a choice stands twice")
    if field.type in (FieldType.CHOICE, FieldType.COURSE) and not values:
        raise row.fail("choices are missing")
    told = {"specialist": {"yes"}, REQUESTS: {"no", "requested", "granted"}}.get(field.known, set())
    if told - set(values):
        raise row.fail(f"what the register knows of {field.known} is answered by {', '.join(sorted(told))}")
    known = {FieldType.COSTS: COST_KINDS, FieldType.DOCUMENTS: DOCUMENT_KINDS}.get(field.type)
    if known is not None and (not values or set(values) - set(known)):
        raise row.fail(f"choices must be of {', '.join(known)}")


def _check_fields(row: Table, kind: Kind) -> None:
    names = [field.name for section in kind.sections for field in section.fields]
    if len(set(names)) < len(names):
        raise row.fail("a field stands twice")
    for field in kind.fields.values():
        for when in (*field.needed_when, field.shown_when):
            _check_when(row, kind, field, when)
        before = field.not_before
        if before is not None and (
            before not in kind.fields or kind.fields[before].type is not FieldType.DATE
        ):
            raise row.fail(f"the field {field.name} refers to an unknown date {before}")
    for field in kind.fields.values():
        counted = {kind.fields[name].type for name in field.counts.values() if name in kind.fields}
        if (field.type is FieldType.CALENDAR) != (
            set(field.counts) == set(PARTS_OF_DAY) and counted == {FieldType.COUNT}
        ):
            raise row.fail(
                f"{field.name}: a calendar counts whole and half days into two fields of type count"
            )
    if sum(field.type is FieldType.DOCUMENTS for field in kind.fields.values()) > 1:
        raise row.fail("a kind has one field for documents, whose choices say what each proves")
    for name in ("starts_on", "ends_on"):
        if name not in kind.fields or kind.fields[name].type is not FieldType.DATE:
            raise row.fail(f"a date field {name} is needed")


def _check_when(row: Table, kind: Kind, field: Field, when: When) -> None:
    for name, answers in when.items():
        if name not in kind.fields:
            raise row.fail(f"the field {field.name} refers to an unknown field {name}")
        choices = {choice.value for choice in kind.fields[name].choices}
        if choices and (unknown := answers - choices - {"*"}):
            raise row.fail(f"the field {field.name} refers to an unknown answer {', '.join(sorted(unknown))}")


def _check_reckoning(row: Table, kind: Kind, limits: Mapping[str, Limit]) -> None:
    recipe = METHODS.get(kind.reckoning)
    if recipe is None:
        raise row.fail(f"unknown reckoning {kind.reckoning}")
    for name, type_ in recipe.fields.items():
        if name not in kind.fields or kind.fields[name].type is not type_:
            raise row.fail(f"the reckoning {kind.reckoning} needs a field {name} of type {type_.value}")
    params = row.table("params", {})
    for name, unit in recipe.limits.items():
        limit = limits.get(params.text(name))
        if limit is None or limit.unit != unit:
            raise params.fail(f"unknown limit {params.text(name)}; {name} needs one in {unit}")
    if recipe.eligible:
        _check_share(params, kind)
    params.done()


def _check_share(params: Table, kind: Kind) -> None:
    if unknown := set(params.strings("eligible")) - set(COST_KINDS):
        raise params.fail(f"eligible: unknown {', '.join(sorted(unknown))}")
    if not _SHARE.fullmatch(params.text("share")) or not 0 < Fraction(params.text("share")) <= 1:
        raise params.fail('the share must be a part of the whole, such as "1/2"')
    counter = params.text("counter", "")
    if counter and (counter not in kind.fields or kind.fields[counter].type is not FieldType.AMOUNT):
        raise params.fail(f"counter: there is no amount {counter}")
