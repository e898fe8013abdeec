"""The participant's unit beside the application: what is decided keeps it, whatever becomes of the person."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_units"
down_revision: str | None = "20261129_opening"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("applications", sa.Column("unit", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE applications SET unit = (SELECT unit FROM people WHERE people.id = applications.participant_id)"
    )
