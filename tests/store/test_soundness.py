"""What is kept as a sum is counted anew, and what does not fit is named."""

import pytest
from sqlalchemy import text

from portal.domain.application import Outcome
from portal.store.session import Database
from portal.store.soundness import soundness
from tests.actions.world import World

WRONG = {
    "sums that are not those of their entries and grants": (
        "UPDATE budget_periods SET granted_amount = granted_amount + 1 WHERE key = 'H1'", "rfr-2024/H1",
    ),
    "decisions without two people's signatures": (
        "UPDATE signatures SET withdrawn_at = signed_at WHERE application_id = 1 AND seat = 'chair'", "RFR-2024-0001",
    ),
    "applications that are not as they were decided": (
        "UPDATE applications SET status = 'refused' WHERE id = 1", "RFR-2024-0001",
    ),
}  # fmt: skip


@pytest.fixture
def decided(database: Database) -> Database:
    """A grant, a refusal, a grant cancelled, and one that waits."""
    world = World(database)
    world.grant(world.apply().number)
    refused, cancelled = world.apply("bo").number, world.apply("bo", prior="requested").number
    for by in ("chair", "rep"):
        world.sign(refused, by, Outcome.REFUSE, reason="No")
    world.grant(cancelled)
    world.cancel(cancelled, "bo")
    world.apply("bo", prior="requested")
    return database


def test_nothing_is_wrong_with_what_the_portal_wrote(decided: Database) -> None:
    with decided.reading() as session:
        counted = soundness(session)
    assert (counted.applications, counted.decisions, counted.faults) == (4, 3, {})


@pytest.mark.parametrize("name", WRONG)
def test_what_somebody_with_the_keys_changed_is_named(decided: Database, name: str) -> None:
    statement, which = WRONG[name]
    with decided.writing() as session:
        if decided.dialect == "sqlite":
            for trigger in ("signatures_used", "signatures_taken_back", "applications_decided"):
                session.execute(text(f"DROP TRIGGER {trigger}"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement))
    with decided.reading() as session:
        assert soundness(session).faults == {name: (which,)}
