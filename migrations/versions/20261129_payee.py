"""Where somebody works, as the register knows it: the administration and cost centre that are paid; the specialty."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_payee"
down_revision: str | None = "20261129_windows"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for column in ("specialty", "administration", "cost_centre"):
        op.add_column("people", sa.Column(column, sa.Text(), nullable=False, server_default=""))
