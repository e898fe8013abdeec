"""The tables of what follows a grant: claims, payment batches and follow-ups."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.claim import Stage
from portal.domain.payment import PaymentKind
from portal.store.tables import APPLICATION, PERSON, Base, a_key, one_of, strict, within

DECISION = "decisions.application_id"


class ClaimRow(Base):
    __tablename__ = "claims"
    __table_args__ = strict(
        one_of("stage", Stage),
        CheckConstraint("granted_amount BETWEEN 0 AND 100000000000", name="granted_in_range"),
        CheckConstraint("payable_amount BETWEEN 0 AND granted_amount", name="payable_in_range"),
        CheckConstraint("released_amount BETWEEN 0 AND granted_amount", name="released_in_range"),
        CheckConstraint("invoice_amount BETWEEN 0 AND payable_amount", name="invoice_in_range"),
        CheckConstraint(
            "stage NOT IN ('invoiced', 'paid') OR invoice_amount + released_amount = granted_amount",
            name="settled_whole",
        ),
        CheckConstraint("stage <> 'released' OR released_amount = granted_amount", name="released_whole"),
        CheckConstraint("(stage = 'paid') = (paid_on IS NOT NULL)", name="paid_on_a_day"),
        within("invoice_number", 0, 80),
        CheckConstraint("revision >= 1", name="revision_counts"),
        Index("claims_open_idx", "stage", "due_on", "application_id"),
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
    invoice_number: Mapped[str]
    invoice_on: Mapped[date | None]
    invoice_amount: Mapped[int]
    registered_at: Mapped[datetime | None]
    registered_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    paid_on: Mapped[date | None]


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
    csv: Mapped[bytes] = mapped_column(LargeBinary)
    csv_sha256: Mapped[str]
    xlsx: Mapped[bytes] = mapped_column(LargeBinary)
    xlsx_sha256: Mapped[str]


class PaymentRow(Base):
    """One line of a batch: what is to be paid, or the reversal of what an earlier batch held."""

    __tablename__ = "payments"
    __table_args__ = strict(
        one_of("kind", PaymentKind),
        CheckConstraint("(kind = 'pay' AND amount > 0) OR (kind = 'reverse' AND amount < 0)", name="sign"),
        # Paid once and reversed once.
        UniqueConstraint("application_id", "kind"),
        ForeignKeyConstraint(["batch_id"], ["payment_batches.id"], name="payments_batch_fkey"),
    )
    batch_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    application_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION))
    kind: Mapped[PaymentKind]
    amount: Mapped[int]
    reference: Mapped[str]


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
