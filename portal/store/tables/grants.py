"""The tables of decisions and money: rates, budget periods, decisions, claims, payment batches and follow-ups."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)

from portal.domain.application import Outcome, Status
from portal.domain.claim import Stage
from portal.domain.payment import CONFIRMED, PaymentKind
from portal.store.types import APPLICATION, PERSON, Base, Mapped, a_key, mapped_column, one_of, strict, within

PERIOD, DECISION = "budget_periods.id", "decisions.application_id"
SAME = ("application_id", "version", "digest", "outcome", "amount")
"""What both signatures and the decision say alike."""
ONCE = text("kind IN ('reserve', 'cancel')")
WAITS = text("outcome IS NULL")
UNPAID, CREDITED = text("paid_on IS NULL AND credited_at IS NULL"), text("credited_at IS NOT NULL")


class ExchangeRatesRow(Base):
    """What currencies were worth on a day, as a central bank published it."""

    __tablename__ = "exchange_rates"
    __table_args__ = strict()
    rated_on: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str]
    units: Mapped[dict[str, Any]]
    """How many of each one unit of the same base was, as text."""
    loaded_at: Mapped[datetime]


class BudgetPeriodRow(Base):
    __tablename__ = "budget_periods"
    __table_args__ = strict(
        within("scheme", 1, 60),
        within("key", 1, 60),
        CheckConstraint("allocated_amount >= 0", name="allocated_in_range"),
        CheckConstraint(
            "granted_amount BETWEEN 0 AND allocated_amount + carried_amount", name="not_overdrawn"
        ),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days_in_order"),
        UniqueConstraint("scheme", "key"),
    )
    id: Mapped[int] = a_key()
    scheme: Mapped[str]
    key: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    allocated_amount: Mapped[int]
    """What the letter gives the period."""
    carried_amount: Mapped[int]
    """What an earlier period left to this one (or, below zero, what this one left), less `opening_amount`."""
    opening_amount: Mapped[int] = mapped_column(server_default="0")
    """What was used before the portal, on a day and by a source; 0 until an operator says it."""
    opening_on: Mapped[date | None]
    opening_source: Mapped[str] = mapped_column(server_default="")
    granted_amount: Mapped[int]
    """The sum of the period's entries, kept here so that one UPDATE can refuse to overdraw."""


class BudgetEntryRow(Base):
    __tablename__ = "budget_entries"
    __table_args__ = strict(
        one_of("kind", ("reserve", "cancel", "release", "retake")),
        CheckConstraint(
            "(kind IN ('reserve', 'retake') AND amount >= 0) OR (kind IN ('cancel', 'release') AND amount <= 0)",
            name="sign",
        ),
        # Reserved once and cancelled once; what invoices leave over may come back in parts, and be taken again.
        Index(
            "budget_entries_once_key", "application_id", "kind", unique=True, sqlite_where=ONCE, postgresql_where=ONCE
        ),
        Index("budget_entries_period_idx", "period_id", "entered_at", "kind", "amount"),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    period_id: Mapped[int] = mapped_column(ForeignKey(PERIOD))
    application_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION))
    kind: Mapped[str]
    amount: Mapped[int]
    entered_at: Mapped[datetime]


class BudgetHourRow(Base):
    """What the entries of one hour (UTC, as 2026-11-30T09) add up to, kept with each."""

    __tablename__ = "budget_hours"
    __table_args__ = strict()
    period_id: Mapped[int] = mapped_column(ForeignKey(PERIOD), primary_key=True)
    hour: Mapped[str] = mapped_column(primary_key=True)
    reserved_amount: Mapped[int]
    returned_amount: Mapped[int]


