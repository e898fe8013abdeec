"""Who may do what: `may` answers the button, its explanation and the POST alike.

Signing has more conditions and stands in `signoff`.
"""

from datetime import date

from portal.domain.application import TRANSITIONS, Application
from portal.domain.person import ADMINISTRATOR, FINANCE, Person
from portal.domain.refusal import N_, Refusal

NOT_FOUND = Refusal("access.not-found", N_("The page does not exist, or you may not see it."))
"""What may not be seen looks exactly like what does not exist."""

_TOO_LATE = {
    "withdraw": N_("The application can no longer be withdrawn, because it has been decided or withdrawn."),
    "resubmit": N_("The application is not waiting for an answer from you."),
    "cancel": N_("Only a granted application can be cancelled."),
    "return": N_("Only an application that waits for a decision can be returned."),
}


def is_party(person: Person, application: Application) -> bool:
    """Whether the person is the participant or wrote the application."""
    return person.id in (application.participant_id, application.applicant_id)


def may(person: Person, act: str, application: Application | None = None) -> Refusal | None:
    """None when the person may do the act, else why not; `NOT_FOUND` hides what may not be seen.

    Acts: apply, see, withdraw, resubmit, cancel, return, see-queue, see-register, see-finance, register-payment,
    administer. Raises ValueError for an act it does not know.
    """
    match act:
        case "apply":
            return None
        case "see-queue":
            return None if person.approves else NOT_FOUND
        case "see-finance":
            return None if FINANCE in person.roles or person.approves else NOT_FOUND
        case "register-payment":
            return None if FINANCE in person.roles else NOT_FOUND
        case "administer":
            return None if ADMINISTRATOR in person.roles else NOT_FOUND
    if application is None:
        raise ValueError(f"unknown act without a subject: {act}")
    match act:
        case "see":
            return None if _sees(person, application) else NOT_FOUND
        case "see-register" | "return":
            if application.fund not in person.funds:
                return NOT_FOUND
        case "withdraw" | "resubmit" | "cancel":
            if not is_party(person, application):
                return NOT_FOUND
        case _:
            raise ValueError(f"unknown act: {act}")
    if act in _TOO_LATE and act not in TRANSITIONS[application.status]:
        return Refusal(f"access.{act}-too-late", _TOO_LATE[act])
    return None


def _sees(person: Person, application: Application) -> bool:
    return (
        is_party(person, application)
        or person.id == application.head_id
        or application.fund in person.funds
        or FINANCE in person.roles
    )


def is_in_force(starts_on: date, ends_on: date | None, day: date) -> bool:
    """Whether a dated entry, such as a substitute's term, holds on a day; both days included."""
    return starts_on <= day and (ends_on is None or day <= ends_on)
