"""A colleague can take a case over: who wrote it stays as it was, and who answers for it is kept beside it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.frozen import freeze
from portal.store.types import Instant

revision: str = "20261129_taken_over"
down_revision: str | None = "20261129_unlinked"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # With the column go its keys, its triggers and what points at it: decisions hold who wrote what was decided.
    op.execute("ALTER TABLE applications RENAME COLUMN applicant_id TO author_id")
    op.drop_index("applications_applicant_id_idx", table_name="applications")
    op.create_index("applications_author_id_idx", "applications", ["author_id"])
    whole = "INTEGER" if op.get_context().dialect.name == "sqlite" else "BIGINT"
    key = "CONSTRAINT applications_applies_fkey REFERENCES people (id)"
    op.execute(f"ALTER TABLE applications ADD COLUMN applicant_id {whole} {key}")
    op.add_column("applications", sa.Column("taken_at", Instant()))
    op.execute("UPDATE applications SET applicant_id = author_id")
    op.create_index("applications_applicant_id_idx", "applications", ["applicant_id"])
    dialect = op.get_context().dialect.name
    for event in ("INSERT", "UPDATE OF applicant_id"):
        name = f"applied_{event.partition(' ')[0].lower()}"
        for statement in freeze(dialect, "applications", name, event, "NEW.applicant_id IS NULL"):
            op.execute(statement)
