"""Drafts that are sent together: what the first one last shared with each."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Json

revision: str = "20261110_shared"
down_revision: str | None = "20261109_together"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("drafts", sa.Column("shared", Json(), nullable=True))
