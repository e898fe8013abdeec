"""A world to act in, on each engine."""

import pytest

from portal.store.session import Database
from tests.actions.world import World


@pytest.fixture
def world(database: Database) -> World:
    """People with seats and an opened budget, on SQLite and on PostgreSQL."""
    return World(database)
