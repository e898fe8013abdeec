"""Two records of one person: which was joined to which; and a way to lift the triggers for one transaction."""

from collections.abc import Sequence

from alembic import op

from portal.store.frozen import FUNCTION

revision: str = "20261129_joined"
down_revision: str | None = "20261129_registration"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    whole = "INTEGER" if op.get_context().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE people ADD COLUMN joined_to {whole} CONSTRAINT people_joined_to_fkey REFERENCES people (id)"
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(FUNCTION)
