"""What pages tell of the head's word: where it stands, and what it confirms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.application import Application
from portal.domain.attest import AWAITED, NOT_GIVEN, HeadWord, is_attested, standing_word
from portal.domain.refusal import Refusal
from portal.domain.scheme import Scheme
from portal.language.wording import answer_text
from portal.store import applications, heads, people
from portal.web import current
from portal.web.answers import AnswerRow, readable
from portal.web.language import language, words


@dataclass(frozen=True, slots=True)
class HeadLine:
    """Where the head's word stands: given, refused, awaited or not given in time; by whom and when, or whose it is."""

    state: str
    name: str
    """Empty where nobody who is here can give it."""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that the head confirms, with the answers that say it."""

    key: str
    says: str
    rows: Sequence[AnswerRow]


@dataclass(frozen=True, slots=True)
class HeadPage:
    """What a head is asked to confirm, and what they have said."""

    application: Application
    scheme: Scheme
    participant: str
    unit: str
    promises: Sequence[Promise]
    line: HeadLine
    reason: str
    """Of a no that counts."""
    sees_case: bool
    """Whether the reader may open the application; a head who stands in sees what they confirm alone."""
    mine: bool
    """Whether it is the reader's word."""
    refusal: Refusal | None
    """Why the reader can say nothing now."""
    ticked: frozenset[str]
    typed: str
    wrong: Mapping[str, Sequence[str]]
    """What is wrong in what was sent, by field."""


def line_of(scheme: Scheme, application: Application, said: Sequence[HeadWord]) -> HeadLine | None:
    """Where the head's word stands, or None where none is asked for."""
    if application.head_id is None or not is_attested(scheme, application):
        return None
    if (word := standing_word(said)) is not None:
        return said_of(word)
    if not application.status.open:
        return HeadLine(NOT_GIVEN, _name(application.head_id))
    whose = heads.stands_for(current.reading(), application.id)
    return HeadLine(AWAITED, "" if whose is None else _name(whose))


def said_of(word: HeadWord) -> HeadLine:
    """What a head said, also where it counts no more."""
    return HeadLine(word.state, _name(word.head_id), word.said_at)


def _name(person_id: int) -> str:
    return people.names_of(current.reading(), {person_id})[person_id]


def promises_of(scheme: Scheme, application: Application, *, whole: bool) -> list[Promise]:
    """What the head confirms in the version that counts; all of it, or what the reader may read."""
    kind = scheme.kinds[application.kind]
    answers = applications.version_of(current.reading(), application).answers
    shown = answers if whole else readable(application, scheme, answers)
    return [
        Promise(
            each.key,
            words(each.says),
            [
                AnswerRow(name, words(kind.fields[name].label), text)
                for name in each.fields
                if (text := answer_text(scheme, kind.fields[name], shown.get(name), language()))
            ],
        )
        for each in kind.confirms
    ]
