"""Letters: their words, and the PDF made of them once. The mails that are not sent, for the administrator's list."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import freeze
from portal.store.types import Instant, Json, Whole

revision: str = "20261106_letters"
down_revision: str | None = "20261105_documents"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ORDERED = "id, application_id, kind, version, language, content, content_digest, ordered_at"


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("content_digest", sa.Text(), nullable=False),
        sa.Column("ordered_at", Instant(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("made_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(pdf IS NULL) = (made_at IS NULL) AND (sha256 IS NULL) = (made_at IS NULL)",
            name=op.f("letters_made_whole"),
        ),
        sa.CheckConstraint("language IN ('sv', 'nb', 'en')", name=op.f("letters_language_known")),
        sa.CheckConstraint(
            "length(content_digest) BETWEEN 64 AND 64", name=op.f("letters_content_digest_length")
        ),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 60", name=op.f("letters_kind_length")),
        sa.CheckConstraint("length(sha256) BETWEEN 64 AND 64", name=op.f("letters_sha256_length")),
        sa.ForeignKeyConstraint(
            ["application_id", "version"],
            ["application_versions.application_id", "application_versions.number"],
            name="letters_version_fkey",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("letters_pkey")),
        sa.UniqueConstraint(
            "application_id",
            "kind",
            "version",
            "language",
            name=op.f("letters_application_id_kind_version_language_key"),
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "letters_due_idx",
        "letters",
        ["id"],
        unique=False,
        sqlite_where=sa.text("made_at IS NULL"),
        postgresql_where=sa.text("made_at IS NULL"),
    )
    op.create_index(
        "outbox_unsent_idx",
        "outbox",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    dialect = op.get_context().dialect.name
    for statement in (
        *freeze(dialect, "letters", "keep", "DELETE"),
        *freeze(dialect, "letters", "freeze", f"UPDATE OF {ORDERED}"),
        *freeze(dialect, "letters", "made", "UPDATE OF pdf, sha256, made_at", "OLD.made_at IS NOT NULL"),
    ):
        op.execute(statement)
