"""What finance's pages of claims, batches and the ledger's file are given."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.web.answers import AnswerRow
from portal.web.pages.claim import PayableLines
from portal.web.pages.finance import Download


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One claim; amounts as written."""

    number: str
    href: str
    participant: str
    unit: str
    title: str
    due_on: date | None
    kind: str
    stage: str
    late: bool
    granted: str
    invoiced: str
    released: str
    paid_on: date | None
    batch: int | None


@dataclass(frozen=True, slots=True)
class ClaimTotal:
    """What the filter adds up to in one currency, as written."""

    currency: str
    claims: int
    granted: str
    invoiced: str
    paid: str
    released: str


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """The claims of a filter, what they add up to, and the file of them."""

    fund: str
    stage: str
    funds: tuple[tuple[str, str], ...]
    """Empty where there is only one."""
    stages: tuple[tuple[str, str], ...]
    says: str
    lines: tuple[ClaimLine, ...]
    totals: tuple[ClaimTotal, ...]
    downloads: tuple[Download, ...]
    first_href: str
    next_href: str
    registers: bool
    """Whether the reader registers invoices and payments."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What finance can do with the claim, or why it cannot."""

    reason: str = ""

    @property
    def open(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class InvoiceForm:
    """The invoice as typed."""

    number: str
    day: str
    amount: str
    most: str
    """What is payable, as written."""
    errors: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One claim as finance works with it."""

    number: str
    title: str
    scheme_title: str
    kind: str
    stage: str
    says: str
    tone: str
    currency: str
    revision: int
    facts: tuple[AnswerRow, ...]
    payee: tuple[AnswerRow, ...]
    payable: PayableLines
    invoice: InvoiceForm | None
    """None where nothing can be invoiced now."""
    release: Deed | None
    pay: Deed | None
    paid_on: str
    pay_error: str
    letter_href: str
    barred: str = ""
    """Why the reader does nothing here, and who does instead."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class DueLine:
    """A row of the next batch."""

    number: str
    href: str
    participant: str
    reference: str
    invoice_number: str
    amount: str
    back: bool
    """Whether it takes back what was paid."""


@dataclass(frozen=True, slots=True)
class NextBatch:
    """What the next batch of a fund would hold."""

    fund: str
    fund_name: str
    number: int
    shown: str
    """What the page shows of it, for the button to send back."""
    lines: tuple[DueLine, ...]
    more: int
    """How many rows are not listed."""
    total: str
    left_out: str
    """What is not in it because the reader takes part in the case, and who batches it."""


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch that was made."""

    fund: str
    number: int
    made_at: datetime
    made_by: str
    zone: Any
    rows: int
    paid: str
    taken_back: str
    downloads: tuple[Download, ...]
    csv_sha256: str
    xlsx_sha256: str


@dataclass(frozen=True, slots=True)
class PaymentsPage:
    """What waits to be paid, the batches there are, and the ledger's file."""

    waiting: tuple[NextBatch, ...]
    batches: tuple[BatchLine, ...]
    first_href: str
    next_href: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """The ledger's file: to be chosen, looked at, or mended."""

    error: str = ""
    wrong: tuple[tuple[int, str], ...] = ()
    """Line and what is wrong in it."""
    more_wrong: int = 0
    checked: bool = False
    says: str = ""
    text: str = ""
    """The rows as read, to be sent back when they are confirmed."""
    totals: tuple[str, ...] = ()
    new: int = 0
