"""The page of an application for its parties: what came of it, what happened and comes next, what they can do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask import url_for

from portal.actions.judging import case_of, closes_on
from portal.actions.submitting import why_not_cancel
from portal.domain.access import NOT_FOUND, is_party, may, may_give_back
from portal.domain.application import Application, Decision, Status, Version
from portal.domain.attest import is_attested
from portal.domain.claim import Claim, Stage, is_invoiced
from portal.domain.followup import FollowUp
from portal.domain.periods import first_decision_day, local_day
from portal.domain.refusal import Refusal
from portal.domain.scheme import Kind, Scheme
from portal.domain.signoff import Case
from portal.store import applications, claims, followups, heads, people, signing
from portal.web import current, panel
from portal.web.answers import AnswerSection, in_words, of_version
from portal.web.funds.views import edition_begun
from portal.web.heads.page import HeadLine, line_of
from portal.web.language import _, day, standing
from portal.web.signoff import case_history
from portal.web.signoff.case_history import Happening


@dataclass(frozen=True, slots=True)
class GrantStep:
    """Something to do after a grant: until when, where, and whether it is done."""

    title: str
    on: date
    until: date | None = None
    """The last day, where it takes more than one."""
    href: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """An application as its parties see it."""

    application: Application
    scheme: Scheme
    standing: tuple[str, str]
    """The tag and its text."""
    names: Mapping[int, str]
    decision: Decision | None
    reason: str
    """Of the decision, or of its cancelling; empty where the reader may not read people's own words."""
    closes_on: date | None
    """The last day on which the answer to the question is waited for."""
    declined: str
    """Why the participant said no; empty in the same way."""
    question: str
    """Why it was returned; empty in the same way."""
    head: HeadLine | None
    """Where the head's word stands, where one is asked for."""
    head_asks: bool
    """Whether it was the head who returned it."""
    sections: Sequence[AnswerSection]
    panel: panel.SubmittedPanel
    timeline: Sequence[Happening]
    steps: Sequence[GrantStep]
    """What follows a grant that stands, the first due first."""
    signers: Sequence[tuple[str, str]]
    """Who decided, each with their reason; none where the reader may not read people's own words."""
    today: date
    acts: Mapping[str, Refusal | None]
    """What the reader can do now; withdrawing also once it is too late, with the words of the refusal."""
    versions: Sequence[Version]

    @property
    def kind(self) -> Kind:
        return self.scheme.kinds[self.application.kind]

    @property
    def follows(self) -> Kind | None:
        """The kind of application that a grant of this one leads to."""
        return self.scheme.kinds[self.kind.leads_to] if self.kind.leads_to else None


def build(application: Application) -> ApplicationPage:
    """The whole page as of now."""
    session, scheme = current.reading(), current.scheme(application.scheme)
    kind, case = scheme.kinds[application.kind], case_of(session, application, scheme, at=current.now())
    versions = applications.versions_of(session, application.id)
    decision, claim = signing.find_decision(session, application.id), claims.find(session, application.id)
    today, motivated = local_day(current.now(), scheme), current.reads(application, "words")
    row = application
    parties = (row.participant_id, row.applicant_id, row.author_id, row.head_id)
    names = people.names_of(session, {each for each in parties if each is not None})
    return ApplicationPage(
        application=application,
        scheme=scheme,
        standing=standing(application.status, next_year=today < scheme.decides_from),
        names=names,
        decision=decision,
        reason=_reason(decision) if decision is not None and motivated else "",
        closes_on=case.closes_on,
        declined=(application.declined or "") if motivated else "",
        question=(application.question or "") if motivated else "",
        head=line_of(scheme, application, case.head_words),
        head_asks=case.head_word is not None and not case.head_word.given,
        sections=in_words(
            scheme,
            case.typed,
            attached=of_version(application, kind, application.version),
            application=application,
            head=names.get(row.head_id, "") if row.head_id is not None else "",
        ),
        panel=panel.kept(versions[-1].assessment, application=application, scheme=scheme, kind=kind),
        timeline=[
            *happened(case, told=decision is not None),
            *_next(case, claim, today),
        ],
        steps=_steps(application, scheme, claim) if application.status is Status.GRANTED else (),
        signers=_signers(case) if decision is not None and motivated else (),
        today=today,
        acts=_acts(application, scheme, claim) | _giving_back(application),
        versions=versions,
    )


