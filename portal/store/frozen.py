"""Triggers that keep rows as they were written and refuse what breaks a law, on both engines; revisions ask for them.

On SQLite a table that is rebuilt by a revision loses its triggers: that revision asks for them again. And none can be
rebuilt while a law on another one names it: that revision drops the laws first.
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


def law(dialect: str, table: str, name: str, event: str, broken: str) -> Iterator[str]:
    """The statements that make an event on a table fail where `broken` holds, which may ask other tables too."""
    trigger = f"{table}_{name}"
    if dialect == "sqlite":
        yield from freeze(dialect, table, name, event, broken)
        return
    yield (
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF current_setting('portal.lifted', true) IS DISTINCT FROM 'yes' AND ({broken}) THEN"
        f" RAISE EXCEPTION '{table}: {name}' USING ERRCODE = '23000'; END IF;"
        " RETURN NEW; END $$"
    )
    yield f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {trigger}()"


def not_emptied(dialect: str, table: str) -> Iterator[str]:
    """The statement that lets nobody take every row away at once, which PostgreSQL tells no trigger on rows."""
    if dialect == "postgresql":
        yield (
            f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def not_replaced(dialect: str, table: str, same: str) -> Iterator[str]:
    """The statement that refuses SQLite's REPLACE, which tells no trigger what it deletes; `same` finds that row."""
    if dialect == "sqlite":
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - a revision's own words
        yield from freeze(dialect, table, "once", "INSERT", there)
