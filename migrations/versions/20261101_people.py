"""People, their roles and sessions, and who sits in which seat."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from portal.store.types import Day, Flag, Instant, Whole

revision: str = "20261101_people"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", Whole, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("head_id", Whole, nullable=True),
        sa.Column("specialist", Flag(), nullable=False),
        sa.Column("active", Flag(), nullable=False),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint("language IN ('sv', 'nb', 'en')", name=op.f("people_language_known")),
        sa.CheckConstraint("CAST(active AS INTEGER) IN (0, 1)", name=op.f("people_active_flag")),
        sa.CheckConstraint("CAST(specialist AS INTEGER) IN (0, 1)", name=op.f("people_specialist_flag")),
        sa.CheckConstraint("head_id <> id", name=op.f("people_head_is_another")),
        sa.CheckConstraint("length(email) BETWEEN 0 AND 254", name=op.f("people_email_length")),
        sa.CheckConstraint("length(login) BETWEEN 1 AND 100", name=op.f("people_login_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("people_name_length")),
        sa.CheckConstraint("length(number) BETWEEN 1 AND 40", name=op.f("people_number_length")),
        sa.CheckConstraint("length(unit) BETWEEN 0 AND 200", name=op.f("people_unit_length")),
        sa.ForeignKeyConstraint(["head_id"], ["people.id"], name=op.f("people_head_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("people_pkey")),
        sa.UniqueConstraint("login", name=op.f("people_login_key")),
        sa.UniqueConstraint("number", name=op.f("people_number_key")),
        sqlite_strict=True,
    )
    op.create_index(op.f("people_head_id_idx"), "people", ["head_id"], unique=False)
    op.create_index(op.f("people_name_id_idx"), "people", ["name", "id"], unique=False)
    op.create_table(
        "person_roles",
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('finance', 'administrator')", name=op.f("person_roles_role_known")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("person_roles_person_id_fkey")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("person_roles_pkey")),
        sqlite_strict=True,
    )
    op.create_table(
        "seat_holdings",
        sa.Column("id", Whole, nullable=False),
        sa.Column("fund", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("substitute", Flag(), nullable=False),
        sa.Column("starts_on", Day(), nullable=False),
        sa.Column("ends_on", Day(), nullable=True),
        sa.Column("appointed_by", Whole, nullable=True),
        sa.CheckConstraint(
            "CAST(substitute AS INTEGER) IN (0, 1)", name=op.f("seat_holdings_substitute_flag")
        ),
        sa.CheckConstraint("appointed_by <> person_id", name=op.f("seat_holdings_not_by_oneself")),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("seat_holdings_days_in_order")
        ),
        sa.CheckConstraint("length(fund) BETWEEN 1 AND 60", name=op.f("seat_holdings_fund_length")),
        sa.CheckConstraint("length(seat) BETWEEN 1 AND 60", name=op.f("seat_holdings_seat_length")),
        sa.ForeignKeyConstraint(
            ["appointed_by"], ["people.id"], name=op.f("seat_holdings_appointed_by_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("seat_holdings_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("seat_holdings_pkey")),
        sa.UniqueConstraint("id", "person_id", "seat", name=op.f("seat_holdings_id_person_id_seat_key")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("seat_holdings_fund_person_id_idx"), "seat_holdings", ["fund", "person_id"], unique=False
    )
    op.create_index(op.f("seat_holdings_person_id_idx"), "seat_holdings", ["person_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", Whole, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.CheckConstraint("length(id) BETWEEN 64 AND 64", name=op.f("sessions_id_length")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("sessions_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("sessions_pkey")),
        sqlite_strict=True,
    )
    op.create_index(op.f("sessions_person_id_idx"), "sessions", ["person_id"], unique=False)