def _reason(decision: Decision) -> str:
    return decision.reason if decision.cancelled_at is None else decision.cancel_reason or ""


def _steps(application: Application, scheme: Scheme, claim: Claim | None) -> list[GrantStep]:
    """The event, the costs with the invoice, and the follow-up, in the order of their days."""
    today, number = local_day(current.now(), scheme), application.number
    begins, ends = application.starts_on, application.ends_on
    steps = [GrantStep(_("The course or conference"), begins, ends, done=today > ends)]
    if claim is not None and claim.due_on is not None:
        may_open = may(current.person(), "state-costs", application) is None
        done, href = (
            claim.stage is not Stage.WAITING,
            url_for("costs.show", number=number) if may_open else "",
        )
        title = _("State what it cost, for the invoice")
        steps.append(GrantStep(title, claim.due_on, href=href, done=done))
    followup = followups.find(current.reading(), application.id)
    if followup is not None and (followup.owed or followup.recorded):
        href = url_for("followups.show", number=number)
        title = _("Tell your colleagues, and record it")
        steps.append(GrantStep(title, followup.planned_on, href=href, done=followup.recorded))
    return sorted(steps, key=lambda each: each.on)


def _signers(case: Case) -> list[tuple[str, str]]:
    names = people.names_of(current.reading(), {each.signer_id for each in case.standing})
    said: dict[str, list[str]] = {}
    for each in case.standing:
        said.setdefault(each.reason, []).append(names[each.signer_id])
    return [(", ".join(whose), reason) for reason, whose in said.items()]


def _acts(application: Application, scheme: Scheme, claim: Claim | None) -> dict[str, Refusal | None]:
    me, status = current.person(), application.status
    acts: dict[str, Refusal | None] = {}

    def offer(name: str, act: str) -> None:
        if may(me, act, application) is None:
            acts[name] = None

    if claim is not None and status in (Status.GRANTED, Status.CANCELLED):
        to_state = status is Status.GRANTED and claim.stage is Stage.WAITING
        offer("state" if to_state else "costs" if is_invoiced(scheme) else "payment", "state-costs")
        if may(me, "see-payments", application) is None:
            acts["register"] = None
    acts |= dict.fromkeys(_beside(application, scheme))
    if not is_party(me, application):
        offer("sign-off", "see-register")
        return acts
    offer("answer", "resubmit")
    leads_on = scheme.kinds[application.kind].leads_to and status is Status.GRANTED
    if leads_on and applications.find_user(current.reading(), application.id) is None:
        acts["go-on"] = None
    if edition_to_copy_to(application) is not None:
        offer("copy", "apply")
    offer("decline", "decline")
    refusal = may(me, "withdraw", application)
    if refusal != NOT_FOUND and (refusal is None or status in (Status.GRANTED, Status.REFUSED)):
        acts["withdraw"] = refusal
    if may(me, "cancel", application) is None:
        acts["cancel"] = why_not_cancel(current.reading(), scheme, application, claim, me, current.now())
    return acts


def _giving_back(application: Application) -> dict[str, Refusal | None]:
    left = application.is_taken_over and people.has_left(current.reading(), application.author_id)
    refusal = may_give_back(current.person(), application, author_left=left)
    return {} if refusal == NOT_FOUND else {"give-back": refusal}


def edition_to_copy_to(application: Application) -> Scheme | None:
    """The edition in which one more of this kind begins today, for whoever is a party."""
    return (
        edition_begun(application.fund, application.kind) if is_party(current.person(), application) else None
    )