class DecisionRow(Base):
    __tablename__ = "decisions"
    __table_args__ = strict(
        one_of("outcome", Outcome),
        within("reason", 0, 8100),
        CheckConstraint("seat_a <> seat_b", name="two_seats"),
        CheckConstraint("signer_a <> signer_b", name="two_people"),
        CheckConstraint(
            "signer_a NOT IN (applicant_id, participant_id) AND signer_b NOT IN (applicant_id, participant_id)",
            name="no_party_signs",
        ),
        CheckConstraint("(outcome = 'grant') = (period_id IS NOT NULL)", name="grant_has_period"),
        CheckConstraint(
            "outcome <> 'refuse' OR (length(trim(reason)) > 0 AND amount = 0)", name="refusal_has_reason"
        ),
        CheckConstraint("amount BETWEEN 0 AND 100000000000", name="amount_in_range"),
        CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancel_reason IS NULL)",
            name="cancelled_whole",
        ),
        CheckConstraint(
            "cancelled_at IS NULL OR (outcome = 'grant' AND cancelled_at >= decided_at)",
            name="cancels_a_grant",
        ),
        within("cancel_reason", 0, 4000),
        ForeignKeyConstraint(
            ["application_id", "applicant_id", "participant_id", "once_key"],
            [
                "applications.id",
                "applications.author_id",
                "applications.participant_id",
                "applications.once_key",
            ],
            name="decisions_application_fkey",
        ),
        *(
            ForeignKeyConstraint(
                [f"signature_{x}", *SAME, f"seat_{x}", f"signer_{x}"],
                [f"signatures.{column}" for column in ("id", *SAME, "seat", "signer_id")],
                name=f"decisions_signature_{x}_fkey",
            )
            for x in "ab"
        ),
        Index(None, "period_id"),
        Index(
            "decisions_year_idx",
            "decided_at",
            "application_id",
            "outcome",
            "amount",
            "cancelled_at",
            "participant_id",
        ),
    )
    application_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    applicant_id: Mapped[int]
    participant_id: Mapped[int]
    once_key: Mapped[str]
    version: Mapped[int]
    digest: Mapped[str]
    outcome: Mapped[Outcome]
    amount: Mapped[int]
    reason: Mapped[str]
    period_id: Mapped[int | None] = mapped_column(ForeignKey(PERIOD))
    signature_a: Mapped[int]
    seat_a: Mapped[str]
    signer_a: Mapped[int]
    signature_b: Mapped[int]
    seat_b: Mapped[str]
    signer_b: Mapped[int]
    decided_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    cancel_reason: Mapped[str | None]
    days: Mapped[int | None]


class ClaimRow(Base):
    __tablename__ = "claims"
    __table_args__ = strict(
        one_of("stage", Stage),
        CheckConstraint("granted_amount BETWEEN 0 AND 100000000000", name="granted_in_range"),
        CheckConstraint("payable_amount BETWEEN 0 AND granted_amount", name="payable_in_range"),
        CheckConstraint("released_amount BETWEEN 0 AND granted_amount", name="released_in_range"),
        CheckConstraint("invoice_amount BETWEEN 0 AND payable_amount", name="invoice_in_range"),
        CheckConstraint("paid_amount BETWEEN 0 AND invoice_amount", name="paid_in_range"),
        CheckConstraint(
            "stage NOT IN ('invoiced', 'paid') OR invoice_amount + released_amount = granted_amount",
            name="settled_whole",
        ),
        CheckConstraint("stage <> 'released' OR released_amount = granted_amount", name="released_whole"),
        CheckConstraint("(stage = 'paid') = (paid_on IS NOT NULL)", name="paid_on_a_day"),
        within("release_reason", 0, 4000),
        CheckConstraint("revision >= 1", name="revision_counts"),
        Index("claims_open_idx", "stage", "due_on", "application_id"),
        Index("claims_stage_idx", "stage", "application_id"),
        Index("claims_year_idx", "application_id", "stage", "due_on", "released_amount", "invoice_amount"),
    )
    application_id: Mapped[int] = mapped_column(ForeignKey(DECISION), primary_key=True, autoincrement=False)
    granted_amount: Mapped[int]
    due_on: Mapped[date | None]
    stage: Mapped[Stage]
    costs: Mapped[dict[str, Any]]
    payable_amount: Mapped[int]
    released_amount: Mapped[int]
    revision: Mapped[int]
    stated_at: Mapped[datetime | None]
    stated_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    invoice_amount: Mapped[int]
    paid_amount: Mapped[int]
    paid_on: Mapped[date | None]
    release_reason: Mapped[str]


