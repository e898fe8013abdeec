"""The register and the budget as facts: what earlier requests came to, in few statements."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event as events

from portal.domain.facts import Facts
from portal.store import applications, sessions
from portal.store.facts import facts_for
from portal.store.session import Database
from tests.actions.world import ASSESSED, MARCH, World, answers, rfr


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_the_register_counts_what_came_of_earlier_requests(world: World) -> None:
    with world.database.reading() as session:
        anna = world["anna"].id
        assert applications.register_of(session, participant_id=anna, fund="rfr", year=2024).requested == 0
    first = world.apply().number
    world.withdraw(first)
    second = world.apply(prior="requested").number
    world.grant(second)
    with world.database.reading() as session:
        register = applications.register_of(session, participant_id=anna, fund="rfr", year=2024)
        other = applications.register_of(session, participant_id=anna, fund="rfr", year=2023)
        but = applications.get(session, number=second).id
        without = applications.register_of(session, participant_id=anna, fund="rfr", year=2024, but=but)
        earlier = applications.earlier_requests(session, participant_id=anna, fund="rfr", year=2024)
    assert (register.granted, register.pending, register.requested) == (1, 0, 2)
    assert (other.requested, without.granted, without.requested) == (0, 0, 1)
    assert [a.number for a in earlier] == [second, first]


def test_the_facts_are_those_of_the_events_year_without_the_application_itself(world: World) -> None:
    allocated = rfr().budget[0].amount
    granted = world.apply()
    world.grant(granted.number)
    pending = world.apply("bo", participant="bo")
    facts = {}
    with world.database.reading() as session:
        for name, but in (("anna", None), ("anna", granted.id), ("bo", None), ("bo", pending.id)):
            facts[name, but is None] = facts_for(session, rfr(), world[name], answers(), at=MARCH, but=but)
        unread = facts_for(session, rfr(), world["anna"], answers(starts_on="soon"), at=MARCH)
        august = facts_for(session, rfr(), world["anna"], answers(), at=datetime(2024, 6, 25, 9, tzinfo=UTC))
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
    from portal.actions.sessions import sign_in

    digest = "d" * 64
    world.database.write(sign_in, digest=digest, by=world["anna"], at=MARCH)
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    events.listen(world.database.engine, "before_cursor_execute", note)
    long_ago = datetime(2024, 1, 1, tzinfo=UTC)
    with world.database.reading() as session:
        person = sessions.find_person(session, digest=digest, created_after=long_ago, day=MARCH.date())
        assert person == world.people["anna"]
        facts_for(session, rfr(), person, answers(), at=MARCH)
    assert len(statements) == 3
