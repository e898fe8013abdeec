"""What the applicant can end: an application that waits, and a grant that is no longer needed."""

from datetime import datetime

from portal.actions.cases import said, take
from portal.actions.notices import tell, tell_parties
from portal.domain.application import Application, Status
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.store import applications, audit, budgets, claims, drafts, signing
from portal.store.session import Session

NO_REASON = Refusal("cancel.reason", N_("Say why the grant is cancelled."))


def withdraw(session: Session, *, number: str, by: Person, at: datetime) -> Application:
    """Withdraw an application that is not decided; signatures on it stay as history and no longer count.

    Withdrawing twice gives the same answer. Raises Refused when it is too late or not the person's.
    """
    application = take(session, number=number, act="see", by=by)
    if application.status is Status.WITHDRAWN:
        return application
    application = take(session, number=number, act="withdraw", by=by)
    signers = [s.signer_id for s in signing.signatures_on(session, application.id) if s.withdrawn_at is None]
    applications.set_status(session, application.id, Status.WITHDRAWN)
    drafts.remove_answering(session, application.id)
    tell_parties(session, "withdrawn", application, at=at)
    tell(session, "withdrawn-signed", application, signers, at=at)
    audit.log(session, "withdraw", by, at, application.id, version=application.version)
    return applications.get_by_id(session, application.id)


def cancel(session: Session, *, number: str, reason: str, by: Person, at: datetime) -> Application:
    """Cancel a grant (event off, participant ill): the money goes back to its period, and the year is free again.

    Cancelling twice gives the same answer. Raises Refused without a reason, too late, or when not the person's.
    """
    application = take(session, number=number, act="see", by=by)
    if application.status is Status.CANCELLED:
        return application
    application = take(session, number=number, act="cancel", by=by)
    if not (why := said(reason)):
        raise Refused(NO_REASON)
    decision = signing.get_decision(session, application.id, for_update=True)
    at = max(at, decision.decided_at)
    signing.cancel_decision(session, application.id, by=by.id, reason=why, at=at)
    claim = claims.find(session, application.id, for_update=True)
    reserved = decision.amount - (claim.released_amount if claim else 0)
    if decision.period_id is not None:
        budgets.give_back(
            session,
            period_id=decision.period_id,
            application_id=application.id,
            amount=reserved,
            kind="cancel",
            at=at,
        )
    applications.set_status(session, application.id, Status.CANCELLED)
    tell_parties(session, "cancelled", application, at=at)
    audit.log(session, "cancel", by, at, application.id, amount=reserved, period=decision.period_id)
    return applications.get_by_id(session, application.id)
