"""The organisation's sign-in: whom it means, its sessions, ways there and back, and what a signature keeps of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import freeze
from portal.store.types import Instant, Whole

revision: str = "20261129_provider"
down_revision: str | None = "20261129_signed_by"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", Whole, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=False),
        sa.Column("undone_at", Instant()),
        sa.Column("undone_by", Whole),
        sa.CheckConstraint("(undone_by IS NULL) = (undone_at IS NULL)", name=op.f("identities_undone_whole")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("identities_person_id_fkey")),
        sa.ForeignKeyConstraint(["undone_by"], ["people.id"], name=op.f("identities_undone_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("identities_pkey")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("identities_issuer_subject_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("identities_person_id_idx"), "identities", ["person_id"])
    op.create_index(
        "identities_in_use_key",
        "identities",
        ["person_id", "issuer"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "provider_sessions",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("identity_id", Whole, nullable=False),
        sa.Column("acr", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("id_token", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("provider_sessions_session_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identities.id"], name=op.f("provider_sessions_identity_id_fkey")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("provider_sessions_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("provider_sessions_identity_id_idx"), "provider_sessions", ["identity_id"])
    op.create_table(
        "detours",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("goes_to", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("person_id", Whole),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("session_id", sa.Text()),
        sa.CheckConstraint("length(id) BETWEEN 64 AND 64", name=op.f("detours_id_length")),
        sa.CheckConstraint("length(browser) BETWEEN 64 AND 64", name=op.f("detours_browser_length")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("detours_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("detours_session_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("detours_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("detours_session_id_idx"), "detours", ["session_id"])
    op.add_column("signatures", sa.Column("signed_in_at", Instant()))
    op.add_column("signatures", sa.Column("acr", sa.Text(), nullable=False, server_default=""))
    dialect = op.get_context().dialect.name
    for statement in freeze(dialect, "signatures", "freeze_sign_in", "UPDATE OF signed_in_at, acr"):
        op.execute(statement)
