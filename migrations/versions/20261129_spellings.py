"""What is searched, without accents and in one spelling: people, applications and follow-ups kept before."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.domain.alphabet import folded

revision: str = "20261129_spellings"
down_revision: str | None = "20261129_sign_in"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEYS = {"people": "id", "applications": "id", "followups": "application_id"}
_AT_ONCE = 1000


def upgrade() -> None:
    bind = op.get_bind()
    for name, key in _KEYS.items():
        table = sa.table(name, sa.column(key, sa.BigInteger), sa.column("search_text", sa.Text))
        ident, after = table.c[key], 0
        change = sa.update(table).where(ident == sa.bindparam("row")).values(search_text=sa.bindparam("text"))
        page = sa.select(ident, table.c.search_text).order_by(ident).limit(_AT_ONCE)
        while rows := bind.execute(page.where(ident > after)).all():
            after = rows[-1][0]
            changed = [
                {"row": each[0], "text": text} for each in rows if (text := folded(each[1])) != each[1]
            ]
            if changed:
                bind.execute(change, changed)
