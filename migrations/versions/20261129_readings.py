"""Who read which case without being a party in it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Day, Instant, Whole

revision: str = "20261129_readings"
down_revision: str | None = "20261129_head_words"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "readings",
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.CheckConstraint("length(door) BETWEEN 1 AND 60", name=op.f("readings_door_length")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("readings_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("readings_person_id_fkey")),
        sa.PrimaryKeyConstraint("application_id", "person_id", "day", "door", name=op.f("readings_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("readings_person_id_day_idx"), "readings", ["person_id", "day"])
