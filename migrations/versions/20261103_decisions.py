"""Budget periods, their entries and the decisions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import append_only, freeze
from portal.store.types import Day, Instant, Whole

revision: str = "20261103_decisions"
down_revision: str | None = "20261102_applications"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DECIDED = (
    "application_id, applicant_id, participant_id, once_key, version, digest, outcome, amount, reason, period_id,"
    " signature_a, seat_a, signer_a, signature_b, seat_b, signer_b, decided_at"
)


def upgrade() -> None:
    op.create_table(
        "budget_periods",
        sa.Column("id", Whole, nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("starts_on", Day(), nullable=False),
        sa.Column("ends_on", Day(), nullable=True),
        sa.Column("allocated_amount", Whole, nullable=False),
        sa.Column("carried_amount", Whole, nullable=False),
        sa.Column("granted_amount", Whole, nullable=False),
        sa.CheckConstraint("allocated_amount >= 0", name=op.f("budget_periods_allocated_in_range")),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("budget_periods_days_in_order")
        ),
        sa.CheckConstraint(
            "granted_amount BETWEEN 0 AND allocated_amount + carried_amount",
            name=op.f("budget_periods_not_overdrawn"),
        ),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 60", name=op.f("budget_periods_key_length")),
        sa.CheckConstraint("length(scheme) BETWEEN 1 AND 60", name=op.f("budget_periods_scheme_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("budget_periods_pkey")),
        sa.UniqueConstraint("scheme", "key", name=op.f("budget_periods_scheme_key_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "budget_entries",
        sa.Column("id", Whole, nullable=False),
        sa.Column("period_id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reserve' AND amount >= 0) OR (kind <> 'reserve' AND amount <= 0)",
            name=op.f("budget_entries_sign"),
        ),
        sa.CheckConstraint(
            "kind IN ('reserve', 'cancel', 'release')", name=op.f("budget_entries_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("budget_entries_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["period_id"], ["budget_periods.id"], name=op.f("budget_entries_period_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("budget_entries_pkey")),
        sqlite_strict=True,
    )
    op.create_index(
        "budget_entries_once_key",
        "budget_entries",
        ["application_id", "kind"],
        unique=True,
        sqlite_where=sa.text("kind <> 'release'"),
        postgresql_where=sa.text("kind <> 'release'"),
    )
    op.create_index(op.f("budget_entries_period_id_idx"), "budget_entries", ["period_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("application_id", Whole, autoincrement=False, nullable=False),
        sa.Column("applicant_id", Whole, nullable=False),
        sa.Column("participant_id", Whole, nullable=False),
        sa.Column("once_key", sa.Text(), nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("period_id", Whole, nullable=True),
        sa.Column("signature_a", Whole, nullable=False),
        sa.Column("seat_a", sa.Text(), nullable=False),
        sa.Column("signer_a", Whole, nullable=False),
        sa.Column("signature_b", Whole, nullable=False),
        sa.Column("seat_b", sa.Text(), nullable=False),
        sa.Column("signer_b", Whole, nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("cancelled_at", Instant(), nullable=True),
        sa.Column("cancelled_by", Whole, nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'grant') = (period_id IS NOT NULL)", name=op.f("decisions_grant_has_period")
        ),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR (outcome = 'grant' AND cancelled_at >= decided_at)",
            name=op.f("decisions_cancels_a_grant"),
        ),
        sa.CheckConstraint(
            "outcome <> 'refuse' OR (length(trim(reason)) > 0 AND amount = 0)",
            name=op.f("decisions_refusal_has_reason"),
        ),
        sa.CheckConstraint("outcome IN ('grant', 'refuse')", name=op.f("decisions_outcome_known")),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancel_reason IS NULL)",
            name=op.f("decisions_cancelled_whole"),
        ),
        sa.CheckConstraint("amount BETWEEN 0 AND 100000000000", name=op.f("decisions_amount_in_range")),
        sa.CheckConstraint(
            "length(cancel_reason) BETWEEN 0 AND 4000", name=op.f("decisions_cancel_reason_length")
        ),
        sa.CheckConstraint("length(reason) BETWEEN 0 AND 8100", name=op.f("decisions_reason_length")),
        sa.CheckConstraint("seat_a <> seat_b", name=op.f("decisions_two_seats")),
        sa.CheckConstraint("signer_a <> signer_b", name=op.f("decisions_two_people")),
        sa.CheckConstraint(
            "signer_a NOT IN (applicant_id, participant_id) AND signer_b NOT IN (applicant_id, participant_id)",
            name=op.f("decisions_no_party_signs"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id", "applicant_id", "participant_id", "once_key"],
            [
                "applications.id",
                "applications.applicant_id",
                "applications.participant_id",
                "applications.once_key",
            ],
            name="decisions_application_fkey",
        ),
        sa.ForeignKeyConstraint(["cancelled_by"], ["people.id"], name=op.f("decisions_cancelled_by_fkey")),
        sa.ForeignKeyConstraint(["period_id"], ["budget_periods.id"], name=op.f("decisions_period_id_fkey")),
        sa.ForeignKeyConstraint(
            ["signature_a", "application_id", "version", "digest", "outcome", "amount", "seat_a", "signer_a"],
            [
                "signatures.id",
                "signatures.application_id",
                "signatures.version",
                "signatures.digest",
                "signatures.outcome",
                "signatures.amount",
                "signatures.seat",
                "signatures.signer_id",
            ],
            name="decisions_signature_a_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["signature_b", "application_id", "version", "digest", "outcome", "amount", "seat_b", "signer_b"],
            [
                "signatures.id",
                "signatures.application_id",
                "signatures.version",
                "signatures.digest",
                "signatures.outcome",
                "signatures.amount",
                "signatures.seat",
                "signatures.signer_id",
            ],
            name="decisions_signature_b_fkey",
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("decisions_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("decisions_decided_at_idx"), "decisions", ["decided_at"], unique=False)
    op.create_index(
        "decisions_one_grant_key",
        "decisions",
        ["once_key"],
        unique=True,
        sqlite_where=sa.text("outcome = 'grant' AND cancelled_at IS NULL"),
        postgresql_where=sa.text("outcome = 'grant' AND cancelled_at IS NULL"),
    )
    op.create_index(op.f("decisions_period_id_idx"), "decisions", ["period_id"], unique=False)
    dialect = op.get_context().dialect.name
    for statement in (
        *append_only(dialect, "budget_entries"),
        *freeze(dialect, "decisions", "keep", "DELETE"),
        *freeze(dialect, "decisions", "freeze", f"UPDATE OF {DECIDED}"),
        *freeze(
            dialect,
            "decisions",
            "cancelled",
            "UPDATE OF cancelled_at, cancelled_by, cancel_reason",
            "OLD.cancelled_at IS NOT NULL",
        ),
    ):
        op.execute(statement)
