"""Applying: choosing a fund, writing a draft with the rules beside it, reviewing it and sending it.

A draft's token in the address is also what makes sending it once only. Without JavaScript every button posts the whole
form, which is saved and shown again; with it the page asks for `check` and `save` as one writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import drafting, submitting
from portal.actions.judging import Judged
from portal.domain.document import takes_documents
from portal.domain.facts import may_take_part
from portal.domain.fields import PARTS_OF_DAY
from portal.domain.person import Person
from portal.domain.refusal import Refused
from portal.domain.scheme import FieldType, Kind, Severity
from portal.forms.application import changed_by
from portal.forms.typed import clean, earliest, whole
from portal.store import drafts, people
from portal.web import answers, current, limits, panel, questions, render
from portal.web.apply import documents, sheets
from portal.web.apply.documents import DocumentsQuestion
from portal.web.apply.sheets import Search, Sheet
from portal.web.funds.views import is_open, open_editions, open_years
from portal.web.guard import guard
from portal.web.language import _, day, language, spoken
from portal.web.panel import Panel
from portal.web.questions import Options, QuestionText, SectionText

blueprint = Blueprint("apply", __name__)


@blueprint.get("/apply")
@blueprint.get("/apply/<key>")
@guard("apply")
def choose(key: str = "") -> ResponseReturnValue:
    """What can be applied for today, and for whom."""
    return _choice(key)


@blueprint.post("/apply/<key>")
@guard("apply")
def start(key: str) -> ResponseReturnValue:
    """Begin a draft, for oneself unless somebody else is named."""
    scheme = current.scheme(key)
    kind = request.form.get("kind") or scheme.main_kind.key
    if kind not in scheme.kinds or not is_open(scheme):
        abort(404)
    if not (request.form.get("whom") or _for_whom() or request.form.get("number")) and not may_take_part(
        scheme, current.person()
    ):
        return render.redirect(url_for("apply.choose", key=key))
    whom = _participant_named()
    if limits.is_over(limits.DRAFTS, "drafts"):
        whom = Search(error=spoken(limits.TOO_MANY_DRAFTS))
    if isinstance(whom, Search):
        return _choice(key, kind, whom, status=render.REFUSED)
    draft = current.act(drafting.start_draft, scheme=scheme, kind=kind, participant_id=whom.id)
    return render.redirect(url_for("apply.form", token=draft.token))


def _participant_named() -> Person | Search:
    """Whom a new draft is for, or what to say when that is not one person."""
    typed, asked = _for_whom(), request.form.get("whom") == "other"
    if number := request.form.get("number"):
        return sheets.look_for(number)
    if typed:
        return sheets.look_for(typed) if asked else sheets.offer(typed)
    if asked:
        return Search(error=_("Write the name or number of the one who is to take part."))
    return current.person()


def _choice(key: str, kind: str = "", search: Search | None = None, *, status: int = 200) -> Response:
    asked = [current.scheme(key)] if key else open_editions(current.person())
    offers = [each for each in asked if is_open(each)]
    return render.page(
        "apply/choose.html",
        offers=offers,
        years={each.key: open_years(each) for each in offers},
        unsure={each.key for each in offers if not may_take_part(each, current.person())},
        edition=key,
        kind=kind,
        typed=_for_whom(),
        search=search or Search(),
        status=status,
    )


@blueprint.get("/apply/people")
@guard("apply")
@limits.limiter.limit(lambda: limits.SEARCHES, key_func=limits.person, error_message=limits.TOO_MANY_SEARCHES)
def find_people() -> ResponseReturnValue:
    """A few people who can be meant by what is typed, for a field to offer, and when to type more."""
    typed = next((value for name, value in request.args.items() if name != "_"), "")[:100].strip()
    found = sheets.search(typed)
    more = found.error if typed and len(found.people) in (0, sheets.MOST_FOUND) else ""
    return render.fragment("apply/_people.html", people=found.people, typed=typed, more=more)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of the event, and those that are ticked besides: each with how much of it was ticked."""

    token: str
    question: QuestionText
    days: Sequence[tuple[date, str]]
    says: Sequence[str]
    """What is wrong with them, or to be looked at."""


