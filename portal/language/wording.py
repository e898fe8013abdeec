"""Writes money, days and numbers as each language does, and puts answers, findings and steps into words with them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_interval
from babel.numbers import format_compact_decimal, format_decimal

from portal.domain.assessment import Assessment, Finding, Named
from portal.domain.checks import register_fields
from portal.domain.days import read_date
from portal.domain.fields import awaits_another, is_asked
from portal.domain.money import Money, Unreadable, plain, read_amount
from portal.domain.periods import Days
from portal.domain.scheme import LANGUAGES, Choice, Field, FieldType, Kind, Scheme, Severity, Words
from portal.domain.zones import COUNTRIES
from portal.schemes.vocabulary import vocabulary

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_PLACE = re.compile(r"\{(\w+)\}")
EARLIER = "register.earlier"
"""Stands for every finding on other applications of the participant, to who may not know them."""
_HOME = {"sv": "SEK", "nb": "NOK"}


@cache
def locale(language: str) -> Locale:
    """The locale whose dates and numbers a language is written with."""
    return Locale.parse({"sv": "sv_SE", "nb": "nb_NO", "en": "en_GB"}[language])


def spell(template: str, values: Mapping[str, Any], language: str) -> str:
    """Fill {placeholders}; a [bracketed] part falls away when a value in it is None."""

    def part(found: re.Match[str]) -> str:
        named = _PLACE.findall(found[1])
        return "" if any(values.get(name) is None for name in named) else found[1]

    text = _OPTIONAL.sub(part, template) if "[" in template else template
    if "{" not in text:
        return text.strip()
    return _PLACE.sub(lambda found: written(values.get(found[1]), language), text).strip()


def written(value: Any, language: str) -> str:
    """One value as the language writes it."""
    match value:
        case Money():
            return money(value.amount, value.currency, language)
        case date():
            return day(value, language)
        case Days():
            return number(Decimal(value.half_days) / 2, language)
        case Named():
            words = vocabulary(value.vocabulary)
            return ", ".join(words[key][language] for key in value.keys if key in words)
        case Decimal() | int():
            return number(value, language)
        case Mapping():
            return str(value.get(language, ""))
        case None:
            return "–"
    return str(value)


def money(amount: int, currency: str, language: str) -> str:
    """Minor units with the currency: "5 000 kr", "8 250,50 kr", "SEK 5,000"; never a currency left in doubt."""
    written = figure(amount, language)
    if amount % 100 == 0:
        written = written[: -len("00") - 1]
    if language == "en":
        return f"{currency}\u00a0{written}"
    return f"{written}\u00a0{'kr' if _HOME[language] == currency else currency}"


def figure(amount: int, language: str) -> str:
    """Minor units as a figure for a column: always two decimals, no currency."""
    # Babel takes 25 times as long, and the year's page has thousands of amounts.
    whole, cents = divmod(abs(amount), 100)
    group, mark = _signs(language)
    return f"{'−' if amount < 0 else ''}{whole:,}".replace(",", group) + f"{mark}{cents:02d}"


def short(amount: int, language: str) -> str:
    """Minor units as a few characters for an axis: 1,5 mn."""
    return format_compact_decimal(amount / 100, locale=locale(language), fraction_digits=1)


@cache
def _signs(language: str) -> tuple[str, str]:
    """Between thousands, and before decimals."""
    symbols = locale(language).number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


def number(value: Decimal | int | float, language: str) -> str:
    """A number with every decimal it has: a rate of 11.2345 is not 11.234."""
    return _number(str(value), language)


@lru_cache(maxsize=4096)
def _number(digits: str, language: str) -> str:
    return format_decimal(Decimal(digits), locale=locale(language), decimal_quantization=False)


@lru_cache(maxsize=4096)
def day(value: date, language: str, style: str = "long") -> str:
    """A date in words: "30 augusti 2024", "30. august 2024", "30 August 2024"; medium for tables; or by a pattern."""
    return format_date(value, style, locale=locale(language))


_DAY_FORMS = {"sv": "yyyy-MM-dd", "nb": "dd.MM.yyyy", "en": "dd/MM/yyyy"}


def day_typed(value: str, language: str) -> str:
    """A day that is kept, as it is typed in the language; what is no day, as it was typed."""
    try:
        return day(read_date(value), language, _DAY_FORMS[language])
    except Unreadable:
        return value


def day_said(value: str, language: str) -> str:
    """The same in full, as it is said back: "måndag 14 december 2026"; nothing where it is no day."""
    try:
        return day(read_date(value), language, "full")
    except Unreadable:
        return ""


def days(first: date, last: date, language: str) -> str:
    """From a day to a day: "16–25 dec. 2026"; the day alone where they are one."""
    return str(format_interval(first, last, "yMMMd", locale=locale(language)))


def finding_text(finding: Finding, language: str) -> str:
    return spell(finding.message[language], finding.values, language)


def veiled(
    findings: Sequence[Finding],
    scheme: Scheme,
    kind: str,
    *,
    year: int | None = None,
    requested: bool = False,
) -> list[Finding]:
    """The findings for who may not know the participant's other applications: that there is one, and no more.

    Any `requested` says so, so that nobody finds out its days or what came of it by trying.
    """
    about = register_fields(scheme, kind)
    told = [each for each in findings if each.code in about]
    rest = [each for each in findings if each.code not in about]
    if not about or not (told or requested):
        return rest
    blocking = next((each for each in told if each.severity is Severity.BLOCKS), None)
    return [
        *rest,
        Finding(
            EARLIER,
            Severity.WARNS if blocking is None else Severity.BLOCKS,
            next(iter(about.values())) if blocking is None else blocking.field,
            None,
            vocabulary("register")["earlier"],
            values={"year": None if year is None else str(year)},
        ),
    ]


def veiled_records(
    findings: Iterable[Mapping[str, Any]], scheme: Scheme, kind: str
) -> list[Mapping[str, Any]]:
    """The same of findings as they were kept."""
    about, told = register_fields(scheme, kind), list(findings)
    rest = [each for each in told if each["code"] not in about]
    if len(rest) == len(told):
        return rest
    earlier = veiled((), scheme, kind, requested=True)[0]
    return [*rest, finding_record(earlier)]


def rule_text(scheme: Scheme, code: str, language: str, *, short: bool = False) -> str:
    """What a rule says where its values are not known, in a few words if it has them; empty for one that is no more."""
    rule = next((each for each in scheme.rules if each.code == code), None)
    if rule is None:
        return ""
    return (
        rule.short[language] if short and rule.short else spell(rule.message[language], _Unknown(), language)
    )


class _Unknown(dict[str, str]):
    """Stands for the values of a message that nobody knows."""

    def get(self, _key: str, _default: object = None) -> str:
        return "…"


def change_text(finding: Finding, language: str) -> str:
    """What would change it, or an empty text."""
    return spell(finding.change[language], finding.values, language) if finding.change else ""


def step_words(key: str, values: Mapping[str, Any]) -> Words:
    """The name of a step of the calculation, with the numbers it multiplies."""
    return {language: step_text(key, values, language) for language in LANGUAGES}


def step_text(key: str, values: Mapping[str, Any], language: str) -> str:
    """The same in one language."""
    if key == "line":
        return vocabulary("cost_kinds")[values["kind"]][language]
    return spell(vocabulary("steps")[key][language], values, language)


def choice_words(choice: Choice) -> Words:
    """What a choice says on a form: a course of the list with the days it gives."""
    if choice.days is None:
        return choice.label
    texts = vocabulary("choices")["day" if choice.days == 2 else "days"]
    values = {"days": Days(choice.days)}
    return {
        language: spell(texts[language], values | {"label": label}, language)
        for language, label in choice.label.items()
    }


def finding_record(finding: Finding) -> dict[str, Any]:
    """A finding as JSON, with its words in all languages: as `assess` prints and a version keeps it."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "field": finding.field,
        "source": str(finding.source) if finding.source else None,
        "message": {language: finding_text(finding, language) for language in LANGUAGES},
        "change": {language: change_text(finding, language) for language in LANGUAGES},
    }


