"""Answers in words for letters: what was typed, part by part of the form, in the letter's language.

What cannot be read is shown as it was typed.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from portal.domain.application import Answers
from portal.domain.fields import is_asked, read, read_date
from portal.domain.money import Unreadable, read_amount
from portal.domain.scheme import Field, FieldType, Kind, Scheme
from portal.letters.document import Row
from portal.schemes.vocabulary import vocabulary
from portal.schemes.wording import day, locale, money, number


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost line in words; `rate` is empty for a cost in the fund's own currency."""

    name: str
    stated: str
    rate: str
    amount: int


def short_answers(scheme: Scheme, kind: Kind, answers: Answers, language: str) -> tuple[Row, ...]:
    """What was asked for in brief: every answered question but the long texts and the costs."""
    left_out = (FieldType.LONG_TEXT, FieldType.COSTS)
    return tuple(
        Row(field.label[language], text)
        for field in kind.fields.values()
        if field.type not in left_out and (text := _written(scheme, field, answers, language))
    )


def sections(
    scheme: Scheme, kind: Kind, answers: Answers, language: str
) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Every part of the form with its answers but the costs; parts without any are left out."""
    found = []
    for section in kind.sections:
        rows = tuple(
            Row(field.label[language], text)
            for field in section.fields
            if field.type is not FieldType.COSTS and (text := _written(scheme, field, answers, language))
        )
        if rows:
            found.append((section.title[language], rows))
    return tuple(found)


def costs(scheme: Scheme, kind: Kind, answers: Answers, language: str) -> tuple[Cost, ...]:
    """The cost lines, each as it was stated, the rate it was converted at, and in the fund's currency (minor units)."""
    typed, _problems = read(kind, answers, scheme.currency)
    names = vocabulary("cost_kinds")
    return tuple(
        Cost(
            name=names[line.kind][language] if line.kind in names else line.kind,
            stated=f"{figure(line.original, language)}\u00a0{line.currency}",
            rate=""
            if line.rate is None
            else number(line.rate, language) + (f" ({day(line.rate_on, language)})" if line.rate_on else ""),
            amount=line.amount,
        )
        for line in typed.costs
    )


def figure(amount: int, language: str) -> str:
    """Minor units as a figure for a column: always two decimals, no currency."""
    return format_decimal(Decimal(amount) / 100, format="#,##0.00", locale=locale(language))


def _written(scheme: Scheme, field: Field, answers: Answers, language: str) -> str:
    answer = answers.get(field.name)
    if answer in (None, "", []) or not is_asked(field, answers):
        return ""
    match field.type:
        case FieldType.DOCUMENTS:
            named = vocabulary("document_kinds")
            return ", ".join(named[each][language] if each in named else str(each) for each in answer)
        case FieldType.COUNTRY:
            return str(locale(language).territories.get(str(answer), answer))
        case FieldType.CHOICE | FieldType.COURSE:
            return next((c.label[language] for c in field.choices if c.value == answer), str(answer))
        case FieldType.AMOUNT | FieldType.DATE:
            return _readable(scheme, field, answer, language)
    return str(answer)


def _readable(scheme: Scheme, field: Field, answer: Any, language: str) -> str:
    try:
        if field.type is FieldType.DATE:
            return day(read_date(answer), language)
        return money(read_amount(answer), scheme.currency, language)
    except Unreadable:
        return str(answer)
