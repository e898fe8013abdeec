"""The sign-off: one signature, and with the second that agrees the decision, the money and the news, in one go.

Beside it what one approver alone may do: return an application with a question, and declare a conflict of interest.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from portal.actions.attesting import asked_head
from portal.actions.cases import said, take_case
from portal.actions.claiming import open_claim
from portal.actions.following_up import open_followup
from portal.actions.notices import tell, tell_parties, tell_signers
from portal.domain.access import NOT_FOUND, may
from portal.domain.alphabet import folded
from portal.domain.application import Application, Decision, Outcome, Signature, Status
from portal.domain.events import Scalar
from portal.domain.periods import local_day
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.sign_in import Shown
from portal.domain.signoff import (
    DECIDED,
    NO_BUDGET,
    SECOND_GRANT,
    STALE,
    Case,
    Verdict,
    after_signature,
    answered_for,
    budget_refusal,
    check_words,
    may_comment,
    may_return,
    may_sign,
    not_impartial,
    seat_for,
    term_for,
)
from portal.letters.orders import order_decision
from portal.schemes.loader import Schemes
from portal.store import applications, audit, budgets, people, signing
from portal.store.session import Clash, Session
from portal.store.signing import Conflict, Question

NOT_SHOWN = Shown()
LONGEST_REGISTRATION = 60
NOT_SIGNED = Refusal("signoff.not-signed", N_("You have no signature here to take back."))


@dataclass(frozen=True, slots=True)
class _Word:
    """What a signer says."""

    outcome: Outcome
    amount: int
    reason: str
    days: int | None


def sign(
    session: Session,
    *,
    number: str,
    schemes: Schemes,
    outcome: Outcome,
    amount: int,
    reason: str,
    shown: str | None,
    days: int | None = None,
    known: Shown = NOT_SHOWN,
    by: Person,
    at: datetime,
) -> Verdict:
    """Sign what the page `shown` (its `page_digest`) said; `amount` in minor units. Says what all now amount to.

    Where days are decided, `days` are the half days approved: as many as are wanted unless given.

    "Beslut om ersättning fattas av … samt …": the second signature that agrees decides, reserves the money and writes
    decision, event and e-mails in one transaction. The same signature again has the same answer. Raises Refused.
    """
    case, signer = take_case(session, number=number, schemes=schemes, by=by, at=at, money=True)
    refused = outcome is Outcome.REFUSE
    wanted = case.wanted_days if days is None else days
    approved = None if refused or case.wanted_days is None else wanted
    word = _Word(outcome, 0 if refused else amount, said(reason), approved)
    if _said_before(case, signer, word):
        return after_signature(case.standing)
    refuse(
        may_sign(case, signer, at, outcome=outcome)
        or (None if refused else budget_refusal(case, word.amount))
        or may_sign(case, signer, at, outcome=outcome, shown=shown)
        or check_words(case, outcome, word.amount, word.reason, word.days)
    )
    kept = tuple(s for s in case.standing if not _void(session, case, s, at))
    signature = _keep(session, case, signer, word, known, at)
    standing = (*kept, signature)
    verdict = replace(after_signature(standing), voided=len(kept) < len(case.standing))
    applications.set_signed(
        session,
        case.application.id,
        seats=[s.seat for s in standing],
        disagreed=verdict.state == "disagreed",
    )
    if verdict.outcome is not None:
        _decide(session, case, verdict, (standing[0], standing[1]), at)
    elif verdict.state == "disagreed":
        others = [s.signer_id for s in standing]
        tell(session, "disagreed", case.application, others, at=at, occasion=str(signature.id))
    _log(session, case, signer, signature, verdict, at)
    return verdict


def _said_before(case: Case, signer: Person, word: _Word) -> bool:
    """Whether the person's signature on this version says just this: a second click, a reload, a retried request."""
    return any(
        s.signer_id == signer.id and _Word(s.outcome, s.amount, s.reason, s.days) == word
        for s in case.standing
    )


def _void(session: Session, case: Case, signature: Signature, at: datetime) -> bool:
    """Let a signature given before cease to count where its signer has since been tied to the case.

    The impartiality of both is judged when it is decided.
    """
    signed = people.get(session, signature.signer_id, day=local_day(at, case.scheme))
    if not_impartial(case, signed) is None:
        return False
    lapse(session, case.application, signature, act="lapse", by=None, at=at)
    tell(session, "signature-void", case.application, [signed.id], at=at, occasion=str(signature.id))
    day, occasion = local_day(at, case.scheme), str(signature.id)
    tell_signers(
        session,
        case.application,
        case.applicant,
        case.participant,
        day=day,
        at=at,
        occasion=occasion,
        seat=signature.seat,
    )
    return True