def record(assessment: Assessment) -> dict[str, Any]:
    """An assessment as JSON, kept with the version and shown again, word for word, years later."""
    return {
        "scheme": assessment.scheme,
        "kind": assessment.kind,
        "submittable": assessment.submittable,
        "amount": plain(assessment.amount),
        "currency": assessment.currency,
        "decidable_from": assessment.decidable_from.isoformat() if assessment.decidable_from else None,
        "zone": assessment.zone,
        "findings": [finding_record(finding) for finding in assessment.findings],
        "steps": [
            {
                "key": step.key,
                "amount": plain(step.amount),
                "label": dict(step_words(step.key, step.values)),
                "decides": step.decides,
            }
            for step in assessment.steps
        ],
        "mark": assessment.mark,
    }


def answer_text(scheme: Scheme, field: Field, answer: Any, language: str) -> str:
    """What was answered to a question, as typed where it cannot be read; empty for nothing.

    Cost lines are tables of their own.
    """
    if answer in (None, "", []):
        return ""
    match field.type:
        case FieldType.DOCUMENTS:
            named = vocabulary("document_kinds")
            return ", ".join(named[each][language] if each in named else str(each) for each in answer)
        case FieldType.CALENDAR if isinstance(answer, Mapping):
            parts = vocabulary("parts_of_day")
            ticked = ((date.fromisoformat(each), part) for each, part in sorted(answer.items()))
            return ", ".join(
                f"{day(each, language, 'medium')} ({parts[part][language]})" for each, part in ticked
            )
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
