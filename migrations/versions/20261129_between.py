"""Comments between the seats, whom holders may choose as substitutes, and who wants e-mails once a day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import append_only
from portal.store.types import Flag, Instant, Whole

revision: str = "20261129_between"
down_revision: str | None = "20261129_editions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("people", sa.Column("daily_mail", Flag(), nullable=False, server_default="0"))
    op.create_table(
        "comments",
        sa.Column("id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("author_id", Whole, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 4000", name=op.f("comments_text_length")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("comments_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("comments_author_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("comments_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("comments_application_id_id_idx"), "comments", ["application_id", "id"])
    op.create_index(op.f("comments_author_id_idx"), "comments", ["author_id"])
    for statement in append_only(op.get_context().dialect.name, "comments"):
        op.execute(statement)
    op.create_table(
        "allowed_substitutes",
        sa.Column("fund", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("allowed_by", Whole),
        sa.CheckConstraint("allowed_by <> person_id", name=op.f("allowed_substitutes_not_by_oneself")),
        sa.CheckConstraint("length(fund) BETWEEN 1 AND 60", name=op.f("allowed_substitutes_fund_length")),
        sa.CheckConstraint("length(seat) BETWEEN 1 AND 60", name=op.f("allowed_substitutes_seat_length")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("allowed_substitutes_person_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["allowed_by"], ["people.id"], name=op.f("allowed_substitutes_allowed_by_fkey")
        ),
        sa.PrimaryKeyConstraint("fund", "seat", "person_id", name=op.f("allowed_substitutes_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("allowed_substitutes_person_id_idx"), "allowed_substitutes", ["person_id"])
