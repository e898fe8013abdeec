"""A draft on the desk: read from the store, filled with what was posted, and judged; and the people it may be for.

Knows which statements that takes (at most five with the session's own); writing and judging are the actions'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, islice, repeat
from typing import Any, NoReturn

from flask import abort, request, url_for

from portal.actions import judging
from portal.actions.drafting import edition_of, may_write
from portal.actions.judging import Judged, is_enough, number_in
from portal.domain.application import Application, Draft
from portal.domain.document import Document, mark_of, takes_documents, with_documents
from portal.domain.facts import known_of
from portal.domain.fields import MOST_LINES
from portal.domain.person import Person
from portal.domain.rates import rated_on, suggested
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import FieldType, Kind, Scheme
from portal.forms.application import read_answers, to_keep, with_rate
from portal.forms.typed import whole
from portal.language.wording import title_of
from portal.store import applications, documents, drafts, people
from portal.web import current, render
from portal.web.language import _, alphabet, language
from portal.web.panel import typed_rate

GONE = Refusal(
    "draft.gone", N_("The draft is not there: it has been deleted, or it is not yours. Nothing was saved.")
)
SENT = Refusal(
    "draft.sent",
    N_("The draft was sent meanwhile, as application %(number)s. What you typed after that was not saved."),
)

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
    def token(self) -> str:
        return self.draft.token

    @property
    def title(self) -> str:
        return title_of(self.kind, self.answers, language()) or _("New application")

    @property
    def shown(self) -> str:
        """The mark of the documents, for a page that sends the draft to say which it showed."""
        return mark_of(self.documents)

    @property
    def kept(self) -> Mapping[str, Any]:
        """The answers as the draft keeps them; what is attached is kept by itself."""
        return with_documents(self.kind, to_keep(self.kind, self.answers), ())


def lay_out(token: str) -> Sheet:
    """The draft with that token if it is this person's to write; 404 otherwise, its receipt once it has been sent.

    Raises Refused for a form that comes too late: the answer says what became of the draft, with what was typed.
    """
    session, me = current.reading(), current.person()
    draft = drafts.find(session, token)
    if draft is None or not may_write(session, draft, me):
        _no_draft(token)
    scheme, answered = current.scheme(draft.scheme), draft.application_id
    kind, whom = scheme.kinds[draft.kind], draft.participant_id
    return Sheet(
        draft=draft,
        scheme=scheme,
        kind=kind,
        participant=me if whom == me.id else people.get(session, whom, day=current.today()),
        answers=draft.answers,
        documents=documents.of_draft(session, token) if takes_documents(kind) else (),
        application=None if answered is None else applications.get_by_id(session, answered),
    )


def _no_draft(token: str) -> NoReturn:
    sent = applications.find_sent(current.reading(), submit_key=token, party_id=current.person().id)
    if request.method == "POST" and (sent is None or not _is_what_was_sent(sent)):
        raise Refused(GONE if sent is None else replace(SENT, values={"number": sent.number}))
    abort(404 if sent is None else render.redirect(url_for("applications.case", number=sent.number)))


def _is_what_was_sent(sent: Application) -> bool:
    """Whether the form that was posted holds nothing but what the application does: a button was pressed twice."""
    if request.form.get("action") == "send":
        return True
    kind = current.scheme(sent.scheme).kinds[sent.kind]
    typed = with_documents(kind, to_keep(kind, read_answers(kind, request.form, current.today())), ())
    return typed == with_documents(kind, applications.version_of(current.reading(), sent).answers, ())


def filled(sheet: Sheet) -> Sheet:
    """The sheet with the answers of the form that was posted, in the edition that they belong to."""
    answers = read_answers(sheet.kind, request.form, current.today())
    scheme = edition_of(current.schemes(), sheet.draft, answers, at=current.now())
    return replace(sheet, answers=answers, scheme=scheme, kind=scheme.kinds[sheet.kind.key])


def with_lines(sheet: Sheet, typed: str) -> Sheet:
    """The sheet with room for so many cost lines; unless it is said how many, with one for each kind that counts."""
    answers = dict(sheet.answers)
    for name in (field.name for field in sheet.kind.of_type(FieldType.COSTS)):
        lines = list(answers.get(name) or ())
        there = {line.get("kind") for line in lines if isinstance(line, Mapping)}
        room: list[Mapping[str, str]] = [
            {"kind": kind} for kind in sheet.kind.params.get("eligible", ()) if kind not in there
        ]
        wanted = len(lines) + len(room) if whole(typed) is None else whole(typed) or 0
        more = max(min(wanted, MOST_LINES) - len(lines), 0)
        answers[name] = [*lines, *islice(chain(room, repeat({})), more)]
    return replace(sheet, answers=answers)


def for_another(sheet: Sheet) -> Sheet:
    """The sheet without what the register answered of the participant it is no longer for."""
    known = known_of(sheet.kind, sheet.participant)
    return replace(sheet, answers={n: a for n, a in sheet.answers.items() if n not in known or a != known[n]})


def with_people_named(sheet: Sheet) -> Sheet:
    """The sheet with each person typed by name alone, or chosen by a button, named in full, where one can be meant."""
    answers, pressed = dict(sheet.answers), request.form.get("action", "")
    for field in sheet.kind.of_type(FieldType.PERSON):
        button = f"is-{field.name}-"
        typed = pressed.removeprefix(button) if pressed.startswith(button) else answers.get(field.name)
        if typed and isinstance(found := look_for(typed), Person):
            again = look_for(found.as_found)
            # Another of the same name and unit: then only the number says who is meant.
            if isinstance(again, Person) and again.id == found.id:
                answers[field.name] = found.as_found
    return replace(sheet, answers=answers)


def with_rate_used(sheet: Sheet) -> Sheet:
    """The sheet with the suggested rate in the cost line whose button was pressed."""
    action, answers = request.form.get("action", ""), dict(sheet.answers)
    for name in (field.name for field in sheet.kind.of_type(FieldType.COSTS)):
        used = with_rate(action, answers.get(name, []), lambda line: rate_of(sheet.scheme, line))
        answers |= {} if used is None else {name: used}
    return replace(sheet, answers=answers)


def rate_of(scheme: Scheme, line: Mapping[str, Any]) -> tuple[str, date] | None:
    """The rate suggested for a cost line, as it is typed, and its day."""
    today, currency = current.today(), line.get("currency", scheme.currency)
    loaded = judging.rates_for(current.reading(), scheme, {"costs": [line]}, today)
    found = suggested((*scheme.reference_rates, *loaded), currency, scheme.currency, rated_on(line, today))
    return None if found is None or currency == scheme.currency else (typed_rate(found[0]), found[1].on)


def meant(judged: Judged) -> dict[str, Sequence[Person]]:
    """Those whom the head's field may mean, by its name, where what is typed there names nobody yet."""
    if judged.facts.head != "unknown":
        return {}
    typed = {f.name: judged.typed.answers.get(f.name) for f in judged.typed.kind.of_type(FieldType.PERSON)}
    return {name: search(text).people for name, text in typed.items() if text}


