"""Triggers that keep rows as they were written, on both engines; the revisions in `migrations/` ask for them.

On SQLite a table that is rebuilt by a revision loses its triggers: that revision asks for them again.
"""

from collections.abc import Iterator

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('portal.lifted', true) = 'yes' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION '% stays as it was written', TG_TABLE_NAME USING ERRCODE = '23000';
END $$
"""
"""Only `store.personal` sets portal.lifted, for a transaction; on SQLite it drops the triggers and makes them anew."""


def freeze(dialect: str, table: str, name: str, event: str, when: str = "") -> Iterator[str]:
    """The statements that make an event on a table ("DELETE", "UPDATE", "UPDATE OF a, b") fail, if `when` holds."""
    trigger = f"{table}_{name}"
    if dialect == "sqlite":
        condition = f"WHEN {when} " if when else ""
        yield (
            f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{table} stays as it was written'); END"
        )
        return
    condition = f"WHEN ({when}) " if when else ""
    yield FUNCTION
    yield f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR EACH ROW {condition}EXECUTE FUNCTION refuse_change()"


def append_only(dialect: str, table: str) -> Iterator[str]:
    """The statements that make a table one that is only ever added to."""
    yield from freeze(dialect, table, "keep", "DELETE")
    yield from freeze(dialect, table, "freeze", "UPDATE")
