"""A search finds its rows by an index of every three signs in a row, and reads no others."""

from collections.abc import Sequence

from alembic import op

revision: str = "20261201_search"
down_revision: str | None = "20261201_log_by_person"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEYS = {"applications": "id", "followups": "application_id"}
# It costs as much as reading the index never does, so that PostgreSQL asks the index and not every row.
GRAMS = """CREATE FUNCTION search_grams(said text) RETURNS text[]
 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS
 $$ SELECT array_agg(DISTINCT substr(said, at, 3)) FROM generate_series(1, length(said) - 2) AS at $$"""


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(GRAMS)
        for table in KEYS:
            op.execute(f"CREATE INDEX {table}_search_idx ON {table} USING gin (search_grams(search_text))")
        return
    for table, key in KEYS.items():
        _fts5(table, key)


def _fts5(table: str, key: str) -> None:
    """An index without the texts, which stand in the table, and without places, which LIKE finds."""
    index = f"{table}_search"
    op.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5(search_text, content='{table}', content_rowid='{key}',"
        " tokenize='trigram', detail='none', columnsize=0)"
    )
    added = f"INSERT INTO {index}(rowid, search_text) VALUES (NEW.{key}, NEW.search_text);"
    gone = f"INSERT INTO {index}({index}, rowid, search_text) VALUES ('delete', OLD.{key}, OLD.search_text);"
    changed = f"UPDATE OF search_text ON {table} WHEN OLD.search_text <> NEW.search_text"
    for name, when, done in (
        ("added", f"INSERT ON {table}", added),
        ("changed", changed, gone + added),
        ("removed", f"DELETE ON {table}", gone),
    ):
        op.execute(f"CREATE TRIGGER {index}_{name} AFTER {when} BEGIN {done} END")
    op.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
