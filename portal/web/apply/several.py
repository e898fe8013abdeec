"""Applying for several participants in one go: a row for each, all sent by one button.

What they share is answered in the form of the first; what a row lacks besides its own questions, in that one's form.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import several, submitting
from portal.actions.drafting import CHANGED
from portal.domain.access import NOT_FOUND
from portal.domain.document import Document
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import FieldType, Severity, Words
from portal.forms.typed import clean, whole
from portal.store import drafts
from portal.web import current, limits, render
from portal.web.apply import sheets
from portal.web.apply.sheets import Search, Sheet
from portal.web.guard import guard
from portal.web.language import _, count, language, words
from portal.web.panel import FindingLine, Panel, blocking, by_field, live
from portal.web.questions import QuestionText, sections_of

blueprint = Blueprint("several", __name__)

ROWS_CHANGED = Refusal(
    "several.changed",
    N_(
        "Another window has changed the rows or their documents since they were shown. "
        "Nothing was overwritten or sent. Look through what stands here, and press “Save” to keep it."
    ),
)


@dataclass(frozen=True, slots=True)
class NewRow:
    """The row in which one more participant is named."""

    answers: dict[str, str]
    search: Search


@dataclass(frozen=True, slots=True)
class ParticipantLine:
    """One participant's row."""

    sheet: Sheet
    panel: Panel
    elsewhere: Sequence[FindingLine]
    """What stops it and is answered in its own form, but for what stops the first as well."""
    as_first: bool
    """Whether anything of what they share stops it as it stops the first."""
    own: Sequence[str]
    """The questions that this one answers otherwise than the first, in its own form."""

    @property
    def papers(self) -> list[tuple[Words, list[Document]]]:
        """What is attached, by what it proves."""
        return [
            (choice.label, [each for each in self.sheet.documents if each.kind == choice.value])
            for field in self.sheet.kind.of_type(FieldType.DOCUMENTS)
            for choice in field.choices
        ]

    @property
    def messages(self) -> dict[str, list[str]]:
        """What stops or warns, by the question it stands beside."""
        stops = by_field(blocking(self.panel), Severity.BLOCKS)
        warns = by_field(self.panel.said, Severity.WARNS)
        return {name: stops.get(name, []) + warns.get(name, []) for name in self.sheet.kind.each}

    @property
    def of_papers(self) -> list[str]:
        """What warns of what is attached."""
        warns = by_field(self.panel.said, Severity.WARNS)
        return [
            text for each in self.sheet.kind.of_type(FieldType.DOCUMENTS) for text in warns.get(each.name, ())
        ]


@dataclass(frozen=True, slots=True)
class SeveralPage:
    """All rows, the questions in them and one more row to fill in."""

    first: Sheet
    questions: Sequence[QuestionText]
    lines: Sequence[ParticipantLine]
    new: NewRow
    says: Refusal | None
    """Why what was sent was not kept."""

    @property
    def total(self) -> int:
        """What all of them can be granted at most."""
        return sum(each.panel.assessment.amount for each in self.lines)

    @property
    def incomplete(self) -> int:
        """How many cannot be sent yet."""
        return sum(not each.panel.assessment.submittable for each in self.lines)


@blueprint.get("/drafts/<token>/several")
@guard("apply")
def show(token: str) -> ResponseReturnValue:
    """The rows as they were last saved."""
    return _page(_first(token))


@blueprint.post("/drafts/<token>/several")
@guard("apply")
def work_on(token: str) -> ResponseReturnValue:
    """Keep every row, add the one that was filled in, and go on with what the button said."""
    first, action = _first(token), request.form.get("action", "save")
    new = _new_row()
    rows = [_typed_row(first, other) for other in _tokens()]
    if isinstance(new, several.ParticipantRow):
        if limits.is_over(limits.DRAFTS, "drafts"):
            return _again(first, limits.TOO_MANY_DRAFTS)
        rows.append(new)
    try:
        current.act(
            several.fill,
            token=token,
            schemes=current.schemes(),
            rows=rows,
            share=action == "share",
            alike=action.removeprefix("alike-") if action.startswith("alike-") else None,
        )
        if action.startswith("remove-"):
            current.act(several.leave_out, token=token, other=action.removeprefix("remove-"))
    except Refused as refused:
        return _again(first, refused.refusal, new=new if isinstance(new, NewRow) else None)
    if isinstance(new, NewRow) and new.search.error:
        return _page(_first(token), new=new, status=render.REFUSED)
    if action == "send":
        return _send(token)
    return render.redirect(url_for("several.show", token=token, _anchor="new" if action == "add" else None))


def _send(token: str) -> ResponseReturnValue:
    """Send all of them or none, and none that the page did not show; what stops one stands in its row."""
    first = _first(token)
    revisions = {each.token: each.revision for each in several.all_of(current.reading(), first.draft)}
    shown = {each: request.form.get(f"{each}:documents", "") for each in revisions}
    try:
        sent = current.act(
            several.submit_all, token=token, revisions=revisions, shown=shown, schemes=current.schemes()
        )
    except submitting.Blocked:
        return _page(first, status=render.REFUSED)
    except Refused as refused:
        return _again(first, refused.refusal, new=_EMPTY)
    numbers = ", ".join(each.number for each in sent)
    said = count("%(num)s application is received:", "%(num)s applications are received:", len(sent))
    render.say(f"{said} {numbers}.")
    return render.redirect(url_for("start.start"))


