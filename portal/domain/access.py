"""Who may do what and who reads what: `may` answers the button, its words and the POST alike, `may_read` every door.

Signing has more conditions and stands in `signoff`.
"""

from collections.abc import Callable, Collection, Mapping

from portal.domain.application import TRANSITIONS, Application, Status
from portal.domain.person import ADMINISTRATOR, AUDITOR, FINANCE, Person
from portal.domain.refusal import N_, Refusal

NOT_FOUND = Refusal("access.not-found", N_("The page does not exist, or you may not see it."))
"""What may not be seen looks exactly like what does not exist."""

_GONE = N_("The application can no longer be withdrawn, because it has been decided or withdrawn.")
_TOO_LATE = {
    "withdraw": _GONE,
    "decline": _GONE,
    "resubmit": N_("The application is not waiting for an answer from you."),
    "cancel": N_("Only a granted application can be cancelled."),
    "return": N_("Only an application that waits for a decision can be returned."),
}


OWN_CASE = Refusal(
    "claim.own-case",
    N_("You take part in this case, so somebody else in finance has to do this."),
)

PARTICIPANT, PARTY, SEAT = "participant", "party", "seat"
_PARTIES = frozenset({PARTICIPANT, PARTY})
READERS: Mapping[str, frozenset[str]] = {
    "case": _PARTIES | {SEAT, FINANCE, AUDITOR},
    "words": _PARTIES | {SEAT, AUDITOR},
    "documents": _PARTIES | {SEAT, AUDITOR},
    "receipts": _PARTIES | {SEAT, FINANCE, AUDITOR},
    "account": _PARTIES | {FINANCE, AUDITOR},
    "register": frozenset({PARTICIPANT, SEAT, FINANCE, AUDITOR}),
    "seats": frozenset({SEAT, AUDITOR}),
}
"""Who reads which part of a case; docs/who-reads-what.md says the same in words, and a test that neither drifts.

`case` is what it is about, who, when, amounts, decision and history; `words` what people wrote in their own words;
`documents` those but the receipts; `account` the number in full, of which others see the last digits; `register` what
the findings say of the participant's other applications; `seats` what goes on between the seats.
"""


def is_party(person: Person, application: Application) -> bool:
    """Whether the person is the participant or wrote the application."""
    return person.id in (application.participant_id, application.applicant_id)


def is_named(person: Person, application: Application) -> bool:
    """The same, or the head who stands for the counter-financing."""
    return is_party(person, application) or person.id == application.head_id


def is_spoken_for(person: Person, application: Application) -> bool:
    """Whether somebody else wrote the application for the person."""
    return person.id == application.participant_id != application.applicant_id


_BY_ROLE: Mapping[str, Callable[[Person, str | None], bool]] = {
    "come-in": lambda _person, _fund: True,
    "apply": lambda _person, _fund: True,
    "lead": lambda person, _fund: person.leads,
    "see-queue": lambda person, fund: person.signs(fund) or person.audits,
    "see-register": lambda person, fund: person.signs(fund) or person.audits,
    "see-finance": lambda person, fund: person.pays(fund) or person.signs(fund) or person.audits,
    "see-payments": lambda person, fund: person.pays(fund) or person.audits,
    "see-year": lambda person, fund: (
        person.pays(fund) or person.signs(fund) or person.audits or ADMINISTRATOR in person.roles
    ),
    "see-administration": lambda person, _fund: ADMINISTRATOR in person.roles or person.audits,
    "sign": lambda person, fund: person.signs(fund),
    "return": lambda person, fund: person.signs(fund),
    "register-payment": lambda person, fund: person.pays(fund),
    "administer": lambda person, _fund: ADMINISTRATOR in person.roles,
}
"""Acts by what somebody is, in one fund or, without one, in any."""


def changes_nothing(person: Person, act: str) -> bool:
    """Whether the act is not for the person because an auditor only reads; the own account is everybody's."""
    return person.audits and not (act == "come-in" or act.startswith("see"))


