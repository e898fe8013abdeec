"""A letter can be made anew for the same version; the one before stays."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import freeze
from portal.store.types import Instant, Json, Whole

revision: str = "20261129_editions"
down_revision: str | None = "20261129_payees"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEPT = (
    "id, application_id, kind, version, language, content, content_digest, ordered_at, pdf, sha256, made_at"
)
KEY = "letters_application_id_kind_version_language"
ORDERED = "id, application_id, kind, version, language, edition, content, content_digest, ordered_at"


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    if dialect != "sqlite":
        for statement in (
            "ALTER TABLE letters ADD COLUMN edition BIGINT NOT NULL DEFAULT 1",
            (
                f"ALTER TABLE letters ALTER COLUMN edition DROP DEFAULT, DROP CONSTRAINT {KEY}_key,"
                f" ADD CONSTRAINT {KEY}_edition_key UNIQUE (application_id, kind, version, language, edition),"
                " ADD CONSTRAINT letters_edition_counts CHECK (edition >= 1)"
            ),
        ):
            op.execute(statement)
        return
    op.create_table(
        "letters_anew",
        sa.Column("id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("edition", Whole, nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("content_digest", sa.Text(), nullable=False),
        sa.Column("ordered_at", Instant(), nullable=False),
        sa.Column("pdf", sa.LargeBinary()),
        sa.Column("sha256", sa.Text()),
        sa.Column("made_at", Instant()),
        sa.CheckConstraint(
            "(pdf IS NULL) = (made_at IS NULL) AND (sha256 IS NULL) = (made_at IS NULL)",
            name=op.f("letters_made_whole"),
        ),
        sa.CheckConstraint("language IN ('sv', 'nb', 'en')", name=op.f("letters_language_known")),
        sa.CheckConstraint("edition >= 1", name=op.f("letters_edition_counts")),
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
            "application_id", "kind", "version", "language", "edition", name=op.f(f"{KEY}_edition_key")
        ),
        sqlite_strict=True,
    )
    op.execute(f"INSERT INTO letters_anew ({KEPT}, edition) SELECT {KEPT}, 1 FROM letters")
    op.drop_table("letters")
    op.rename_table("letters_anew", "letters")
    op.create_index("letters_due_idx", "letters", ["id"], sqlite_where=sa.text("made_at IS NULL"))
    for statement in (
        *freeze(dialect, "letters", "keep", "DELETE"),
        *freeze(dialect, "letters", "freeze", f"UPDATE OF {ORDERED}"),
        *freeze(dialect, "letters", "made", "UPDATE OF pdf, sha256, made_at", "OLD.made_at IS NOT NULL"),
    ):
        op.execute(statement)
