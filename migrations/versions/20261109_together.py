"""Drafts that are sent together: the token of the first among them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261109_together"
down_revision: str | None = "20261108_questions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("drafts", sa.Column("together", sa.Text(), nullable=True))
    op.create_index(op.f("drafts_together_idx"), "drafts", ["together"])
