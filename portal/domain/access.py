"""Who may do what and who reads what: `may` answers the button, its words and the POST alike, `may_read` every door.

Signing has more conditions and stands in `signoff`.
"""

from collections.abc import Callable, Collection, Mapping

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


OWN_CASE = Refusal(
    "claim.own-case",
    N_("You take part in this case, so somebody else in finance has to do this."),
)

PARTY, SEAT = "party", "seat"
READERS: Mapping[str, frozenset[str]] = {
    "case": frozenset({PARTY, SEAT, FINANCE}),
    "words": frozenset({PARTY, SEAT}),
    "documents": frozenset({PARTY, SEAT}),
    "receipts": frozenset({PARTY, SEAT, FINANCE}),
    "account": frozenset({PARTY, FINANCE}),
    "seats": frozenset({SEAT}),
}
"""Who reads which part of a case; docs/who-reads-what.md says the same in words, and a test that neither drifts.

`case` is what it is about, who, when, amounts, decision and history; `words` what people wrote in their own words;
`documents` those but the receipts; `account` the number in full, of which others see the last digits; `seats` what
goes on between the seats.
"""


def is_party(person: Person, application: Application) -> bool:
    """Whether the person is the participant or wrote the application."""
    return person.id in (application.participant_id, application.applicant_id)


def is_named(person: Person, application: Application) -> bool:
    """The same, or the head who stands for the counter-financing."""
    return is_party(person, application) or person.id == application.head_id


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


def may_read(person: Person, application: Application, part: str = "case", *, aside: Collection[int]) -> bool:
    """Whether the person may read that part of a case; `aside` are those who declared a conflict of interest in it."""
    return not READERS[part].isdisjoint(_reads_as(person, application, aside))


def _reads_as(person: Person, application: Application, aside: Collection[int]) -> frozenset[str]:
    """A party reads as that alone, whatever seat they hold; who stepped aside from a seat reads in no other role."""
    if is_named(person, application):
        return frozenset({PARTY})
    if person.id in aside:
        return frozenset()
    return frozenset({SEAT} if application.fund in person.funds else ()) | (person.roles & {FINANCE})


def may_settle(person: Person, application_id: int, own: Collection[int]) -> Refusal | None:
    """None when the person may register, batch, mark as paid or correct what is paid in a case, else why not.

    `own` are the cases in which they are participant, applicant or head, have signed, or have stepped aside.
    """
    if FINANCE not in person.roles:
        return NOT_FOUND
    return OWN_CASE if application_id in own else None


_BY_APPLICATION: Mapping[str, Callable[[Person, Application], bool]] = {
    "see": lambda person, application: may_read(person, application, aside=()),
    "see-register": lambda person, application: application.fund in person.funds,
    "return": lambda person, application: application.fund in person.funds,
    "withdraw": is_party,
    "resubmit": is_party,
    "cancel": is_party,
    "state-costs": is_named,
}
