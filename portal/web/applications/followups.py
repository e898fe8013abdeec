"""Follow-ups: recording what was brought back, the head's word on it, and searching what colleagues have learnt."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import following_up
from portal.domain.access import NOT_FOUND, is_party, may
from portal.domain.application import Application
from portal.domain.fields import read_date
from portal.domain.followup import FollowUp, may_confirm, may_record
from portal.domain.money import Unreadable
from portal.domain.periods import local_day
from portal.domain.refusal import Refused
from portal.forms.typed import clean, whole
from portal.language.answering import answer_text
from portal.store import applications, followups, people
from portal.web import current, render
from portal.web.answers import AnswerRow, readable
from portal.web.finance.page import editions
from portal.web.guard import guard
from portal.web.language import _, day, language, spoken, words
from portal.web.pages.followups import FollowUpPage, LessonLine, LessonsPage, OwedLine, OwedPage

blueprint = Blueprint("followups", __name__)

PAGE = 25
FIELDS = ("held_on", "forum", "audience", "lesson")


@blueprint.get("/applications/<number>/follow-up")
@guard("see", application=True)
def show(application: Application) -> ResponseReturnValue:
    """What was planned and what is recorded, with the form for whoever records it."""
    return render.page("applications/followup.html", _page(application))


@blueprint.post("/applications/<number>/follow-up")
@guard("see", application=True)
def record(application: Application) -> ResponseReturnValue:
    """Record the follow-up; what lacks is said beside its field."""
    typed = {name: clean(request.form.get(name, "")) for name in FIELDS}
    try:
        current.act(
            following_up.record_followup,
            number=application.number,
            schemes=current.schemes(),
            held_on=_day(typed["held_on"]),
            forum=typed["forum"],
            audience=typed["audience"],
            lesson=typed["lesson"],
        )
    except following_up.Incomplete as incomplete:
        messages = {name: spoken(refusal) for name, refusal in incomplete.wrong.items()}
        page = _page(application, typed, messages)
        return render.page("applications/followup.html", page, status=render.REFUSED)
    render.say(_("The follow-up is recorded. Your head is asked to confirm it."))
    return render.redirect(url_for("followups.show", number=application.number))


@blueprint.post("/applications/<number>/follow-up/confirm")
@guard("see", application=True)
def confirm(application: Application) -> ResponseReturnValue:
    """Confirm, as head, what was recorded."""
    current.act(following_up.confirm_followup, number=application.number)
    render.say(_("The follow-up is confirmed."))
    return render.redirect(url_for("followups.show", number=application.number))


@blueprint.get("/lessons")
@guard("apply")
def lessons() -> ResponseReturnValue:
    """What colleagues have brought home, by the words searched for, the latest first."""
    typed = clean(request.args.get("q", ""), 200)
    found = followups.lessons(
        current.reading(), words=typed.split(), before=_place(request.args.get("before", "")), limit=PAGE + 1
    )
    lines = tuple(
        LessonLine(
            event=each.event,
            held_on=each.followup.held_on or each.followup.planned_on,
            participant=each.participant,
            unit=each.unit,
            forum=each.followup.forum,
            lesson=each.followup.lesson,
        )
        for each in found[:PAGE]
    )
    next_href = ""
    if len(found) > PAGE:
        last = found[PAGE - 1].followup
        next_href = url_for("followups.lessons", q=typed, before=f"{last.held_on}.{last.application_id}")
    owed = url_for("followups.owed") if may(current.person(), "see-finance") is None else ""
    return render.page("applications/lessons.html", LessonsPage(typed, lines, next_href, owed))


@blueprint.get("/lessons/owed")
@guard("see-finance")
def owed() -> ResponseReturnValue:
    """The follow-ups that should have been recorded by now, the longest owed first."""
    today, me = current.today(), current.person()
    funds = {each.fund for each in editions(me)}
    lines = tuple(
        OwedLine(
            number=each.number,
            href=url_for("followups.show", number=each.number),
            event=each.event,
            participant=each.participant,
            unit=each.unit,
            planned_on=each.followup.planned_on,
            late=(today - each.followup.planned_on).days,
        )
        for each in followups.owed_by(current.reading(), today, funds=funds, but_aside=me.id)
        if each.followup.is_overdue(today)
    )
    return render.page("applications/owed.html", OwedPage(lines))


def _page(
    application: Application,
    typed: Mapping[str, str] | None = None,
    messages: Mapping[str, str] | None = None,
) -> FollowUpPage:
    session, me = current.reading(), current.person()
    followup = followups.find(session, application.id)
    if followup is None:
        raise Refused(NOT_FOUND)
    today = local_day(current.now(), current.scheme(application.scheme))
    participant = people.get(session, application.participant_id, day=today)
    to_record = may_record(application, followup, me, today)
    to_confirm = may_confirm(application, participant, followup, me)
    kind, status = standing(followup, today)
    return FollowUpPage(
        number=application.number,
        title=application.title,
        planned=_planned(application),
        recorded=_recorded(followup)[: None if current.reads(application, "words") else 1],
        kind=kind,
        status=status,
        typed=typed or _typed(followup),
        messages=messages or {},
        owed=followup.owed or followup.recorded,
        records=is_party(me, application),
        record_reason="" if to_record is None else spoken(to_record),
        confirms=me.id in (participant.head_id, application.head_id) and me.id != participant.id,
        confirm_reason="" if to_confirm is None else spoken(to_confirm),
    )


def standing(followup: FollowUp, today: date) -> tuple[str, str]:
    """The tag of a follow-up and what it says."""
    if followup.confirmed_at is not None:
        return "granted", _("Confirmed")
    if followup.recorded:
        return "signed", _("Recorded")
    if followup.is_overdue(today):
        return "late", _("Late")
    if not followup.owed:
        return "plain", _("Not owed")
    return "waiting", _("Planned")


def _planned(application: Application) -> tuple[AnswerRow, ...]:
    """The plan as it was answered, with the scheme's own questions."""
    answers = applications.version_of(current.reading(), application).answers
    scheme = current.scheme(application.scheme)
    kind, shown = scheme.kinds[application.kind], readable(application, scheme, answers)
    return tuple(
        AnswerRow(words(field.label), text)
        for field in map(kind.fields.__getitem__, kind.follow_up)
        if (text := answer_text(scheme, field, shown.get(field.name), language()))
    )


def _recorded(followup: FollowUp) -> tuple[AnswerRow, ...]:
    if followup.held_on is None:
        return ()
    return (
        AnswerRow(_("Day"), day(followup.held_on)),
        AnswerRow(_("Where"), followup.forum),
        AnswerRow(_("To whom"), followup.audience),
        AnswerRow(_("What colleagues can learn"), followup.lesson),
    )


def _typed(followup: FollowUp) -> Mapping[str, str]:
    held_on = followup.held_on.isoformat() if followup.held_on else ""
    return {
        "held_on": held_on,
        "forum": followup.forum,
        "audience": followup.audience,
        "lesson": followup.lesson,
    }


def _day(typed: str) -> date | None:
    try:
        return read_date(typed)
    except Unreadable:
        return None


def _place(typed: str) -> tuple[date, int] | None:
    """The last line of the page before, as its link says; anything else starts from the top."""
    held_on, dot, last = typed.partition(".")
    found, application_id = _day(held_on), whole(last)
    return None if not dot or found is None or application_id is None else (found, application_id)
