"""What the whole register adds up to, kept with each change of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Whole

revision: str = "20261130_totals"
down_revision: str | None = "20261130_growth"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SUMS = {
    "applications": "1",
    "assessed_amount": "a.amount",
    "granted_amount": "CASE WHEN d.outcome = 'grant' THEN d.amount ELSE 0 END",
    "standing_amount": "CASE WHEN d.outcome = 'grant' AND (d.cancelled_at IS NULL OR c.stage IS NOT NULL)"
    " THEN d.amount - coalesce(c.released_amount, 0) ELSE 0 END",
    "payable_amount": "coalesce(c.payable_amount, 0)",
    "invoice_amount": "coalesce(c.invoice_amount, 0)",
    "paid_amount": "coalesce(c.paid_amount, 0)",
    "released_amount": "coalesce(c.released_amount, 0)",
}


def upgrade() -> None:
    op.create_table(
        "totals",
        *(
            sa.Column(each, sa.Text(), nullable=False)
            for each in ("by", "part", "fund", "status", "currency")
        ),
        *(sa.Column(each, Whole, nullable=False) for each in SUMS),
        sa.PrimaryKeyConstraint("by", "part", "fund", "status", "currency", name=op.f("totals_pkey")),
        sqlite_strict=True,
    )
    sums = ", ".join(f"sum({each})" for each in SUMS.values())
    parts = {"received": _month("a.received_at"), "decided": _month("d.decided_at"), "claims": "c.stage"}
    for by, part in parts.items():
        op.execute(
            f"INSERT INTO totals SELECT '{by}', {part}, a.fund, a.status, a.currency, {sums} FROM applications a"
            " LEFT JOIN decisions d ON d.application_id = a.id LEFT JOIN claims c ON c.application_id = a.id"
            f" WHERE {part} IS NOT NULL GROUP BY {part}, a.fund, a.status, a.currency"
        )


def _month(instant: str) -> str:
    if op.get_context().dialect.name == "sqlite":
        return f"substr({instant}, 1, 7)"
    return f"to_char({instant} AT TIME ZONE 'UTC', 'YYYY-MM')"
