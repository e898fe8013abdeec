"""Answers as pages lay them out: by the parts of the form, for reviewing, for the case and for comparing two texts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from portal.domain.application import Application
from portal.domain.fields import Typed, is_asked, read
from portal.domain.payment import masked
from portal.domain.scheme import Field, FieldType, Kind, Scheme
from portal.language.answering import answer_text
from portal.language.wording import day, money, number
from portal.web import current
from portal.web.language import _, in_language, language
from portal.web.pages.apply import AnswerRow, AnswerSection
from portal.web.words.documents import NOTHING, Attached

Answers = Mapping[str, Any]


def in_words(
    scheme: Scheme,
    typed: Typed,
    *,
    base: str = "",
    before: Answers | None = None,
    attached: Attached = NOTHING,
    application: Application | None = None,
) -> tuple[AnswerSection, ...]:
    """Every question that was asked with its answer, linked to `base` + "#question" when a base is given.

    With the answers `before`, those that differ are marked, other files too. What is `attached` can be fetched.
    Of an `application` only what the reader may read.
    """
    code, kind, answers = language(), typed.kind, typed.answers
    motivated = application is None or current.reads(application, "words")
    if application is not None:
        typed = replace(typed, answers=readable(application, scheme, answers))
    return tuple(
        AnswerSection(
            in_language(section.title, code),
            tuple(
                AnswerRow(
                    label=in_language(field.label, code),
                    value=written(scheme, field, typed),
                    href=f"{base}#{field.name}" if base else "",
                    changed=before is not None and _differs(field, answers, before, attached),
                    files=attached.lines(field) if field.type is FieldType.DOCUMENTS else (),
                )
                for field in section.fields
                if is_asked(field, answers)
                and (motivated or not field.in_own_words)
                and not (field.given and not answers.get(field.name))
            ),
        )
        for section in kind.sections
        if motivated or not all(field.in_own_words for field in section.fields)
    )


def readable(application: Application, scheme: Scheme, answers: Answers) -> Answers:
    """The answers that the reader may read: without people's own words, or an account number in full, where not."""
    fields = scheme.kinds[application.kind].fields
    if not current.reads(application, "words"):
        answers = {n: a for n, a in answers.items() if n in fields and not fields[n].in_own_words}
    return answers if current.reads(application, "account") else masked(scheme, answers)


def _differs(field: Field, answers: Answers, before: Answers, attached: Attached) -> bool:
    if before.get(field.name) != answers.get(field.name):
        return True
    return field.type is FieldType.DOCUMENTS and attached.changed


def differing(
    scheme: Scheme, kind: Kind, before: Answers, after: Answers
) -> tuple[tuple[AnswerRow, AnswerRow], ...]:
    """The questions that two texts answer differently, with both answers."""
    code, mine, theirs = language(), read(kind, before), read(kind, after)
    return tuple(
        (
            AnswerRow(in_language(field.label, code), written(scheme, field, mine)),
            AnswerRow(in_language(field.label, code), written(scheme, field, theirs)),
        )
        for name, field in kind.fields.items()
        if before.get(name) != after.get(name)
    )


def written(scheme: Scheme, field: Field, typed: Typed) -> str:
    """One answer in words; empty for none."""
    answer = typed.answers.get(field.name)
    if field.type is FieldType.COSTS and answer:
        return _costs(scheme, field, answer, typed)
    return answer_text(scheme, field, answer, language())


def _costs(scheme: Scheme, field: Field, lines: Any, typed: Typed) -> str:
    """One line of text for each cost: what it is for, the amount, and the rate it was converted at."""
    code = language()
    known = {line.position: line for line in typed.costs}
    texts = []
    for position, line in enumerate(lines):
        if not line.get("amount"):
            continue
        kinds = {choice.value: choice.label for choice in field.choices}
        name = in_language(kinds[line["kind"]], code) if line.get("kind") in kinds else _("Cost")
        counted = known.get(position)
        amount = str(line["amount"])
        if counted is not None and counted.original:
            amount = money(counted.original, counted.currency, code)
            if counted.rate is not None:
                in_fund = money(counted.amount, scheme.currency, code)
                amount = f"{amount} × {number(counted.rate, code)} = {in_fund}"
                if counted.rate_on is not None:
                    amount = f"{amount} ({day(counted.rate_on, code)})"
        texts.append(f"{name}: {amount}")
    return "\n".join(texts)
