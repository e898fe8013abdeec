"""The sign-off: two signatures in different seats, by different people, on the same thing decide.

Knows who may sign and what signatures amount to. The rows, the money and the locks are the store's and the action's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.application import Application, Outcome, Signature, Status
from portal.domain.assessment import Assessment
from portal.domain.attest import HeadWord, is_attested, standing_word
from portal.domain.fields import Typed
from portal.domain.money import Money
from portal.domain.periods import Days, first_decision_day, is_in_force, local_day, pause_on
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.refusal import N_, Refusal
from portal.domain.scheme import Scheme
from portal.domain.sign_in import ADDRESS, CODE, SEAT, SignInChange, held_until

ADMINISTERS = Refusal(
    "signoff.administers", N_("You administer the portal, and so sign nothing. Somebody else takes the seat.")
)
NO_SEAT = Refusal("signoff.no-seat", N_("You cannot sign, because you hold no seat in this fund today."))
DECIDED = Refusal("signoff.decided", N_("The application is already decided or withdrawn."))
SECOND_GRANT = Refusal(
    "signoff.second-grant",
    N_("A grant already stands for this participant, and only one can be given. You can refuse this one."),
)
PARTICIPANT_LEFT = Refusal(
    "signoff.participant-left",
    N_("The participant no longer works here, so nothing can be granted. You can refuse the application."),
)
NOT_ATTESTED = Refusal(
    "signoff.attest",
    N_(
        "The head who stands for the counter-financing has not confirmed it yet, and nothing is granted before. "
        "You can refuse the application."
    ),
)
NO_BUDGET = Refusal("signoff.no-budget", N_("There is no budget for today in this fund."))
HEAD = Refusal(
    "signoff.head",
    N_("You cannot sign, because you are the head of the participant or stand for the counter-financing."),
)
STALE = Refusal(
    "signoff.stale",
    N_("The case has changed since the page was shown. Nothing was signed. Look at it and sign again."),
)
"""Most of these are said by the actions too, where a race is lost after the question was asked."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody's place in a seat, from a day until a day (included) or until further notice."""

    id: int
    fund: str
    seat: str
    person_id: int
    substitute: bool
    starts_on: date
    ends_on: date | None = None
    left: bool = False
    """Whether the person can no longer sign in, so that the seat is free whatever the days say."""

    def holds_on(self, day: date) -> bool:
        return not self.left and is_in_force(self.starts_on, self.ends_on, day)

    def overlaps(self, other: "Holding") -> bool:
        """Whether the two have a day in common."""
        return (self.ends_on is None or other.starts_on <= self.ends_on) and (
            other.ends_on is None or self.starts_on <= other.ends_on
        )

    def covers(self, signature: Signature, scheme: Scheme) -> bool:
        """Whether the day a signature was given lies within the term: what was done in it, its end does not undo."""
        return is_in_force(self.starts_on, self.ends_on, local_day(signature.signed_at, scheme))


@dataclass(frozen=True, slots=True)
class Case:
    """All that bears on signing one application, read in one transaction."""

    scheme: Scheme
    application: Application
    typed: Typed
    assessment: Assessment
    """The evaluation now, of the answers as submitted."""
    applicant: Person
    participant: Person
    holdings: tuple[Holding, ...]
    conflicts: frozenset[int]
    """Persons who declared a conflict of interest in this application."""
    signatures: tuple[Signature, ...]
    """All ever made; only those on the current version and not taken back count."""
    granted_already: bool
    """Whether another grant stands for the same once-only key."""
    participant_left: bool
    """Whether the participant works here no more."""
    budget_left: int | None
    """What is left of the budget period of today, in minor units, or None when today has no period."""
    closes_on: date | None = None
    """The last day on which the answer to a return is waited for; None where none is asked."""
    sign_in_changes: tuple[SignInChange, ...] = ()
    """What administrators changed in the last day of how those who hold seats sign in."""
    head_words: tuple[HeadWord, ...] = ()
    """All that heads have said of it, the last first."""

    @property
    def head_word(self) -> HeadWord | None:
        """The head's word that counts, or None while it is awaited or nobody is asked."""
        return standing_word(self.head_words)

    @property
    def wanted_days(self) -> int | None:
        """Half days that are asked for, where days are what is decided."""
        return self.typed.wanted_days

    @property
    def standing(self) -> tuple[Signature, ...]:
        """The signatures that count: current version, not taken back."""
        now = self.application
        return tuple(
            s
            for s in self.signatures
            if s.withdrawn_at is None and s.version == now.version and s.digest == now.digest
        )

    @property
    def page_digest(self) -> str:
        """A digest of what a page shows of the case: version, answers and the evaluation's outcome."""
        return f"{self.application.version}-{self.application.digest[:16]}-{self.assessment.mark}"