def _beside(application: Application, scheme: Scheme) -> Iterator[str]:
    """The pages beside this one that the reader has use for: the head's word, and the follow-up."""
    session, waits = (
        current.reading(),
        application.status is Status.WAITING and is_attested(scheme, application),
    )
    if waits and heads.stands_for(session, application.id) == current.person().id:
        yield "attest"
    if followups.find(session, application.id) is not None:
        yield "follow-up"


def happened(case: Case, *, told: bool) -> Sequence[Happening]:
    """What the parties are told has happened, in people's own words only to those who may read them."""
    lines = case_history.history(case, told=told, seats=False).lines
    if current.reads(case.application, "words"):
        return lines
    return [replace(each, text="") for each in lines]


def _coming(title: str, *, now: bool = False, on: date | None = None, text: str = "") -> Happening:
    return Happening(title, on, text=text, state="now" if now else "next")


def _next(case: Case, claim: Claim | None, today: date) -> Iterator[Happening]:
    """What comes next while it is open, and on a grant that stands what is still to come, the first due first."""
    application, scheme = case.application, case.scheme
    status, first = application.status, first_decision_day(scheme, today)
    if status is Status.WAITING and case.head_word is None and is_attested(scheme, application):
        yield _coming(_("Waits for the head’s word"), now=True)
    if status is Status.RETURNED:
        until = closes_on(current.reading(), application, scheme)
        text = (
            _("After %(day)s it can be refused without an answer.", day=day(until))
            if until is not None
            else ""
        )
        yield _coming(_("Waits for your answer"), now=True, on=until, text=text)
    if status is Status.WAITING:
        text = _("Two people decide. The first day is %(day)s.", day=day(first)) if first else ""
        yield _coming(_("Waits for a decision"), now=True, text=text)
    if status.open:
        yield _coming(_("Decision"))
    if status is not Status.GRANTED:
        return
    if today < application.starts_on:
        yield _coming(_("The course or conference begins"), on=application.starts_on)
    followup = followups.find(current.reading(), application.id)
    steps = (
        (claim and claim.due_on, _of_claim(application, scheme, claim, today)),
        (followup and followup.planned_on, _of_followup(followup, today)),
    )
    for _due, items in sorted(steps, key=lambda step: step[0] or date.max):
        yield from items


def _of_claim(
    application: Application, scheme: Scheme, claim: Claim | None, today: date
) -> Iterator[Happening]:
    """What the claim waits for now, and what follows."""
    if claim is None or claim.stage in (Stage.PAID, Stage.RELEASED):
        return
    ahead = {
        Stage.WAITING: (_("Waits for the actual costs"), _("Invoice"), _("Payment")),
        Stage.STATED: (_("Waits for the invoice"), _("Payment")),
        Stage.PART: (_("Waits for the payment, and for more invoices"),),
        Stage.INVOICED: (_("Waits for the payment"),),
    }[claim.stage]
    if claim.stage is Stage.STATED and not is_invoiced(scheme):
        ahead = (_("Waits for the payment"),)
    due = claim.due_on if claim.stage in (Stage.WAITING, Stage.STATED) else None
    text = _("By %(day)s.", day=day(due)) if due else ""
    yield _coming(ahead[0], now=application.starts_on <= today, text=text)
    yield from map(_coming, ahead[1:])


def _of_followup(followup: FollowUp | None, today: date) -> Iterator[Happening]:
    if followup is None or followup.confirmed_at is not None or not (followup.owed or followup.recorded):
        return
    if not followup.recorded:
        late = followup.is_overdue(today)
        title, text = _("Bring it home and record the follow-up"), _("Late") if late else ""
        yield _coming(title, now=late, on=followup.planned_on, text=text)
    yield _coming(_("The head confirms the follow-up"), now=followup.recorded)
