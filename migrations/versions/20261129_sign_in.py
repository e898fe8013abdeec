"""How people sign in: browsers they are known in, tries counted, what administrators changed, where a session is."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Instant, Whole

revision: str = "20261129_sign_in"
down_revision: str | None = "20261112_names"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("proved_at", Instant()))
    for column in ("browser", "agent", "address"):
        op.add_column("sessions", sa.Column(column, sa.Text(), nullable=False, server_default=""))
    op.add_column("seat_holdings", sa.Column("appointed_at", Instant()))
    op.create_table(
        "browsers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.CheckConstraint("length(id) BETWEEN 64 AND 64", name=op.f("browsers_id_length")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("browsers_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", "person_id", name=op.f("browsers_pkey")),
        sqlite_strict=True,
    )
    op.create_table(
        "tries",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", Whole, nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.CheckConstraint("length(subject) BETWEEN 64 AND 64", name=op.f("tries_subject_length")),
        sa.CheckConstraint("failures >= 0", name=op.f("tries_not_negative")),
        sa.PrimaryKeyConstraint("subject", name=op.f("tries_pkey")),
        sqlite_strict=True,
    )
    op.create_table(
        "sign_in_changes",
        sa.Column("id", Whole, nullable=False),
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("changed_by", Whole),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("code_digest", sa.Text()),
        sa.Column("valid_until", Instant()),
        sa.Column("used_at", Instant()),
        sa.Column("confirmed_by", Whole),
        sa.Column("confirmed_at", Instant()),
        sa.CheckConstraint(
            "length(code_digest) BETWEEN 64 AND 64", name=op.f("sign_in_changes_code_digest_length")
        ),
        sa.CheckConstraint(
            "kind IN ('code', 'address', 'role', 'seat')", name=op.f("sign_in_changes_kind_known")
        ),
        sa.CheckConstraint(
            "(kind = 'code') = (code_digest IS NOT NULL)", name=op.f("sign_in_changes_code_has_digest")
        ),
        sa.CheckConstraint("changed_by <> person_id", name=op.f("sign_in_changes_not_by_oneself")),
        sa.CheckConstraint(
            "confirmed_by NOT IN (changed_by, person_id)", name=op.f("sign_in_changes_confirmed_by_another")
        ),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)", name=op.f("sign_in_changes_confirmed_whole")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("sign_in_changes_person_id_fkey")),
        sa.ForeignKeyConstraint(["changed_by"], ["people.id"], name=op.f("sign_in_changes_changed_by_fkey")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["people.id"], name=op.f("sign_in_changes_confirmed_by_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_changes_pkey")),
        sa.UniqueConstraint("code_digest", name=op.f("sign_in_changes_code_digest_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("sign_in_changes_person_id_idx"), "sign_in_changes", ["person_id"])