def term_for(case: Case, signer: Person, day: date) -> Holding | None:
    """The term in which the person may act that day: their own or, as substitute, in a free seat; else None."""
    taken = {s.seat for s in case.standing}
    mine = [h for h in case.holdings if h.person_id == signer.id and h.holds_on(day)]
    mine.sort(key=lambda h: (h.seat in taken, h.substitute))
    return mine[0] if mine else None


def seat_for(case: Case, signer: Person, day: date) -> str | None:
    """The seat of that term, or None."""
    term = term_for(case, signer, day)
    return None if term is None else term.seat


def stand_ins(case: Case, signer: Person, day: date) -> list[int]:
    """Who else sits that day in a seat of the signer's and can sign, as far as is known of them here."""
    application, seats = (
        case.application,
        {h.seat for h in case.holdings if h.person_id == signer.id and h.holds_on(day)},
    )
    out = case.conflicts | {
        signer.id,
        application.participant_id,
        application.applicant_id,
        application.author_id,
        application.head_id,
    }
    held = [h for h in case.holdings if h.seat in seats and h.holds_on(day) and h.person_id not in out]
    return list(dict.fromkeys(h.person_id for h in sorted(held, key=lambda h: h.substitute)))


def may_sign(
    case: Case, signer: Person, at: datetime, *, shown: str | None = None, outcome: Outcome = Outcome.GRANT
) -> Refusal | None:
    """None when the person may sign now, else the first reason why not, in the words the button shows too.

    `shown` is the `page_digest` of the page that was signed; None asks for the button. "Beslut om ersättning
    fattas av … samt …" (Ansökningsförfarande).
    """
    day = local_day(at, case.scheme)
    grants = outcome is Outcome.GRANT
    return (
        (_decided(case) if grants or not unanswered(case, day) else None)
        or not_impartial(case, signer)
        or _no_seat(case, signer, day)
        or _held(case, signer, at)
        or (_not_today(case, day) or _not_attested(case) or _nothing_to_grant(case) if grants else None)
        or _stale(case, shown)
    )


def unanswered(case: Case, day: date) -> bool:
    """Whether a returned application has waited for its answer so long that it can be refused without."""
    returned = case.application.status is Status.RETURNED
    return returned and case.closes_on is not None and day > case.closes_on


def may_return(case: Case, signer: Person, at: datetime) -> Refusal | None:
    """None when one approver alone may send the application back with a question; pauses do not matter here."""
    refusal = _decided(case) or not_impartial(case, signer)
    if refusal is None and ADMINISTRATOR in signer.roles:
        return ADMINISTERS
    if refusal is None and seat_for(case, signer, local_day(at, case.scheme)) is None:
        return NO_SEAT
    return refusal or _held(case, signer, at)


def may_comment(case: Case, signer: Person, day: date) -> Refusal | None:
    """None when the person may write to the other seat: until it is decided, whatever keeps either from signing."""
    if not case.application.status.open:
        return DECIDED
    refusal = not_impartial(case, signer)
    return refusal or (NO_SEAT if seat_for(case, signer, day) is None else None)


_HOLDING = (CODE, ADDRESS, SEAT)


def signs_from(case: Case, person_id: int, at: datetime) -> datetime | None:
    """Until when a change of how somebody signs in holds their signature back, or None."""
    return held_until(case.sign_in_changes, person_id, at, kinds=_HOLDING)


def answered_for(case: Case, signer_id: int) -> int | None:
    """Which administrator confirmed the latest change of how a signer signs in, where there was one in the last day."""
    mine = [c for c in case.sign_in_changes if c.person_id == signer_id and c.kind in _HOLDING]
    return mine[-1].confirmed_by if mine else None


