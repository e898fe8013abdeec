"""Every revision, on both engines: over rows that exist, in one go or one by one, and to just what the tables say."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from portal.store.migrate import config, current, newest, pending, upgrade
from portal.store.session import Database
from portal.store.tables import Base
from tests.actions.world import World

REVISIONS = [each.revision for each in ScriptDirectory.from_config(config()).walk_revisions()][::-1]

BESIDE = "20261129_claim_documents"
"""The oldest revision whose code may serve beside this one's, on its tables: docs/operate.md says so too."""

FROZEN = {
    "application_versions", "signatures", "applications", "comments", "conflicts", "budget_entries", "decisions",
    "events", "documents", "version_documents", "letters", "claims", "followups", "payment_batches", "payments",
    "questions", "head_words", "invoices", "payees", "denials",
}  # fmt: skip

ROWS = {
    "people": "INSERT INTO people (number, name, email, unit, language, specialist, active, search_text)"
    " VALUES ('1', 'Anna', '', '', 'sv', '1', '1', '')",
    "person_roles": "INSERT INTO person_roles (person_id, role) VALUES (1, 'finance')",
    "seat_holdings": "INSERT INTO seat_holdings (fund, seat, person_id, substitute, starts_on)"
    " VALUES ('rfr', 'chair', 1, '0', '2024-01-01')",
    "drafts": "INSERT INTO drafts (token, owner_id, participant_id, scheme, kind, answers, revision, saved_at)"
    " VALUES ('0123456789abcdef', 1, 1, 'rfr-2024', 'application', '{}', 0, '2024-01-01T00:00:00.000000+00:00')",
    "number_series": "INSERT INTO number_series (series, last) VALUES ('RFR-2024', 1)",
    "budget_periods": "INSERT INTO budget_periods (scheme, key, starts_on, allocated_amount, carried_amount,"
    " granted_amount) VALUES ('rfr-2024', 'H1', '2024-01-01', 1, 0, 0)",
    "documents": "INSERT INTO documents (kind, name, media_type, size, sha256, uploaded_by, uploaded_at)"
    f" VALUES ('receipt', 'a.pdf', 'application/pdf', 1, '{'a' * 64}', 1, '2024-01-01T00:00:00.000000+00:00')",
    "draft_documents": "INSERT INTO draft_documents (token, document_id) VALUES ('0123456789abcdef', 1)",
    "outbox": "INSERT INTO outbox (dedup_key, receiver_id, kind, params, created_at, next_try_at, attempts, message_id)"
    " VALUES ('k', 1, 'granted', '{}', '2024-01-01T00:00:00.000000+00:00', '2024-01-01T00:00:00.000000+00:00', 0, 'm')",
}
"""A row for each table that can have one as soon as its table is there, in an order that keys allow."""


SEARCH = re.compile("_search(_(config|data|docsize|idx))?$")
"""What searches are looked up in, which no table of the metadata is."""


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        names = inspect(session).get_table_names()
        return {
            name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in names
            if name != "alembic_version"
        }


def test_revision_by_revision_over_rows(
    empty_database_url: str, open_database: Callable[[str], Database]
) -> None:
    filled: dict[str, int] = {}
    for revision in REVISIONS:
        upgrade(empty_database_url, revision)
        database = open_database(empty_database_url)
        assert current(database) == revision
        now = counts(database)
        assert {name: now[name] for name in filled} == filled, f"{revision} lost rows"
        with database.writing() as session:
            for name, statement in ROWS.items():
                if now.get(name) == 0:
                    session.execute(text(statement))
        filled = counts(database)
        database.close()
    assert all(filled[name] == 1 for name in ROWS)
    assert REVISIONS[-1] == newest()


def test_upgrading_a_full_database_again_changes_nothing(database: Database) -> None:
    world = World(database)
    world.grant(world.apply().number)
    before = counts(database)
    upgrade(database.url.render_as_string(hide_password=False))
    assert counts(database) == before
    assert not pending(database)


def test_what_older_code_may_serve_beside_still_writes_into_all_it_knows(tmp_path: Path) -> None:
    """Tables and columns are added only, and none that an INSERT which does not know it would have to fill."""
    url = f"sqlite:///{tmp_path / 'older.sqlite3'}"

    def columns() -> dict[str, dict[str, dict[str, Any]]]:
        engine = create_engine(url)
        made = inspect(engine)
        found = {
            name: {each["name"]: dict(each) for each in made.get_columns(name)}
            for name in made.get_table_names()
        }
        engine.dispose()
        return found

    upgrade(url, BESIDE)
    before = columns()
    upgrade(url)
    after = columns()
    for table, old in before.items():
        new = after.get(table, {})
        assert old.keys() <= new.keys(), f"{table} lost {old.keys() - new.keys()}"
        for name, column in new.items():
            filled = column["nullable"] or column["default"] is not None
            known = old.get(name)
            assert filled if known is None else filled or not known["nullable"], (
                f"{table}.{name} must be filled now"
            )
            assert known is None or str(known["type"]) == str(column["type"]), (
                f"{table}.{name} is of another type"
            )


def test_an_empty_database_is_pending(
    empty_database_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_database_url)
    assert current(database) is None
    assert pending(database)


def _is_no_search_index(name: str | None, _kind: str, _parents: object) -> bool:
    return not SEARCH.search(name or "")


def test_the_revisions_make_what_the_tables_say(database: Database) -> None:
    with database.engine.connect() as connection:
        opts = {"compare_type": database.dialect != "sqlite", "include_name": _is_no_search_index}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_every_table_is_spelled_alike_on_sqlite(sqlite_database: Database) -> None:
    """Column types, CHECKs and STRICT too, which comparing metadata does not see."""
    made = create_engine("sqlite://")
    Base.metadata.create_all(made)
    with made.connect() as wanted, sqlite_database.engine.connect() as got:
        assert _spelled(got) == _spelled(wanted)
    made.dispose()


def _spelled(connection: Any) -> dict[str, list[str]]:
    rows = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL")
    )
    spelled: dict[str, list[str]] = {}
    for name, sql in rows:
        if name != "alembic_version" and not SEARCH.search(name):
            # A table that was made anew and renamed has its name in quotes.
            sql = re.sub(r"\)\s*STRICT\s*$", ", STRICT", sql).replace(f'"{name}"', name)
            parts = re.split(r",\s*(?=STRICT|[a-z_]+ (?:TEXT|INTEGER))|,?\s+(?=CONSTRAINT )", sql)
            # A key of one column may stand behind the column or by itself: its constraint's name says which it is of.
            parts = [re.sub(r"FOREIGN KEY\s*\(\w+\)\s+REFERENCES", "REFERENCES", part) for part in parts]
            spelled[name] = sorted(re.sub(r"\s+", " ", part).strip() for part in parts)
    return spelled


def test_rows_that_must_not_change_are_frozen(database: Database) -> None:
    query = {
        "sqlite": "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT DISTINCT event_object_table FROM information_schema.triggers",
    }[database.dialect]
    with database.reading() as session:
        assert set(session.execute(text(query)).scalars()) == FROZEN


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_revision_says_what_it_is_for(revision: str) -> None:
    script = ScriptDirectory.from_config(config()).get_revision(revision)
    assert script.doc
    assert re.fullmatch(r"\d{8}_[a-z_]+", revision)
