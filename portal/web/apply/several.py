"""Applying for several participants in one go: a row for each, all sent by one button.

What they share is answered in the form of the first; what a row lacks besides its own questions, in that one's form.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import several, submitting
from portal.actions.drafting import CHANGED
from portal.domain.access import NOT_FOUND
from portal.domain.refusal import Refusal, Refused
from portal.domain.scheme import FieldType, Severity
from portal.forms.typed import clean, whole
from portal.language.wording import money
from portal.store import drafts
from portal.web import current, limits, render
from portal.web.apply import sheets
from portal.web.apply.sheets import Sheet
from portal.web.guard import guard
from portal.web.language import _, count, language, spoken, words
from portal.web.pages.several import NewRow, RowLine, SeveralPage
from portal.web.panel import FindingLine, Panel, live
from portal.web.questions import sections_of

blueprint = Blueprint("several", __name__)


@blueprint.get("/drafts/<token>/several")
@guard("apply")
def show(token: str) -> ResponseReturnValue:
    """The rows as they were last saved."""
    return render.page("apply/several.html", _page(_first(token)))


@blueprint.post("/drafts/<token>/several")
@guard("apply")
def work_on(token: str) -> ResponseReturnValue:
    """Keep every row, add the one that was filled in, and go on with what the button said."""
    first, action = _first(token), request.form.get("action", "save")
    new, participant_id = _new_row()
    rows = [_typed_row(first, other) for other in _tokens()]
    if participant_id is not None:
        if limits.is_over(limits.DRAFTS, "drafts"):
            return _again(first, new, limits.TOO_MANY_DRAFTS)
        rows.append(several.Row(participant_id, new.answers or {}))
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
            _leave_out(token, action.removeprefix("remove-"))
    except Refused as refused:
        return _again(first, new, refused.refusal)
    if participant_id is not None:
        new = NewRow()
    if new.error:
        return render.page("apply/several.html", _page(_first(token), new=new), status=render.REFUSED)
    if action == "send":
        return _send(token)
    return render.redirect(url_for("several.show", token=token, _anchor="new" if action == "add" else None))


def _leave_out(token: str, other: str) -> None:
    current.act(several.leave_out, token=token, other=other)


def _send(token: str) -> ResponseReturnValue:
    """Send all of them or none; what stops one stands in its row."""
    first = _first(token)
    revisions = {each.token: each.revision for each in several.all_of(current.reading(), first.draft)}
    try:
        sent = current.act(
            several.submit_all,
            token=token,
            revisions=revisions,
            schemes=current.schemes(),
        )
    except Refused as refused:
        if isinstance(refused, submitting.Blocked):
            return render.page("apply/several.html", _page(first), status=render.REFUSED)
        return _again(first, NewRow(), refused.refusal)
    numbers = ", ".join(each.number for each in sent)
    said = count("%(num)s application is received:", "%(num)s applications are received:", len(sent))
    render.say(f"{said} {numbers}.")
    return render.redirect(url_for("start.start"))


def _again(first: Sheet, new: NewRow, refusal: Refusal) -> ResponseReturnValue:
    """The page with what was typed still in it, and why it was not kept."""
    if refusal == NOT_FOUND:
        _first(first.draft.token)  # sent meanwhile, by a second click: its receipt is the answer
    if refusal not in (CHANGED, several.TOO_MANY, limits.TOO_MANY_DRAFTS):
        raise Refused(refusal)
    page = replace(_page(first, new=new, typed=True), says=spoken(refusal))
    return render.page("apply/several.html", page, status=409)


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


def _typed_row(first: Sheet, token: str) -> several.Row:
    """A row of the form; only one's own draft of these can be meant."""
    draft = first.draft if token == first.draft.token else drafts.find(current.reading(), token)
    if draft is None or first.draft.token not in (draft.token, draft.together):
        raise Refused(CHANGED)
    revision = whole(request.form.get(f"{token}:revision", ""))
    if revision is None:
        abort(400)
    return several.Row(draft.participant_id, _answers(token), token, revision)