def _held(case: Case, signer: Person, at: datetime) -> Refusal | None:
    until = signs_from(case, signer.id, at)
    if until is None:
        return None
    return Refusal(
        "signoff.held",
        N_(
            "Your way to sign in has just been changed, so you can sign from %(at)s. An administrator other than "
            "the one who changed it can confirm the change, on your page under People; then you can sign at once."
        ),
        {"at": until},
    )


def _decided(case: Case) -> Refusal | None:
    status = case.application.status
    if status is Status.RETURNED and case.closes_on is not None:
        return Refusal(
            "signoff.returned",
            N_(
                "The application has been returned and waits for the applicant. After %(day)s it can be refused "
                "without an answer."
            ),
            {"day": case.closes_on},
        )
    if status is Status.RETURNED:
        return Refusal(
            "signoff.returned", N_("The application has been returned and waits for the applicant.")
        )
    if status is not Status.WAITING:
        return DECIDED
    return None


def not_impartial(case: Case, signer: Person) -> Refusal | None:
    """Why what a person signs cannot count: they are tied to the case, or have said so."""
    refusal = tie(case.application, case.applicant, case.participant, signer)
    if refusal is not None:
        return refusal
    if any(each.head_id == signer.id for each in case.head_words):
        return HEAD
    if signer.id in case.conflicts:
        return Refusal(
            "signoff.conflict", N_("You cannot sign, because you have declared a conflict of interest.")
        )
    return None


def tie(application: Application, applicant: Person, participant: Person, signer: Person) -> Refusal | None:
    """Why somebody signs nothing in a case whatever their seat: a party, the head of one, or who reports to one."""
    if signer.id == participant.id:
        return Refusal("signoff.participant", N_("You cannot sign, because you are the participant."))
    if signer.id in (applicant.id, application.author_id):
        return Refusal("signoff.applicant", N_("You cannot sign, because you wrote the application."))
    if signer.id == application.head_id or signer.id in (applicant.head_id, participant.head_id):
        return HEAD
    if signer.head_id is not None and signer.head_id in (applicant.id, participant.id):
        return Refusal(
            "signoff.reports", N_("You cannot sign, because the participant or the applicant is your head.")
        )
    return None


def _no_seat(case: Case, signer: Person, day: date) -> Refusal | None:
    if ADMINISTRATOR in signer.roles:
        return ADMINISTERS
    if any(s.signer_id == signer.id for s in case.standing):
        if len(case.standing) > 1:
            return Refusal(
                "signoff.signed", N_("You have already signed. To sign otherwise, take it back first.")
            )
        if not _somebody_else(case, signer, day):
            return Refusal(
                "signoff.signed",
                N_(
                    "You have already signed, and nobody else sits in the other seat today. "
                    "An administrator can fill it under Seats."
                ),
            )
        return Refusal("signoff.signed", N_("You have already signed. The other seat signs next."))
    seat = seat_for(case, signer, day)
    if seat is None:
        return NO_SEAT
    if any(s.seat == seat for s in case.standing):
        if len(case.standing) > 1:
            return Refusal(
                "signoff.seat-taken", N_("Both seats have signed. Each signer can take back their own.")
            )
        return Refusal("signoff.seat-taken", N_("Your seat has already signed. The other seat signs next."))
    return None


def _somebody_else(case: Case, signer: Person, day: date) -> bool:
    """Whether another person sits in a seat that has not signed."""
    taken = {s.seat for s in case.standing}
    return any(h.person_id != signer.id and h.seat not in taken and h.holds_on(day) for h in case.holdings)


