"""A draft on the desk: read from the store, filled with what was posted, judged, and laid out as a page.

Knows which statements that takes (at most six with the session's own); writing and judging are the actions'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, request, url_for

from portal.actions import judging
from portal.actions.drafting import may_write
from portal.actions.judging import Judged, is_enough, number_in
from portal.domain.application import Application, Draft
from portal.domain.document import Document, takes_documents, with_documents
from portal.domain.fields import MOST_LINES
from portal.domain.person import Person
from portal.domain.scheme import FieldType, Kind, Scheme, Severity
from portal.forms.application import PARTS, read_answers, to_keep
from portal.forms.typed import whole
from portal.language.answering import title_of
from portal.store import applications, documents, drafts, people
from portal.web import current, render
from portal.web.apply import uploads
from portal.web.language import _, alphabet, language, words
from portal.web.pages.apply import FormPage, Found, Saved, Who
from portal.web.panel import Panel, live
from portal.web.questions import currency_options, sections_of

MOST_FOUND = 10
"""People who are shown for what was typed."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A draft with its scheme and participant, and what is typed in the form now."""

    draft: Draft
    scheme: Scheme
    kind: Kind
    participant: Person
    answers: Mapping[str, Any]
    application: Application | None = None
    """The one being answered, when it was returned."""
    documents: Sequence[Document] = ()

    @property
    def title(self) -> str:
        return title_of(self.kind, self.answers, language()) or _("Without a name yet")

    @property
    def saved(self) -> Saved:
        return saved(self.draft, self.scheme)

    @property
    def kept(self) -> Mapping[str, Any]:
        """The answers as the draft keeps them; what is attached is kept by itself."""
        return with_documents(self.kind, to_keep(self.kind, self.answers), ())


def saved(draft: Draft, scheme: Scheme) -> Saved:
    """When and as what the draft was last kept."""
    return Saved(draft.revision, draft.saved_at, scheme.zone)


def lay_out(token: str) -> Sheet:
    """The draft with that token if it is this person's to write; 404 otherwise, its receipt once it has been sent."""
    session, me = current.reading(), current.person()
    draft = drafts.find(session, token)
    if draft is None:
        sent = applications.find_submitted(session, submitted_by=me.id, submit_key=token)
        abort(404 if sent is None else render.redirect(url_for("applications.case", number=sent.number)))
    if not may_write(session, draft, me):
        abort(404)
    scheme = current.scheme(draft.scheme)
    kind = scheme.kinds[draft.kind]
    return Sheet(
        draft=draft,
        scheme=scheme,
        kind=kind,
        participant=_person(draft.participant_id),
        answers=draft.answers,
        documents=documents.of_draft(session, token) if takes_documents(kind) else (),
        application=None
        if draft.application_id is None
        else applications.get_by_id(session, draft.application_id),
    )


def filled(sheet: Sheet) -> Sheet:
    """The sheet with the answers of the form that was posted."""
    return replace(sheet, answers=read_answers(sheet.kind, request.form))


def with_lines(sheet: Sheet, typed: str) -> Sheet:
    """The sheet with room for so many cost lines; a new one has a line for each kind of cost that counts, if any do."""
    answers = dict(sheet.answers)
    for name in (field.name for field in sheet.kind.of_type(FieldType.COSTS)):
        lines = list(answers.get(name) or [{"kind": kind} for kind in sheet.kind.params.get("eligible", ())])
        wanted = min(whole(typed) or 0, MOST_LINES)
        answers[name] = [*lines, *({} for _ in range(wanted - len(lines)))]
    return replace(sheet, answers=answers)


def _person(person_id: int) -> Person:
    me = current.person()
    return me if person_id == me.id else people.get(current.reading(), person_id, day=current.today())


def judge(sheet: Sheet) -> Judged:
    """Judge what stands in the form, as of now."""
    return judging.judge(
        current.reading(),
        scheme=sheet.scheme,
        kind=sheet.kind,
        participant=sheet.participant,
        answers=sheet.answers,
        documents=sheet.documents,
        answering=sheet.application,
        at=current.now(),
    )


