"""Answers as letters lay them out: part by part of the form, in brief, and the costs as a table."""

from dataclasses import dataclass

from portal.domain.application import Answers
from portal.domain.fields import Typed, is_asked
from portal.domain.payment import masked
from portal.domain.scheme import Field, FieldType, Kind, Scheme
from portal.language.answering import answer_text
from portal.language.wording import day, figure, number
from portal.letters.document import Row
from portal.schemes.vocabulary import vocabulary


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost line in words; `rate` is empty for a cost in the fund's own currency."""

    name: str
    stated: str
    rate: str
    amount: int


def short_answers(scheme: Scheme, kind: Kind, answers: Answers, language: str) -> tuple[Row, ...]:
    """What was asked for in brief: every answered question but the costs and what is said in one's own words."""
    answers = masked(scheme, answers)
    return tuple(
        Row(field.label[language], text)
        for field in kind.fields.values()
        if not field.in_own_words
        and field.type is not FieldType.COSTS
        and (text := _written(scheme, field, answers, language))
    )


def sections(
    scheme: Scheme, kind: Kind, answers: Answers, language: str
) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Every part of the form with its answers but the costs; parts without any are left out."""
    found, answers = [], masked(scheme, answers)
    for section in kind.sections:
        rows = tuple(
            Row(field.label[language], text)
            for field in section.fields
            if field.type is not FieldType.COSTS and (text := _written(scheme, field, answers, language))
        )
        if rows:
            found.append((section.title[language], rows))
    return tuple(found)


def costs(typed: Typed, language: str) -> tuple[Cost, ...]:
    """The cost lines, each as it was stated, the rate it was converted at, and in the fund's currency (minor units)."""
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


def _written(scheme: Scheme, field: Field, answers: Answers, language: str) -> str:
    return answer_text(scheme, field, answers.get(field.name), language) if is_asked(field, answers) else ""
