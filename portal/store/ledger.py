"""The tables of decisions, letters and money, and the two that every write adds to: the audit log and the outbox."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.application import Outcome
from portal.domain.scheme import LANGUAGES
from portal.store.tables import APPLICATION, PERSON, Base, a_key, one_of, strict, within

PERIOD = "budget_periods.id"
SAME = ("application_id", "version", "digest", "outcome", "amount")
"""What both signatures and the decision say alike."""
STANDS = text("outcome = 'grant' AND cancelled_at IS NULL")


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
    """What an earlier period left to this one (or, below zero, what this one left); 0 unless the scheme says so."""
    granted_amount: Mapped[int]
    """The sum of the period's entries, kept here so that one UPDATE can refuse to overdraw."""


class BudgetEntryRow(Base):
    __tablename__ = "budget_entries"
    __table_args__ = strict(
        one_of("kind", ("reserve", "cancel", "release")),
        CheckConstraint("(kind = 'reserve' AND amount >= 0) OR (kind <> 'reserve' AND amount <= 0)", name="sign"),
        # Reserved once and given back once; what a claim leaves over may come back in parts.
        Index(
            "budget_entries_once_key", "application_id", "kind", unique=True,
            sqlite_where=text("kind <> 'release'"), postgresql_where=text("kind <> 'release'"),
        ),
        Index("budget_entries_period_idx", "period_id", "entered_at", "kind", "amount"),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    period_id: Mapped[int] = mapped_column(ForeignKey(PERIOD))
    application_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION))
    kind: Mapped[str]
    amount: Mapped[int]
    entered_at: Mapped[datetime]


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
                "applications.applicant_id",
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
        Index(
            "decisions_one_grant_key", "once_key", unique=True, sqlite_where=STANDS, postgresql_where=STANDS
        ),
        Index(None, "period_id"),
        Index(None, "decided_at"),
        Index(
            "decisions_year_idx",
            "application_id",
            "decided_at",
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


class LetterRow(Base):
    __tablename__ = "letters"
    __table_args__ = strict(
        within("kind", 1, 60),
        within("content_digest", 64, 64),
        within("sha256", 64, 64),
        one_of("language", LANGUAGES),
        CheckConstraint(
            "(pdf IS NULL) = (made_at IS NULL) AND (sha256 IS NULL) = (made_at IS NULL)", name="made_whole"
        ),
        ForeignKeyConstraint(
            ["application_id", "version"],
            ["application_versions.application_id", "application_versions.number"],
            name="letters_version_fkey",
        ),
        UniqueConstraint("application_id", "kind", "version", "language"),
        Index(
            "letters_due_idx", "id",
            sqlite_where=text("made_at IS NULL"), postgresql_where=text("made_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    application_id: Mapped[int]
    kind: Mapped[str]
    version: Mapped[int]
    language: Mapped[str]
    content: Mapped[dict[str, Any]]
    """Every word of the letter, fixed in the transaction of what it tells."""
    content_digest: Mapped[str]
    ordered_at: Mapped[datetime]
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str | None]
    made_at: Mapped[datetime | None]
    """When it was printed, once and for all."""


class EventRow(Base):
    __tablename__ = "events"
    __table_args__ = strict(
        CheckConstraint("seq >= 1", name="seq_counts"),
        within("act", 1, 60),
        within("prev_hash", 64, 64),
        within("hash", 64, 64),
        UniqueConstraint("prev_hash"),
        UniqueConstraint("hash"),
        Index(None, "application_id", "seq"),
        Index(None, "at"),
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    """Who did it; empty for the command line. No foreign key: the log outlives what it speaks of."""
    act: Mapped[str]
    application_id: Mapped[int | None]
    body: Mapped[dict[str, Any]]
    prev_hash: Mapped[str]
    hash: Mapped[str]


class OutboxRow(Base):
    __tablename__ = "outbox"
    __table_args__ = strict(
        within("kind", 1, 60),
        within("dedup_key", 1, 200),
        within("last_error", 0, 2000),
        CheckConstraint("attempts >= 0", name="attempts_count"),
        CheckConstraint("sent_at IS NULL OR parked_at IS NULL", name="one_end"),
        Index(
            "outbox_due_idx", "next_try_at",
            sqlite_where=text("sent_at IS NULL AND parked_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND parked_at IS NULL"),
        ),
        Index(
            "outbox_unsent_idx", "created_at",
            sqlite_where=text("sent_at IS NULL"), postgresql_where=text("sent_at IS NULL"),
        ),
        Index(None, "receiver_id"),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    dedup_key: Mapped[str] = mapped_column(unique=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    kind: Mapped[str]
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    message_id: Mapped[str]