class InvoiceRow(Base):
    """An invoice on a grant; one that is corrected is credited, and another stands instead of it."""

    __tablename__ = "invoices"
    __table_args__ = strict(
        within("number", 1, 80),
        within("search_text", 1, 400),
        CheckConstraint("amount BETWEEN 1 AND 100000000000", name="amount_in_range"),
        CheckConstraint("returned_amount BETWEEN 0 AND amount", name="returned_in_range"),
        CheckConstraint(
            "returned_amount = 0 OR (paid_on IS NOT NULL AND returned_on IS NOT NULL)",
            name="paid_before_it_returns",
        ),
        CheckConstraint("credited_at IS NULL OR returned_amount = 0", name="credited_whole_or_not"),
        CheckConstraint(
            "(credited_at IS NULL) = (credited_by IS NULL) AND (credited_at IS NULL) = (credit_reason IS NULL)",
            name="credited_whole",
        ),
        within("credit_reason", 1, 4000),
        UniqueConstraint("replaces"),
        UniqueConstraint("id", "application_id", name="invoices_paid_key"),
        Index(None, "application_id"),
        Index(None, "search_text"),
        Index("invoices_unpaid_idx", "id", sqlite_where=UNPAID, postgresql_where=UNPAID),
        Index("invoices_credited_idx", "id", sqlite_where=CREDITED, postgresql_where=CREDITED),
    )
    id: Mapped[int] = a_key()
    application_id: Mapped[int] = mapped_column(ForeignKey("claims.application_id"))
    number: Mapped[str]
    search_text: Mapped[str]
    """The number in lower case, to find the same one on another grant."""
    invoice_on: Mapped[date | None]
    amount: Mapped[int]
    registered_at: Mapped[datetime]
    registered_by: Mapped[int] = mapped_column(ForeignKey(PERSON))
    replaces: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    paid_on: Mapped[date | None]
    returned_amount: Mapped[int]
    returned_on: Mapped[date | None]
    credited_at: Mapped[datetime | None]
    credited_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    credit_reason: Mapped[str | None]


class PayeeRow(Base):
    """Who is paid by a grant, as corrected after the decision: all answers to those questions, each time."""

    __tablename__ = "payees"
    __table_args__ = strict(Index(None, "application_id", "id"))
    id: Mapped[int] = a_key()
    application_id: Mapped[int] = mapped_column(ForeignKey("claims.application_id"))
    answers: Mapped[dict[str, Any]]
    changed_by: Mapped[int] = mapped_column(ForeignKey(PERSON))
    changed_at: Mapped[datetime]


class PaymentBatchRow(Base):
    """One numbered, immutable list of payments of a fund, with the bytes that were handed out."""

    __tablename__ = "payment_batches"
    __table_args__ = strict(
        within("fund", 1, 60),
        within("currency", 3, 3),
        CheckConstraint("number >= 1", name="number_counts"),
        within("csv_sha256", 64, 64),
        within("xlsx_sha256", 64, 64),
        UniqueConstraint("fund", "number"),
    )
    id: Mapped[int] = a_key()
    fund: Mapped[str]
    number: Mapped[int]
    currency: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey(PERSON))
    csv: Mapped[bytes]
    csv_sha256: Mapped[str]
    xlsx: Mapped[bytes]
    xlsx_sha256: Mapped[str]


class PaymentRow(Base):
    """One line of a batch: what is to be paid, or the reversal of what an earlier batch held."""

    __tablename__ = "payments"
    __table_args__ = strict(
        one_of("kind", PaymentKind),
        CheckConstraint("(kind = 'pay' AND amount > 0) OR (kind = 'reverse' AND amount < 0)", name="sign"),
        # Paid once and reversed once.
        UniqueConstraint("invoice_id", "kind"),
        ForeignKeyConstraint(
            ["invoice_id", "application_id"],
            ["invoices.id", "invoices.application_id"],
            name="payments_invoice_fkey",
        ),
        Index(None, "application_id"),
        ForeignKeyConstraint(["batch_id"], ["payment_batches.id"], name="payments_batch_fkey"),
    )
    batch_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    application_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION))
    invoice_id: Mapped[int]
    kind: Mapped[PaymentKind]
    amount: Mapped[int]
    reference: Mapped[str]


