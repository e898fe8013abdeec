"""Builds the page of an application for its parties: what came of it, what happened, what was said at submission."""

from collections.abc import Sequence

from flask import url_for

from portal.actions.judging import case_of
from portal.domain.access import is_party, may
from portal.domain.application import Application, Decision, Status, Version
from portal.domain.application import Outcome as Decided
from portal.domain.periods import first_decision_day, local_day
from portal.domain.scheme import Scheme
from portal.domain.signoff import Case
from portal.language.vocabularies import STATUSES
from portal.language.wording import money
from portal.store import applications, audit, people, signing
from portal.web import current, panel
from portal.web.answers import AnswerRow, in_words, of_version
from portal.web.applications import upcoming
from portal.web.claims import coming
from portal.web.language import _, day, instant, language, spoken, standing, word, words
from portal.web.pages.applications import (
    ApplicationPage,
    Outcome,
    PartyAct,
    TimelineItem,
    VersionLink,
)
from portal.web.signoff import case_history


def build(application: Application) -> ApplicationPage:
    """The whole page as of now."""
    session, scheme = current.reading(), current.scheme(application.scheme)
    kind, case = scheme.kinds[application.kind], case_of(session, application, scheme, at=current.now())
    versions = applications.versions_of(session, application.id)
    decision = signing.find_decision(session, application.id)
    tag, status = standing(application.status, next_year=_is_kept(scheme))
    motivated = current.reads(application, "words")
    return ApplicationPage(
        number=application.number,
        title=application.title,
        scheme_title=words(scheme.title),
        zone=scheme.zone,
        kind=tag,
        status=status,
        about=_about(application, scheme),
        outcome=_outcome(application, scheme, decision, motivated=motivated),
        question=(application.question or "") if motivated else "",
        sections=in_words(
            scheme,
            case.typed,
            attached=of_version(application, kind, application.version),
            application=application,
        ),
        panel=panel.kept(versions[-1].assessment, scheme=scheme, kind=kind),
        timeline=_timeline(case, told=decision is not None, motivated=motivated),
        acts=_acts(application),
        versions=version_links(application, versions, application.version) if len(versions) > 1 else (),
        queue_href=_queue_href(application),
    )


def version_links(
    application: Application, versions: Sequence[Version], shown: int
) -> tuple[VersionLink, ...]:
    """The versions, the last first."""
    return tuple(
        VersionLink(
            each.number,
            each.submitted_at,
            url_for("applications.version", number=application.number, version=each.number),
            each.number == shown,
        )
        for each in reversed(versions)
    )


def _is_kept(scheme: Scheme) -> bool:
    return local_day(current.now(), scheme) < scheme.decides_from


def _queue_href(application: Application) -> str:
    me = current.person()
    if is_party(me, application) or may(me, "see-register", application) is not None:
        return ""
    return url_for("signoff.case", number=application.number)


def _about(application: Application, scheme: Scheme) -> tuple[AnswerRow, ...]:
    ids = {application.participant_id, application.applicant_id}
    ids |= {application.head_id} if application.head_id is not None else set()
    names = people.names_of(current.reading(), ids)
    rows = [
        AnswerRow(_("Number"), application.number),
        AnswerRow(_("Received"), instant(application.received_at, scheme.zone)),
    ]
    if application.submitted_at != application.received_at:
        rows.append(AnswerRow(_("Last sent"), instant(application.submitted_at, scheme.zone)))
    rows.append(AnswerRow(_("Participant"), names[application.participant_id]))
    if application.applicant_id != application.participant_id:
        rows.append(AnswerRow(_("Written by"), names[application.applicant_id]))
    if application.head_id is not None:
        rows.append(AnswerRow(_("Head"), names.get(application.head_id, "")))
    return tuple(rows)


def _outcome(
    application: Application, scheme: Scheme, decision: Decision | None, *, motivated: bool
) -> Outcome | None:
    if decision is None:
        return None
    granted = decision.outcome is Decided.GRANT
    gives = granted and scheme.kinds[application.kind].gives_money
    figure = money(decision.amount, application.currency, language()) if gives else ""
    if application.status is Status.CANCELLED:
        return Outcome(
            "note", _("The grant was cancelled"), figure, (decision.cancel_reason or "") if motivated else ""
        )
    title = word(STATUSES, "granted" if granted else "refused")
    return Outcome("good" if granted else "bad", title, figure, decision.reason if motivated else "")


def _timeline(case: Case, *, told: bool, motivated: bool) -> tuple[TimelineItem, ...]:
    """What has happened, and what comes next while it is open and after a grant."""
    session, application, scheme = current.reading(), case.application, case.scheme
    log = case_history.without_seats(audit.history(session, application.id))
    names = people.names_of(session, case_history.people_in(case, application, log))
    asked = signing.questions_on(session, application.id)
    items = [
        TimelineItem(each.title, each.state, each.at, each.datetime, each.by, each.text if motivated else "")
        for each in case_history.timeline(case, log, asked, current.person(), names, told=told)
    ]
    first = first_decision_day(scheme, local_day(current.now(), scheme))
    if application.status is Status.RETURNED:
        items.append(TimelineItem(_("Waits for your answer"), "now"))
    if application.status is Status.WAITING:
        text = _("Two people decide. The first day is %(day)s.", day=day(first)) if first else ""
        items.append(TimelineItem(_("Waits for a decision"), "now", text=text))
    if application.status.open:
        items.append(TimelineItem(_("Decision"), "next"))
    return (*items, *upcoming.after_grant(application, scheme))


def _acts(application: Application) -> tuple[PartyAct, ...]:
    """What a party can do now, and withdrawing once it is too late, with the words of the refusal."""
    me = current.person()
    acts = list(coming.acts(application, me))
    if not is_party(me, application):
        return tuple(acts)
    number = application.number
    if may(me, "resubmit", application) is None:
        href = url_for("applications.answer", number=number)
        acts.append(PartyAct("answer", _("Answer the question"), href, kind="primary", post=True))
    scheme = current.scheme(application.scheme)
    follows = scheme.kinds[application.kind].leads_to
    if follows and application.status is Status.GRANTED:
        button = _("Begin: %(title)s", title=words(scheme.kinds[follows].title))
        href = url_for("applications.go_on", number=number)
        acts.append(PartyAct("go-on", button, href, kind="primary", post=True))
    refusal = may(me, "withdraw", application)
    if refusal is None or application.status in (Status.GRANTED, Status.REFUSED):
        href = url_for("applications.confirm_withdraw", number=number)
        reason = "" if refusal is None else spoken(refusal)
        acts.append(PartyAct("withdraw", _("Withdraw the application"), href, reason=reason))
    if may(me, "cancel", application) is None:
        href = url_for("applications.confirm_cancel", number=number)
        acts.append(PartyAct("cancel", _("Cancel the grant"), href, kind="danger"))
    return tuple(acts)
