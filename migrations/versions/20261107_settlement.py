"""Claims, payment batches and follow-ups: what a grant leads to."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import append_only, freeze
from portal.store.types import Day, Instant, Json, Whole

revision: str = "20261107_settlement"
down_revision: str | None = "20261106_letters"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "payment_batches",
        sa.Column("id", Whole, nullable=False),
        sa.Column("fund", sa.Text(), nullable=False),
        sa.Column("number", Whole, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", Whole, nullable=False),
        sa.Column("csv", sa.LargeBinary(), nullable=False),
        sa.Column("csv_sha256", sa.Text(), nullable=False),
        sa.Column("xlsx", sa.LargeBinary(), nullable=False),
        sa.Column("xlsx_sha256", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "length(csv_sha256) BETWEEN 64 AND 64", name=op.f("payment_batches_csv_sha256_length")
        ),
        sa.CheckConstraint("length(currency) BETWEEN 3 AND 3", name=op.f("payment_batches_currency_length")),
        sa.CheckConstraint("length(fund) BETWEEN 1 AND 60", name=op.f("payment_batches_fund_length")),
        sa.CheckConstraint(
            "length(xlsx_sha256) BETWEEN 64 AND 64", name=op.f("payment_batches_xlsx_sha256_length")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("payment_batches_number_counts")),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("payment_batches_made_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_batches_pkey")),
        sa.UniqueConstraint("fund", "number", name=op.f("payment_batches_fund_number_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "payments",
        sa.Column("batch_id", Whole, autoincrement=False, nullable=False),
        sa.Column("position", Whole, autoincrement=False, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'pay' AND amount > 0) OR (kind = 'reverse' AND amount < 0)", name=op.f("payments_sign")
        ),
        sa.CheckConstraint("kind IN ('pay', 'reverse')", name=op.f("payments_kind_known")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("payments_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batches.id"], name="payments_batch_fkey"),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("payments_pkey")),
        sa.UniqueConstraint("application_id", "kind", name=op.f("payments_application_id_kind_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "claims",
        sa.Column("application_id", Whole, autoincrement=False, nullable=False),
        sa.Column("granted_amount", Whole, nullable=False),
        sa.Column("due_on", Day(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("costs", Json(), nullable=False),
        sa.Column("payable_amount", Whole, nullable=False),
        sa.Column("released_amount", Whole, nullable=False),
        sa.Column("revision", Whole, nullable=False),
        sa.Column("stated_at", Instant(), nullable=True),
        sa.Column("stated_by", Whole, nullable=True),
        sa.Column("invoice_number", sa.Text(), nullable=False),
        sa.Column("invoice_on", Day(), nullable=True),
        sa.Column("invoice_amount", Whole, nullable=False),
        sa.Column("registered_at", Instant(), nullable=True),
        sa.Column("registered_by", Whole, nullable=True),
        sa.Column("paid_on", Day(), nullable=True),
        sa.CheckConstraint("(stage = 'paid') = (paid_on IS NOT NULL)", name=op.f("claims_paid_on_a_day")),
        sa.CheckConstraint(
            "stage <> 'released' OR released_amount = granted_amount", name=op.f("claims_released_whole")
        ),
        sa.CheckConstraint(
            "stage IN ('waiting', 'stated', 'invoiced', 'paid', 'released')", name=op.f("claims_stage_known")
        ),
        sa.CheckConstraint(
            "stage NOT IN ('invoiced', 'paid') OR invoice_amount + released_amount = granted_amount",
            name=op.f("claims_settled_whole"),
        ),
        sa.CheckConstraint("granted_amount BETWEEN 0 AND 100000000000", name=op.f("claims_granted_in_range")),
        sa.CheckConstraint(
            "invoice_amount BETWEEN 0 AND payable_amount", name=op.f("claims_invoice_in_range")
        ),
        sa.CheckConstraint(
            "length(invoice_number) BETWEEN 0 AND 80", name=op.f("claims_invoice_number_length")
        ),
        sa.CheckConstraint(
            "payable_amount BETWEEN 0 AND granted_amount", name=op.f("claims_payable_in_range")
        ),
        sa.CheckConstraint(
            "released_amount BETWEEN 0 AND granted_amount", name=op.f("claims_released_in_range")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("claims_revision_counts")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["decisions.application_id"], name=op.f("claims_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["registered_by"], ["people.id"], name=op.f("claims_registered_by_fkey")),
        sa.ForeignKeyConstraint(["stated_by"], ["people.id"], name=op.f("claims_stated_by_fkey")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("claims_pkey")),
        sqlite_strict=True,
    )
    op.create_index("claims_open_idx", "claims", ["stage", "due_on", "application_id"], unique=False)
    op.create_table(
        "followups",
        sa.Column("application_id", Whole, autoincrement=False, nullable=False),
        sa.Column("planned_on", Day(), nullable=False),
        sa.Column("held_on", Day(), nullable=True),
        sa.Column("forum", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=True),
        sa.Column("recorded_by", Whole, nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("confirmed_by", Whole, nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("followups_confirmed_whole")
        ),
        sa.CheckConstraint(
            "(recorded_at IS NULL) = (held_on IS NULL)", name=op.f("followups_recorded_whole")
        ),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR recorded_at IS NOT NULL", name=op.f("followups_confirms_a_record")
        ),
        sa.CheckConstraint("length(audience) BETWEEN 0 AND 4000", name=op.f("followups_audience_length")),
        sa.CheckConstraint("length(forum) BETWEEN 0 AND 4000", name=op.f("followups_forum_length")),
        sa.CheckConstraint("length(lesson) BETWEEN 0 AND 4000", name=op.f("followups_lesson_length")),
        sa.CheckConstraint(
            "length(search_text) BETWEEN 0 AND 20000", name=op.f("followups_search_text_length")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["decisions.application_id"], name=op.f("followups_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"], name=op.f("followups_confirmed_by_fkey")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("followups_recorded_by_fkey")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("followups_pkey")),
        sqlite_strict=True,
    )
    op.create_index("followups_planned_idx", "followups", ["planned_on", "application_id"], unique=False)
    dialect = op.get_context().dialect.name
    for statement in (
        *append_only(dialect, "payment_batches"),
        *append_only(dialect, "payments"),
        *freeze(dialect, "claims", "keep", "DELETE"),
        *freeze(dialect, "claims", "freeze", "UPDATE OF application_id, granted_amount"),
        *freeze(dialect, "followups", "keep", "DELETE"),
    ):
        op.execute(statement)
