"""Submitting: a draft becomes an application, or the next version of one that was returned; and taking it back.

The applicant ends an application that waits, and a grant that is no longer needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from portal.actions.attesting import ask_head, asked_head
from portal.actions.cases import check_settles, said, take
from portal.actions.claiming import take_back_unpaid
from portal.actions.drafting import CHANGED, may_write
from portal.actions.judging import Judged, case_of, judge
from portal.actions.notices import tell, tell_parties, tell_signers
from portal.domain.access import NOT_FOUND, is_party, may
from portal.domain.alphabet import folded
from portal.domain.application import Application, Draft, Status, Version
from portal.domain.assessment import Assessment
from portal.domain.claim import Claim, cancelling, may_cancel
from portal.domain.digest import digest_of
from portal.domain.document import Document, fingerprint, mark_of, takes_documents
from portal.domain.facts import once_key
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.scheme import Scheme
from portal.language.wording import record, title_of
from portal.letters.orders import order_confirmation
from portal.schemes.loader import Schemes
from portal.store import applications, audit, budgets, claims, documents, drafts, heads, people, signing
from portal.store.applications import ForTheQueue
from portal.store.queue import reassess
from portal.store.session import Clash, NotFound, Session

PARTICIPANT_LEFT = Refusal(
    "submit.participant-left",
    N_(
        "The participant no longer works here, so the application cannot be sent. Nothing that you wrote is lost."
    ),
)


ANOTHER_EVENT = Refusal(
    "submit.another-event",
    N_(
        "The name or the first day of the event cannot be changed once it has begun, here or in what you write "
        "instead. Another event is a new application."
    ),
)


class Blocked(Refused):
    """The application has findings that block: nothing was submitted, and `assessment` says what to change."""

    def __init__(self, assessment: Assessment) -> None:
        super().__init__(Refusal("submit.blocked", N_("The application cannot be submitted yet.")))
        self.assessment = assessment


@dataclass(frozen=True, slots=True)
class _Submission:
    """A draft as it was judged for submission."""

    draft: Draft
    judged: Judged
    participant: Person
    applicant: Person
    at: datetime
    documents: tuple[Document, ...]

    @property
    def scheme(self) -> Scheme:
        return self.judged.scheme

    @property
    def digest(self) -> str:
        typed = self.judged.typed
        return digest_of(typed.kind.key, typed.answers, fingerprint(self.documents))


def submit(
    session: Session,
    *,
    token: str,
    schemes: Schemes,
    by: Person,
    at: datetime,
    submit_key: str | None = None,
    revision: int | None = None,
    shown: str | None = None,
) -> Application:
    """Submit a draft; however often it arrives under one key (the draft's token unless given), it is one submission.

    `revision` is the one that was reviewed, and `shown` the mark of its documents then. A returned application keeps
    its number, its place and its first received-at, by which its answers are judged ("Ansökan ska alltid ske innan en
    kurs/konferens äger rum").
    Raises Blocked when something blocks, Refused `draft.changed` when another window saved in between.
    """
    key = submit_key or token
    draft = drafts.find(session, token, for_update=True)
    submitted = applications.find_submitted(session, submitted_by=by.id, submit_key=key)
    if submitted is not None:
        return submitted
    if draft is None or not may_write(session, draft, by):
        raise Refused(NOT_FOUND)
    if revision is not None and revision != draft.revision:
        raise Refused(CHANGED)
    if shown is not None and shown != mark_of(documents.of_draft(session, token)):
        raise Refused(CHANGED)
    scheme, before = schemes[draft.scheme], None
    if draft.application_id is None:
        submission, application = _new(session, draft, scheme, by, at)
    else:
        before = applications.get_by_id(session, draft.application_id, for_update=True)
        submission, application = _again(session, draft, scheme, before, by, at)
    try:
        applications.use(session, application.id, submission.judged.facts.approval_id)
    except Clash:
        raise Refused(CHANGED) from None
    _keep_version(session, submission, application, key, by)
    _tell_received(session, application, again=before is not None, at=at)
    awaited = ask_head(session, scheme, application, before, at=at)
    if not (awaited and scheme.attest == "required"):
        _tell_signers(session, submission, application)
    act = "resubmit" if before else "submit"
    audit.log(
        session,
        act,
        by,
        at,
        application.id,
        version=application.version,
        digest=application.digest,
        amount=application.amount,
        mark=submission.judged.assessment.mark,
        scheme=submission.scheme.digest,
    )
    return application


def _new(
    session: Session, draft: Draft, scheme: Scheme, by: Person, at: datetime
) -> tuple[_Submission, Application]:
    submission = _judged(session, draft, scheme, None, applicant_id=by.id, at=at)
    application = replace(_application(submission, received_at=at), number=_number(session, scheme, at))
    queued = _for_the_queue(submission, application)
    return submission, replace(application, id=applications.add(session, application, queued))


def _again(
    session: Session, draft: Draft, scheme: Scheme, before: Application, by: Person, at: datetime
) -> tuple[_Submission, Application]:
    refuse(may(by, "resubmit", before))
    submission = _judged(session, draft, scheme, before, applicant_id=before.applicant_id, at=at)
    application = replace(
        _application(submission, received_at=before.received_at),
        id=before.id,
        number=before.number,
        author_id=before.author_id,
        taken_at=before.taken_at,
        registration=before.registration,
        version=before.version + 1,
        submitted_at=max(at, before.submitted_at),
    )
    refuse(_another_event(submission.scheme, before, application, local_day(at, submission.scheme)))
    applications.replace(session, application, _for_the_queue(submission, application))
    return submission, application


def _another_event(scheme: Scheme, before: Application, answer: Application, today: date) -> Refusal | None:
    """Why an answer is no answer: it is judged by when the first was received, so it must be of the same event.

    Name and first day can be corrected until the event has begun; a fund that pays afterwards asks for what has been.
    """
    if not any(rule.check == "already_started" for rule in scheme.rules_of[answer.kind]):
        return None
    same = (folded(answer.title), answer.starts_on) == (folded(before.title), before.starts_on)
    return None if same or min(before.starts_on, answer.starts_on) > today else ANOTHER_EVENT


def _tell_received(session: Session, application: Application, *, again: bool, at: datetime) -> None:
    """Tell who wrote it that it has come, and somebody it was written for that a colleague has applied for them."""
    if again or application.applicant_id == application.participant_id:
        tell_parties(session, "received-again" if again else "received", application, at=at)
        return
    tell(session, "received", application, (application.applicant_id,), at=at)
    tell(session, "applied-for-you", application, (application.participant_id,), at=at)


def _tell_signers(session: Session, submission: _Submission, application: Application) -> None:
    """Tell the approvers what they can decide today; what is kept or falls in a pause waits in their queue."""
    today, first = local_day(submission.at, submission.scheme), submission.judged.assessment.decidable_from
    if first is not None and first <= today:
        tell_signers(
            session, application, submission.applicant, submission.participant, day=today, at=submission.at
        )


def _judged(
    session: Session,
    draft: Draft,
    scheme: Scheme,
    answering: Application | None,
    *,
    applicant_id: int,
    at: datetime,
) -> _Submission:
    """Judge the draft inside the transaction: by its first submission, among the facts of now. Raises Blocked."""
    day = local_day(at, scheme)
    try:
        parties = people.get_all(session, (applicant_id, draft.participant_id), day=day)
    except NotFound:
        raise Refused(NOT_FOUND) from None
    participant = parties[draft.participant_id]
    if people.has_left(session, participant.id):
        raise Refused(PARTICIPANT_LEFT)
    kind = scheme.kinds[draft.kind]
    attached = tuple(documents.of_draft(session, draft.token)) if takes_documents(kind) else ()
    judged = judge(
        session,
        scheme=scheme,
        kind=kind,
        participant=participant,
        applicant_id=applicant_id,
        answers=draft.answers,
        documents=attached,
        answering=answering,
        at=at,
    )
    if not judged.assessment.submittable:
        raise Blocked(judged.assessment)
    return _Submission(draft, judged, participant, parties[applicant_id], at, attached)


def _application(submission: _Submission, *, received_at: datetime) -> Application:
    draft, scheme, typed = submission.draft, submission.scheme, submission.judged.typed
    assessment, starts_on = submission.judged.assessment, typed["starts_on"]
    return Application(
        id=0,
        number="",
        scheme=scheme.key,
        fund=scheme.fund,
        kind=typed.kind.key,
        applicant_id=submission.applicant.id,
        author_id=submission.applicant.id,
        participant_id=draft.participant_id,
        head_id=submission.judged.facts.head_id,
        title=said(title_of(typed.kind, typed.answers, scheme.language), longest=1000),
        year=starts_on.year,
        starts_on=starts_on,
        ends_on=typed["ends_on"] or starts_on,
        zone=assessment.zone,
        status=Status.WAITING,
        version=1,
        digest=submission.digest,
        amount=assessment.amount,
        currency=scheme.currency,
        once_key=once_key(scheme, submission.participant.once, typed.values, typed.kind.key),
        received_at=received_at,
        submitted_at=submission.at,
    )


def _number(session: Session, scheme: Scheme, at: datetime) -> str:
    """RFR-2026-0012: the edition's year, or the year of submission where a fund has no year of its own."""
    year = scheme.year if scheme.ends_on is not None else local_day(at, scheme).year
    series = f"{scheme.prefix}-{year}"
    return f"{series}-{applications.next_serial(session, series):04d}"


def raise_series(session: Session, *, series: str, last: int, by: Person | None, at: datetime) -> bool:
    """Let a series go on after a number that was given before a backup was brought back; whether it did."""
    raised = applications.raise_series(session, series, last)
    if raised:
        audit.log(session, "raise-series", by, at, series=series, last=last)
    return raised


def _for_the_queue(submission: _Submission, application: Application) -> ForTheQueue:
    participant, applicant = submission.participant, submission.applicant
    whose = (participant.name, participant.number, participant.unit, applicant.name)
    words = (application.number, application.registration, application.title, *whose)
    return ForTheQueue(marks=submission.judged.assessment.warned, search_text=folded(" ".join(words)))


def _keep_version(
    session: Session, submission: _Submission, application: Application, key: str, by: Person
) -> None:
    """Keep what was answered and what the portal said of it, word for word, and let the draft go."""
    said_then: Mapping[str, Any] = record(submission.judged.assessment)
    version = Version(
        application_id=application.id,
        number=application.version,
        answers=submission.judged.typed.answers,
        assessment=said_then,
        amount=application.amount,
        digest=application.digest,
        scheme_digest=submission.scheme.digest,
        submitted_by=by.id,
        submitted_at=application.submitted_at,
    )
    applications.add_version(session, version, submit_key=key)
    order_confirmation(
        session,
        scheme=submission.scheme,
        application=application,
        version=version,
        typed=submission.judged.typed,
        participant=submission.participant,
        applicant=submission.applicant,
        at=application.submitted_at,
    )
    if submission.documents:
        documents.keep(
            session, submission.draft.token, application_id=application.id, version=application.version
        )
    drafts.remove(session, submission.draft.token)


NO_REASON = Refusal("cancel.reason", N_("Say why the grant is cancelled."))
NO_WHY = Refusal("decline.reason", N_("Say why, so that whoever wrote the application knows."))


def withdraw(session: Session, *, number: str, by: Person, at: datetime) -> Application:
    """Withdraw an application that is not decided; signatures on it stay as history and no longer count.

    Withdrawing twice gives the same answer. Raises Refused when it is too late or not the person's.
    """
    application = take(session, number=number, act="see", by=by)
    if application.status is Status.WITHDRAWN:
        return application
    application = take(session, number=number, act="withdraw", by=by)
    tell_parties(session, "withdrawn", application, at=at)
    return _take_away(session, application, "withdraw", None, by=by, at=at)


def decline(session: Session, *, number: str, reason: str, by: Person, at: datetime) -> Application:
    """Say no, as participant, to what somebody else wrote for one: it is withdrawn, and who wrote it is told.

    Saying no twice gives the same answer. Raises Refused without a reason, too late, or when not the person's.
    """
    application = take(session, number=number, act="see", by=by)
    if application.declined is not None and application.participant_id == by.id:
        return application
    application = take(session, number=number, act="decline", by=by)
    if not (why := said(reason)):
        raise Refused(NO_WHY)
    tell(session, "declined", application, (application.applicant_id,), at=at)
    return _take_away(session, application, "decline", why, by=by, at=at)


def _take_away(
    session: Session, application: Application, act: str, declined: str | None, *, by: Person, at: datetime
) -> Application:
    """End it, and tell who has signed it or has given a head's word on it."""
    signers = [s.signer_id for s in signing.signatures_on(session, application.id) if s.withdrawn_at is None]
    spoke = {each.head_id for each in heads.words_on(session, application.id)}
    applications.set_status(session, application.id, Status.WITHDRAWN, declined=declined)
    drafts.remove_answering(session, application.id)
    tell(session, "withdrawn-signed", application, signers, at=at)
    tell(session, "withdrawn-head", application, spoke | asked_head(session, application), at=at)
    audit.log(session, act, by, at, application.id, version=application.version)
    return applications.get_by_id(session, application.id)


def find_user(session: Session, application: Application) -> Application | None:
    """The application that points at this granted one."""
    user_id = applications.find_user(session, application.id)
    return None if user_id is None else applications.get_by_id(session, user_id)


def why_not_cancel(
    session: Session, scheme: Scheme, application: Application, claim: Claim | None, by: Person, at: datetime
) -> Refusal | None:
    """None when the person can cancel the grant now, else why not."""
    return may_cancel(
        application,
        claim,
        local_day(at, scheme),
        party=is_party(by, application),
        money=scheme.kinds[application.kind].gives_money,
        user=find_user(session, application),
    )


def _lose_approval(
    session: Session, scheme: Scheme, user: Application, approval: Application, *, by: Person, at: datetime
) -> None:
    """Let what waits for a decision go on without what it pointed at; who signed it signs what it comes to now."""
    applications.use(session, user.id, None)
    now = case_of(session, user, scheme, at=at).assessment
    reassess(session, user.id, amount=now.amount, marks=now.warned)
    signed = [each for each in signing.signatures_on(session, user.id) if each.withdrawn_at is None]
    for each in signed:
        signing.take_back(session, each.id, at=at)
        audit.log(session, "lapse", by, at, user.id, signature=each.id, seat=each.seat)
    receivers = {user.applicant_id, user.participant_id, *(each.signer_id for each in signed)}
    tell(session, "approval-gone", user, receivers, at=at, occasion=approval.number)
    audit.log(session, "lose-approval", by, at, user.id, approval=approval.number)


def cancel(
    session: Session, *, number: str, reason: str, schemes: Schemes, by: Person, at: datetime
) -> Application:
    """Cancel a grant (event off, participant ill): what was not paid goes back to its period.

    The year is free again while the event is to come and nothing was paid; once it is used, finance cancels.
    Cancelling twice gives the same answer. Raises Refused without a reason, too late, or when not the person's.
    """
    application = take(session, number=number, act="see", by=by)
    if application.status is Status.CANCELLED:
        return application
    application = take(session, number=number, act="cancel", by=by)
    claim = claims.find(session, application.id, for_update=True)
    scheme, party = schemes[application.scheme], is_party(by, application)
    today, user = local_day(at, scheme), find_user(session, application)
    refuse(why_not_cancel(session, scheme, application, claim, by, at))
    if not party:
        check_settles(session, application, by)
    if not (why := said(reason)):
        raise Refused(NO_REASON)
    decision = signing.get_decision(session, application.id, for_update=True)
    came, at = cancelling(scheme, application, claim, decision.amount, today), max(at, decision.decided_at)
    signing.cancel_decision(session, application.id, by=by.id, reason=why, at=at)
    if claim is not None:
        take_back_unpaid(session, application, claim, why, by=by, at=at)
    if decision.period_id is not None:
        budgets.give_back(
            session,
            period_id=decision.period_id,
            application_id=application.id,
            amount=came.freed_amount,
            kind="cancel",
            at=at,
        )
    applications.set_status(session, application.id, Status.CANCELLED, spent=not came.frees_once)
    tell_parties(session, "cancelled" if came.frees_once else "cancelled-used", application, at=at)
    if user is not None:
        _lose_approval(session, scheme, user, application, by=by, at=at)
    told = {"amount": came.freed_amount, "paid": came.paid_amount, "frees": came.frees_once}
    audit.log(session, "cancel", by, at, application.id, **told, period=decision.period_id)
    return applications.get_by_id(session, application.id)
