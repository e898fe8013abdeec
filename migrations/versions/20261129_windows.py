"""Which window saved a draft last, and by its how-manieth save."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Whole

revision: str = "20261129_windows"
down_revision: str | None = "20261129_spellings"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("drafts", sa.Column("saved_in", sa.Text(), nullable=False, server_default=""))
    op.add_column("drafts", sa.Column("turn", Whole, nullable=False, server_default="0"))