def _keep(session: Session, case: Case, signer: Person, word: _Word, known: Shown, at: datetime) -> Signature:
    application, day = case.application, local_day(at, case.scheme)
    term = term_for(case, signer, day)
    assert term is not None  # noqa: S101 - `may_sign` has said so
    signature = Signature(
        id=0,
        application_id=application.id,
        version=application.version,
        digest=application.digest,
        seat=term.seat,
        signer_id=signer.id,
        outcome=word.outcome,
        amount=word.amount,
        reason=word.reason,
        signed_at=at,
        holding_id=term.id,
        days=word.days,
        signed_in_at=known.shown_at,
        acr=known.acr,
    )
    try:
        signature_id = signing.add_signature(session, signature)
    except Clash:
        raise Refused(STALE) from None
    return next(s for s in signing.signatures_on(session, application.id) if s.id == signature_id)


def _shown_in(signature: Signature) -> dict[str, Scalar]:
    """When and how the signer had signed in, as the log keeps it: seconds since 1970, and the level as a code."""
    if signature.signed_in_at is None:
        return {}
    acr = {"acr": re.sub(r"[^A-Za-z0-9._:/+-]", "-", signature.acr)[:80]} if signature.acr else {}
    return {"signed_in": int(signature.signed_in_at.timestamp()), **acr}


def _decide(
    session: Session, case: Case, verdict: Verdict, signatures: tuple[Signature, Signature], at: datetime
) -> None:
    """Write what the two decided; the money first, for it is what can run out."""
    application, outcome = case.application, verdict.outcome
    assert outcome is not None  # noqa: S101 - only called with one
    granted = outcome is Outcome.GRANT
    period_id = _reserve(session, case, verdict.amount, at) if granted else None
    decision = Decision(
        application_id=application.id,
        version=application.version,
        digest=application.digest,
        outcome=outcome,
        amount=verdict.amount,
        reason=verdict.reason,
        period_id=period_id,
        decided_at=at,
        days=verdict.days,
    )
    signing.add_decision(session, application, decision, signatures)
    try:
        applications.set_status(session, application.id, Status.GRANTED if granted else Status.REFUSED)
    except Clash:
        raise Refused(SECOND_GRANT) from None
    if granted:
        open_claim(session, case.scheme, application, verdict.amount, at=at)
        open_followup(session, application, case.typed)
    order_decision(session, case, decision, signatures, at=at)
    tell_parties(session, "granted" if granted else "refused", application, at=at)
    word = case.head_word
    vouched = asked_head(session, application) if word is None else {word.head_id}
    tell(session, "decided-head", application, vouched, at=at)


def _reserve(session: Session, case: Case, amount: int, at: datetime) -> int:
    standing = budgets.standing_on(session, case.scheme, local_day(at, case.scheme))
    if standing is None:
        raise Refused(NO_BUDGET)
    if not budgets.reserve(
        session, period_id=standing.id, application_id=case.application.id, amount=amount, at=at
    ):
        raise Refused(budget_refusal(case, amount) or STALE)
    return standing.id


def _log(
    session: Session, case: Case, signer: Person, signature: Signature, verdict: Verdict, at: datetime
) -> None:
    application, confirmed_by = case.application, answered_for(case, signer.id)
    audit.log(
        session,
        "sign",
        signer,
        at,
        application.id,
        version=application.version,
        digest=application.digest,
        signature=signature.id,
        seat=signature.seat,
        outcome=signature.outcome.value,
        amount=signature.amount,
        **({} if signature.days is None else {"half_days": signature.days}),
        **_shown_in(signature),
        mark=case.assessment.mark,
        **({} if confirmed_by is None else {"confirmed": confirmed_by}),
    )
    if verdict.outcome is not None:
        said = {"version": application.version, "amount": verdict.amount}
        audit.log(session, "decide", signer, at, application.id, outcome=verdict.outcome.value, **said)


def take_back(session: Session, *, number: str, schemes: Schemes, by: Person, at: datetime) -> Verdict:
    """Take back one's own signature, until it is decided; it stays in the history. Raises Refused."""
    case, signer = take_case(session, number=number, schemes=schemes, by=by, at=at)
    if not case.application.status.open:
        raise Refused(DECIDED)
    mine = next((s for s in case.standing if s.signer_id == signer.id), None)
    if mine is None:
        raise Refused(NOT_SIGNED)
    return lapse(session, case.application, mine, act="take-back", by=signer, at=at)


def lapse(
    session: Session,
    application: Application,
    signature: Signature,
    *,
    act: str,
    by: Person | None,
    at: datetime,
) -> Verdict:
    """Let a standing signature count no more, by its signer or because the seat or impartiality is gone."""
    signing.take_back(session, signature.id, at=max(at, signature.signed_at))
    standing = standing_on(session, application)
    applications.set_signed(session, application.id, seats=[s.seat for s in standing], disagreed=False)
    ids = {"version": signature.version, "signature": signature.id}
    audit.log(session, act, by, at, application.id, seat=signature.seat, **ids)
    return after_signature(standing)


