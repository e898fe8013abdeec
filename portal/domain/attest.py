"""The head's word: who stands for the counter-financing confirms what the unit promises, or says no with a reason.

"En förutsättning … är att verksamheten motfinansierar" (Ersättningsnivåer); "på det sätt verksamhetschefen bestämmer"
(Uppföljning).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.application import Application, Status
from portal.domain.fields import Typed
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal
from portal.domain.scheme import Kind, Scheme

GIVEN, REFUSED, AWAITED, NOT_GIVEN = "given", "refused", "awaited", "not-given"


@dataclass(frozen=True, slots=True)
class HeadWord:
    """What a head said of one version; it counts until `void_at`.

    A no is void with the answer to it, a yes with an answer that changes what it confirms.
    """

    application_id: int
    version: int
    head_id: int
    given: bool
    reason: str
    said_at: datetime
    void_at: datetime | None = None

    @property
    def state(self) -> str:
        return GIVEN if self.given else REFUSED


def is_attested(scheme: Scheme, application: Application) -> bool:
    """Whether a head's word is asked for: the scheme wants it, and a head stands for the money."""
    return scheme.attest != "off" and application.head_id is not None


def standing_word(words: Sequence[HeadWord]) -> HeadWord | None:
    """The word that counts now, or None while it is awaited."""
    return next((each for each in words if each.void_at is None), None)


def touches(kind: Kind, before: Typed, after: Typed) -> bool:
    """Whether an answer that the head confirms is another than before: not how it is written, but what it says."""
    return any(before[name] != after[name] for each in kind.confirms for name in each.fields)


def may_attest(application: Application, by: Person, *, stands: int | None) -> Refusal | None:
    """None when the person may say yes or no now, else why not; `stands` is whose word it is."""
    if by.id != stands:
        return Refusal(
            "attest.not-head", N_("Only the head who stands for the counter-financing confirms it.")
        )
    if application.status is Status.RETURNED:
        return Refusal(
            "attest.returned", N_("The application has been returned and waits for the applicant.")
        )
    if application.status is not Status.WAITING:
        return Refusal("attest.closed", N_("The application is already decided or withdrawn."))
    return None


def check_confirmed(kind: Kind, confirmed: Collection[str]) -> dict[str, Refusal]:
    """What is not confirmed yet, by its key: a head says yes to all of it, or no."""
    return {
        each.key: Refusal("attest.missing", N_("Tick this to confirm, or say no and why."))
        for each in kind.confirms
        if each.key not in confirmed
    }
