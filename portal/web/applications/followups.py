"""Follow-ups: recording what was brought back, the head's word on it, and searching what colleagues have learnt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import following_up
from portal.domain.access import NOT_FOUND, is_party, may
from portal.domain.application import Application
from portal.domain.followup import NO_REASON, Denial, FollowUp, may_confirm, may_deny, may_record
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.refusal import Refusal, Refused
from portal.forms.typed import clean, whole
from portal.forms.typed import day as typed_day
from portal.language.wording import answer_text
from portal.store import applications, followups, people
from portal.web import current, render
from portal.web.answers import AnswerRow, readable
from portal.web.finance.views import editions
from portal.web.guard import guard
from portal.web.language import _, language, spoken, words

blueprint = Blueprint("followups", __name__)

PAGE = 25
FIELDS = ("held_on", "forum", "audience", "lesson")
_OF_REASON = frozenset({NO_REASON.code, "text.too-long"})


@dataclass(frozen=True, slots=True)
class FollowUpPage:
    """One follow-up: what was planned, what is recorded, and what the reader can do about it."""

    application: Application
    followup: FollowUp
    today: date
    planned: Sequence[AnswerRow]
    """The plan as it was answered, with the scheme's own questions."""
    motivated: bool
    """Whether the reader may read what was recorded in people's own words."""
    waits_for_nobody: bool
    """Whether nobody who is here can confirm it."""
    sees_case: bool
    """Whether the reader may open the application; a head who stands in sees the follow-up alone."""
    denial: Denial | None
    """The head's word that it is not so, while nothing else is recorded."""
    denier: str
    """Whose word that is."""
    acts: Mapping[str, Refusal | None]
    """What the reader is the one to do (record, confirm, deny), or why not now."""
    typed: Mapping[str, str]
    wrong: Mapping[str, list[str]]
    """What is wrong in what was sent, by field."""


def _confirms(me: Person, application: Application) -> bool:
    """Whether it is the person's word, also where the head named has left and they are no party."""
    session = current.reading()
    if me.id == followups.confirmer(session, application.id):
        return True
    followup = followups.find(session, application.id)
    return followup is not None and followup.confirmed_by == me.id


@blueprint.get("/applications/<number>/follow-up")
@guard("see", application=True, also=_confirms)
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
            held_on=typed_day(typed["held_on"], current.today()),
            forum=typed["forum"],
            audience=typed["audience"],
            lesson=typed["lesson"],
        )
    except following_up.Incomplete as incomplete:
        page = _page(application, typed, incomplete.wrong)
        return render.page("applications/followup.html", page, status=render.REFUSED)
    render.say(_("The follow-up is recorded. Your head is asked to confirm it."))
    return render.redirect(url_for("followups.show", number=application.number))


@blueprint.post("/applications/<number>/follow-up/confirm")
@guard("see", application=True, also=_confirms)
def confirm(application: Application) -> ResponseReturnValue:
    """Confirm, as head, what was recorded."""
    current.act(following_up.confirm_followup, number=application.number)
    render.say(_("The follow-up is confirmed."))
    return render.redirect(url_for("followups.show", number=application.number))


@blueprint.post("/applications/<number>/follow-up/deny")
@guard("see", application=True, also=_confirms)
def deny(application: Application) -> ResponseReturnValue:
    """Say, as head, that what was recorded is not so; what lacks is said beside the reason."""
    reason = clean(request.form.get("reason", ""))
    try:
        current.act(following_up.deny_followup, number=application.number, reason=reason)
    except Refused as refused:
        if refused.refusal.code not in _OF_REASON:
            raise
        page = _page(application, {"reason": reason}, {"reason": refused.refusal})
        return render.page("applications/followup.html", page, status=render.REFUSED)
    render.say(
        _("You have said that it is not so. The applicant and the participant are told, and put it right.")
    )
    return render.redirect(url_for("followups.show", number=application.number))


@blueprint.get("/lessons")
@guard("come-in")
def lessons() -> ResponseReturnValue:
    """What colleagues have brought home, by the words searched for, the latest first."""
    typed = clean(request.args.get("q", ""), 200)
    found = followups.lessons(
        current.reading(), words=typed.split(), before=_place(request.args.get("before", "")), limit=PAGE + 1
    )
    next_href = ""
    if len(found) > PAGE:
        last = found[PAGE - 1].followup
        next_href = url_for("followups.lessons", q=typed, before=f"{last.held_on}.{last.application_id}")
    return render.page(
        "applications/lessons.html",
        query=typed,
        lessons=found[:PAGE],
        next_href=next_href,
        looks_after=may(current.person(), "see-finance") is None,
    )


@blueprint.get("/lessons/owed")
@guard("see-finance")
def owed() -> ResponseReturnValue:
    """The follow-ups that should have been recorded by now, the longest owed first."""
    today, me = current.today(), current.person()
    funds = {each.fund for each in editions(me)}
    found = followups.owed_by(current.reading(), today, funds=funds, but_aside=me.id)
    late = [each for each in found if each.followup.is_overdue(today)]
    return render.page("applications/owed.html", late=late, today=today)


def _page(
    application: Application,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, Refusal] | None = None,
) -> FollowUpPage:
    session, me = current.reading(), current.person()
    followup = followups.find(session, application.id)
    if followup is None:
        raise Refused(NOT_FOUND)
    today, denial = (
        local_day(current.now(), current.scheme(application.scheme)),
        followups.denied(session, application.id),
    )
    confirmer, confirms = followups.confirmer(session, application.id), _confirms(me, application)
    acts: dict[str, Refusal | None] = {}
    if is_party(me, application):
        acts["record"] = may_record(application, followup, me, today)
    if confirms:
        acts["confirm"] = may_confirm(followup, me, confirmer=confirmer, denial=denial)
        acts["deny"] = may_deny(followup, me, confirmer=confirmer)
    motivated = confirms or current.reads(application, "words")
    recorded = {name: str(getattr(followup, name) or "") for name in FIELDS}
    if denial is not None:
        recorded["held_on"] = str(denial.held_on)
    return FollowUpPage(
        application=application,
        followup=followup,
        today=today,
        planned=_planned(application, motivated=motivated),
        motivated=motivated,
        waits_for_nobody=followup.recorded and followup.confirmed_at is None and confirmer is None,
        sees_case=current.reads(application),
        denial=denial,
        denier=people.names_of(session, {denial.head_id})[denial.head_id] if denial else "",
        acts=acts,
        typed=recorded | dict(typed or {}),
        wrong={name: [spoken(refusal)] for name, refusal in (wrong or {}).items()},
    )


def _planned(application: Application, *, motivated: bool) -> list[AnswerRow]:
    answers = applications.version_of(current.reading(), application).answers
    scheme = current.scheme(application.scheme)
    kind = scheme.kinds[application.kind]
    shown = answers if motivated else readable(application, scheme, answers)
    return [
        AnswerRow(field.name, words(field.label), text)
        for field in map(kind.fields.__getitem__, kind.follow_up)
        if (text := answer_text(scheme, field, shown.get(field.name), language()))
    ]


def _place(typed: str) -> tuple[date, int] | None:
    """The last line of the page before, as its link says; anything else starts from the top."""
    held_on, dot, last = typed.partition(".")
    found, application_id = typed_day(held_on, current.today()), whole(last)
    return None if not dot or found is None or application_id is None else (found, application_id)