@dataclass(frozen=True, slots=True)
class FormPage:
    """The application form with its panel."""

    sheet: Sheet
    answers: Mapping[str, Any]
    """As they were typed, with what is given and known."""
    known: Mapping[str, Any]
    """What the register of people answers."""
    sections: tuple[SectionText, ...]
    currencies: Options
    panel: Panel
    approvals: Sequence[tuple[str, str]]
    """The granted applications that this one may point at, to choose among."""
    calendar: Calendar | None
    meant: Mapping[str, Sequence[Person]]
    """Those to choose among, by the question whose answer may name several people."""
    named_by: str
    """The question for which names are offered of events that others apply for."""
    counted: Mapping[str, str]
    """What each cost line in another currency comes to, by the line."""
    documents: DocumentsQuestion | None
    search: Search
    """What came of looking for another participant."""
    messages: Mapping[str, Sequence[str]]
    """What stops, by the question it is said beside."""
    warnings: Mapping[str, Sequence[str]]
    errors: Sequence[Mapping[str, str]]
    """What stops it, on top of the page too when it was sent and not accepted."""


def _form(sheet: Sheet, *, marked: bool = False, refused: bool = False, whom: str = "") -> Response:
    """The whole form; `marked` puts what is wrong beside each question, `refused` also on top of the page."""
    judged = sheets.judge(sheet)
    said = panel.live(judged)
    stops = panel.by_field(panel.blocking(said), Severity.BLOCKS) if marked or refused else {}
    attached = takes_documents(sheet.kind)
    page = FormPage(
        sheet=sheet,
        answers=judged.typed.answers,
        known=judged.facts.known,
        sections=questions.sections_of(sheet.scheme, sheet.kind, language()),
        currencies=questions.currency_options(language()),
        panel=said,
        approvals=_approvals(judged),
        calendar=_calendar(judged, said, token=sheet.token),
        meant=sheets.meant(judged),
        named_by=_named_by(sheet.kind),
        counted=dict(said.puts),
        documents=documents.question_of(sheet, messages=stops) if attached else None,
        search=sheets.offer(whom) if whom else Search(),
        messages=stops,
        warnings=panel.by_field(said.said, Severity.WARNS) if marked or refused else {},
        errors=panel.errors(said) if refused else (),
    )
    return render.page("apply/form.html", page, status=render.REFUSED if refused else 200)


_MOST_DAYS = 62


def _calendar(judged: Judged, said: Panel, *, token: str) -> Calendar | None:
    """The calendar of the form; without days while it is not known which, or where they are too many to tick."""
    kind = judged.typed.kind
    field = next(iter(kind.of_type(FieldType.CALENDAR)), None)
    if field is None:
        return None
    ticked = {day.isoformat(): part for day, part in judged.typed[field.name] or ()}
    first, last = judged.typed["starts_on"], judged.typed["ends_on"]
    days = {date.fromisoformat(each) for each in ticked}
    if first is not None and last is not None and 0 <= (last - first).days < _MOST_DAYS:
        days |= {first + timedelta(days=number) for number in range((last - first).days + 1)}
    words_of = {half_days: part for part, half_days in PARTS_OF_DAY.items()}
    sections = questions.sections_of(judged.scheme, kind, language())
    asked = (each for section in sections for row in section.rows for each in row)
    return Calendar(
        token,
        next(each for each in asked if each.name == field.name),
        [(each, words_of.get(ticked.get(each.isoformat(), 0), "")) for each in sorted(days)],
        [
            *panel.by_field(panel.blocking(said), Severity.BLOCKS).get(field.name, ()),
            *panel.by_field(said.said, Severity.WARNS).get(field.name, ()),
        ],
    )


@blueprint.post("/drafts/<token>/days")
@guard("apply")
def days(token: str) -> ResponseReturnValue:
    """The calendar for the days in the form; nothing is written."""
    sheet = sheets.filled(sheets.lay_out(token))
    judged = sheets.judge(sheet)
    calendar = _calendar(judged, panel.live(judged), token=token)
    if not render.is_fragment_request() or calendar is None:
        return _form(sheet, marked=True)
    return render.fragment("apply/_calendar.html", calendar=calendar)


