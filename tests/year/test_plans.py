"""What is added up or looked for among all there is comes out of indexes, whatever statistics SQLite has or has not."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.finance.overview import figures
from portal.schemes.loader import Schemes
from portal.store import budgets, followups
from portal.store.session import Database, Session
from tests.bench.year_page import NOW, fill
from tests.support.databases import listening

SIZE = 120
KEY = "rfr-2024"


@pytest.fixture
def filled(sqlite_database: Database) -> Database:
    fill(sqlite_database, SIZE)
    return sqlite_database


def plans(database: Database, ask: Callable[[Session], Any]) -> list[list[str]]:
    """The plan of each statement that is run."""
    found: list[list[str]] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        found.append([row[-1] for row in rows])

    with database.reading() as session:
        session.begin()
        with listening(database, "after_cursor_execute", explain):
            ask(session)
    return found


def test_the_year_is_gone_through_once_and_no_row_is_fetched(filled: Database, schemes: Schemes) -> None:
    found = plans(filled, lambda session: figures(session, [schemes[KEY]], 2024, NOW))
    assert len(found) <= 4
    (decided,) = (each for each in found if any("MATERIALIZE decided" in step for step in each))
    walked = [step for step in decided if any(f" {name} " in step for name in ("decisions", "applications"))]
    walked += [step for step in decided if any(f" {name} " in step for name in ("claims", "followups"))]
    assert walked == [
        "SEARCH decisions USING COVERING INDEX decisions_year_idx (decided_at>? AND decided_at<?)",
        "SEARCH applications USING COVERING INDEX applications_year_idx (id=?) LEFT-JOIN",
        "SEARCH claims USING COVERING INDEX claims_year_idx (application_id=?) LEFT-JOIN",
        "SEARCH followups USING COVERING INDEX followups_year_idx (application_id=?) LEFT-JOIN",
    ]
    assert not any(" budget_entries " in step for each in found for step in each), "its sums are kept"


def test_what_waits_is_added_up_in_its_index(filled: Database, schemes: Schemes) -> None:
    found = plans(filled, lambda session: budgets.waiting_amount(session, schemes[KEY]))
    assert found == [
        ["SEARCH applications USING COVERING INDEX applications_edition_queue_idx (scheme=? AND queue=?)"]
    ]


@pytest.mark.parametrize(
    "ask",
    [
        followups.lessons,
        lambda session: followups.lessons(session, before=(NOW.date(), 50)),
        lambda session: followups.to_confirm(session, 7),
        lambda session: followups.owed_by(session, NOW.date()),
        lambda session: followups.owed_by_person(session, 7),
    ],
    ids=["lessons", "lessons further on", "to confirm", "owed", "owed by a person"],
)
def test_no_follow_up_is_looked_for_among_all_applications(
    filled: Database, ask: Callable[[Session], Any]
) -> None:
    (plan,) = plans(filled, ask)
    assert plan
    assert not any(step.startswith(("SCAN applications", "SCAN people")) for step in plan), plan


def test_lessons_come_in_the_order_of_their_index(filled: Database) -> None:
    (plan,) = plans(filled, followups.lessons)
    assert any("followups_held_idx" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
