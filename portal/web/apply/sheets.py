"""A draft on the desk: read from the store, filled with what was posted, judged, and laid out as a page.

Knows which statements that takes (at most six with the session's own); writing is the actions', judging `assess`'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, request, url_for

from portal.actions.drafting import may_write
from portal.actions.submitting import NO_HEAD, number_in
from portal.domain.application import Answers, Application, Draft
from portal.domain.assess import assess
from portal.domain.assessment import Assessment
from portal.domain.document import with_documents
from portal.domain.facts import Facts
from portal.domain.fields import MOST_LINES
from portal.domain.leading import with_given
from portal.domain.person import Person
from portal.domain.scheme import FieldType, Kind, Scheme, Severity
from portal.forms.application import read_answers, to_keep
from portal.forms.costs import PARTS
from portal.forms.typed import whole
from portal.schemes.answering import title_of
from portal.store import applications, drafts, people
from portal.store.facts import facts_and_requests, given_for
from portal.web import current, render
from portal.web.language import _, alphabet, language, spoken, words
from portal.web.pages.apply import FindingLine, FormPage, Found, Panel, Saved, Who
from portal.web.words import documents
from portal.web.words.assessments import live_panel, messages_by_field
from portal.web.words.documents import NOTHING, Attached
from portal.web.words.questions import currency_options, sections_of

MOST_FOUND = 10
"""People who are shown for what was typed."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A draft with its scheme and participant, and the answers that stand in the form now."""

    draft: Draft
    scheme: Scheme
    kind: Kind
    participant: Person
    answers: Mapping[str, Any]
    application: Application | None = None
    """The one being answered, when it was returned."""
    attached: Attached = NOTHING

    @property
    def title(self) -> str:
        return title_of(self.kind, self.answers, language()) or _("Without a name yet")

    @property
    def saved(self) -> Saved:
        return saved(self.draft, self.scheme)

    @property
    def kept(self) -> Mapping[str, Any]:
        """The answers as the draft keeps them; what is attached is kept by itself."""
        return with_documents(self.kind, to_keep(self.scheme, self.kind.key, self.answers), ())


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
    attached, participant = documents.of_draft(token, kind), _person(draft.participant_id)
    return Sheet(
        draft=draft,
        scheme=scheme,
        kind=kind,
        participant=participant,
        answers=with_documents(
            kind, _with_given(scheme, kind, participant, draft.answers), attached.documents
        ),
        attached=attached,
        application=None
        if draft.application_id is None
        else applications.get_by_id(session, draft.application_id),
    )


def _with_given(scheme: Scheme, kind: Kind, participant: Person, typed: Answers) -> Answers:
    """The answers with what a granted application gives them."""
    return with_given(kind, typed, given_for(current.reading(), scheme, kind, participant, typed))


def filled(sheet: Sheet) -> Sheet:
    """The sheet with the answers of the form that was posted, what is attached, and what only the portal fills in."""
    read = read_answers(sheet.scheme, sheet.kind.key, request.form)
    typed = _with_given(sheet.scheme, sheet.kind, sheet.participant, read)
    return replace(sheet, answers=with_documents(sheet.kind, typed, sheet.attached.documents))


def with_lines(sheet: Sheet, typed: str) -> Sheet:
    """The sheet with room for so many cost lines; a new one has a line for each kind of cost that counts, if any do."""
    answers = dict(sheet.answers)
    for name, field in sheet.kind.fields.items():
        if field.type is not FieldType.COSTS:
            continue
        lines = list(answers.get(name) or [{"kind": kind} for kind in sheet.kind.params.get("eligible", ())])
        wanted = min(whole(typed) or 0, MOST_LINES)
        answers[name] = [*lines, *({} for _ in range(wanted - len(lines)))]
    return replace(sheet, answers=answers)


def _person(person_id: int) -> Person:
    me = current.person()
    return me if person_id == me.id else people.get(current.reading(), person_id, day=current.today())


