"""Documents, and which of them belong to a draft and to a submitted version."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import append_only, freeze
from portal.store.types import Instant, Whole

revision: str = "20261105_documents"
down_revision: str | None = "20261104_log_and_outbox"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", Whole, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_by", Whole, nullable=False),
        sa.Column("uploaded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('certificate', 'receipt', 'absence', 'other')", name=op.f("documents_kind_known")
        ),
        sa.CheckConstraint(
            f"media_type IN ('application/pdf', 'image/jpeg', 'image/png', '{DOCX}')",
            name=op.f("documents_media_type_known"),
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("documents_name_length")),
        sa.CheckConstraint("length(sha256) BETWEEN 64 AND 64", name=op.f("documents_sha256_length")),
        sa.CheckConstraint("size BETWEEN 1 AND 1000000000", name=op.f("documents_size_in_range")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["people.id"], name=op.f("documents_uploaded_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("documents_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("documents_sha256_idx"), "documents", ["sha256"], unique=False)
    op.create_index(op.f("documents_uploaded_by_idx"), "documents", ["uploaded_by"], unique=False)
    op.create_table(
        "draft_documents",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("document_id", Whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["token"], ["drafts.token"], name=op.f("draft_documents_token_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("draft_documents_document_id_fkey")
        ),
        sa.PrimaryKeyConstraint("token", "document_id", name=op.f("draft_documents_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("draft_documents_document_id_idx"), "draft_documents", ["document_id"], unique=False)
    op.create_table(
        "version_documents",
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.Column("document_id", Whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id", "version"],
            ["application_versions.application_id", "application_versions.number"],
            name=op.f("version_documents_application_id_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("version_documents_document_id_fkey")
        ),
        sa.PrimaryKeyConstraint(
            "application_id", "version", "document_id", name=op.f("version_documents_pkey")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("version_documents_document_id_idx"), "version_documents", ["document_id"], unique=False
    )
    dialect = op.get_context().dialect.name
    for statement in (
        *freeze(dialect, "documents", "freeze", "UPDATE"),
        *append_only(dialect, "version_documents"),
    ):
        op.execute(statement)
