"""Tries are counted before they are judged: those made at once count together, on both engines."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.domain.tries import ADDRESS, ONE, QUIET, TooSoon
from portal.store import sign_in
from portal.store.session import Database
from tests.actions.world import MARCH

MINE, ALL = "a" * 64, "b" * 64
BOTH = {MINE: ONE, ALL: ADDRESS}


def test_of_many_at_once_only_the_free_ones_are_judged(database: Database, database_url: str) -> None:
    second = Database(database_url)

    def attempt(n: int) -> bool:
        try:
            (database, second)[n % 2].write(sign_in.reserve_try, counted=BOTH, at=MARCH)
        except TooSoon:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(attempt, range(24))) == ONE.free
    second.close()
    counts = database.write(sign_in.reserve_try, counted={ALL: ADDRESS}, at=MARCH)
    assert counts == {ALL: ONE.free + 1}, "what is not judged is counted nowhere"


def test_the_database_keeps_the_rule(database: Database) -> None:
    at, counted = MARCH, {MINE: ONE}
    for failures in range(ONE.free + 10):
        wait = ONE.wait(failures)
        if wait:
            with pytest.raises(TooSoon) as early:
                database.write(sign_in.reserve_try, counted=counted, at=at + wait - timedelta(seconds=1))
            assert early.value.wait == timedelta(seconds=1)
        at += wait
        assert database.write(sign_in.reserve_try, counted=counted, at=at) == {MINE: failures + 1}
    assert wait == ONE.longest
    at += QUIET + timedelta(seconds=1)
    assert database.write(sign_in.reserve_try, counted=counted, at=at) == {MINE: 1}


def test_a_success_is_given_back(database: Database) -> None:
    for _ in range(3):
        database.write(sign_in.reserve_try, counted=BOTH, at=MARCH)
    database.write(sign_in.give_back_try, counted=BOTH, at=MARCH)
    assert database.write(sign_in.reserve_try, counted=BOTH, at=MARCH) == {MINE: 1, ALL: 3}
