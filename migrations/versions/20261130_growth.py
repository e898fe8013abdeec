"""Indexes by which pages cost the same however many years are kept."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261130_growth"
down_revision: str | None = "20261130_prepared_acts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for name, which in (
        ("unpaid", sa.text("paid_on IS NULL AND credited_at IS NULL")),
        ("credited", sa.text("credited_at IS NOT NULL")),
    ):
        op.create_index(
            f"invoices_{name}_idx", "invoices", ["id"], sqlite_where=which, postgresql_where=which
        )
    op.create_index("claims_stage_idx", "claims", ["stage", "application_id"])
    op.drop_index("decisions_decided_at_idx", "decisions")
    op.drop_index("decisions_year_idx", "decisions")
    op.create_index(
        "decisions_year_idx",
        "decisions",
        ["decided_at", "application_id", "outcome", "amount", "cancelled_at", "participant_id"],
    )