def search(typed: str) -> list[Person]:
    """A few people whom what was typed may mean, those of the reader's own unit first."""
    if not is_enough(typed):
        return []
    unit = current.person().unit
    return people.search(
        current.reading(), typed, day=current.today(), limit=MOST_FOUND, unit=unit, alphabet=alphabet()
    )


def look_for(typed: str) -> tuple[Person | None, tuple[Found, ...]]:
    """The one person meant by a name or number, or None and those it may be."""
    named = number_in(typed)
    if any(map(str.isdigit, named)):
        person = people.find_by_number(current.reading(), named, day=current.today())
        if person is not None:
            return person, ()
    some = search(typed)
    if len(some) == 1:
        return some[0], ()
    return None, tuple(found(each) for each in some)


def found(person: Person) -> Found:
    """A person as one to choose."""
    return Found(person.number, person.name, person.unit)


def with_people_named(sheet: Sheet) -> Sheet:
    """The sheet with each person typed by name alone named in full, where only one can be meant."""
    answers = dict(sheet.answers)
    for field in sheet.kind.of_type(FieldType.PERSON):
        if answers.get(field.name):
            person, _others = look_for(answers[field.name])
            if person is not None:
                answers[field.name] = found(person).value
    return replace(sheet, answers=answers)


def form_page(sheet: Sheet, *, who: Who, marked: bool = False, refused: bool = False) -> FormPage:
    """The whole form; `marked` puts what is wrong beside each question, `refused` also on top of the page."""
    scheme, judged = sheet.scheme, judge(sheet)
    panel = live(judged)
    stops = panel.by_field(Severity.BLOCKS) if marked or refused else {}
    warns = panel.by_field(Severity.WARNS) if marked or refused else {}
    return FormPage(
        token=sheet.draft.token,
        title=sheet.title,
        scheme_title=words(scheme.title),
        terms_href=url_for("funds.fund", key=scheme.key),
        currency=scheme.currency,
        sections=sections_of(scheme, sheet.kind, language()),
        who=who,
        answers=judged.typed.answers,
        lines=_lines(sheet, panel, stops),
        currencies=currency_options(language()),
        panel=panel,
        saved=sheet.saved,
        messages=stops,
        warnings=warns,
        refused=refused,
        returned=(sheet.application.question or "") if sheet.application else "",
        number=sheet.application.number if sheet.application else "",
        carried_over=scheme.carried_over_from is not None,
        evidence=uploads.evidence_of(sheet.draft.token, sheet.kind, sheet.documents, messages=stops),
        several_href=url_for("several.show", token=sheet.draft.together or sheet.draft.token)
        if sheet.kind.each and sheet.application is None
        else "",
    )


def _lines(
    sheet: Sheet, panel: Panel, messages: Mapping[str, Sequence[str]]
) -> dict[str, tuple[dict[str, Any], ...]]:
    """The cost lines as the page prints them."""
    counted = dict(panel.puts)
    return {
        name: tuple(
            {
                **line,
                "counted": counted.get(f"{name}-{position}-counted", ""),
                "messages": {part: messages.get(f"{name}-{position}-{part}", ()) for part in PARTS},
            }
            for position, line in enumerate(sheet.answers.get(name) or [])
        )
        for name in (field.name for field in sheet.kind.of_type(FieldType.COSTS))
    }


def who_is(sheet: Sheet, *, typed: str = "") -> Who:
    """Whom the sheet is for, and those that were found when somebody else was looked for."""
    participant, me = sheet.participant, current.person()
    if not typed:
        return Who(participant.name, participant.unit, participant.id == me.id)
    _person_meant, some = look_for(typed)
    return Who(participant.name, participant.unit, participant.id == me.id, typed, not_one(typed, some), some)


def not_one(typed: str, some: Sequence[Found | Person]) -> str:
    """What to say when what was typed is not exactly one person."""
    if len(some) == MOST_FOUND:
        return _("More people than are shown can go by that. Write more of the name.")
    if some:
        return _("Several people go by that. Choose one.")
    if not is_enough(typed):
        return _("Write at least three letters of the name, or the whole number.")
    return _("Nobody by that name or number was found.")
