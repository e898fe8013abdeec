"""Receipts and proof of attendance with the actual costs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Whole

revision: str = "20261129_claim_documents"
down_revision: str | None = "20261129_prepared"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "claim_documents",
        sa.Column("document_id", Whole, autoincrement=False, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["claims.application_id"], name=op.f("claim_documents_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("claim_documents_document_id_fkey")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("claim_documents_pkey")),
        sqlite_strict=True,
    )
    op.create_index("claim_documents_application_id_idx", "claim_documents", ["application_id"])
