"""What is searched of people: name and unit on the first line, which everybody may search by, the rest on a second."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.domain.alphabet import folded

revision: str = "20261129_by_name"
down_revision: str | None = "20261129_payee"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    bind = op.get_bind()
    named = ("id", "name", "unit", "number", "email", "search_text")
    people = sa.table("people", *(sa.column(each) for each in named))
    change = (
        sa.update(people).where(people.c.id == sa.bindparam("row")).values(search_text=sa.bindparam("text"))
    )
    rows = bind.execute(sa.select(people)).all()
    texts = [
        f"{folded(f'{each.name} {each.unit}')}\n{folded(f'{each.number} {each.email}')}" for each in rows
    ]
    if rows:
        bind.execute(change, [{"row": each.id, "text": text} for each, text in zip(rows, texts, strict=True)])
