"""Runs the revisions in one transaction, on either engine, behind a lock."""

import os

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from portal.store.session import make_engine
from portal.store.tables import Base

LOCK = 8_201_937


def main() -> None:
    """Connect, lock, migrate, check, commit."""
    url = context.config.attributes.get("url") or os.environ["DATABASE_URL"]
    engine = make_engine(make_url(url))
    try:
        with engine.execution_options(portal_begin="BEGIN IMMEDIATE").connect() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:
                # Rebuilding a table with foreign keys on deletes the rows that point to it. Off inside a
                # transaction has no effect, so it comes before.
                driver = connection.connection.driver_connection
                driver.execute("PRAGMA foreign_keys=OFF").close()
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                _migrate(connection)
                if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).fetchall()):
                    raise RuntimeError(f"rows without what they point to: {broken[:5]}")
    finally:
        engine.dispose()


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=False,  # the transaction is ours, so that the check comes before its commit
        compare_server_default=True,
    )
    context.run_migrations()


main()
