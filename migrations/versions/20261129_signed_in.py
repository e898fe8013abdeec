"""Sessions by when they began: for the page of who is signed in, and for forgetting the old ones."""

from collections.abc import Sequence

from alembic import op

revision: str = "20261129_signed_in"
down_revision: str | None = "20261129_provider"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(op.f("sessions_created_at_idx"), "sessions", ["created_at"])
