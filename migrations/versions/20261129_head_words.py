"""What heads say of the counter-financing: yes to what the unit promises, or no with a reason."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import freeze
from portal.store.types import Flag, Instant, Whole

revision: str = "20261129_head_words"
down_revision: str | None = "20261129_approvals"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "head_words",
        sa.Column("id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.Column("head_id", Whole, nullable=False),
        sa.Column("given", Flag(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.Column("void_at", Instant()),
        sa.CheckConstraint("length(reason) BETWEEN 0 AND 4000", name=op.f("head_words_reason_length")),
        sa.CheckConstraint("given = (length(trim(reason)) = 0)", name=op.f("head_words_no_has_reason")),
        sa.CheckConstraint(
            "void_at IS NULL OR void_at >= said_at", name=op.f("head_words_instants_in_order")
        ),
        sa.CheckConstraint("CAST(given AS INTEGER) IN (0, 1)", name=op.f("head_words_given_flag")),
        sa.ForeignKeyConstraint(
            ["application_id", "version"],
            ["application_versions.application_id", "application_versions.number"],
            name="head_words_version_fkey",
        ),
        sa.ForeignKeyConstraint(["head_id"], ["people.id"], name=op.f("head_words_head_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("head_words_pkey")),
        sqlite_strict=True,
    )
    op.create_index(
        "head_words_standing_key",
        "head_words",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("void_at IS NULL"),
        postgresql_where=sa.text("void_at IS NULL"),
    )
    op.create_index(op.f("head_words_application_id_id_idx"), "head_words", ["application_id", "id"])
    op.create_index(op.f("head_words_head_id_idx"), "head_words", ["head_id"])
    dialect = op.get_context().dialect.name
    said = "id, application_id, version, head_id, given, reason, said_at"
    for statement in (
        *freeze(dialect, "head_words", "keep", "DELETE"),
        *freeze(dialect, "head_words", "freeze", f"UPDATE OF {said}"),
        *freeze(dialect, "head_words", "void", "UPDATE OF void_at", "OLD.void_at IS NOT NULL"),
    ):
        op.execute(statement)
