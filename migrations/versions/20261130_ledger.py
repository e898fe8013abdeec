"""What each hour added to a budget period and took back, kept with each entry."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Whole

revision: str = "20261130_ledger"
down_revision: str | None = "20261130_denials"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "budget_hours",
        sa.Column("period_id", Whole, nullable=False),
        sa.Column("hour", sa.Text(), nullable=False),
        sa.Column("reserved_amount", Whole, nullable=False),
        sa.Column("returned_amount", Whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"], ["budget_periods.id"], name=op.f("budget_hours_period_id_fkey")
        ),
        sa.PrimaryKeyConstraint("period_id", "hour", name=op.f("budget_hours_pkey")),
        sqlite_strict=True,
    )
    hour = "substr(entered_at, 1, 13)"
    if op.get_context().dialect.name == "postgresql":
        hour = """to_char(entered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')"""
    op.execute(
        f"INSERT INTO budget_hours SELECT period_id, {hour}, sum(CASE WHEN kind = 'reserve' THEN amount ELSE 0 END),"
        f" sum(CASE WHEN kind = 'reserve' THEN 0 ELSE amount END) FROM budget_entries GROUP BY period_id, {hour}"
    )
