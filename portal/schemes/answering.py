"""One answer in words, for every page and letter that shows what was typed; how they lay it out is theirs.

What cannot be read is shown as it was typed. Cost lines are tables of their own.
"""

from collections.abc import Mapping
from typing import Any

from portal.domain.fields import read_date
from portal.domain.money import Unreadable, read_amount
from portal.domain.scheme import Field, FieldType, Kind, Scheme
from portal.domain.zones import COUNTRIES
from portal.schemes.vocabulary import vocabulary
from portal.schemes.wording import day, locale, money


def answer_text(scheme: Scheme, field: Field, answer: Any, language: str) -> str:
    """What was answered to a question; empty for nothing."""
    if answer in (None, "", []):
        return ""
    match field.type:
        case FieldType.DOCUMENTS:
            named = vocabulary("document_kinds")
            return ", ".join(named[each][language] if each in named else str(each) for each in answer)
        case FieldType.COUNTRY:
            return country_name(str(answer), language)
        case FieldType.CHOICE | FieldType.COURSE:
            return next((c.label[language] for c in field.choices if c.value == answer), str(answer))
        case FieldType.AMOUNT | FieldType.DATE:
            return _readable(scheme, field, answer, language)
    return str(answer)


def title_of(kind: Kind, answers: Mapping[str, Any], language: str) -> str:
    """What the event is called: the course chosen, else the first text of the part that asks for its days."""
    for field in kind.fields.values():
        if field.type is FieldType.COURSE:
            label = next((c.label[language] for c in field.choices if c.value == answers.get(field.name)), "")
            if label and answers.get(field.name) != "other":
                return label
    section = next((s for s in kind.sections if any(f.name == "starts_on" for f in s.fields)), None)
    for field in section.fields if section else ():
        if field.type is FieldType.TEXT and answers.get(field.name):
            return str(answers[field.name])
    return ""


def country_name(code: str, language: str) -> str:
    """The name of a country, or what stands for one."""
    return str(locale(language).territories.get(code, code)) if code in COUNTRIES else code


def _readable(scheme: Scheme, field: Field, answer: Any, language: str) -> str:
    try:
        if field.type is FieldType.DATE:
            return day(read_date(answer), language)
        return money(read_amount(answer, scheme.currency), scheme.currency, language)
    except Unreadable:
        return str(answer)
