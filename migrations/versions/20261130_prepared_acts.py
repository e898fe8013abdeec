"""Cancelling and a corrected payee can be prepared by one finance person for another to confirm, too."""

from collections.abc import Sequence

from alembic import op

revision: str = "20261130_prepared_acts"
down_revision: str | None = "20261130_laws"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = "act IN ('make-batch', 'correct-invoice', 'register-invoice', 'release')"
_KNOWN = "act IN ('make-batch', 'correct-invoice', 'correct-payee', 'register-invoice', 'release', 'cancel')"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild()
        return
    op.drop_constraint(op.f("prepared_act_known"), "prepared")
    op.create_check_constraint(op.f("prepared_act_known"), "prepared", _KNOWN)


def _rebuild() -> None:
    """SQLite changes no constraint of a table that stands; nothing refers to this one."""
    read = "SELECT sql FROM sqlite_master WHERE tbl_name = 'prepared' AND sql IS NOT NULL AND type = '{}'"
    bind = op.get_bind()
    [table] = bind.exec_driver_sql(read.format("table")).scalars()
    indexes = list(bind.exec_driver_sql(read.format("index")).scalars())
    if _BEFORE not in table:
        raise RuntimeError("prepared is not as it was made")
    op.execute("ALTER TABLE prepared RENAME TO prepared_before")
    for statement in (
        table.replace(_BEFORE, _KNOWN),
        "INSERT INTO prepared SELECT * FROM prepared_before",
        "DROP TABLE prepared_before",
        *indexes,
    ):
        bind.exec_driver_sql(statement)
