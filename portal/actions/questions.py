"""What one approver alone may do: return an application with a question, and declare a conflict of interest."""

from datetime import datetime

from portal.actions.cases import Schemes, said, take_case
from portal.actions.notices import tell_parties
from portal.actions.signing import lapse
from portal.domain.access import NOT_FOUND, may
from portal.domain.application import Application, Status
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.signoff import DECIDED, may_return
from portal.store import applications, audit, signing
from portal.store.session import Session
from portal.store.signing import Conflict, Question

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
    if (refusal := may(approver, "return", application) or may_return(case, approver, at)) is not None:
        raise Refused(refusal)
    if not asked:
        raise Refused(NO_QUESTION)
    applications.set_status(session, application.id, Status.RETURNED, question=asked)
    kept = Question(application.version, asked, approver.id, at)
    signing.add_question(session, application_id=application.id, question=kept)
    tell_parties(session, "returned", application, at=at)
    audit.log(session, "return", approver, at, application.id, version=application.version)
    return applications.get_by_id(session, application.id)


def declare_conflict(
    session: Session, *, number: str, note: str, schemes: Schemes, by: Person, at: datetime
) -> None:
    """Step aside from an application: the substitute takes the seat, a signature given lapses, the declaration stays.

    Declaring twice changes nothing. Raises Refused once the application is decided.
    """
    case, approver = take_case(session, number=number, schemes=schemes, by=by, at=at)
    application = case.application
    if application.fund not in approver.funds:
        raise Refused(NOT_FOUND)
    if approver.id in case.conflicts:
        return
    if not application.status.open:
        raise Refused(DECIDED)
    conflict = Conflict(approver.id, at, said(note, longest=2000))
    signing.add_conflict(session, application_id=application.id, conflict=conflict)
    for signature in case.standing:
        if signature.signer_id == approver.id:
            lapse(session, application, signature, act="lapse", by=approver, at=at)
    audit.log(session, "declare-conflict", approver, at, application.id)
