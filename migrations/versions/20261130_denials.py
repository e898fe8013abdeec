"""A head can say that a follow-up is not so: why is kept, and the day that was recorded."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import append_only
from portal.store.types import Day, Instant, Whole

revision: str = "20261130_denials"
down_revision: str | None = "20261130_totals"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "denials",
        sa.Column("id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("head_id", Whole, nullable=False),
        sa.Column("held_on", Day(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 4000", name=op.f("denials_reason_length")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["decisions.application_id"], name=op.f("denials_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["head_id"], ["people.id"], name=op.f("denials_head_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("denials_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("denials_application_id_id_idx"), "denials", ["application_id", "id"])
    op.create_index(op.f("denials_head_id_idx"), "denials", ["head_id"])
    for statement in append_only(op.get_context().dialect.name, "denials"):
        op.execute(statement)
