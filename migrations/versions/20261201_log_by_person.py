"""What somebody did is found in the audit log without going through all of it."""

from collections.abc import Sequence

from alembic import op

revision: str = "20261201_log_by_person"
down_revision: str | None = "20261130_ledger"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("events_actor_id_seq_idx", "events", ["actor_id", "seq"])
