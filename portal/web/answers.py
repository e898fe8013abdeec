"""Answers in words with their documents, by the parts of the form: for reviewing, for the case and for comparing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from portal.domain.application import Answers, Application
from portal.domain.document import Document, takes_documents
from portal.domain.fields import Typed, is_asked, read
from portal.domain.payment import masked
from portal.domain.refusal import N_
from portal.domain.scheme import Field, FieldType, Kind, Scheme
from portal.language.wording import answer_text, day
from portal.store import documents
from portal.web import current
from portal.web.language import _, language, money, number, words


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """A document that is attached as an answer."""

    document: Document
    href: str
    what: str
    """What it proves, in words."""
    picture: str = ""
    """Where it can be seen; empty where it is only saved."""
    new: bool = False
    """Whether the version before did not have it."""


@dataclass(frozen=True, slots=True)
class Attached:
    """The files of an application or a draft."""

    files: tuple[DocumentLink, ...] = ()
    changed: bool = False
    """Whether the version before had others."""


NOTHING = Attached()
CLAIMED_AS: Mapping[str, str] = {"receipt": N_("Receipt"), "certificate": N_("Proof of attendance")}
"""What is attached to the actual costs, by what it proves."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer in words."""

    name: str
    label: str
    value: str
    href: str = ""
    changed: bool = False
    files: tuple[DocumentLink, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSection:
    """The answers of one part of the form."""

    title: str
    rows: tuple[AnswerRow, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was otherwise before."""

    label: str
    before: str
    after: str


def in_words(
    scheme: Scheme,
    typed: Typed,
    *,
    base: str = "",
    before: Answers | None = None,
    attached: Attached = NOTHING,
    application: Application | None = None,
    head: str = "",
) -> tuple[AnswerSection, ...]:
    """Every question that was asked with its answer, linked to `base` + "#question" when a base is given.

    With the answers `before`, those that differ are marked, other files too. Of an `application` only what the reader
    may read. An empty question for a person means the `head` of that name.
    """
    kind, answers = typed.kind, typed.answers
    motivated = application is None or current.reads(application, "words")
    if application is not None:
        typed = replace(typed, answers=readable(application, scheme, answers))
    return tuple(
        AnswerSection(
            words(section.title),
            tuple(
                AnswerRow(
                    name=field.name,
                    label=words(field.label),
                    value=_written(scheme, field, typed) or (head if field.type is FieldType.PERSON else ""),
                    href=f"{base}#{field.name}" if base else "",
                    changed=before is not None and _differs(field, answers, before, attached),
                    files=_files_of(field, attached),
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


def readable_documents(application: Application, version: int) -> list[Document]:
    """The documents of a version that the reader may read."""
    found = documents.of_version(current.reading(), application.id, version)
    return [document for document in found if current.reads(application, document.part)]


def of_draft(token: str, kind: Kind, attached: Iterable[Document]) -> Attached:
    """The files of a draft."""
    return Attached(
        tuple(
            DocumentLink(each, url_for("documents.fetch_of_draft", token=token, document_id=each.id), what)
            for each, what in _in_order(kind, attached)
        )
    )


def of_version(application: Application, kind: Kind, version: int) -> Attached:
    """The files of a version that the reader may read, beside those of the version before."""
    if not takes_documents(kind):
        return NOTHING
    now = readable_documents(application, version)
    old = None if version == 1 else {_same(each) for each in readable_documents(application, version - 1)}
    return Attached(
        tuple(
            _link(application, each, what, new=old is not None and _same(each) not in old)
            for each, what in _in_order(kind, now)
        ),
        changed=old is not None and old != {_same(each) for each in now},
    )


def of_claim(application: Application) -> tuple[DocumentLink, ...]:
    """The files with the actual costs that the reader may read."""
    found = documents.of_claim(current.reading(), application.id)
    return tuple(
        _link(application, each, _(CLAIMED_AS[each.kind]))
        for each in found
        if current.reads(application, each.part)
    )


def _link(application: Application, document: Document, what: str, *, new: bool = False) -> DocumentLink:
    where: dict[str, Any] = {"number": application.number, "document_id": document.id}
    picture = url_for("documents.picture", **where) if document.has_picture else ""
    return DocumentLink(document, url_for("documents.fetch", **where), what, picture=picture, new=new)


def _in_order(kind: Kind, attached: Iterable[Document]) -> list[tuple[Document, str]]:
    """Documents in the order of what they prove, each with that in words."""
    labels = {
        choice.value: words(choice.label)
        for field in kind.of_type(FieldType.DOCUMENTS)
        for choice in field.choices
    }
    order = list(labels)
    known = (each for each in attached if each.kind in labels)
    return [(each, labels[each.kind]) for each in sorted(known, key=lambda each: order.index(each.kind))]


def _same(document: Document) -> tuple[str, str]:
    return document.kind, document.sha256


def _files_of(field: Field, attached: Attached) -> tuple[DocumentLink, ...]:
    if field.type is not FieldType.DOCUMENTS:
        return ()
    kinds = {choice.value for choice in field.choices}
    return tuple(each for each in attached.files if each.document.kind in kinds)


def _differs(field: Field, answers: Answers, before: Answers, attached: Attached) -> bool:
    if before.get(field.name) != answers.get(field.name):
        return True
    return field.type is FieldType.DOCUMENTS and attached.changed


def differing(scheme: Scheme, kind: Kind, before: Answers, after: Answers) -> tuple[Change, ...]:
    """The questions that two texts answer differently in words, with both answers."""
    old, new = read(kind, before), read(kind, after)
    changes = (
        Change(words(field.label), _written(scheme, field, old), _written(scheme, field, new))
        for name, field in kind.fields.items()
        if before.get(name) != after.get(name)
    )
    return tuple(change for change in changes if change.before != change.after)


def _written(scheme: Scheme, field: Field, typed: Typed) -> str:
    """One answer in words; empty for none."""
    answer = typed.answers.get(field.name)
    if field.type is FieldType.COSTS and answer:
        return _costs(scheme, field, answer, typed)
    return answer_text(scheme, field, answer, language())


def _costs(scheme: Scheme, field: Field, lines: Any, typed: Typed) -> str:
    """One line of text for each cost: what it is for, the amount, and the rate it was converted at."""
    known = {line.position: line for line in typed.costs}
    kinds = {choice.value: choice.label for choice in field.choices}
    texts = []
    for position, line in enumerate(lines):
        if not line.get("amount"):
            continue
        name = words(kinds[line["kind"]]) if line.get("kind") in kinds else _("Cost")
        counted = known.get(position)
        amount = str(line["amount"])
        if counted is not None and counted.original:
            amount = money(counted.original, counted.currency)
            if counted.rate is not None:
                amount = f"{amount} × {number(counted.rate)} = {money(counted.amount, scheme.currency)}"
                if counted.rate_on is not None:
                    amount = f"{amount} ({day(counted.rate_on, language())})"
        texts.append(f"{name}: {amount}")
    return "\n".join(texts)
