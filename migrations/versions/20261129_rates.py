"""Tables of exchange rates as central banks publish them, one a day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Day, Instant, Json

revision: str = "20261129_rates"
down_revision: str | None = "20261129_taken_over"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "exchange_rates",
        sa.Column("rated_on", Day(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("units", Json(), nullable=False),
        sa.Column("loaded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("rated_on", name=op.f("exchange_rates_pkey")),
        sqlite_strict=True,
    )