def _approvals(judged: Judged) -> list[tuple[str, str]]:
    """Those to choose among, and one that was chosen and can be no more, so that nobody's choice goes unseen."""
    known = [
        (each.number, f"{each.number}: {each.title}, {day(each.starts_on)}")
        for each in judged.facts.approvals
    ]
    chosen = [judged.typed[field.name] for field in judged.typed.kind.of_type(FieldType.APPLICATION)]
    return known + [(each, each) for each in chosen if each and each not in dict(known)]


FEWEST_OTHERS = 3
"""So many others apply for an event before its name is offered: with fewer, it could tell who they are."""


def _named_by(kind: Kind) -> str:
    """The question in free text that alone names the event; empty where none does."""
    return next((each.name for each in kind.of_type(FieldType.TEXT) if kind.named_by == (each.name,)), "")


@blueprint.get("/drafts/<token>/names")
@guard("apply")
def names(token: str) -> ResponseReturnValue:
    """The names of events that others apply for, for the question that asks for one to offer."""
    sheet = sheets.lay_out(token)
    found = drafts.applied_for(
        current.reading(),
        fund=sheet.scheme.fund,
        since=earliest(sheet.kind.dates_lean, current.today()),
        but={current.person().id, sheet.participant.id},
        fewest=FEWEST_OTHERS,
    )
    return render.fragment("apply/_names.html", found=found)


@blueprint.get("/drafts/<token>")
@guard("apply")
def form(token: str) -> ResponseReturnValue:
    """The form as it was last saved; what is missing is marked when it was asked to be checked."""
    sheet = sheets.with_lines(sheets.lay_out(token), request.args.get("lines", ""))
    return _form(sheet, marked="checked" in request.args, whom=request.args.get("for_whom", "")[:100])


@blueprint.post("/drafts/<token>/check")
@guard("apply")
def check(token: str) -> ResponseReturnValue:
    """The panel for what stands in the form; nothing is written."""
    if render.is_fragment_request():
        with current.taking_turns():
            judged = sheets.judge(sheets.filled(sheets.lay_out(token)))
            return render.fragment("apply/_assessment.html", panel.live(judged))
    return _form(sheets.filled(sheets.lay_out(token)), marked=True, whom=_for_whom())


@blueprint.post("/drafts/<token>")
@blueprint.post("/drafts/<token>/save", endpoint="save")
@guard("apply")
def work_on(token: str) -> ResponseReturnValue:
    """Keep what stands in the form, and go on with what the button said."""
    background = render.is_fragment_request()
    left_out = not background and _take_files(token)
    sheet = sheets.filled(sheets.lay_out(token))
    if not background:
        sheet = sheets.with_rate_used(sheets.with_people_named(sheet))
    whom = None if background else _other_participant(sheet)
    if isinstance(whom, Person):
        sheet = sheets.for_another(sheet)
    try:
        draft = current.act(
            drafting.save_draft,
            token=token,
            expected=current.sent_revision(),
            answers=sheet.kept,
            scheme=sheet.scheme.key,
            participant_id=whom.id if isinstance(whom, Person) else None,
            window=clean(request.form.get("window", ""), 40),
            turn=whole(request.form.get("turn", "")) or 0,
        )
    except Refused as refused:
        if background or refused.refusal != drafting.CHANGED:
            raise
        return _conflict(sheets.lay_out(token), sheet)
    if background:
        return render.fragment("apply/_saved.html", draft=draft, zone=sheet.scheme.zone)
    if left_out or documents.is_about_files():
        return render.redirect(url_for("apply.form", token=token, _anchor=None if left_out else "documents"))
    return render.redirect(_next_step(sheet, whom))


def _take_files(token: str) -> bool:
    """Attach the files chosen in the form; whether some were not taken, which the next page says."""
    sheet = sheets.lay_out(token)
    if not takes_documents(sheet.kind):
        return False
    taken = documents.take_into(sheet.draft, sheet.kind)
    taken.say()
    return bool(taken.refused)


def _other_participant(sheet: Sheet) -> Person | str | None:
    """Whom a button named instead of the participant; what was typed when that is not one person, or no such button."""
    action, typed = request.form.get("action", ""), _for_whom()
    if action.startswith("for-"):
        typed = action.removeprefix("for-")
    if not typed or sheet.application is not None:
        return None
    found = sheets.look_for(typed) if action == "participant" or action.startswith("for-") else None
    return found if isinstance(found, Person) else typed


