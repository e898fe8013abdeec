"""Payments: what a batch tells the ledger to pay or to take back, and what the ledger says it has paid.

A batch never changes; what was cancelled after it stood in one is taken back by a row in a later one.
"""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from portal.domain.alphabet import visible
from portal.domain.application import Answers
from portal.domain.claim import Invoice
from portal.domain.fields import is_asked
from portal.domain.money import Money
from portal.domain.refusal import N_, Refusal
from portal.domain.scheme import Field, Scheme


class PaymentKind(StrEnum):
    """What a row of a batch asks for."""

    PAY = "pay"
    REVERSE = "reverse"


@dataclass(frozen=True, slots=True)
class Payment:
    """A row of a batch before it has its place in one; a reversal's amount is negative."""

    application_id: int
    number: str
    kind: PaymentKind
    amount: int
    invoice_id: int | None = None
    """The invoice that is paid or taken back; None for a refund, which the batch itself registers."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What the ledger needs to find whom to pay, as far as the fund has it."""

    customer_number: str = ""
    orderer_id: str = ""
    account: str = ""
    """Who is paid, as answered: administration and cost centre, an account, or a municipality and its reference."""

    def __str__(self) -> str:
        return " / ".join(filter(None, (self.customer_number, self.orderer_id, self.account)))


def reference_of(scheme: Scheme, answers: Any) -> Reference:
    """The reference of a payment: the scheme's numbers, and the answers that name who is paid."""
    payment, kind = scheme.payment, scheme.main_kind
    named = [
        " ".join(answer.split())
        for name in payment.get("payee_fields", ())
        if is_asked(kind.fields[name], answers) and isinstance(answer := answers.get(name), str)
    ]
    return Reference(
        str(payment.get("customer_number", "")),
        str(payment.get("orderer_id", "")),
        ", ".join(filter(None, named)),
    )


def payee_fields(scheme: Scheme, answers: Answers) -> list[Field]:
    """The questions that say who is paid, of those that bear on such a payee."""
    names = (*scheme.payment.get("payee_fields", ()), *scheme.payment.get("payee_also", ()))
    fields = (scheme.main_kind.fields[name] for name in names)
    return [each for each in fields if is_asked(each, answers)]


def masked(scheme: Scheme, answers: Answers) -> Answers:
    """The answers with no more of an account number than its last three digits."""
    field = scheme.payment.get("account_field", "")
    if not answers.get(field):
        return answers
    return {**answers, field: "…" + "".join(filter(str.isdigit, str(answers[field])))[-3:]}


_BETWEEN = re.compile(r"[\s.]+")
_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def is_account(typed: str) -> bool:
    """Whether that is a Norwegian account number: eleven digits, the last of them right; dots and spaces are read."""
    return _is_checked(typed, 11)


def is_organisation(typed: str) -> bool:
    """Whether that is a Norwegian organisation number: nine digits, the last of them right."""
    return _is_checked(typed, 9)


def _is_checked(typed: str, digits: int) -> bool:
    bare = _BETWEEN.sub("", visible(typed))
    if not re.fullmatch(f"[0-9]{{{digits}}}", bare):
        return False
    weights = (*_WEIGHTS[1 - digits :], 1)
    return sum(weight * int(digit) for weight, digit in zip(weights, bare, strict=True)) % 11 == 0


def shown_digest(rows: Sequence[tuple[Payment, Reference]]) -> str:
    """What a page showed of the rows of the next batch, so that nothing else is made of it."""
    said = ";".join(
        f"{each.application_id} {each.invoice_id} {each.kind.value} {each.amount} {reference}"
        for each, reference in rows
    )
    return hashlib.sha256(said.encode()).hexdigest()


CONFIRMED = ("make-batch", "correct-invoice", "correct-payee", "register-invoice", "release", "cancel")
"""Acts of finance that a second person confirms, where the portal is set so; the last three when they release much, and
cancelling also when it takes an invoice back."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One of those acts as one person prepared it; amounts in minor units."""

    id: int
    fund: str
    act: str
    application_id: int | None
    """None for a batch."""
    how: Mapping[str, Any]
    """What the act is to be done with, days as ISO text; empty once it is forgotten."""
    amount: int
    released_amount: int
    """What would go back to the budget period; below zero is taken from it again."""
    prepared_by: int
    prepared_at: datetime
    outcome: str | None
    """confirmed, declined or taken-back; None while it waits."""
    settled_by: int | None
    settled_at: datetime | None
    reason: str
    """Why it was declined."""

    @property
    def what(self) -> str:
        """The act in words' keys: a correction to nothing is a credit."""
        return "credit-invoice" if self.act == "correct-invoice" and not self.amount else self.act

    @property
    def invoice_on(self) -> date | None:
        typed = self.how.get("invoice_on")
        return date.fromisoformat(typed) if typed else None

    @property
    def lines(self) -> frozenset[tuple[Any, ...]]:
        """The rows of a batch: application, invoice and kind."""
        return frozenset(tuple(each) for each in self.how.get("only", ()))

    @property
    def payee(self) -> tuple[Answers, Answers]:
        """Who was to be paid, and who is to be, of a corrected payee."""
        return self.how.get("was", {}), self.how.get("answers", {})

    @property
    def cases(self) -> frozenset[int]:
        """The applications whose money it moves."""
        of = {each[0] for each in self.lines}
        return frozenset(of if self.application_id is None else {self.application_id})