def _new_row() -> tuple[NewRow, int | None]:
    """The row of one more, and whom it names when that is one person."""
    action = request.form.get("action", "")
    chosen = action.removeprefix("choose-") if action.startswith("choose-") else ""
    typed, answers = clean(request.form.get("new:who", ""), 100), _answers("new")
    answers.pop("who", None)
    who = chosen or typed
    if not who:
        wanted = bool(answers) or action == "add"
        error = _("Write the name or number of the one who is to take part.") if wanted else ""
        return NewRow("", answers, error), None
    person, some = sheets.look_for(who)
    if person is None:
        return NewRow(typed, answers, sheets.not_one(who, some), some), None
    return NewRow(typed, answers), person.id


def _page(first: Sheet, *, new: NewRow | None = None, typed: bool = False) -> SeveralPage:
    asked = [
        question
        for section in sections_of(first.scheme, first.kind, language())
        for row in section.rows
        for question in row
    ]
    others = [sheets.lay_out(each.token) for each in drafts.beside(current.reading(), first.draft)]
    shared = several.shared_by(first.draft, first.kind)
    every = [
        first,
        *(replace(each, answers=several.as_sent(each.draft, shared, first.kind)) for each in others),
    ]
    shown = [_as_typed(each) if typed else each for each in every]
    judged = [sheets.judge(each) for each in shown]
    labels = {question.name: question.label for question in asked}
    panels = [
        live(each, base=url_for("apply.form", token=sheet.draft.token))
        for sheet, each in zip(shown, judged, strict=True)
    ]
    own = {*first.kind.each, *(field.name for field in first.kind.of_type(FieldType.DOCUMENTS))}
    of_all = frozenset((line.field, line.message) for line in _elsewhere(panels[0], own))
    rows = tuple(
        _row(sheet, panel, first, labels, of_all) for sheet, panel in zip(shown, panels, strict=True)
    )
    stopped = sum(not row.submittable for row in rows)
    return SeveralPage(
        token=first.draft.token,
        title=first.title,
        scheme_title=words(first.scheme.title),
        currency=first.scheme.currency,
        questions=tuple(each for each in asked if each.name in first.kind.each),
        rows=rows,
        new=new or NewRow(),
        total=money(sum(each.assessment.amount for each in judged), first.scheme.currency, language()),
        stopped=count("%(num)s row is not complete yet.", "%(num)s rows are not complete yet.", stopped)
        if stopped
        else "",
    )


def _as_typed(sheet: Sheet) -> Sheet:
    """The sheet with what stands in its row of the form that was posted."""
    if sheet.draft.token not in _tokens():
        return sheet
    kept: Mapping[str, Any] = {n: a for n, a in sheet.answers.items() if n not in sheet.kind.each}
    typed = {n: a for n, a in _answers(sheet.draft.token).items() if n in sheet.kind.each}
    return replace(sheet, answers={**kept, **typed})


def _elsewhere(panel: Panel, here: Collection[str]) -> tuple[FindingLine, ...]:
    """What stops one and is not answered here."""
    return tuple(line for line in panel.blocking if line.field not in here)


def _row(
    sheet: Sheet,
    panel: Panel,
    first: Sheet,
    labels: Mapping[str, str],
    of_all: Collection[tuple[str, str]],
) -> RowLine:
    """One participant's row; what stops all of them (`of_all`) is said of the first only."""
    each = sheet.kind.each
    is_first = sheet.draft.token == first.draft.token
    shared = several.shared_by(first.draft, first.kind)
    own = {} if is_first else several.own_changes(sheet.draft, shared, first.kind)
    elsewhere = _elsewhere(panel, each)
    told = elsewhere if is_first else tuple(x for x in elsewhere if (x.field, x.message) not in of_all)
    stops, warns = panel.by_field(Severity.BLOCKS), panel.by_field(Severity.WARNS)
    files = len(sheet.documents)
    return RowLine(
        token=sheet.draft.token,
        revision=sheet.draft.revision,
        name=sheet.participant.name,
        unit=sheet.participant.unit,
        answers={name: str(sheet.answers.get(name, "")) for name in each},
        messages={name: (*stops.get(name, ()), *warns.get(name, ())) for name in each},
        elsewhere=told,
        as_first=len(told) < len(elsewhere),
        figure=panel.figure,
        files=count("%(num)s file", "%(num)s files", files),
        href=url_for("apply.form", token=sheet.draft.token),
        submittable=panel.assessment.submittable,
        first=is_first,
        own=tuple(label for name, label in labels.items() if name in own),
    )