@dataclass(frozen=True, slots=True)
class Judged:
    """A sheet judged as of now, with the register it was judged by."""

    sheet: Sheet
    assessment: Assessment
    facts: Facts
    requests: tuple[Application, ...]

    def panel(self, base: str = "") -> Panel:
        """In the reader's language; a head who cannot be found stops it like any finding."""
        sheet = self.sheet
        panel = live_panel(
            self.assessment,
            scheme=sheet.scheme,
            kind=sheet.kind,
            answers=sheet.answers,
            facts=self.facts,
            # Who writes for somebody else learns by a finding that there is an earlier request, and no more.
            earlier=self.requests if sheet.participant.id == current.person().id else None,
            base=base,
        )
        unknown = _unknown_people(sheet, base)
        puts = (*panel.puts, ("title", sheet.title))
        if not unknown:
            return replace(panel, puts=puts)
        return replace(panel, puts=puts, stops=(*panel.stops, *unknown), submittable=False)


def judge(sheet: Sheet) -> Judged:
    """Judge the answers that stand in the form: a new application by now, an answered one by when it was received."""
    now = current.now()
    facts, requests = facts_and_requests(
        current.reading(),
        sheet.scheme,
        sheet.participant,
        sheet.answers,
        at=now,
        kind=sheet.kind.key,
        but=sheet.draft.application_id,
    )
    at = now if sheet.application is None else sheet.application.received_at
    return Judged(
        sheet, assess(sheet.answers, sheet.scheme, facts, at, sheet.kind.key), facts, tuple(requests)
    )


def _unknown_people(sheet: Sheet, base: str) -> tuple[FindingLine, ...]:
    lines = []
    for name, field in sheet.kind.fields.items():
        typed = sheet.answers.get(name)
        if field.type is FieldType.PERSON and typed and not _is_one_person(typed, sheet.participant):
            lines.append(
                FindingLine(
                    Severity.BLOCKS.value,
                    name,
                    spoken(NO_HEAD),
                    href=f"{base}#{name}",
                    label=words(field.label),
                )
            )
    return tuple(lines)


def _is_one_person(typed: str, participant: Person) -> bool:
    named = number_in(typed)
    if named == participant.head_number:
        return True
    if any(map(str.isdigit, named)) and people.is_number(current.reading(), named):
        return True
    return len(search(typed, limit=2)) == 1


def is_enough(typed: str) -> bool:
    """Whether so much is typed that people are looked for: nobody lists everybody, two letters at a time."""
    return sum(map(str.isalpha, typed)) > 2


def search(typed: str, *, limit: int = MOST_FOUND) -> list[Person]:
    """A few people whom what was typed may mean, those of the reader's own unit first."""
    if not is_enough(typed):
        return []
    unit = current.person().unit
    return people.search(
        current.reading(), typed, day=current.today(), limit=limit, unit=unit, alphabet=alphabet()
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
    for name, field in sheet.kind.fields.items():
        if field.type is FieldType.PERSON and answers.get(name):
            person, _others = look_for(answers[name])
            if person is not None:
                answers[name] = found(person).value
    return replace(sheet, answers=answers)


def form_page(judged: Judged, *, who: Who, marked: bool = False, refused: bool = False) -> FormPage:
    """The whole form; `marked` puts what is wrong beside each question, `refused` also on top of the page."""
    sheet, scheme = judged.sheet, judged.sheet.scheme
    panel = judged.panel()
    stops, warns = messages_by_field(panel) if marked or refused else ({}, {})
    return FormPage(
        token=sheet.draft.token,
        title=sheet.title,
        scheme_title=words(scheme.title),
        terms_href=url_for("funds.fund", key=scheme.key),
        currency=scheme.currency,
        sections=sections_of(scheme, sheet.kind, language()),
        who=who,
        answers=sheet.answers,
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
        evidence=documents.evidence(sheet.draft.token, sheet.kind, sheet.attached, messages=stops),
        several_href=url_for("several.show", token=sheet.draft.together or sheet.draft.token)
        if sheet.kind.each and sheet.application is None
        else "",
    )


def _lines(
    sheet: Sheet, panel: Panel, messages: Mapping[str, tuple[str, ...]]
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
        for name, field in sheet.kind.fields.items()
        if field.type is FieldType.COSTS
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