def standing_on(session: Session, application: Application) -> list[Signature]:
    """The signatures that count on an application: on its version, not taken back."""
    return [
        s
        for s in signing.signatures_on(session, application.id)
        if s.withdrawn_at is None and (s.version, s.digest) == (application.version, application.digest)
    ]


NO_QUESTION = Refusal("return.question", N_("Write the question that the applicant is to answer."))


def return_with_question(
    session: Session, *, number: str, question: str, schemes: Schemes, by: Person, at: datetime
) -> Application:
    """Send an application back with a question; it keeps its place, and the answer makes a new version.

    The same question again has the same answer. Raises Refused.
    """
    case, approver = take_case(session, number=number, schemes=schemes, by=by, at=at)
    application, asked = case.application, said(question)
    if application.status is Status.RETURNED and asked == application.question:
        return application
    refuse(may(approver, "return", application) or may_return(case, approver, at))
    if not asked:
        raise Refused(NO_QUESTION)
    applications.set_status(session, application.id, Status.RETURNED, question=asked)
    kept = Question(application.version, asked, approver.id, at)
    signing.add_question(session, application_id=application.id, question=kept)
    tell_parties(session, "returned", application, at=at)
    audit.log(session, "return", approver, at, application.id, version=application.version)
    return applications.get_by_id(session, application.id)


NO_COMMENT = Refusal("comment.empty", N_("Write what you want to say to the other seat."))


def comment(session: Session, *, number: str, text: str, schemes: Schemes, by: Person, at: datetime) -> None:
    """Write to the other seat about a case; it stays, and the same words again are said once. Raises Refused."""
    case, approver = take_case(session, number=number, schemes=schemes, by=by, at=at)
    application, day, wrote = case.application, local_day(at, case.scheme), said(text)
    refuse(may(approver, "sign", application) or may_comment(case, approver, day))
    if not wrote:
        raise Refused(NO_COMMENT)
    before = signing.comments_on(session, [application.id]).get(application.id, ())
    if before and (before[-1].author_id, before[-1].text) == (approver.id, wrote):
        return
    kept = signing.add_comment(
        session, application_id=application.id, author_id=approver.id, text=wrote, at=at
    )
    seat = seat_for(case, approver, day)
    people_in = (case.applicant, case.participant)
    tell_signers(
        session, application, *people_in, day=day, at=at, kind="comment", but=seat, occasion=str(kept)
    )
    audit.log(session, "comment", approver, at, application.id, comment=kept, seat=seat)


def register(
    session: Session, *, number: str, registration: str, schemes: Schemes, by: Person, at: datetime
) -> str:
    """Keep the number under which the authority's own register has the case; empty takes it away. Raises Refused."""
    case, approver = take_case(session, number=number, schemes=schemes, by=by, at=at)
    application = case.application
    refuse(may(approver, "sign", application) or not_impartial(case, approver))
    kept = " ".join(said(registration, longest=LONGEST_REGISTRATION).split())
    if kept != application.registration:
        applications.set_registration(session, application.id, kept, folded(kept))
        audit.log(session, "register-number", approver, at, application.id)
    return kept


def declare_conflict(
    session: Session, *, number: str, note: str, schemes: Schemes, by: Person, at: datetime
) -> list[int] | None:
    """Step aside from an application: the substitute takes the seat, a signature given lapses, the declaration stays.

    Gives who can sign in the seat now, and has been told; nobody: administrators have. None: it was declared before.
    Raises Refused once the application is decided.
    """
    case, approver = take_case(session, number=number, schemes=schemes, by=by, at=at)
    application = case.application
    if application.fund not in approver.funds:
        raise Refused(NOT_FOUND)
    if approver.id in case.conflicts:
        return None
    if not application.status.open:
        raise Refused(DECIDED)
    conflict = Conflict(approver.id, at, said(note, longest=2000))
    signing.add_conflict(session, application_id=application.id, conflict=conflict)
    for signature in case.standing:
        if signature.signer_id == approver.id:
            lapse(session, application, signature, act="lapse", by=approver, at=at)
    able = _take_over(session, case, approver, at)
    audit.log(session, "declare-conflict", approver, at, application.id)
    return able


def _take_over(session: Session, case: Case, approver: Person, at: datetime) -> list[int]:
    """Tell who can sign in the seat of somebody who stepped aside, or administrators that nobody can."""
    application, day, parties = (
        case.application,
        local_day(at, case.scheme),
        (case.applicant, case.participant),
    )
    seat, occasion = seat_for(case, approver, day), f"aside-{approver.id}"
    able = (
        tell_signers(session, application, *parties, day=day, at=at, seat=seat, occasion=occasion)
        if seat
        else []
    )
    if not able:
        administrators = [each.id for each in people.with_role(session, ADMINISTRATOR, day=day)]
        tell(session, "seat-empty", application, administrators, at=at, occasion=occasion)
    return able
