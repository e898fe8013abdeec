"""Whom the organisation's sign-in knows and the portal could not link to anybody."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Instant, Whole

revision: str = "20261129_unlinked"
down_revision: str | None = "20261129_between"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "unlinked",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("times", Whole, nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.CheckConstraint("times >= 1", name=op.f("unlinked_times_counts")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("unlinked_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("unlinked_last_at_subject_idx"), "unlinked", ["last_at", "subject"])
    op.create_index(op.f("identities_undone_at_id_idx"), "identities", ["undone_at", "id"])
    op.create_index(op.f("identities_used_at_id_idx"), "identities", ["used_at", "id"])
