"""The number under which the authority's own register keeps a case (diarienummer); empty where none is given."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_registration"
down_revision: str | None = "20261129_signed_in"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("applications", sa.Column("registration", sa.Text(), nullable=False, server_default=""))