def _not_today(case: Case, day: date) -> Refusal | None:
    scheme = case.scheme
    if day < scheme.decides_from:
        return Refusal(
            "signoff.next-year",
            N_("The application is kept for next year. It can be decided from %(day)s."),
            {"day": first_decision_day(scheme, day)},
        )
    if scheme.decides_until is not None and day > scheme.decides_until:
        return Refusal(
            "signoff.year-over", N_("The year of the fund is over, so nothing more can be decided in it.")
        )
    if (pause := pause_on(scheme, day)) is not None:
        next_day = first_decision_day(scheme, day)
        if next_day is None:
            return Refusal(
                "signoff.pause-last",
                N_(
                    "No decisions are taken from %(first)s to %(last)s, and the year of the fund ends before that."
                ),
                {"first": pause.starts_on, "last": pause.ends_on},
            )
        return Refusal(
            "signoff.pause",
            N_("No decisions are taken from %(first)s to %(last)s. The next decision day is %(day)s."),
            {"first": pause.starts_on, "last": pause.ends_on, "day": next_day},
        )
    return None


def _not_attested(case: Case) -> Refusal | None:
    """Why a grant waits for the head; a refusal waits for nobody, or an application without an answer would stay."""
    if case.scheme.attest != "required" or not is_attested(case.scheme, case.application):
        return None
    return None if case.head_word is not None and case.head_word.given else NOT_ATTESTED


def _nothing_to_grant(case: Case) -> Refusal | None:
    if case.participant_left:
        return PARTICIPANT_LEFT
    if case.granted_already:
        return SECOND_GRANT
    if case.budget_left is None:
        return NO_BUDGET
    return None


def budget_refusal(case: Case, amount: int) -> Refusal | None:
    """Why an amount (minor units) does not fit what is left of the budget period, or None when it does."""
    if case.budget_left is not None and amount > case.budget_left:
        return Refusal(
            "signoff.budget",
            N_("Only %(left)s is left of the budget period, less than %(amount)s."),
            {
                "left": Money(case.budget_left, case.scheme.currency),
                "amount": Money(amount, case.scheme.currency),
            },
        )
    return None


def _stale(case: Case, shown: str | None) -> Refusal | None:
    if shown is not None and shown != case.page_digest:
        return STALE
    return None


def check_words(
    case: Case, outcome: Outcome, amount: int, reason: str, days: int | None = None
) -> Refusal | None:
    """What is wrong with the signature itself: above the assessed amount or the days wanted, or a reason missing."""
    assessed, wanted = case.assessment.amount, case.wanted_days
    if outcome is Outcome.REFUSE:
        return None if reason.strip() else Refusal("signoff.reason", N_("Give the reason for the refusal."))
    if amount > assessed:
        return Refusal(
            "signoff.above",
            N_("The amount cannot be above the assessed %(amount)s."),
            {"amount": Money(assessed, case.scheme.currency)},
        )
    if days is not None and wanted is not None:
        if days > wanted:
            return Refusal(
                "signoff.above",
                N_("No more days can be approved than are wanted, %(days)s."),
                {"days": Days(wanted)},
            )
        if days <= 0:
            return Refusal("signoff.zero", N_("To approve no days, refuse the application with a reason."))
        if days < wanted and not reason.strip():
            return Refusal("signoff.reason", N_("Give the reason for approving fewer days than are wanted."))
    if amount <= 0 and case.scheme.kinds[case.application.kind].gives_money:
        return Refusal("signoff.zero", N_("To grant nothing, refuse the application with a reason."))
    if amount < assessed and not reason.strip():
        return Refusal("signoff.reason", N_("Give the reason for granting less than was assessed."))
    return budget_refusal(case, amount)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the signatures amount to: waiting, signed once, disagreed, or decided with an outcome and amount."""

    state: str
    outcome: Outcome | None = None
    amount: int = 0
    reason: str = ""
    days: int | None = None
    voided: bool = False
    """Whether a signature given before ceased to count, because its signer has since been tied to the case."""


def after_signature(standing: Sequence[Signature]) -> Verdict:
    """What the standing signatures decide: two seats, two people, one thing; else nothing."""
    if not standing:
        return Verdict("waiting")
    if len(standing) == 1:
        return Verdict("signed once")
    first, second = standing[0], standing[1]
    if first.seat == second.seat or first.signer_id == second.signer_id:
        raise ValueError("two signatures need two seats and two people")
    if not first.agrees_with(second):
        return Verdict("disagreed")
    reasons = dict.fromkeys(r for r in (first.reason.strip(), second.reason.strip()) if r)
    return Verdict("decided", first.outcome, first.amount, "\n".join(reasons), first.days)
