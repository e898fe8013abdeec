"""One answer in words, for every page and letter that shows what was typed; how they lay it out is theirs.

What cannot be read is shown as it was typed. Cost lines are tables of their own.
"""

from collections.abc import Mapping
from typing import Any

from portal.domain.fields import awaits_another, is_asked, read_date
from portal.domain.money import Unreadable, read_amount
from portal.domain.scheme import Field, FieldType, Kind, Scheme
from portal.domain.zones import COUNTRIES
from portal.language.wording import day, locale, money
from portal.schemes.vocabulary import vocabulary


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
    """What the event is called: the first answer that names it; nothing while a name is expressly asked for."""
    for field in map(kind.fields.__getitem__, kind.named_by):
        if not is_asked(field, answers):
            continue
        if answer := answers.get(field.name):
            labels = (choice.label[language] for choice in field.choices if choice.value == answer)
            return next(labels, str(answer)).strip()
        if field.shown_when and not awaits_another(field, answers):
            break
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
