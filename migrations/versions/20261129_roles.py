"""Finance by fund, and auditors: whoever is in finance today is so in every fund."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Whole

revision: str = "20261129_roles"
down_revision: str | None = "20261129_by_name"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    bind = op.get_bind()
    before = sa.table("person_roles", sa.column("person_id"), sa.column("role"))
    rows = [{**each, "fund": ""} for each in bind.execute(sa.select(before)).mappings()]
    op.drop_table("person_roles")
    after = op.create_table(
        "person_roles",
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("fund", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "role IN ('finance', 'administrator', 'auditor')", name=op.f("person_roles_role_known")
        ),
        sa.CheckConstraint("length(fund) BETWEEN 0 AND 60", name=op.f("person_roles_fund_length")),
        sa.CheckConstraint("fund = '' OR role = 'finance'", name=op.f("person_roles_fund_of_finance")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("person_roles_person_id_fkey")),
        sa.PrimaryKeyConstraint("person_id", "role", "fund", name=op.f("person_roles_pkey")),
        sqlite_strict=True,
    )
    if rows:
        bind.execute(sa.insert(after), rows)