def judge(sheet: Sheet) -> Judged:
    """Judge what stands in the form, as of now."""
    return judging.judge(
        current.reading(),
        scheme=sheet.scheme,
        kind=sheet.kind,
        participant=sheet.participant,
        applicant_id=sheet.application.applicant_id if sheet.application else current.person().id,
        answers=sheet.answers,
        documents=sheet.documents,
        answering=sheet.application,
        at=current.now(),
    )


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed to name somebody, when it does not name exactly one person."""

    typed: str = ""
    error: str = ""
    people: Sequence[Person] = ()
    """Those it may mean."""


def search(typed: str) -> Search:
    """A few people whom what was typed may mean, those of the reader's own unit first."""
    if not is_enough(typed):
        return Search(typed, _("Write at least three letters of the name, or the whole number."))
    some = people.search(
        current.reading(),
        typed,
        day=current.today(),
        limit=MOST_FOUND,
        unit=current.person().unit,
        alphabet=alphabet(),
        by_name=True,
    )
    if len(some) == MOST_FOUND:
        says = _("More people than are shown can go by that. Write more of the name.")
    elif some:
        says = _("Several people go by that. Choose one.")
    else:
        says = _("Nobody by that name or number was found.")
    return Search(typed, says, some)


def offer(typed: str) -> Search:
    """Whom a field names that was filled in without its own button being pressed: a look-up chooses nobody."""
    found = look_for(typed)
    if isinstance(found, Search):
        return found
    return Search(typed, _("Press the name to choose this person, or empty the field."), [found])


def look_for(typed: str) -> Person | Search:
    """The one person meant by a name or number, or those it may be."""
    named = number_in(typed)
    if (chosen := current.chosen(typed)) is not None:
        return people.get(current.reading(), chosen, day=current.today())
    if any(map(str.isdigit, named)):
        person = people.find_by_number(current.reading(), named, day=current.today())
        if person is not None:
            return person
    found = search(typed)
    return judging.only_one(typed, found.people) or found
