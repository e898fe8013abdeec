"""Applying: choosing a fund, writing a draft with the rules beside it, reviewing it and sending it.

A draft's token in the address is also what makes sending it once only. Without JavaScript every button posts the whole
form, which is saved and shown again; with it the page asks for `check` and `save` as one writes.
"""

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import drafting, submitting
from portal.domain.application import Draft
from portal.domain.document import takes_documents
from portal.domain.person import Person
from portal.domain.refusal import Refused
from portal.domain.scheme import FieldType, Scheme
from portal.forms.application import changed_by
from portal.forms.typed import clean, whole
from portal.web import answers, current, limits, panel, render
from portal.web.apply import sheets, uploads
from portal.web.apply.conflicts import conflict_page
from portal.web.apply.sheets import Sheet
from portal.web.funds.views import is_open, open_editions
from portal.web.guard import guard
from portal.web.language import _, spoken, words
from portal.web.pages.apply import ChoosePage, DeletePage, EditionOffer, Found, FoundPage, ReviewPage

blueprint = Blueprint("apply", __name__)


@blueprint.get("/apply")
@blueprint.get("/apply/<key>")
@guard("apply")
def choose(key: str = "") -> ResponseReturnValue:
    """What can be applied for today, and for whom."""
    return render.page("apply/choose.html", _choose_page(key))


@blueprint.post("/apply/<key>")
@guard("apply")
def start(key: str) -> ResponseReturnValue:
    """Begin a draft, for oneself unless somebody else is named."""
    scheme = current.scheme(key)
    kind = request.form.get("kind") or scheme.main_kind.key
    if kind not in scheme.kinds or not is_open(scheme):
        abort(404)
    participant, refused = _participant_named()
    if limits.is_over(limits.DRAFTS, "drafts"):
        refused = (spoken(limits.TOO_MANY_DRAFTS), ())
    if refused is not None:
        page = _choose_page(key, kind=kind, error=refused[0], found=refused[1])
        return render.page("apply/choose.html", page, status=render.REFUSED)
    draft = current.act(
        drafting.start_draft,
        scheme=scheme,
        kind=kind,
        participant_id=participant.id,
    )
    return render.redirect(url_for("apply.form", token=draft.token))


@blueprint.get("/apply/people")
@guard("apply")
@limits.limiter.limit(lambda: limits.SEARCHES, key_func=limits.person, error_message=limits.TOO_MANY_SEARCHES)
def find_people() -> ResponseReturnValue:
    """A few people who can be meant by what is typed, for a field to offer, and when to type more."""
    typed = next((value for name, value in request.args.items() if name != "_"), "")[:100].strip()
    some = sheets.search(typed)
    more = sheets.not_one(typed, some) if typed and len(some) in (0, sheets.MOST_FOUND) else ""
    people = tuple(sheets.found(each) for each in some)
    return render.fragment("apply/_people.html", FoundPage(people, typed, more))


@blueprint.get("/drafts/<token>")
@guard("apply")
def form(token: str) -> ResponseReturnValue:
    """The form as it was last saved; what is missing is marked when it was asked to be checked."""
    sheet = sheets.with_lines(sheets.lay_out(token), request.args.get("lines", ""))
    who = sheets.who_is(sheet, typed=request.args.get("for_whom", "")[:100])
    page = sheets.form_page(sheet, who=who, marked="checked" in request.args)
    return render.page("apply/form.html", page)


@blueprint.post("/drafts/<token>/check")
@guard("apply")
def check(token: str) -> ResponseReturnValue:
    """The panel for what stands in the form; nothing is written."""
    if render.is_fragment_request():
        with current.taking_turns():
            judged = sheets.judge(sheets.filled(sheets.lay_out(token)))
            return render.fragment("apply/_assessment.html", panel.live(judged))
    sheet = sheets.filled(sheets.lay_out(token))
    return render.page("apply/form.html", sheets.form_page(sheet, who=sheets.who_is(sheet), marked=True))


@blueprint.post("/drafts/<token>")
@blueprint.post("/drafts/<token>/save", endpoint="save")
@guard("apply")
def work_on(token: str) -> ResponseReturnValue:
    """Keep what stands in the form, and go on with what the button said."""
    background = render.is_fragment_request()
    left_out = not background and _take_files(token)
    sheet = sheets.with_people_named(sheets.filled(sheets.lay_out(token)))
    chosen, typed = _other_participant(sheet)
    try:
        draft = _keep(sheet, chosen)
    except Refused as refused:
        if background or refused.refusal != drafting.CHANGED:
            raise
        return render.page("apply/conflict.html", conflict_page(sheets.lay_out(token), sheet), status=409)
    if background:
        return render.fragment("apply/_saved.html", sheets.saved(draft, sheet.scheme))
    if left_out or uploads.is_about_files():
        return render.redirect(url_for("apply.form", token=token, _anchor=None if left_out else "documents"))
    return render.redirect(_next_step(sheet, typed))


def _keep(sheet: Sheet, participant: Person | None) -> Draft:
    """Save what stands in the form over the revision that its page knew."""
    return current.act(
        drafting.save_draft,
        token=sheet.draft.token,
        expected=_revision(),
        answers=sheet.kept,
        participant_id=None if participant is None else participant.id,
    )


