"""People in alphabetical order: what each name is sorted by in Swedish and in Norwegian."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.domain.alphabet import NORWEGIAN, SWEDISH, name_key
from portal.store.types import Sorted

revision: str = "20261112_names"
down_revision: str | None = "20261111_year"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = {"name_key_sv": SWEDISH, "name_key_nb": NORWEGIAN}


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("people", sa.Column(column, Sorted, nullable=False, server_default=""))
    people = sa.table(
        "people", sa.column("id"), sa.column("name"), *(sa.column(column) for column in COLUMNS)
    )
    rows = op.get_bind().execute(sa.select(people.c.id, people.c.name)).all()
    keys = [
        {"person": row.id} | {column: name_key(row.name, alphabet) for column, alphabet in COLUMNS.items()}
        for row in rows
    ]
    if keys:
        values = {column: sa.bindparam(column) for column in COLUMNS}
        op.get_bind().execute(
            sa.update(people).where(people.c.id == sa.bindparam("person")).values(values), keys
        )
    op.drop_index(op.f("people_name_id_idx"), table_name="people")
    for column in COLUMNS:
        op.create_index(op.f(f"people_{column}_id_idx"), "people", [column, "id"])
