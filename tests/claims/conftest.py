"""A purse on each engine, and one on SQLite for what is not about the store."""

import pytest

from portal.store.session import Database
from tests.claims.scene import Purse


@pytest.fixture
def purse(database: Database) -> Purse:
    """Both funds and somebody in finance, on SQLite and on PostgreSQL."""
    return Purse(database)


@pytest.fixture
def small_purse(sqlite_database: Database) -> Purse:
    """The same on SQLite only."""
    return Purse(sqlite_database)
