"""What follows a grant: the actual costs, what is payable of it, the invoice and the payment.

A fund that decides before the event is invoiced for actual costs; a refund is payable as it was decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.domain.application import Answers, Application
from portal.domain.assessment import Step
from portal.domain.fields import Typed, read
from portal.domain.money import Money
from portal.domain.periods import far_away, months_after
from portal.domain.reckoning import METHODS
from portal.domain.refusal import N_, Refusal
from portal.domain.scheme import Scheme

REMIND_BEFORE = timedelta(days=7)


class Stage(StrEnum):
    """How far a grant has come on its way to being paid; that it is late is told by the calendar."""

    WAITING = "waiting"
    STATED = "stated"
    PART = "part"
    """Invoices are registered, and more may come."""
    INVOICED = "invoiced"
    PAID = "paid"
    RELEASED = "released"


MAY_FOLLOW: Mapping[Stage, frozenset[str]] = {
    Stage.WAITING: frozenset({"state", "release"}),
    Stage.STATED: frozenset({"state", "invoice", "release"}),
    Stage.PART: frozenset({"state", "invoice", "release", "pay", "correct", "return"}),
    Stage.INVOICED: frozenset({"pay", "correct", "return"}),
    Stage.PAID: frozenset({"pay", "correct", "return"}),
    Stage.RELEASED: frozenset(),
}
"""The published graph: stage -> acts that can follow. Which stage comes next, `stage_of` says of the invoices."""

_TOO_LATE = {
    "state": N_("All that is to be invoiced is registered, so the costs can no longer be changed."),
    "invoice": N_("Invoices are registered once the actual costs are stated, and until all of them are."),
    "pay": N_("Only a registered invoice can be marked as paid, and only once."),
    "release": N_("Money can be released only until all that is to be invoiced is registered."),
    "correct": N_("There is no invoice to correct."),
    "return": N_("No invoice is paid, so no money can have come back."),
}


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice on a grant, or a part of it, in minor units; what is corrected stays beside what stands instead."""

    id: int
    application_id: int
    number: str
    """The application's own where a fund pays what was decided."""
    invoice_on: date | None
    amount: int
    registered_at: datetime
    registered_by: int
    replaces: int | None = None
    """The invoice that this one stands instead of."""
    paid_on: date | None = None
    returned_amount: int = 0
    """What has come back after it was paid."""
    returned_on: date | None = None
    credited_at: datetime | None = None
    credited_by: int | None = None
    credit_reason: str | None = None

    @property
    def stands(self) -> bool:
        return self.credited_at is None

    @property
    def net_amount(self) -> int:
        return self.amount - self.returned_amount if self.stands else 0


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim on one grant; amounts in minor units of the fund's currency."""

    application_id: int
    granted_amount: int
    due_on: date | None
    """When the invoice should have come ("senast 1 mån efter kursstart"); None where nothing is invoiced."""
    stage: Stage
    costs: Answers
    """The actual costs as typed, like the `costs` of an application."""
    payable_amount: int
    released_amount: int
    """What has gone back to the budget period it was taken from; the rest of the grant is still taken from it."""
    revision: int
    stated_at: datetime | None = None
    invoice_amount: int = 0
    """Of the invoices that stand, less what has come back."""
    paid_amount: int = 0
    """The same of those that are paid."""
    paid_on: date | None = None
    """When the last of all invoices was paid."""
    release_reason: str = ""

    def is_late(self, today: date) -> bool:
        """Whether the invoice should have come by now; late is flagged, never refused."""
        return self.due_on is not None and self.stage in (Stage.WAITING, Stage.STATED) and today > self.due_on

    def is_due_soon(self, today: date) -> bool:
        """Whether the invoice is due within a week."""
        open_ = self.stage in (Stage.WAITING, Stage.STATED)
        return self.due_on is not None and open_ and self.due_on - REMIND_BEFORE <= today <= self.due_on

    @property
    def is_whole(self) -> bool:
        """Whether somebody has said that no more is to be invoiced."""
        return self.stage in (Stage.INVOICED, Stage.PAID, Stage.RELEASED)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the invoices of a grant amount to."""

    stage: Stage
    invoice_amount: int
    paid_amount: int
    released_amount: int
    paid_on: date | None


def standing_of(claim: Claim, invoices: Sequence[Invoice], *, whole: bool) -> Standing:
    """Where the invoices bring a claim whose costs are stated; `whole` when no more is to be invoiced.

    Until then the rest of the grant is kept for what may come.
    """
    standing = [each for each in invoices if each.stands]
    net, returned = sum(each.net_amount for each in standing), sum(each.returned_amount for each in standing)
    paid = [each.paid_on for each in standing if each.paid_on is not None]
    all_paid = whole and bool(standing) and len(paid) == len(standing)
    if not whole:
        stage = Stage.PART if standing else Stage.STATED
    else:
        stage = Stage.PAID if all_paid else Stage.INVOICED if standing else Stage.RELEASED
    return Standing(
        stage=stage,
        invoice_amount=net,
        paid_amount=sum(each.net_amount for each in standing if each.paid_on is not None),
        released_amount=claim.granted_amount - net if whole else returned,
        paid_on=max(paid) if all_paid else None,
    )


@dataclass(frozen=True, slots=True)
class Payable:
    """What is payable of a grant, and how it came about."""

    amount: int
    steps: tuple[Step, ...]
    unused: int
    """What goes back to the budget period."""
    typed: Typed
    """The answers with the actual costs in their place."""


def is_invoiced(scheme: Scheme) -> bool:
    """Whether the fund is invoiced for actual costs, or pays what was decided."""
    return "months" in scheme.payment


def due_on(scheme: Scheme, starts_on: date, decided_on: date) -> date | None:
    """The last day for the invoice ("bör ske skyndsamt efter beslut … senast 1 mån efter kursstart"), or None."""
    if not is_invoiced(scheme):
        return None
    soon = decided_on + timedelta(days=int(scheme.payment.get("days", 0)))
    return max(months_after(starts_on, int(scheme.payment["months"])), soon)


def payable(scheme: Scheme, kind: str, answers: Answers, costs: Answers, granted: int) -> Payable:
    """min(granted, actual eligible costs × the fund's share, rounded down), in minor units.

    Reckoned by the very method that granted, on the answers as submitted with the actual costs in their place, so
    that a ceiling or the counter-financing limits here as it did there. A refund is payable as granted.
    """
    chosen = scheme.kinds[kind]
    typed = read(chosen, {**answers, "costs": costs.get("costs", [])})
    if not is_invoiced(scheme):
        return Payable(granted, (Step("granted", granted, decides=True),), 0, typed)
    reckoning = METHODS[chosen.reckoning].method(scheme, chosen, typed)
    part = int(reckoning.quantities.get("part", 0))
    amount = min(granted, part)
    steps = [step for step in reckoning.steps if step.key in ("line", "eligible")]
    steps.append(Step("part", part, decides=part < granted))
    steps.append(Step("granted", granted, decides=granted <= part))
    return Payable(amount, tuple(steps), granted - amount, typed)


NOT_GRANTED = Refusal("claim.not-granted", N_("Only a grant that stands can be invoiced and paid."))


def may_move(claim: Claim, act: str) -> Refusal | None:
    """None when the act can follow the claim's stage, else why not."""
    return None if act in MAY_FOLLOW[claim.stage] else Refusal(f"claim.{act}-too-late", _TOO_LATE[act])


def check_invoice(
    claim: Claim,
    others: Sequence[Invoice],
    number: str,
    amount: int,
    currency: str,
    day: date | None,
    today: date,
) -> Refusal | None:
    """What is wrong with an invoice beside the `others` that stand, or None."""
    if day is not None and day > today:
        return Refusal("claim.day", N_("The day of the invoice cannot be after today."))
    if (far := far_away("claim.day", day, today)) is not None:
        return far
    if not number.strip():
        return Refusal("claim.number", N_("Give the number of the invoice."))
    left = claim.payable_amount - sum(each.amount for each in others if each.stands)
    if amount > left:
        most = {"amount": Money(left, currency)}
        return Refusal("claim.above", N_("The invoice cannot be above the payable %(amount)s."), most)
    if amount <= 0:
        return Refusal(
            "claim.zero", N_("The invoice must be above zero. Release the money if nothing is to be paid.")
        )
    return None


def may_correct(invoice: Invoice) -> Refusal | None:
    """None when the invoice can be corrected or credited, else why not."""
    if not invoice.stands:
        return Refusal("claim.credited", N_("The invoice has been credited already."))
    if invoice.returned_amount:
        return Refusal("claim.returned", N_("Money has come back of the invoice. Set that to 0 first."))
    return None


def check_return(
    invoice: Invoice, amount: int, day: date | None, currency: str, today: date
) -> Refusal | None:
    """What is wrong with what is said to have come back of an invoice in all, or None."""
    if not invoice.stands or invoice.paid_on is None:
        return Refusal("claim.not-paid", N_("Only money that is paid can come back."))
    if not 0 <= amount <= invoice.amount:
        most = {"amount": Money(invoice.amount, currency)}
        return Refusal("claim.returned-above", N_("No more than %(amount)s can come back."), most)
    if day is not None and (day > today or day < invoice.paid_on):
        return Refusal(
            "claim.returned-day",
            N_("The day must lie between the payment and today: it was paid on %(day)s."),
            {"day": invoice.paid_on},
        )
    return None


@dataclass(frozen=True, slots=True)
class Cancelling:
    """What cancelling a grant comes to, in minor units."""

    freed_amount: int
    paid_amount: int
    """What stays taken from the budget, because it is paid."""
    frees_once: bool
    """Whether what may be granted once can be applied for again."""


def cancelling(
    scheme: Scheme, application: Application, claim: Claim | None, granted: int, today: date
) -> Cancelling:
    """Money frees what was not paid; the year only while the event is to come and nothing was paid.

    A refund is for a course that has been: there it is the payment alone that uses it up ("per kurs").
    """
    paid = claim.paid_amount if claim is not None else 0
    released = claim.released_amount if claim is not None else 0
    to_come = today < application.starts_on or not is_invoiced(scheme)
    return Cancelling(granted - released - paid, paid, to_come and not paid)


def may_cancel(
    application: Application,
    claim: Claim | None,
    today: date,
    *,
    party: bool,
    money: bool,
    user: Application | None,
) -> Refusal | None:
    """None when the grant can be cancelled, else why not: once its `money` is used it is for finance to cancel.

    An approval gives none; it stays once the application that points at it, the `user`, is decided.
    """
    if user is not None and not user.status.open:
        return Refusal(
            "cancel.pointed-at",
            N_(
                "Application %(number)s is decided on it, so it stays. It can be cancelled once that grant is."
            ),
            {"number": user.number},
        )
    used = application.starts_on <= today or (claim is not None and bool(claim.invoice_amount))
    if party and money and used:
        return Refusal(
            "cancel.used",
            N_(
                "The event has begun or an invoice is registered, so finance cancels the grant. "
                "Tell them why it is not needed."
            ),
        )
    return None