def is_to_confirm(scheme: Scheme, act: str, released: int, *, invoiced: bool) -> bool:
    """Whether a second person confirms it: always a batch and a correction, else above what the scheme lets go."""
    above = scheme.payment.get("confirm_above")
    always = act in CONFIRMED[:3] or (act == "cancel" and invoiced)
    return always or (above is not None and released > above)


SETTLED = Refusal(
    "prepared.settled", N_("It is no longer waiting: it was confirmed, declined or taken back.")
)
PREPARED_BEFORE = Refusal(
    "prepared.waits",
    N_(
        "Something that was prepared for it waits to be confirmed. That is confirmed, declined or taken back first."
    ),
)
OWN_PREPARED = Refusal(
    "prepared.own", N_("You prepared it yourself, so somebody else in finance confirms or declines it.")
)
PREPARER_GONE = Refusal(
    "prepared.gone",
    N_(
        "Who prepared it has left, is no longer in finance or takes part in the case. Decline it, and prepare it anew."
    ),
)


def may_settle_prepared(
    prepared: Prepared, act: str, person_id: int, preparers: Collection[int]
) -> Refusal | None:
    """None when the person may confirm, decline or take-back it; `preparers` could prepare it still."""
    if prepared.outcome is not None:
        return SETTLED
    if act != "take-back" and person_id == prepared.prepared_by:
        return OWN_PREPARED
    return PREPARER_GONE if act == "confirm" and prepared.prepared_by not in preparers else None


IN_BATCH = Refusal(
    "payee.in-batch",
    N_(
        "It stands in a payment batch, so the payee stays. Finance can credit the invoice; when a batch has taken "
        "it back, the payee can be corrected."
    ),
)
NO_PAYEE = Refusal(
    "payee.missing", N_("Say who is paid first: what is needed for it is not stated, or is not right.")
)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One row of what the ledger has paid: application, amount in minor units, and the day."""

    line: int
    number: str
    amount: int
    paid_on: date
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An invoice that the ledger may speak of: one that stood in a batch to be paid."""

    invoice: Invoice
    currency: str
    batch: int
    batch_on: date
    reversed_amount: int
    """What a later batch took back, below zero; 0 for nothing."""


NOT_IN_BATCH = Refusal(
    "payment.not-in-batch", N_("It is paid with a payment batch. Make a batch that holds it first.")
)
IN_FUTURE = Refusal("payment.future", N_("The day of payment cannot be after today."))
PAID_BEFORE = Refusal(
    "claim.pay-too-late", N_("Only a registered invoice can be marked as paid, and only once.")
)


def may_pay(known: Known | None, paid_on: date, today: date) -> Refusal | None:
    """None when what stood in a batch can be marked as paid on a day, else why not."""
    if known is None:
        return NOT_IN_BATCH
    if known.invoice.paid_on is not None:
        return PAID_BEFORE
    if paid_on > today:
        return IN_FUTURE
    if paid_on < known.batch_on:
        return Refusal(
            "payment.early",
            N_("The day of payment cannot be before the day of its batch, %(day)s."),
            {"day": known.batch_on},
        )
    return None


def is_known(line: LedgerLine, known: Known) -> bool:
    """Whether the line says only what is already so: a file sent twice, or a row that was taken back."""
    if line.amount < 0:
        return line.amount == known.reversed_amount
    return (line.amount, line.paid_on) == (known.invoice.amount, known.invoice.paid_on)


def unknown(number: str) -> Refusal:
    """Why a line of an application that nothing can be paid of is wrong."""
    said = N_("There is no payment for an application %(number)s.")
    return Refusal("ledger.unknown", said, {"number": number})


def spoken_of(line: LedgerLine, stood: Sequence[Known]) -> Known | None:
    """The invoice that a line is about, of those of its application that stood in a batch, or None without any.

    Parts of one grant are told apart by batch and amount; of equal ones, what is marked so already comes first.
    """

    def unlike(each: Known) -> tuple[bool, bool, bool, bool]:
        amount = each.reversed_amount if line.amount < 0 else each.invoice.amount
        return (
            line.amount != amount,
            line.batch is not None and line.batch != each.batch,
            not is_known(line, each),
            each.invoice.paid_on is not None,
        )

    return min(stood, key=unlike, default=None)


def check_line(line: LedgerLine, known: Known | None, today: date) -> Refusal | None:
    """What is wrong with a line of the ledger's file, or None when it can be marked, or is already so."""
    if known is None:
        return NOT_IN_BATCH
    if line.batch is not None and line.amount > 0 and line.batch != known.batch:
        return Refusal("ledger.batch", N_("It stood in batch %(batch)s."), {"batch": known.batch})
    if is_known(line, known):
        return None
    if line.amount <= 0:
        return Refusal("ledger.reversal", N_("No batch takes that amount back."))
    invoice = known.invoice
    if invoice.paid_on is not None and line.amount == invoice.amount:
        return Refusal(
            "ledger.paid", N_("It is already marked as paid on %(day)s."), {"day": invoice.paid_on}
        )
    if line.amount != invoice.amount:
        return Refusal(
            "ledger.amount",
            N_("The amount is %(amount)s, but the batch says %(wanted)s."),
            {
                "amount": Money(line.amount, known.currency),
                "wanted": Money(invoice.amount, known.currency),
            },
        )
    return may_pay(known, line.paid_on, today)
