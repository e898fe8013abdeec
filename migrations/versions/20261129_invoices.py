"""Invoices one by one, so that they come in parts, are corrected and credited; a cancelled grant may be used up.

What has gone back of a cancelled grant stands on its claim too, and what may be granted once on the application.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.domain.alphabet import folded
from portal.store.frozen import append_only, freeze
from portal.store.types import Day, Flag, Instant, Json, Whole

revision: str = "20261129_invoices"
down_revision: str | None = "20261129_readings"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SAID = "id, application_id, number, search_text, invoice_on, amount, registered_at, registered_by, replaces"
SPENT = "CAST(spent AS INTEGER) = 0 OR (CAST(spent AS INTEGER) = 1 AND status = 'cancelled')"
SIGN = "(kind IN ('reserve', 'retake') AND amount >= 0) OR (kind IN ('cancel', 'release') AND amount <= 0)"
KINDS = "kind IN ('reserve', 'cancel', 'release', 'retake')"
STAGES = "stage IN ('waiting', 'stated', 'part', 'invoiced', 'paid', 'released')"
PAID = "paid_amount BETWEEN 0 AND invoice_amount"
WHY = "length(release_reason) BETWEEN 0 AND 4000"
CANCELLED = "application_id IN (SELECT id FROM applications WHERE status = 'cancelled')"


def upgrade() -> None:
    sqlite = op.get_context().dialect.name == "sqlite"
    _spend()
    _invoices()
    (_rebuild if sqlite else _alter)()
    for table, name, columns in (
        ("claims", "claims_open_idx", ["stage", "due_on", "application_id"]),
        (
            "claims",
            "claims_year_idx",
            ["application_id", "stage", "due_on", "released_amount", "invoice_amount"],
        ),
        ("budget_entries", "budget_entries_period_idx", ["period_id", "entered_at", "kind", "amount"]),
    ):
        if sqlite:
            op.create_index(name, table, columns)
    once = sa.text("kind IN ('reserve', 'cancel')")
    if not sqlite:
        op.drop_index("budget_entries_once_key", table_name="budget_entries")
    op.create_index(
        "budget_entries_once_key",
        "budget_entries",
        ["application_id", "kind"],
        unique=True,
        sqlite_where=once,
        postgresql_where=once,
    )
    op.create_index("payments_application_id_idx", "payments", ["application_id"])
    dialect = op.get_context().dialect.name
    statements = [
        *freeze(dialect, "invoices", "keep", "DELETE"),
        *freeze(
            dialect,
            "invoices",
            "freeze",
            f"UPDATE OF {SAID}",
        ),
        *freeze(
            dialect,
            "invoices",
            "credited",
            "UPDATE OF credited_at, credited_by, credit_reason",
            "OLD.credited_at IS NOT NULL",
        ),
    ]
    if sqlite:
        statements += [
            *append_only(dialect, "budget_entries"),
            *append_only(dialect, "payments"),
            *freeze(dialect, "claims", "keep", "DELETE"),
            *freeze(dialect, "claims", "freeze", "UPDATE OF application_id, granted_amount"),
        ]
    for statement in statements:
        op.execute(statement)


def _spend() -> None:
    op.add_column(
        "applications",
        sa.Column(
            "spent",
            Flag(),
            sa.CheckConstraint(SPENT, name=op.f("applications_spent_when_cancelled")),
            nullable=False,
            server_default="0",
        ),
    )
    op.drop_index("decisions_one_grant_key", table_name="decisions")
    used = sa.text("status = 'granted' OR CAST(spent AS INTEGER) = 1")
    op.create_index(
        "applications_one_grant_key",
        "applications",
        ["once_key"],
        unique=True,
        sqlite_where=used,
        postgresql_where=used,
    )


def _invoices() -> None:
    """One for each that is registered; on a cancelled grant it is credited, for all its money has gone back."""
    op.create_table(
        "invoices",
        sa.Column("id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("invoice_on", Day()),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("registered_at", Instant(), nullable=False),
        sa.Column("registered_by", Whole, nullable=False),
        sa.Column("replaces", Whole),
        sa.Column("paid_on", Day()),
        sa.Column("returned_amount", Whole, nullable=False),
        sa.Column("returned_on", Day()),
        sa.Column("credited_at", Instant()),
        sa.Column("credited_by", Whole),
        sa.Column("credit_reason", sa.Text()),
        sa.CheckConstraint("length(number) BETWEEN 1 AND 80", name=op.f("invoices_number_length")),
        sa.CheckConstraint("length(search_text) BETWEEN 1 AND 400", name=op.f("invoices_search_text_length")),
        sa.CheckConstraint("amount BETWEEN 1 AND 100000000000", name=op.f("invoices_amount_in_range")),
        sa.CheckConstraint("returned_amount BETWEEN 0 AND amount", name=op.f("invoices_returned_in_range")),
        sa.CheckConstraint(
            "returned_amount = 0 OR (paid_on IS NOT NULL AND returned_on IS NOT NULL)",
            name=op.f("invoices_paid_before_it_returns"),
        ),
        sa.CheckConstraint(
            "credited_at IS NULL OR returned_amount = 0", name=op.f("invoices_credited_whole_or_not")
        ),
        sa.CheckConstraint(
            "(credited_at IS NULL) = (credited_by IS NULL) AND (credited_at IS NULL) = (credit_reason IS NULL)",
            name=op.f("invoices_credited_whole"),
        ),
        sa.CheckConstraint(
            "length(credit_reason) BETWEEN 1 AND 4000", name=op.f("invoices_credit_reason_length")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["claims.application_id"], name=op.f("invoices_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["registered_by"], ["people.id"], name=op.f("invoices_registered_by_fkey")),
        sa.ForeignKeyConstraint(["replaces"], ["invoices.id"], name=op.f("invoices_replaces_fkey")),
        sa.ForeignKeyConstraint(["credited_by"], ["people.id"], name=op.f("invoices_credited_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("invoices_pkey")),
        sa.UniqueConstraint("replaces", name=op.f("invoices_replaces_key")),
        sa.UniqueConstraint("id", "application_id", name=op.f("invoices_paid_key")),
        sqlite_strict=True,
    )
    op.create_index("invoices_application_id_idx", "invoices", ["application_id"])
    op.create_index("invoices_search_text_idx", "invoices", ["search_text"])
    op.execute(
        "INSERT INTO invoices (application_id, number, search_text, invoice_on, amount, registered_at, registered_by,"
        " paid_on, returned_amount, credited_at, credited_by, credit_reason)"
        " SELECT c.application_id, c.invoice_number, c.invoice_number, c.invoice_on, c.invoice_amount, c.registered_at,"
        " c.registered_by, c.paid_on, 0, d.cancelled_at, d.cancelled_by, d.cancel_reason"
        " FROM claims c JOIN decisions d ON d.application_id = c.application_id"
        " WHERE c.stage IN ('invoiced', 'paid') AND c.invoice_amount > 0 ORDER BY c.application_id"
    )
    bind = op.get_bind()
    table = sa.table("invoices", sa.column("id", sa.BigInteger), sa.column("search_text", sa.Text))
    change = (
        sa.update(table).where(table.c.id == sa.bindparam("row")).values(search_text=sa.bindparam("text"))
    )
    rows = bind.execute(sa.select(table.c.id, table.c.search_text)).all()
    if rows:
        bind.execute(change, [{"row": each[0], "text": folded(each[1])} for each in rows])


def _alter() -> None:
    """PostgreSQL changes a table where it stands."""
    for statement in (
        "ALTER TABLE payments DISABLE TRIGGER USER",
        "ALTER TABLE payments ADD COLUMN invoice_id BIGINT",
        "UPDATE payments SET invoice_id = i.id FROM invoices i WHERE i.application_id = payments.application_id",
        "ALTER TABLE payments ALTER COLUMN invoice_id SET NOT NULL",
        "ALTER TABLE payments ENABLE TRIGGER USER",
        "ALTER TABLE payments DROP CONSTRAINT payments_application_id_kind_key",
        "ALTER TABLE payments ADD CONSTRAINT payments_invoice_id_kind_key UNIQUE (invoice_id, kind)",
        (
            "ALTER TABLE payments ADD CONSTRAINT payments_invoice_fkey FOREIGN KEY (invoice_id, application_id)"
            " REFERENCES invoices (id, application_id)"
        ),
        (
            "ALTER TABLE budget_entries DROP CONSTRAINT budget_entries_sign,"
            " DROP CONSTRAINT budget_entries_kind_known,"
            f" ADD CONSTRAINT budget_entries_sign CHECK ({SIGN}),"
            f" ADD CONSTRAINT budget_entries_kind_known CHECK ({KINDS})"
        ),
        "ALTER TABLE claims ADD COLUMN paid_amount BIGINT, ADD COLUMN release_reason TEXT",
        "UPDATE claims SET paid_amount = CASE WHEN stage = 'paid' THEN invoice_amount ELSE 0 END, release_reason = ''",
        f"UPDATE claims SET released_amount = granted_amount, invoice_amount = 0, paid_amount = 0 WHERE {CANCELLED}",
        (
            "ALTER TABLE claims ALTER COLUMN paid_amount SET NOT NULL, ALTER COLUMN release_reason SET NOT NULL,"
            " DROP CONSTRAINT claims_stage_known, DROP COLUMN invoice_number, DROP COLUMN invoice_on,"
            " DROP COLUMN registered_at, DROP COLUMN registered_by,"
            f" ADD CONSTRAINT claims_stage_known CHECK ({STAGES}),"
            f" ADD CONSTRAINT claims_paid_in_range CHECK ({PAID}),"
            f" ADD CONSTRAINT claims_release_reason_length CHECK ({WHY})"
        ),
    ):
        op.execute(statement)


def _rebuild() -> None:
    """SQLite makes each table anew and copies its rows; what points to it points to its name."""
    _copied(
        "payments",
        "SELECT p.batch_id, p.position, p.application_id, i.id, p.kind, p.amount, p.reference"
        " FROM payments p JOIN invoices i ON i.application_id = p.application_id",
        sa.Column("batch_id", Whole, autoincrement=False, nullable=False),
        sa.Column("position", Whole, autoincrement=False, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("invoice_id", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'pay' AND amount > 0) OR (kind = 'reverse' AND amount < 0)", name=op.f("payments_sign")
        ),
        sa.CheckConstraint("kind IN ('pay', 'reverse')", name=op.f("payments_kind_known")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("payments_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batches.id"], name=op.f("payments_batch_fkey")),
        sa.ForeignKeyConstraint(
            ["invoice_id", "application_id"],
            ["invoices.id", "invoices.application_id"],
            name=op.f("payments_invoice_fkey"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("payments_pkey")),
        sa.UniqueConstraint("invoice_id", "kind", name=op.f("payments_invoice_id_kind_key")),
    )
    _copied(
        "budget_entries",
        "SELECT id, period_id, application_id, kind, amount, entered_at FROM budget_entries",
        sa.Column("id", Whole, nullable=False),
        sa.Column("period_id", Whole, nullable=False),
        sa.Column("application_id", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", Whole, nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.CheckConstraint(SIGN, name=op.f("budget_entries_sign")),
        sa.CheckConstraint(KINDS, name=op.f("budget_entries_kind_known")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("budget_entries_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["period_id"], ["budget_periods.id"], name=op.f("budget_entries_period_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("budget_entries_pkey")),
    )
    stands = f"NOT ({CANCELLED})"
    _copied(
        "claims",
        "SELECT application_id, granted_amount, due_on, stage, costs, payable_amount,"
        f" CASE WHEN {stands} THEN released_amount ELSE granted_amount END, revision, stated_at, stated_by,"
        f" CASE WHEN {stands} THEN invoice_amount ELSE 0 END,"
        f" CASE WHEN {stands} AND stage = 'paid' THEN invoice_amount ELSE 0 END, paid_on, '' FROM claims",
        sa.Column("application_id", Whole, autoincrement=False, nullable=False),
        sa.Column("granted_amount", Whole, nullable=False),
        sa.Column("due_on", Day()),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("costs", Json(), nullable=False),
        sa.Column("payable_amount", Whole, nullable=False),
        sa.Column("released_amount", Whole, nullable=False),
        sa.Column("revision", Whole, nullable=False),
        sa.Column("stated_at", Instant()),
        sa.Column("stated_by", Whole),
        sa.Column("invoice_amount", Whole, nullable=False),
        sa.Column("paid_amount", Whole, nullable=False),
        sa.Column("paid_on", Day()),
        sa.Column("release_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(stage = 'paid') = (paid_on IS NOT NULL)", name=op.f("claims_paid_on_a_day")),
        sa.CheckConstraint(
            "stage <> 'released' OR released_amount = granted_amount", name=op.f("claims_released_whole")
        ),
        sa.CheckConstraint(STAGES, name=op.f("claims_stage_known")),
        sa.CheckConstraint(
            "stage NOT IN ('invoiced', 'paid') OR invoice_amount + released_amount = granted_amount",
            name=op.f("claims_settled_whole"),
        ),
        sa.CheckConstraint("granted_amount BETWEEN 0 AND 100000000000", name=op.f("claims_granted_in_range")),
        sa.CheckConstraint(
            "invoice_amount BETWEEN 0 AND payable_amount", name=op.f("claims_invoice_in_range")
        ),
        sa.CheckConstraint(PAID, name=op.f("claims_paid_in_range")),
        sa.CheckConstraint(WHY, name=op.f("claims_release_reason_length")),
        sa.CheckConstraint(
            "payable_amount BETWEEN 0 AND granted_amount", name=op.f("claims_payable_in_range")
        ),
        sa.CheckConstraint(
            "released_amount BETWEEN 0 AND granted_amount", name=op.f("claims_released_in_range")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("claims_revision_counts")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["decisions.application_id"], name=op.f("claims_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["stated_by"], ["people.id"], name=op.f("claims_stated_by_fkey")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("claims_pkey")),
    )


def _copied(table: str, rows: str, *parts: sa.Column[object] | sa.Constraint) -> None:
    op.create_table(f"{table}_anew", *parts, sqlite_strict=True)
    names = ", ".join(each.name for each in parts if isinstance(each, sa.Column))
    op.execute(f"INSERT INTO {table}_anew ({names}) {rows}")
    op.drop_table(table)
    op.rename_table(f"{table}_anew", table)
