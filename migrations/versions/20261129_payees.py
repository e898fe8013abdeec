"""Who is paid can be corrected after the grant; each correction is a row."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import append_only
from portal.store.types import Instant, Json, Whole

revision: str = "20261129_payees"
down_revision: str | None = "20261129_units"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "payees",
        sa.Column("id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("answers", Json(), nullable=False),
        sa.Column("changed_by", Whole, nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["claims.application_id"], name=op.f("payees_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["changed_by"], ["people.id"], name=op.f("payees_changed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("payees_pkey")),
        sqlite_strict=True,
    )
    op.create_index("payees_application_id_id_idx", "payees", ["application_id", "id"])
    for statement in append_only(op.get_context().dialect.name, "payees"):
        op.execute(statement)
