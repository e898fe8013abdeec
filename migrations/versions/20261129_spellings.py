"""One spelling: of what is searched (people, applications, follow-ups), and of personal ids where no other is the same.

Once-only keys go by person from now on; who has keys by number keeps being called by it.
"""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.domain.alphabet import folded
from portal.domain.personal_id import canonical

revision: str = "20261129_spellings"
down_revision: str | None = "20261129_sign_in"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEYS = {"people": "id", "applications": "id", "followups": "application_id"}
_AT_ONCE = 1000


def upgrade() -> None:
    bind = op.get_bind()
    op.add_column("people", sa.Column("known_as", sa.Text()))
    people = sa.table("people", *(sa.column(each) for each in ("id", "number", "known_as")))
    bind.execute(sa.update(people).values(known_as=people.c.number))
    rows = bind.execute(sa.select(people.c.id, people.c.number)).all()
    spelt = Counter(canonical(each.number) for each in rows)
    for each in rows:
        number = canonical(each.number)
        if number != each.number and spelt[number] == 1:
            bind.execute(sa.update(people).where(people.c.id == each.id).values(number=number))
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