class PreparedRow(Base):
    """One of finance's acts as one person prepared it, for another to confirm."""

    __tablename__ = "prepared"
    __table_args__ = strict(
        within("fund", 1, 60),
        one_of("act", CONFIRMED),
        one_of("outcome", ("confirmed", "declined", "taken-back")),
        CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL) AND (outcome IS NULL) = (settled_by IS NULL)",
            name="settled_whole",
        ),
        CheckConstraint(
            "outcome IS NULL OR (outcome = 'taken-back') = (settled_by = prepared_by)", name="two_people"
        ),
        within("reason", 0, 4000),
        # One at a time for a claim, and one batch for a fund.
        Index("prepared_waits_key", "subject", unique=True, sqlite_where=WAITS, postgresql_where=WAITS),
        Index(None, "application_id"),
        Index(None, "fund", "id"),
    )
    id: Mapped[int] = a_key()
    fund: Mapped[str]
    act: Mapped[str]
    application_id: Mapped[int | None] = mapped_column(ForeignKey("claims.application_id"))
    subject: Mapped[str]
    """The application's id, or the fund for a batch."""
    how: Mapped[dict[str, Any]]
    amount: Mapped[int]
    released_amount: Mapped[int]
    prepared_by: Mapped[int] = mapped_column(ForeignKey(PERSON))
    prepared_at: Mapped[datetime]
    outcome: Mapped[str | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    settled_at: Mapped[datetime | None]
    reason: Mapped[str]


class DenialRow(Base):
    """That a head said a follow-up is not so, why, and the day that was recorded: it is owed again."""

    __tablename__ = "denials"
    __table_args__ = strict(
        within("reason", 1, 4000), Index(None, "application_id", "id"), Index(None, "head_id")
    )
    id: Mapped[int] = a_key()
    application_id: Mapped[int] = mapped_column(ForeignKey(DECISION))
    head_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    held_on: Mapped[date]
    reason: Mapped[str]
    said_at: Mapped[datetime]


class FollowUpRow(Base):
    __tablename__ = "followups"
    __table_args__ = strict(
        within("forum", 0, 4000),
        within("audience", 0, 4000),
        within("lesson", 0, 4000),
        within("search_text", 0, 20000),
        CheckConstraint("(recorded_at IS NULL) = (held_on IS NULL)", name="recorded_whole"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_whole"),
        CheckConstraint("confirmed_at IS NULL OR recorded_at IS NOT NULL", name="confirms_a_record"),
        Index("followups_planned_idx", "planned_on", "application_id"),
        Index("followups_held_idx", "held_on", "application_id"),
        Index("followups_year_idx", "application_id", "planned_on", "recorded_at", "confirmed_at"),
    )
    application_id: Mapped[int] = mapped_column(ForeignKey(DECISION), primary_key=True, autoincrement=False)
    planned_on: Mapped[date]
    held_on: Mapped[date | None]
    forum: Mapped[str]
    audience: Mapped[str]
    lesson: Mapped[str]
    search_text: Mapped[str]
    """Event, forum and lesson in lower case, once recorded."""
    recorded_at: Mapped[datetime | None]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))


class TotalRow(Base):
    """What applications add up to that count in the same place: see `store.totals`."""

    __tablename__ = "totals"
    __table_args__ = strict()
    by: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    fund: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[Status] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    applications: Mapped[int]
    assessed_amount: Mapped[int]
    granted_amount: Mapped[int]
    standing_amount: Mapped[int]
    payable_amount: Mapped[int]
    invoice_amount: Mapped[int]
    paid_amount: Mapped[int]
    released_amount: Mapped[int]