def _take_files(token: str) -> bool:
    """Attach the files chosen in the form; whether some were not taken, which the next page says."""
    sheet = sheets.lay_out(token)
    if not takes_documents(sheet.kind):
        return False
    taken = uploads.take(sheet.draft, sheet.kind)
    taken.say()
    return bool(taken.refused)


def _next_step(sheet: Sheet, typed: str) -> str:
    """Where a button of the form leads once the form is saved."""
    token, action = sheet.draft.token, request.form.get("action", "")
    if typed:
        return url_for("apply.form", token=token, for_whom=typed, _anchor="for_whom")
    if action == "review":
        return url_for("apply.review", token=token)
    if action == "check":
        return url_for("apply.form", token=token, checked="yes", _anchor="assessment")
    if changed_by(action, []) is not None:
        name = next(name for name, field in sheet.kind.fields.items() if field.type is FieldType.COSTS)
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
    attached = answers.of_draft(token, sheet.kind, sheet.documents)
    page = ReviewPage(
        token=token,
        title=sheet.title,
        scheme_title=words(sheet.scheme.title),
        who=sheets.who_is(sheet),
        sections=answers.in_words(
            sheet.scheme,
            judged.typed,
            base=base,
            attached=attached,
        ),
        panel=panel.live(judged, base=base),
        saved=sheet.saved,
        number=sheet.application.number if sheet.application else "",
    )
    return render.page("apply/review.html", page)


@blueprint.post("/drafts/<token>/submit")
@guard("apply")
def submit(token: str) -> ResponseReturnValue:
    """Send the application once, however often this arrives; what stops it is shown in the form."""
    try:
        application = current.act(
            submitting.submit,
            token=token,
            schemes=current.schemes(),
            revision=_revision(),
        )
    except Refused as refused:
        return _not_sent(token, refused)
    if application.submitted_at == current.now():
        render.say(_("Your application is received. Its number is %(number)s.", number=application.number))
    return render.redirect(url_for("applications.case", number=application.number))


def _not_sent(token: str, refused: Refused) -> ResponseReturnValue:
    """What stops it, on top of the form and beside each question; or the review again when the draft has changed."""
    if refused.refusal == drafting.CHANGED:
        says = _("The draft was changed in another window. Look it through before you send it.")
        render.say(says, "warn")
        return render.redirect(url_for("apply.review", token=token))
    if not isinstance(refused, submitting.Blocked):
        raise refused
    sheet = sheets.lay_out(token)
    page = sheets.form_page(sheet, who=sheets.who_is(sheet), refused=True)
    return render.page("apply/form.html", page, status=render.REFUSED)


@blueprint.get("/drafts/<token>/delete")
@guard("apply")
def confirm_delete(token: str) -> ResponseReturnValue:
    """Whether the draft is really to go."""
    sheet = sheets.lay_out(token)
    page = DeletePage(token, sheet.title, words(sheet.scheme.title), sheet.saved)
    return render.page("apply/delete.html", page)


@blueprint.post("/drafts/<token>/delete")
@guard("apply")
def delete(token: str) -> ResponseReturnValue:
    """Let the draft go."""
    current.act(drafting.delete_draft, token=token)
    render.say(_("The draft is deleted."))
    return render.redirect(url_for("start.start"))


def _revision() -> int:
    found = whole(request.form.get("revision", ""))
    return abort(400) if found is None else found


def _for_whom() -> str:
    return clean(request.form.get("for_whom", ""), 100)


def _other_participant(sheet: Sheet) -> tuple[Person | None, str]:
    """Who was named instead of the participant, or what was typed when that is not one person."""
    action = request.form.get("action", "")
    chosen = (
        action.removeprefix("for-")
        if action.startswith("for-")
        else request.form.get("for_whom", "").strip()[:100]
    )
    if not chosen or sheet.application is not None:
        return None, ""
    person, _some = sheets.look_for(chosen)
    return person, "" if person else chosen


def _participant_named() -> tuple[Person, tuple[str, tuple[Found, ...]] | None]:
    """Whom a new draft is for; with what to say when that is not one person."""
    me, typed = current.person(), request.form.get("number") or _for_whom()
    if not typed and "whom" not in request.form:
        return me, None
    if not typed:
        return me, (_("Write the name or number of the one who is to take part."), ())
    person, some = sheets.look_for(typed)
    if person is not None:
        return person, None
    return me, (sheets.not_one(typed, some), some)


def _choose_page(key: str, *, kind: str = "", error: str = "", found: tuple[Found, ...] = ()) -> ChoosePage:
    schemes = [each for each in open_editions(current.person()) if key in ("", each.key)]
    if key and not schemes:
        current.scheme(key)
    return ChoosePage(
        offers=tuple(_offer(each) for each in schemes),
        edition=key,
        kind=kind,
        typed=_for_whom(),
        error=error,
        found=found,
    )


def _offer(scheme: Scheme) -> EditionOffer:
    return EditionOffer(
        key=scheme.key,
        title=words(scheme.title),
        summary=words(scheme.summary),
        gives=tuple(words(term.says) for term in scheme.terms[:4]),
        terms_href=url_for("funds.fund", key=scheme.key),
        kinds=tuple((kind.key, words(kind.title)) for kind in scheme.kinds.values()),
        carried_over=scheme.carried_over_from is not None,
    )
