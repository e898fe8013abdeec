"""The scheme's questions as a page prints them: texts and choices in the reader's language, made once and kept.

Nothing here belongs to a fund: labels, hints, choices and order are the scheme file's.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup, escape

from portal.domain.refusal import N_
from portal.domain.scheme import Field, FieldType, Kind, Scheme, Section, Severity
from portal.forms.names import countries, currencies
from portal.language.wording import answer_text, choice_words
from portal.web import current
from portal.web.language import _, in_language, language, word


class Options:
    """A list to choose from, printed once and then only marked: countries and currencies are on every form."""

    def __init__(self, rows: Iterable[tuple[str, ...]]) -> None:
        self._rows = tuple(rows)
        self._html = "".join(self._option(*row) for row in self._rows)

    @staticmethod
    def _option(value: str, label: str, names: str = "") -> str:
        also = f' data-names="{escape(names)}"' if names else ""
        return f'<option value="{escape(value)}"{also}>{escape(label)}</option>'

    def __iter__(self) -> Any:
        return iter(self._rows)

    def html(self, value: str) -> Markup:
        """The option elements with that value chosen."""
        chosen = f'<option value="{escape(value)}"'
        # Every part was escaped when the list was made.
        return Markup(self._html.replace(chosen, f"{chosen} selected", 1) if value else self._html)  # noqa: S704


@dataclass(frozen=True, slots=True)
class QuestionText:
    """A question in one language: all of it that does not depend on the answer."""

    name: str
    type: str
    label: str
    hint: str
    optional: bool
    options: Any
    attrs: Mapping[str, Any]
    level: int = 3
    """The level of its heading, where it has one."""
    row: bool = False
    """Whether its choices are few and short enough to stand side by side."""
    brief: bool = False
    """Whether the question is short enough to stand beside another."""


@dataclass(frozen=True, slots=True)
class SectionText:
    """A part of the form in one language; dates that follow one another share a row."""

    key: str
    title: str
    intro: str
    rows: tuple[tuple[QuestionText, ...], ...]
    headed: bool = True
    """Whether its title is printed: not where its only question says the same."""


_BRIEF = frozenset(
    {*FieldType} - {"long_text", "calendar", "costs", "documents", "application", "text", "choice"}
)
_BRIEF_ANSWER = 200
_ROW_OF_CHOICES = 36
"""Choices with so few letters in all stand side by side."""

_SECTIONS: dict[tuple[str, str, str, str], tuple[SectionText, ...]] = {}


def sections_of(scheme: Scheme, kind: Kind, language: str) -> tuple[SectionText, ...]:
    """The form of a kind of application in a language."""
    key = (scheme.key, scheme.digest, kind.key, language)
    if key not in _SECTIONS:
        _SECTIONS[key] = tuple(_section(scheme, kind, section, language) for section in kind.sections)
    return _SECTIONS[key]


def needed(scheme: Scheme, kind: Kind, language: str) -> frozenset[str]:
    """The questions that have to be answered wherever they bear on it, by name."""
    rows = (row for section in sections_of(scheme, kind, language) for row in section.rows)
    return frozenset(each.name for row in rows for each in row if not each.optional and each.type != "given")


@cache
def currency_options(language: str) -> Options:
    """Every currency, to choose among."""
    return Options(currencies(language))


@cache
def _country_options(language: str) -> Options:
    return Options(countries(language))


def label_of(kind: Kind, name: str, language: str) -> str:
    """The label of the question that an input belongs to: "costs-2-amount" belongs to the costs."""
    field = kind.fields.get(name.partition("-")[0])
    return in_language(field.label, language) if field else ""


def is_optional(scheme: Scheme, kind: Kind, field: Field) -> bool:
    """Whether leaving it blank can never stop an application."""
    if field.required or field.needed_when:
        return False
    for rule in scheme.rules_of[kind.key]:
        if rule.severity is Severity.BLOCKS and field.name in _fields_of(rule.field, rule.params):
            return False
    return True


def _fields_of(field: str, params: Mapping[str, Any]) -> set[str]:
    named = {field}
    for value in params.values():
        named.update([value] if isinstance(value, str) else value)
    return named


def _section(scheme: Scheme, kind: Kind, section: Section, language: str) -> SectionText:
    rows: list[tuple[QuestionText, ...]] = []
    for is_date, fields in groupby(section.fields, key=lambda field: field.type is FieldType.DATE):
        texts = tuple(_question(scheme, kind, field, language) for field in fields)
        rows.extend([texts] if is_date else [(text,) for text in texts])
    title = in_language(section.title, language)
    only = rows[0][0] if [len(row) for row in rows] == [1] else None
    headed = only is None or only.type != FieldType.COSTS or only.label != title
    if only is not None and not headed:
        intro = in_language(section.intro, language)
        rows = [(replace(only, level=2, hint=only.hint or intro),)]
        return SectionText(section.key, title, "", tuple(rows), headed=False)
    return SectionText(section.key, title, in_language(section.intro, language), tuple(rows))


def _question(scheme: Scheme, kind: Kind, field: Field, language: str) -> QuestionText:
    options = _options(field, language)
    offered = [choice for choice in field.choices if not choice.refused]
    letters = sum(len(in_language(choice.label, language)) for choice in offered)
    row = field.type is FieldType.CHOICE and letters <= _ROW_OF_CHOICES and not any(c.hint for c in offered)
    return QuestionText(
        name=field.name,
        type="given" if field.given else field.type.value,
        label=in_language(field.label, language),
        hint=in_language(field.hint, language),
        optional=is_optional(scheme, kind, field),
        options=options,
        attrs=_attrs(field, next((each.name for each in kind.of_type(FieldType.DATE)), "")),
        row=row,
        brief=row
        or field.type in _BRIEF
        or (field.type is FieldType.TEXT and field.max_length <= _BRIEF_ANSWER),
    )


def _options(field: Field, language: str) -> Any:
    if field.type is FieldType.COUNTRY:
        return _country_options(language)
    rows = tuple(
        (
            choice.value,
            in_language(choice_words(choice), language),
            " ".join(choice.also) if field.type is FieldType.COURSE else in_language(choice.hint, language),
            *((True,) if choice.refused else ()),
        )
        for choice in field.choices
    )
    return rows if field.type is FieldType.CHOICE else Options(rows)


def _attrs(field: Field, first: str) -> Mapping[str, Any]:
    """Attributes of the control, after the `first` day; no maxlength, which would cut off what is pasted unseen."""
    attrs: dict[str, Any] = {}
    if field.width:
        attrs["class"] = field.width
    if field.type is FieldType.DATE:
        attrs = {"data-after": first} if first and first != field.name else {}
    if field.type in (FieldType.COUNT, FieldType.DAYS):
        attrs |= {"class": "short", "inputmode": "decimal", "autocomplete": "off"}
    if field.type is FieldType.CALENDAR:
        attrs["data-counts"] = " ".join(f"{part}:{name}" for part, name in field.counts.items())
    if field.type is FieldType.PERSON:
        attrs |= {"autocomplete": "off", "class": "medium", "list": "people", "hx-target": "#people"}
        attrs |= {
            "hx-get": url_for("apply.find_people"),
            "hx-trigger": "input changed delay:250ms",
            "hx-swap": "outerHTML",
        }
    return attrs


_PARTS = {
    "kind": N_("What it is for"), "amount": N_("Amount"), "currency": N_("Currency"), "rate": N_("Exchange rate"),
    "rate_on": N_("Exchange rate of"),
}  # fmt: skip
"""What a cost line asks."""
_NAME = re.compile(r"(?:.*:)?(\w+?)(?:-([0-9]{1,3})-(\w+))?")
"""A field's name: behind that of a row, and before the number and part of a cost line."""
_LABELLED = re.compile(r"""\b(?!icon)[a-z_]+\(["']([a-z_-]+)["'], _\("([^"]+)"\)""")


