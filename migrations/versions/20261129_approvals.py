"""Which granted application another one points at, and how many days were approved where that is what is decided."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import freeze
from portal.store.types import Whole

revision: str = "20261129_approvals"
down_revision: str | None = "20261129_directory"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "approval_uses",
        sa.Column("application_id", Whole, autoincrement=False, nullable=False),
        sa.Column("approval_id", Whole, nullable=False),
        sa.CheckConstraint("application_id <> approval_id", name=op.f("approval_uses_another")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("approval_uses_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["applications.id"], name=op.f("approval_uses_approval_id_fkey")
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("approval_uses_pkey")),
        sa.UniqueConstraint("approval_id", name=op.f("approval_uses_approval_id_key")),
        sqlite_strict=True,
    )
    # Until now a claim got the days of the approval for the same course and first day.
    op.execute(
        "INSERT INTO approval_uses (application_id, approval_id)"
        " SELECT min(claim.id), approval.id FROM applications claim JOIN applications approval"
        " ON approval.once_key = replace(claim.once_key, '|claim|', '|preapproval|')"
        " WHERE claim.kind = 'claim' AND approval.kind = 'preapproval' AND approval.status = 'granted'"
        " AND claim.status IN ('waiting', 'returned', 'granted') GROUP BY approval.id"
    )
    for table in ("signatures", "decisions"):
        op.add_column(table, sa.Column("days", Whole))
        for statement in freeze(op.get_context().dialect.name, table, "days", "UPDATE OF days"):
            op.execute(statement)
