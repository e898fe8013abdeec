"""What one finance person prepared for another to confirm."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Instant, Json, Whole

revision: str = "20261129_prepared"
down_revision: str | None = "20261129_rates"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WAITS = sa.text("outcome IS NULL")


def upgrade() -> None:
    op.create_table(
        "prepared",
        sa.Column("id", Whole, nullable=False),
        sa.Column("fund", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("application_id", Whole),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("how", Json(), nullable=False),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("released_amount", Whole, nullable=False),
        sa.Column("prepared_by", Whole, nullable=False),
        sa.Column("prepared_at", Instant(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("settled_by", Whole),
        sa.Column("settled_at", Instant()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("prepared_pkey")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["claims.application_id"], name=op.f("prepared_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["prepared_by"], ["people.id"], name=op.f("prepared_prepared_by_fkey")),
        sa.ForeignKeyConstraint(["settled_by"], ["people.id"], name=op.f("prepared_settled_by_fkey")),
        sa.CheckConstraint("length(fund) BETWEEN 1 AND 60", name=op.f("prepared_fund_length")),
        sa.CheckConstraint(
            "act IN ('make-batch', 'correct-invoice', 'register-invoice', 'release')",
            name=op.f("prepared_act_known"),
        ),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'declined', 'taken-back')", name=op.f("prepared_outcome_known")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL) AND (outcome IS NULL) = (settled_by IS NULL)",
            name=op.f("prepared_settled_whole"),
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR (outcome = 'taken-back') = (settled_by = prepared_by)",
            name=op.f("prepared_two_people"),
        ),
        sa.CheckConstraint("length(reason) BETWEEN 0 AND 4000", name=op.f("prepared_reason_length")),
        sqlite_strict=True,
    )
    op.create_index(
        "prepared_waits_key", "prepared", ["subject"], unique=True, sqlite_where=WAITS, postgresql_where=WAITS
    )
    op.create_index("prepared_application_id_idx", "prepared", ["application_id"])
    op.create_index("prepared_fund_id_idx", "prepared", ["fund", "id"])
