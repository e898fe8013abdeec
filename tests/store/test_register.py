"""The register and the budget as facts: what earlier requests came to, in few statements."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete

from portal.actions.judging import gather
from portal.domain.application import Answers
from portal.domain.facts import Facts, Register
from portal.domain.person import Person
from portal.store import applications
from portal.store.session import Database, Session
from portal.store.tables import BudgetPeriodRow
from tests.actions.world import ASSESSED, MARCH, World, answers, rfr
from tests.support.databases import listening


def facts_for(
    session: Session, person: Person, typed: Answers, *, at: datetime = MARCH, but: int | None = None
) -> Facts:
    return gather(session, rfr(), rfr().main_kind, person, typed, at=at, but=but)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_the_register_counts_what_came_of_earlier_requests(world: World) -> None:
    def register(**typed: str) -> Register:
        with world.database.reading() as session:
            return facts_for(session, world["anna"], answers(**typed)).register

    assert register().requested == 0
    first = world.apply().number
    world.withdraw(first)
    second = world.apply(prior="requested").number
    world.grant(second)
    assert (register().granted, register().pending, register().requested) == (1, 0, 1)
    assert register(starts_on="2023-08-30").requested == 0
    with world.database.reading() as session:
        but = applications.get(session, number=second).id
        facts = facts_for(session, world["anna"], answers(), but=but)
        anna = world["anna"].id
        earlier = applications.earlier_requests(session, participant_id=anna, fund="rfr", year=2024)
    assert (facts.register.granted, facts.register.requested) == (0, 0)
    assert [each.number for each in facts.requests] == [first]
    assert [each.number for each in earlier] == [second, first]
    with world.database.reading() as session:
        assert list(facts_for(session, world["anna"], answers()).standing.values()) == [earlier[0].amount]
    world.cancel(second)
    with world.database.reading() as session:
        assert list(facts_for(session, world["anna"], answers()).standing.values()) == [0], "all went back"


def test_a_scheme_whose_budget_was_never_opened_has_a_register_too(world: World) -> None:
    number = world.apply().number
    with world.database.writing() as session:
        session.execute(delete(BudgetPeriodRow))
    with world.database.reading() as session:
        facts = facts_for(session, world["anna"], answers())
    assert facts.standing == {}
    assert [each.number for each in facts.requests] == [number]
    assert facts.budget_left == rfr().budget[0].amount


def test_the_register_is_looked_up_by_participant(sqlite_database: Database) -> None:
    """Not by walking the fund: that would take as long as the fund has applications."""
    world = World(sqlite_database)
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "applications" in statement:
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[-1] for row in rows)

    with (
        sqlite_database.reading() as session,
        listening(sqlite_database, "after_cursor_execute", explain),
    ):
        anna = world["anna"]
        facts_for(session, anna, answers())
        applications.earlier_requests(session, participant_id=anna.id, fund="rfr", year=2024)
    assert sum("applications USING INDEX applications_register_idx" in each for each in plans) == 2, plans


def test_the_facts_are_those_of_the_events_year_without_the_application_itself(world: World) -> None:
    allocated = rfr().budget[0].amount
    granted = world.apply()
    world.grant(granted.number)
    pending = world.apply("bo", participant="bo")
    facts = {}
    with world.database.reading() as session:
        for name, but in (("anna", None), ("anna", granted.id), ("bo", None), ("bo", pending.id)):
            facts[name, but is None] = facts_for(session, world[name], answers(), but=but)
        unread = facts_for(session, world["anna"], answers(starts_on="soon"))
        august = facts_for(session, world["anna"], answers(), at=datetime(2024, 6, 25, 9, tzinfo=UTC))
    left = allocated - ASSESSED
    assert _said(facts["anna", True]) == (1, 0, 1, left)
    assert _said(facts["anna", False]) == (0, 0, 0, left)
    assert _said(facts["bo", True]) == (0, 1, 1, left)
    assert _said(facts["bo", False]) == (0, 0, 0, left)
    assert _said(unread) == (1, 0, 1, left), "while the day cannot be read, the edition's year is asked"
    assert august.budget_left == allocated, "in the pause, the half-year of the next decision day is asked"


def _said(facts: Facts) -> tuple[int, int, int, int | None]:
    register = facts.register
    return register.granted, register.pending, register.requested, facts.budget_left


def test_a_live_check_needs_few_statements(world: World) -> None:
    from portal.actions.sign_in import sign_in
    from portal.store.sign_in import find_person

    digest = "d" * 64
    world.database.write(sign_in, digest=digest, by=world["anna"], at=MARCH)
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    long_ago = datetime(2024, 1, 1, tzinfo=UTC)
    with world.database.reading() as session, listening(world.database, "before_cursor_execute", note):
        person = find_person(session, digest=digest, created_after=long_ago, day=MARCH.date(), at=MARCH)
        assert person == world.people["anna"]
        facts_for(session, person, answers())
    assert len(statements) == 2
