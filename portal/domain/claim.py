"""What follows a grant: the actual costs, what is payable of it, the invoice and the payment.

A fund that decides before the event is invoiced for actual costs; a refund is payable as it was decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.domain.application import Answers
from portal.domain.assessment import Step
from portal.domain.fields import Problem, Typed, read
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
    INVOICED = "invoiced"
    PAID = "paid"
    RELEASED = "released"


NEXT: Mapping[Stage, Mapping[str, Stage]] = {
    Stage.WAITING: {"state": Stage.STATED, "release": Stage.RELEASED},
    Stage.STATED: {"state": Stage.STATED, "invoice": Stage.INVOICED, "release": Stage.RELEASED},
    Stage.INVOICED: {"pay": Stage.PAID},
    Stage.PAID: {},
    Stage.RELEASED: {},
}
"""The published graph: stage -> act -> next stage."""

_TOO_LATE = {
    "state": N_("The invoice is already registered, so the costs can no longer be changed."),
    "invoice": N_(
        "The actual costs must be stated before the invoice is registered, and it is registered once."
    ),
    "pay": N_("Only a registered invoice can be marked as paid, and only once."),
    "release": N_("Money can be released only until the invoice is registered."),
}


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
    """What has gone back to the budget period it was taken from."""
    revision: int
    stated_at: datetime | None = None
    invoice_number: str = ""
    invoice_on: date | None = None
    invoice_amount: int = 0
    registered_at: datetime | None = None
    paid_on: date | None = None

    def is_late(self, today: date) -> bool:
        """Whether the invoice should have come by now; late is flagged, never refused."""
        return self.due_on is not None and self.stage in (Stage.WAITING, Stage.STATED) and today > self.due_on

    def is_due_soon(self, today: date) -> bool:
        """Whether the invoice is due within a week."""
        open_ = self.stage in (Stage.WAITING, Stage.STATED)
        return self.due_on is not None and open_ and self.due_on - REMIND_BEFORE <= today <= self.due_on


@dataclass(frozen=True, slots=True)
class Payable:
    """What is payable of a grant, how it came about, and which costs could not be read."""

    amount: int
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
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
        return Payable(granted, (Step("granted", granted, decides=True),), (), 0, typed)
    reckoning = METHODS[chosen.reckoning].method(scheme, chosen, typed)
    part = int(reckoning.quantities.get("part", 0))
    amount = min(granted, part)
    steps = [step for step in reckoning.steps if step.key in ("line", "eligible")]
    steps.append(Step("part", part, decides=part < granted))
    steps.append(Step("granted", granted, decides=granted <= part))
    unread = tuple(p for p in typed.problems if p.field.startswith("costs"))
    return Payable(amount, tuple(steps), unread, granted - amount, typed)


NOT_GRANTED = Refusal("claim.not-granted", N_("Only a grant that stands can be invoiced and paid."))


def may_move(claim: Claim, act: str) -> Refusal | None:
    """None when the act can follow the claim's stage, else why not."""
    return None if act in NEXT[claim.stage] else Refusal(f"claim.{act}-too-late", _TOO_LATE[act])


def check_invoice(
    claim: Claim, number: str, amount: int, currency: str, day: date | None, today: date
) -> Refusal | None:
    """What is wrong with an invoice as finance registers it, or None."""
    if day is not None and day > today:
        return Refusal("claim.day", N_("The day of the invoice cannot be after today."))
    if (far := far_away("claim.day", day, today)) is not None:
        return far
    if not number.strip():
        return Refusal("claim.number", N_("Give the number of the invoice."))
    if amount > claim.payable_amount:
        most = {"amount": Money(claim.payable_amount, currency)}
        return Refusal("claim.above", N_("The invoice cannot be above the payable %(amount)s."), most)
    if amount <= 0:
        return Refusal(
            "claim.zero", N_("The invoice must be above zero. Release the money if nothing is to be paid.")
        )
    return None
