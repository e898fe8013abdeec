"""The questions that applications were returned with, one for each version returned."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import append_only
from portal.store.types import Instant, Whole

revision: str = "20261108_questions"
down_revision: str | None = "20261107_settlement"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("application_id", Whole, autoincrement=False, nullable=False),
        sa.Column("version", Whole, autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", Whole, nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.CheckConstraint("length(question) BETWEEN 1 AND 4000", name=op.f("questions_question_length")),
        sa.ForeignKeyConstraint(
            ["application_id", "version"],
            ["application_versions.application_id", "application_versions.number"],
            name="questions_version_fkey",
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("questions_asked_by_fkey")),
        sa.PrimaryKeyConstraint("application_id", "version", name=op.f("questions_pkey")),
        sqlite_strict=True,
    )
    # What was asked of those that wait for an answer now; who asked it stands in the log.
    op.execute(
        "INSERT INTO questions (application_id, version, question, asked_by, asked_at)"
        " SELECT a.id, a.version, a.question, e.actor_id, e.at FROM applications a"
        " JOIN events e ON e.application_id = a.id AND e.act = 'return'"
        " WHERE a.status = 'returned' AND e.actor_id IS NOT NULL AND e.seq ="
        " (SELECT max(l.seq) FROM events l WHERE l.application_id = a.id AND l.act = 'return')"
    )
    for statement in append_only(op.get_context().dialect.name, "questions"):
        op.execute(statement)