_OF_THE_PAGE = frozenset({"csrf_token", "revision", "action", "window", "turn"})


def _conflict(theirs: Sheet, mine: Sheet) -> Response:
    """What this window holds beside what another one saved; keeping this one's sends all of it again."""
    return render.page(
        "apply/conflict.html",
        sheet=theirs,
        changes=answers.differing(mine.scheme, mine.kind, theirs.answers, mine.answers),
        fields=[each for each in request.form.items(multi=True) if each[0] not in _OF_THE_PAGE],
        status=409,
    )


def _next_step(sheet: Sheet, whom: Person | str | None) -> str:
    """Where a button of the form leads once the form is saved."""
    token, action = sheet.token, request.form.get("action", "")
    if isinstance(whom, str):
        return url_for("apply.form", token=token, for_whom=whom, _anchor="for_whom")
    if action == "review":
        return url_for("apply.review", token=token)
    if action == "check":
        return url_for("apply.form", token=token, checked="yes", _anchor="assessment")
    if action.startswith("use-rate-"):
        name = sheet.kind.of_type(FieldType.COSTS)[0].name
        anchor = f"{name}-{action.removeprefix('use-rate-')}-rate"
        return url_for("apply.form", token=token, lines=len(sheet.answers.get(name, ())), _anchor=anchor)
    if changed_by(action, []) is not None:
        name = sheet.kind.of_type(FieldType.COSTS)[0].name
        lines = len(sheet.answers.get(name, ()))
        anchor = f"{name}-{lines - 1}-kind" if action == "add-line" else name
        return url_for("apply.form", token=token, lines=lines, _anchor=anchor)
    render.say(_("The draft is saved. You find it on your start page."))
    return url_for("apply.form", token=token)


@blueprint.get("/drafts/<token>/review")
@guard("apply")
def review(token: str) -> ResponseReturnValue:
    """Every answer in words, what the portal says of them, and the button that sends them."""
    sheet = sheets.lay_out(token)
    judged, base = sheets.judge(sheet), url_for("apply.form", token=token)
    said = panel.live(judged, base=base)
    attached = answers.of_draft(token, sheet.kind, sheet.documents)
    head_id = sheet.participant.head_id
    head = people.names_of(current.reading(), {head_id})[head_id] if head_id is not None else ""
    return render.page(
        "apply/review.html",
        sheet=sheet,
        sections=answers.in_words(sheet.scheme, judged.typed, base=base, attached=attached, head=head),
        panel=said,
        errors=panel.errors(said),
    )


@blueprint.post("/drafts/<token>/submit")
@guard("apply")
def submit(token: str) -> ResponseReturnValue:
    """Send the application once, however often this arrives; what stops it is shown in the form."""
    try:
        application = current.act(
            submitting.submit,
            token=token,
            schemes=current.schemes(),
            revision=current.sent_revision(),
            shown=request.form.get("documents"),
        )
    except submitting.Blocked:
        return _form(sheets.lay_out(token), refused=True)
    except Refused as refused:
        if refused.refusal != drafting.CHANGED:
            raise
        says = _(
            "The draft or its documents were changed since they were shown. Look them through before you send."
        )
        render.say(says, "warn")
        return render.redirect(url_for("apply.review", token=token))
    if application.submitted_at == current.now():
        received = _("Your application is received. Its number is %(number)s.", number=application.number)
        render.say(f"{received} " + _("A receipt comes by e-mail.") if current.person().email else received)
    return render.redirect(url_for("applications.case", number=application.number))


@blueprint.get("/drafts/<token>/delete")
@guard("apply")
def confirm_delete(token: str) -> ResponseReturnValue:
    """Whether the draft is really to go."""
    return render.page("apply/delete.html", sheet=sheets.lay_out(token))


@blueprint.post("/drafts/<token>/delete")
@guard("apply")
def delete(token: str) -> ResponseReturnValue:
    current.act(drafting.delete_draft, token=token)
    render.say(_("The draft is deleted."))
    return render.redirect(url_for("start.start"))


def _for_whom() -> str:
    return clean(request.form.get("for_whom", ""), 100)
