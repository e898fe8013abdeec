"""Who may do what: `may` answers the button, its explanation and the POST alike.

Signing has more conditions and stands in `signoff`.
"""

from collections.abc import Callable, Mapping

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


_BY_ROLE: Mapping[str, Callable[[Person], bool]] = {
    "apply": lambda _person: True,
    "see-queue": lambda person: person.approves,
    "see-finance": lambda person: FINANCE in person.roles or person.approves,
    "see-year": lambda person: person.approves or FINANCE in person.roles or ADMINISTRATOR in person.roles,
    "register-payment": lambda person: FINANCE in person.roles,
    "administer": lambda person: ADMINISTRATOR in person.roles,
}
"""Acts that need no application."""


def may(person: Person, act: str, application: Application | None = None) -> Refusal | None:
    """None when the person may do the act, else why not; `NOT_FOUND` hides what may not be seen.

    Acts on an application stand in `_BY_APPLICATION`, the others stand in `_BY_ROLE`.
    Raises ValueError for an act it does not know, or without the application it needs.
    """
    if act in _BY_ROLE:
        return None if _BY_ROLE[act](person) else NOT_FOUND
    if application is None or act not in _BY_APPLICATION:
        raise ValueError(f"unknown act, or no application: {act}")
    if not _BY_APPLICATION[act](person, application):
        return NOT_FOUND
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


_BY_APPLICATION: Mapping[str, Callable[[Person, Application], bool]] = {
    "see": _sees,
    "see-motivation": lambda person, application: (
        is_party(person, application) or person.id == application.head_id or application.fund in person.funds
    ),
    "see-register": lambda person, application: application.fund in person.funds,
    "return": lambda person, application: application.fund in person.funds,
    "withdraw": is_party,
    "resubmit": is_party,
    "cancel": is_party,
    "state-costs": lambda person, application: (
        is_party(person, application) or person.id == application.head_id
    ),
}
