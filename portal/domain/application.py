"""An application, its versions and its signatures, as they are kept; what decides about them is in `signoff`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

Answers = Mapping[str, Any]
"""What was typed: text, lists of text and lists of lines, as in the `assess` command; never yet judged."""


class Status(StrEnum):
    """Where an application stands; anything finer is derived from its signatures and the calendar."""

    WAITING = "waiting"
    RETURNED = "returned"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"

    @property
    def open(self) -> bool:
        """Whether a decision is still to come."""
        return self in (Status.WAITING, Status.RETURNED)


TRANSITIONS: Mapping[Status, Mapping[str, Status]] = {
    Status.WAITING: {
        "return": Status.RETURNED,
        "withdraw": Status.WITHDRAWN,
        "decline": Status.WITHDRAWN,
        "grant": Status.GRANTED,
        "refuse": Status.REFUSED,
    },
    Status.RETURNED: {
        "resubmit": Status.WAITING,
        "withdraw": Status.WITHDRAWN,
        "refuse": Status.REFUSED,
        "decline": Status.WITHDRAWN,
    },
    Status.GRANTED: {"cancel": Status.CANCELLED},
    Status.REFUSED: {},
    Status.WITHDRAWN: {},
    Status.CANCELLED: {},
}
"""The published graph: status -> act -> next status. What is not here cannot happen."""


class Outcome(StrEnum):
    """What a signature, and then a decision, says."""

    GRANT = "grant"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has begun to write; no field is required, `revision` counts the saves."""

    token: str
    owner_id: int
    scheme: str
    kind: str
    participant_id: int
    answers: Answers
    revision: int
    saved_at: datetime
    application_id: int | None = None
    """Set while a returned application is being answered, or None for a new one."""
    together: str | None = None
    """The token of the first of those that are sent together, or None for one that is sent alone."""
    shared: Answers | None = None
    """What the first one last shared with this one: an answer that is otherwise now was changed in this one alone."""
    saved_in: str = ""
    """The window that saved it last, by the name that its script gave itself."""
    turn: int = 0
    """That window's how-manieth save it was."""


@dataclass(frozen=True, slots=True)
class Application:
    """An application as it stands now; amounts in minor units (öre, øre) of `currency`."""

    id: int
    number: str
    scheme: str
    fund: str
    kind: str
    applicant_id: int
    """Who answers for it: who wrote it, or the colleague who has taken it over since."""
    author_id: int
    """Who wrote it first."""
    participant_id: int
    head_id: int | None
    """The head who stands for the counter-financing."""
    title: str
    year: int
    """The year in which the event starts: the year of "per person och år"."""
    starts_on: date
    ends_on: date
    zone: str | None
    status: Status
    version: int
    digest: str
    """SHA-256 of the answers and documents of the current version: what a signature signs."""
    amount: int
    currency: str
    once_key: str
    """What may be granted once only: the participant and year (RFR), or the participant, course and start."""
    received_at: datetime
    """First submission, which also fixes the place in the queue; answering a return keeps it."""
    submitted_at: datetime
    """Submission of the current version."""
    question: str | None = None
    """What the approver asked when the application was returned."""
    declined: str | None = None
    """Why the participant said no to what somebody else wrote for them, which withdrew it."""
    spent: bool = False
    """Whether a cancelled grant uses up what may be granted once all the same."""
    registration: str = ""
    """The number under which the authority's own register keeps the case (diarienummer)."""
    taken_at: datetime | None = None
    """When it came to whoever answers for it now, where that is not who wrote it."""

    @property
    def is_taken_over(self) -> bool:
        return self.applicant_id != self.author_id

    @property
    def is_used(self) -> bool:
        """Whether it uses up what may be granted once."""
        return self.status is Status.GRANTED or self.spent


@dataclass(frozen=True, slots=True)
class Version:
    """One submitted version, immutable: what was answered and what the portal said of it then."""

    application_id: int
    number: int
    answers: Answers
    assessment: Mapping[str, Any]
    """What `language.wording.record` made of the assessment: its words in three languages, as shown at submission."""
    amount: int
    digest: str
    scheme_digest: str
    submitted_by: int
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """One approver's word in one seat on one version; taken back when `withdrawn_at` is set."""

    id: int
    application_id: int
    version: int
    digest: str
    seat: str
    signer_id: int
    outcome: Outcome
    amount: int
    reason: str
    signed_at: datetime
    withdrawn_at: datetime | None = None
    holding_id: int = 0
    """The term it was given in."""
    days: int | None = None
    """Half days approved, where days are what is decided."""
    signed_in_at: datetime | None = None
    """When the signer had last shown who they are; None for signatures from before it was kept, and in a demo."""
    acr: str = ""
    """How, in the provider's words (`acr`); empty for a password."""

    def agrees_with(self, other: "Signature") -> bool:
        """Whether both say the same of the same thing: outcome, amount, days and exact version."""
        return (self.outcome, self.amount, self.days, self.version, self.digest) == (
            other.outcome,
            other.amount,
            other.days,
            other.version,
            other.digest,
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What two signatures decided; final, but a grant can be cancelled."""

    application_id: int
    version: int
    digest: str
    outcome: Outcome
    amount: int
    reason: str
    period_id: int | None
    decided_at: datetime
    cancelled_at: datetime | None = None
    cancelled_by: int | None = None
    cancel_reason: str | None = None
    days: int | None = None
    """Half days approved, where days are what is decided."""
