"""What was used of a budget period before the portal: an opening figure, with its day and source."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Day, Whole

revision: str = "20261129_opening"
down_revision: str | None = "20261129_declined"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("budget_periods", sa.Column("opening_amount", Whole, nullable=False, server_default="0"))
    op.add_column("budget_periods", sa.Column("opening_on", Day()))
    op.add_column("budget_periods", sa.Column("opening_source", sa.Text(), nullable=False, server_default=""))
