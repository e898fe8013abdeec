"""Drafts, applications, their versions and the signatures on them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import append_only, freeze
from portal.store.types import Day, Flag, Instant, Json, Whole

revision: str = "20261102_applications"
down_revision: str | None = "20261101_people"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SIGNED = (
    "id, application_id, version, digest, holding_id, seat, signer_id, outcome, amount, reason, signed_at"
)
SUBMITTED = "id, number, scheme, fund, kind, applicant_id, participant_id, received_at, currency"


def upgrade() -> None:
    op.create_table(
        "number_series",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", Whole, nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("number_series_last_counts")),
        sa.CheckConstraint("length(series) BETWEEN 1 AND 40", name=op.f("number_series_series_length")),
        sa.PrimaryKeyConstraint("series", name=op.f("number_series_pkey")),
        sqlite_strict=True,
    )
    op.create_table(
        "applications",
        sa.Column("id", Whole, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("fund", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("applicant_id", Whole, nullable=False),
        sa.Column("participant_id", Whole, nullable=False),
        sa.Column("head_id", Whole, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", Whole, nullable=False),
        sa.Column("starts_on", Day(), nullable=False),
        sa.Column("ends_on", Day(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("once_key", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("signed_seats", Json(), nullable=False),
        sa.Column("disagreed", Flag(), nullable=False),
        sa.Column("marks", Json(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(queue = 'waiting') = (status = 'waiting') AND (queue = 'returned') = (status = 'returned')",
            name=op.f("applications_queue_follows_status"),
        ),
        sa.CheckConstraint(
            "(status = 'returned') = (question IS NOT NULL)", name=op.f("applications_question_when_returned")
        ),
        sa.CheckConstraint(
            "queue IN ('waiting', 'returned', 'closed')", name=op.f("applications_queue_known")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'returned', 'granted', 'refused', 'withdrawn', 'cancelled')",
            name=op.f("applications_status_known"),
        ),
        sa.CheckConstraint("amount BETWEEN 0 AND 100000000000", name=op.f("applications_amount_in_range")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("applications_days_in_order")),
        sa.CheckConstraint("length(currency) BETWEEN 3 AND 3", name=op.f("applications_currency_length")),
        sa.CheckConstraint("length(digest) BETWEEN 64 AND 64", name=op.f("applications_digest_length")),
        sa.CheckConstraint("length(number) BETWEEN 1 AND 40", name=op.f("applications_number_length")),
        sa.CheckConstraint("length(once_key) BETWEEN 1 AND 500", name=op.f("applications_once_key_length")),
        sa.CheckConstraint("length(question) BETWEEN 1 AND 4000", name=op.f("applications_question_length")),
        sa.CheckConstraint("length(title) BETWEEN 0 AND 1000", name=op.f("applications_title_length")),
        sa.CheckConstraint("submitted_at >= received_at", name=op.f("applications_instants_in_order")),
        sa.CheckConstraint("version >= 1", name=op.f("applications_version_counts")),
        sa.ForeignKeyConstraint(["applicant_id"], ["people.id"], name=op.f("applications_applicant_id_fkey")),
        sa.ForeignKeyConstraint(["head_id"], ["people.id"], name=op.f("applications_head_id_fkey")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["people.id"], name=op.f("applications_participant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("applications_pkey")),
        sa.UniqueConstraint(
            "id", "applicant_id", "participant_id", "once_key", name="applications_decided_key"
        ),
        sa.UniqueConstraint("number", name=op.f("applications_number_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("applications_applicant_id_idx"), "applications", ["applicant_id"], unique=False)
    op.create_index(
        "applications_edition_queue_idx", "applications", ["scheme", "queue", "starts_on", "id"], unique=False
    )
    op.create_index(op.f("applications_head_id_idx"), "applications", ["head_id"], unique=False)
    op.create_index("applications_once_idx", "applications", ["once_key"], unique=False)
    op.create_index(
        "applications_queue_idx", "applications", ["fund", "queue", "starts_on", "id"], unique=False
    )
    op.create_index(
        "applications_waiting_idx",
        "applications",
        ["scheme", "disagreed", "signed_seats", "starts_on", "id"],
        unique=False,
        sqlite_where=sa.text("queue = 'waiting'"),
        postgresql_where=sa.text("queue = 'waiting'"),
    )
    op.create_index("applications_received_idx", "applications", ["fund", "received_at", "id"], unique=False)
    op.create_index(
        "applications_register_idx", "applications", ["participant_id", "fund", "year"], unique=False
    )
    op.create_table(
        "application_versions",
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("number", Whole, autoincrement=False, nullable=False),
        sa.Column("answers", Json(), nullable=False),
        sa.Column("assessment", Json(), nullable=False),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scheme_digest", sa.Text(), nullable=False),
        sa.Column("submitted_by", Whole, nullable=False),
        sa.Column("submitted_at", Instant(), nullable=False),
        sa.Column("submit_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND 100000000000", name=op.f("application_versions_amount_in_range")
        ),
        sa.CheckConstraint(
            "length(digest) BETWEEN 64 AND 64", name=op.f("application_versions_digest_length")
        ),
        sa.CheckConstraint(
            "length(scheme_digest) BETWEEN 0 AND 64", name=op.f("application_versions_scheme_digest_length")
        ),
        sa.CheckConstraint(
            "length(submit_key) BETWEEN 1 AND 80", name=op.f("application_versions_submit_key_length")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("application_versions_number_counts")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("application_versions_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["people.id"], name=op.f("application_versions_submitted_by_fkey")
        ),
        sa.PrimaryKeyConstraint("application_id", "number", name=op.f("application_versions_pkey")),
        sa.UniqueConstraint(
            "application_id",
            "number",
            "digest",
            name=op.f("application_versions_application_id_number_digest_key"),
        ),
        sa.UniqueConstraint(
            "submitted_by", "submit_key", name=op.f("application_versions_submitted_by_submit_key_key")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "conflicts",
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("declared_at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("length(note) BETWEEN 0 AND 2000", name=op.f("conflicts_note_length")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("conflicts_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("conflicts_person_id_fkey")),
        sa.PrimaryKeyConstraint("application_id", "person_id", name=op.f("conflicts_pkey")),
        sqlite_strict=True,
    )
    op.create_table(
        "drafts",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("owner_id", Whole, nullable=False),
        sa.Column("participant_id", Whole, nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("answers", Json(), nullable=False),
        sa.Column("revision", Whole, nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("application_id", Whole, nullable=True),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 60", name=op.f("drafts_kind_length")),
        sa.CheckConstraint("length(scheme) BETWEEN 1 AND 60", name=op.f("drafts_scheme_length")),
        sa.CheckConstraint("length(token) BETWEEN 16 AND 80", name=op.f("drafts_token_length")),
        sa.CheckConstraint("revision >= 0", name=op.f("drafts_revision_counts")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("drafts_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("drafts_owner_id_fkey")),
        sa.ForeignKeyConstraint(["participant_id"], ["people.id"], name=op.f("drafts_participant_id_fkey")),
        sa.PrimaryKeyConstraint("token", name=op.f("drafts_pkey")),
        sa.UniqueConstraint("application_id", name=op.f("drafts_application_id_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("drafts_owner_id_saved_at_idx"), "drafts", ["owner_id", "saved_at"], unique=False)
    op.create_table(
        "signatures",
        sa.Column("id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("holding_id", Whole, nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("signer_id", Whole, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "outcome <> 'refuse' OR (length(trim(reason)) > 0 AND amount = 0)",
            name=op.f("signatures_refusal_has_reason"),
        ),
        sa.CheckConstraint("outcome IN ('grant', 'refuse')", name=op.f("signatures_outcome_known")),
        sa.CheckConstraint("amount BETWEEN 0 AND 100000000000", name=op.f("signatures_amount_in_range")),
        sa.CheckConstraint("length(reason) BETWEEN 0 AND 4000", name=op.f("signatures_reason_length")),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= signed_at", name=op.f("signatures_instants_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["application_id", "version", "digest"],
            [
                "application_versions.application_id",
                "application_versions.number",
                "application_versions.digest",
            ],
            name="signatures_version_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["holding_id", "signer_id", "seat"],
            ["seat_holdings.id", "seat_holdings.person_id", "seat_holdings.seat"],
            name="signatures_holding_fkey",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("signatures_pkey")),
        sa.UniqueConstraint(
            "id",
            "application_id",
            "version",
            "digest",
            "outcome",
            "amount",
            "seat",
            "signer_id",
            name="signatures_decided_key",
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("signatures_holding_id_idx"), "signatures", ["holding_id"], unique=False)
    op.create_index(
        "signatures_seat_key",
        "signatures",
        ["application_id", "version", "seat"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "signatures_signer_key",
        "signatures",
        ["application_id", "version", "signer_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    dialect = op.get_context().dialect.name
    for statement in (
        *append_only(dialect, "application_versions"),
        *freeze(dialect, "signatures", "keep", "DELETE"),
        *freeze(dialect, "signatures", "freeze", f"UPDATE OF {SIGNED}"),
        *freeze(
            dialect, "signatures", "taken_back", "UPDATE OF withdrawn_at", "OLD.withdrawn_at IS NOT NULL"
        ),
        *freeze(dialect, "applications", "keep", "DELETE"),
        *freeze(dialect, "applications", "freeze", f"UPDATE OF {SUBMITTED}"),
        *freeze(
            dialect,
            "applications",
            "freeze_closed",
            "UPDATE OF version, digest, amount, once_key",
            "OLD.queue = 'closed'",
        ),
        *append_only(dialect, "conflicts"),
    ):
        op.execute(statement)
