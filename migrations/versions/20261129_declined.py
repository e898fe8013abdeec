"""Why a participant said no to what somebody else wrote for them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_declined"
down_revision: str | None = "20261129_joined"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "applications",
        sa.Column(
            "declined",
            sa.Text(),
            sa.CheckConstraint(
                "declined IS NULL OR (status = 'withdrawn' AND length(declined) BETWEEN 1 AND 4000)",
                name=op.f("applications_declined_when_withdrawn"),
            ),
        ),
    )
