"""The audit log and the mails to send."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import append_only
from portal.store.types import Instant, Json, Whole

revision: str = "20261104_log_and_outbox"
down_revision: str | None = "20261103_decisions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("seq", Whole, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", Whole, nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("application_id", Whole, nullable=True),
        sa.Column("body", Json(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("length(act) BETWEEN 1 AND 60", name=op.f("events_act_length")),
        sa.CheckConstraint("length(hash) BETWEEN 64 AND 64", name=op.f("events_hash_length")),
        sa.CheckConstraint("length(prev_hash) BETWEEN 64 AND 64", name=op.f("events_prev_hash_length")),
        sa.CheckConstraint("seq >= 1", name=op.f("events_seq_counts")),
        sa.PrimaryKeyConstraint("seq", name=op.f("events_pkey")),
        sa.UniqueConstraint("hash", name=op.f("events_hash_key")),
        sa.UniqueConstraint("prev_hash", name=op.f("events_prev_hash_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("events_application_id_seq_idx"), "events", ["application_id", "seq"], unique=False)
    op.create_index(op.f("events_at_idx"), "events", ["at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", Whole, nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("receiver_id", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("params", Json(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("attempts", Whole, nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("parked_at", Instant(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("outbox_attempts_count")),
        sa.CheckConstraint("length(dedup_key) BETWEEN 1 AND 200", name=op.f("outbox_dedup_key_length")),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 60", name=op.f("outbox_kind_length")),
        sa.CheckConstraint("length(last_error) BETWEEN 0 AND 2000", name=op.f("outbox_last_error_length")),
        sa.CheckConstraint("sent_at IS NULL OR parked_at IS NULL", name=op.f("outbox_one_end")),
        sa.ForeignKeyConstraint(["receiver_id"], ["people.id"], name=op.f("outbox_receiver_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
        sa.UniqueConstraint("dedup_key", name=op.f("outbox_dedup_key_key")),
        sqlite_strict=True,
    )
    op.create_index(
        "outbox_due_idx",
        "outbox",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL AND parked_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL AND parked_at IS NULL"),
    )
    op.create_index(op.f("outbox_receiver_id_idx"), "outbox", ["receiver_id"], unique=False)
    dialect = op.get_context().dialect.name
    for statement in append_only(dialect, "events"):
        op.execute(statement)
