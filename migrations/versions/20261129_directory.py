"""People from the staff directory, the record of its imports, and e-mails that came back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Instant, Json, Whole

revision: str = "20261129_directory"
down_revision: str | None = "20261129_roles"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KNOWN = "origin IN ('here', 'gone')"
_BOUNCED = "bounced_at IS NULL OR sent_at IS NOT NULL"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("people", sa.Column("bounced_at", Instant()))
    if sqlite:  # which adds a constraint to a table only together with its column
        op.execute(
            f"ALTER TABLE people ADD COLUMN origin TEXT CONSTRAINT people_origin_known CHECK ({_KNOWN})"
        )
        op.execute(
            "ALTER TABLE outbox ADD COLUMN bounced_at TEXT "
            f"CONSTRAINT outbox_bounced_was_sent CHECK ({_BOUNCED})"
        )
    else:
        op.add_column("people", sa.Column("origin", sa.Text()))
        op.create_check_constraint(op.f("people_origin_known"), "people", _KNOWN)
        op.add_column("outbox", sa.Column("bounced_at", Instant()))
        op.create_check_constraint(op.f("outbox_bounced_was_sent"), "outbox", _BOUNCED)
    for key in (
        "name_key_sv",
        "name_key_nb",
    ):  # what is searched stands in the index: only who is found is read
        op.drop_index(op.f(f"people_{key}_id_idx"), "people")
        op.create_index(
            op.f(f"people_{key}_id_active_search_text_idx"), "people", [key, "id", "active", "search_text"]
        )
    op.create_index(op.f("people_unit_idx"), "people", ["unit"])
    op.create_index(op.f("outbox_message_id_idx"), "outbox", ["message_id"])
    op.create_table(
        "imports",
        sa.Column("id", Whole, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("remarks", Json(), nullable=False),
        sa.CheckConstraint("outcome IN ('done', 'stopped')", name=op.f("imports_outcome_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("imports_pkey")),
        sqlite_strict=True,
    )