def _again(first: Sheet, refusal: Refusal, *, new: NewRow | None = None) -> ResponseReturnValue:
    """The page with what was typed still in it, and why it was not kept."""
    if refusal == NOT_FOUND:
        _first(first.token)  # sent meanwhile, by a second click: its receipt is the answer
    if refusal not in (CHANGED, several.TOO_MANY, limits.TOO_MANY_DRAFTS):
        raise Refused(refusal)
    says = ROWS_CHANGED if refusal == CHANGED else refusal
    return _page(first, new=new or _typed_new_row(), says=says, status=409)


def _first(token: str) -> Sheet:
    """The sheet that holds what all share, or 404 for a draft that cannot be sent with others."""
    sheet = sheets.lay_out(token)
    if not sheet.kind.each or sheet.application is not None or sheet.draft.together is not None:
        abort(404)
    return sheet


def _tokens() -> list[str]:
    """The rows of the form by their drafts' tokens."""
    return [each for each in request.form.getlist("row") if each][: several.MOST]


def _answers(prefix: str) -> dict[str, str]:
    """What was typed in one row."""
    start = f"{prefix}:"
    return {
        name.removeprefix(start): text
        for name, typed in request.form.items()
        if name.startswith(start) and (text := clean(typed, 200))
    }


def _typed_row(first: Sheet, token: str) -> several.ParticipantRow:
    """A row of the form; only one's own draft of these can be meant."""
    draft = first.draft if token == first.token else drafts.find(current.reading(), token)
    if draft is None or first.token not in (draft.token, draft.together):
        raise Refused(CHANGED)
    revision = whole(request.form.get(f"{token}:revision", ""))
    if revision is None:
        abort(400)
    return several.ParticipantRow(draft.participant_id, _answers(token), token, revision)


_EMPTY = NewRow({}, Search())


def _typed_new_row() -> NewRow:
    """The row of one more, as it was filled in."""
    answers = _answers("new")
    return NewRow(answers, Search(answers.pop("who", "")[:100]))


def _new_row() -> NewRow | several.ParticipantRow:
    """The row of one more: what to say in it, or a row to add when it names one person."""
    new, action = _typed_new_row(), request.form.get("action", "")
    chosen = action.startswith("choose-")
    who = action.removeprefix("choose-") if chosen else new.search.typed
    if not who:
        wanted = bool(new.answers) or action == "add"
        says = _("Write the name or number of the one who is to take part.") if wanted else ""
        return replace(new, search=Search(error=says))
    found = sheets.look_for(who) if chosen or action == "add" else sheets.offer(who)
    if isinstance(found, Person):
        return several.ParticipantRow(found.id, new.answers)
    return replace(new, search=replace(found, typed=new.search.typed))


def _page(
    first: Sheet, *, new: NewRow | None = None, says: Refusal | None = None, status: int = 200
) -> Response:
    """The page; with what was typed in its rows when it says why that was not kept."""
    shared = several.shared_by(first.draft, first.kind)
    others = [sheets.lay_out(each.token) for each in drafts.beside(current.reading(), first.draft)]
    every = [first]
    every += [replace(each, answers=several.as_sent(each.draft, shared, first.kind)) for each in others]
    if says is not None:
        every = [_as_typed(each) for each in every]
    panels = [live(sheets.judge(each), base=url_for("apply.form", token=each.token)) for each in every]
    asked = (
        question
        for section in sections_of(first.scheme, first.kind, language())
        for row in section.rows
        for question in row
    )
    page = SeveralPage(
        first=first,
        questions=[each for each in asked if each.name in first.kind.each],
        lines=[_line(sheet, said, first, panels[0]) for sheet, said in zip(every, panels, strict=True)],
        new=new or _EMPTY,
        says=says,
    )
    return render.page("apply/several.html", page, status=status)


def _as_typed(sheet: Sheet) -> Sheet:
    """The sheet with what stands in its row of the form that was posted."""
    if sheet.token not in _tokens():
        return sheet
    kept = {n: a for n, a in sheet.answers.items() if n not in sheet.kind.each}
    typed = {n: a for n, a in _answers(sheet.token).items() if n in sheet.kind.each}
    return replace(sheet, answers={**kept, **typed})


def _line(sheet: Sheet, panel: Panel, first: Sheet, of_first: Panel) -> ParticipantLine:
    """One participant's row; what stops all of them is said of the first only."""
    kind = first.kind
    elsewhere = _elsewhere(panel, kind.each)
    if sheet.token == first.token:
        return ParticipantLine(sheet, panel, elsewhere, as_first=False, own=())
    here = {*kind.each, *(field.name for field in kind.of_type(FieldType.DOCUMENTS))}
    of_all = {(each.field, each.message) for each in _elsewhere(of_first, here)}
    told = [each for each in elsewhere if (each.field, each.message) not in of_all]
    changed = several.own_changes(sheet.draft, several.shared_by(first.draft, kind), kind)
    return ParticipantLine(
        sheet,
        panel,
        told,
        as_first=len(told) < len(elsewhere),
        own=[words(field.label) for field in kind.fields.values() if field.name in changed],
    )


def _elsewhere(panel: Panel, here: Collection[str]) -> list[FindingLine]:
    """What stops one and is not answered here."""
    return [each for each in blocking(panel) if each.field not in here]