def given_back(typed: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was typed in any form, each with its question's label where that is known, and in words.

    Of the funds' questions they are those of the kind of application that asks most of them.
    """
    named = [(_NAME.fullmatch(name), name, value) for name, value in typed]
    names = {found[1] for found, _whole, _value in named if found}
    kinds = [(scheme, kind) for scheme in current.schemes().values() for kind in scheme.kinds.values()]
    scheme, kind = max(kinds, key=lambda each: len(names & each[1].fields.keys()))
    texts = []
    for found, name, value in named:
        field = kind.fields.get(found[1]) if found else None
        if field is None or found is None:
            label = _labels().get(name, "")
            texts.append((_(label) if label else "", value))
        elif found[3]:
            asks = f", {word(_PARTS, found[3])}" if found[3] in _PARTS else ""
            kinds_of_cost = {choice.value: choice.label for choice in field.choices}
            said = in_language(kinds_of_cost[value], language()) if value in kinds_of_cost else value
            texts.append((f"{in_language(field.label, language())} {int(found[2]) + 1}{asks}", said))
        else:
            said = answer_text(scheme, field, value, language())
            texts.append((in_language(field.label, language()), said))
    return texts


@cache
def _labels() -> Mapping[str, str]:
    """The labels of the other forms' fields as their templates give them; none for a name that has several."""
    found = defaultdict(set)
    for path in (Path(current_app.root_path) / "templates").rglob("*.html"):
        for name, label in _LABELLED.findall(path.read_text("utf-8")):
            found[name].add(label)
    return {name: label for name, (label, *others) in found.items() if not others}