def may(
    person: Person, act: str, application: Application | None = None, *, fund: str | None = None
) -> Refusal | None:
    """None when the person may do the act, else why not; `NOT_FOUND` hides what may not be seen.

    Acts on an application stand in `_BY_APPLICATION`, the others, in a fund or in any, stand in `_BY_ROLE`.
    Raises ValueError for an act it does not know, or without the application it needs.
    """
    if changes_nothing(person, act):
        return NOT_FOUND
    if act in _BY_ROLE:
        allowed = _BY_ROLE[act](person, fund if application is None else application.fund)
        return _too_late(act, application) if allowed else NOT_FOUND
    if application is None or act not in _BY_APPLICATION:
        raise ValueError(f"unknown act, or no application: {act}")
    if not _BY_APPLICATION[act](person, application):
        return NOT_FOUND
    return _too_late(act, application)


def _too_late(act: str, application: Application | None) -> Refusal | None:
    if application is not None and act in _TOO_LATE and act not in TRANSITIONS[application.status]:
        return Refusal(f"access.{act}-too-late", _TOO_LATE[act])
    return None


def may_read(person: Person, application: Application, part: str = "case", *, aside: Collection[int]) -> bool:
    """Whether the person may read that part of a case; `aside` are those who declared a conflict of interest in it."""
    return not READERS[part].isdisjoint(_reads_as(person, application, aside))


def _reads_as(person: Person, application: Application, aside: Collection[int]) -> frozenset[str]:
    """A party reads as that alone, whatever seat they hold; who stepped aside from a seat reads in no other role."""
    if is_named(person, application):
        return frozenset({PARTICIPANT if person.id == application.participant_id else PARTY})
    if person.id in aside:
        return frozenset()
    held = {SEAT: application.fund in person.funds, FINANCE: person.pays(application.fund)}
    return frozenset(role for role, has in (held | {AUDITOR: AUDITOR in person.roles}).items() if has)


def may_settle(person: Person, fund: str, application_id: int, own: Collection[int]) -> Refusal | None:
    """None when the person may register, batch, mark as paid or correct what is paid in a case, else why not.

    `own` are the cases in which they are participant, applicant or head, have signed, or have stepped aside.
    """
    if (refusal := may(person, "register-payment", fund=fund)) is not None:
        return refusal
    return OWN_CASE if application_id in own else None


GOES_ON = (Status.WAITING, Status.RETURNED, Status.GRANTED)
"""Where there is still something to answer for."""


def may_take_over(person: Person, application: Application, *, near: bool, tied: bool) -> Refusal | None:
    """None when the person may answer for what a colleague wrote for somebody else, else why not.

    `near` is whether they work in the unit of who answers for it now; who wrote it takes it back from anywhere. `tied`
    is whether they have signed it, stepped aside from it or are asked for their word in it as head.
    """
    spoken_for = application.applicant_id != application.participant_id
    near = near or person.id == application.author_id
    if not (near and spoken_for and application.status in GOES_ON) or is_party(person, application):
        return NOT_FOUND
    if changes_nothing(person, "take-over"):
        return NOT_FOUND
    fund = application.fund
    if tied or person.id == application.head_id or person.signs(fund) or person.pays(fund):
        return Refusal(
            "access.tied",
            N_("You decide, pay or are the head here, so another colleague has to take it over."),
        )
    return None


def may_give_back(person: Person, application: Application, *, author_left: bool) -> Refusal | None:
    """None when the person may give back what they have taken over, else why not."""
    mine = person.id == application.applicant_id and application.is_taken_over
    if not mine or application.status not in GOES_ON:
        return NOT_FOUND
    if author_left:
        return Refusal(
            "access.author-left",
            N_("Who wrote it works here no more. Another colleague can take it over from you."),
        )
    return None


_BY_APPLICATION: Mapping[str, Callable[[Person, Application], bool]] = {
    "see": lambda person, application: may_read(person, application, aside=()),
    "withdraw": lambda person, application: person.id == application.applicant_id,
    "decline": is_spoken_for,
    "resubmit": is_party,
    "cancel": lambda person, application: is_party(person, application) or person.pays(application.fund),
    "state-costs": is_named,
    "correct-payee": lambda person, application: (
        is_party(person, application) or person.pays(application.fund)
    ),
}
