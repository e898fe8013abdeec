"""No page reads a table that grows from end to end: SQLite's plan of every statement that a page asks."""

import re

from sqlalchemy import Connection

from tests.support.crawled import Site

# With the years, that is; people and their sessions are as many as there are staff.
GROWING = set(
    "application_versions applications budget_entries claims conflicts decisions documents drafts events followups "
    "head_words invoices letters outbox payments signatures".split()
)
PARTIAL = {"outbox_unsent_idx", "invoices_unpaid_idx", "invoices_credited_idx"}
"""Indexes that hold only what still waits, or was a mistake."""


def read_whole(connection: Connection, statement: str, values: object) -> set[str]:
    """The growing tables that the plan walks through; a walk in order that ends at a LIMIT is none."""
    plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    sorts = any("TEMP B-TREE FOR ORDER BY" in step for step in plan)
    if re.search(r"LIMIT \?( OFFSET \?)?$", statement) and not sorts:
        return set()
    steps = (re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step) for step in plan)
    return {step[1] for step in steps if step and step[1] in GROWING and step[2] not in PARTIAL}


def test_no_page_reads_a_growing_table_from_end_to_end(site: Site) -> None:
    reads = {
        statement: values
        for statement, values in site.asked.items()
        if statement.lstrip().startswith(("SELECT", "WITH"))
    }
    assert len(reads) > 80
    with site.app.extensions["portal"].database.engine.connect() as connection:
        found = {
            statement: whole
            for statement, values in reads.items()
            if (whole := read_whole(connection, statement, values))
        }
        assert found == {}
        assert read_whole(connection, "SELECT count(*) FROM signatures WHERE seat = ?", ("chair",)) == {
            "signatures"
        }
