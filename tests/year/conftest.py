"""The demo of one day, which the tests of finance load, to look at as a year."""

from tests.finance.conftest import (
    be,
    demo,
    demo_on_postgresql,
    demo_on_sqlite,
    register,
    schemes,
    site,
)

__all__ = ["be", "demo", "demo_on_postgresql", "demo_on_sqlite", "register", "schemes", "site"]
