"""What is added up over a whole year stands in indexes, and what is owed or learnt is found without a scan."""

from collections.abc import Sequence

from alembic import op

revision: str = "20261111_year"
down_revision: str | None = "20261110_shared"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MORE = {
    "applications": ("id", "scheme", "kind", "zone", "received_at"),
    "decisions": ("application_id", "decided_at", "outcome", "amount", "cancelled_at", "participant_id"),
    "claims": ("application_id", "stage", "due_on", "released_amount", "invoice_amount"),
    "followups": ("application_id", "planned_on", "recorded_at", "confirmed_at"),
}


def upgrade() -> None:
    for table, columns in MORE.items():
        op.create_index(f"{table}_year_idx", table, list(columns))
    op.create_index("followups_held_idx", "followups", ["held_on", "application_id"])
    # The same two with the amount at their end, so that a sum needs no row.
    op.drop_index("applications_edition_queue_idx", table_name="applications")
    op.create_index(
        "applications_edition_queue_idx", "applications", ["scheme", "queue", "starts_on", "id", "amount"]
    )
    op.drop_index("budget_entries_period_id_idx", table_name="budget_entries")
    op.create_index(
        "budget_entries_period_idx", "budget_entries", ["period_id", "entered_at", "kind", "amount"]
    )
