"""Several in finance at once, and applicants who cancel meanwhile: one batch, each payment once, books that balance."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from portal.actions.paying import make_batch, mark_paid
from portal.actions.submitting import cancel
from portal.domain.refusal import Refused
from portal.store import payments
from portal.store.session import Database
from tests.actions.world import MARCH
from tests.claims.test_books import check_books
from tests.support.purse import Purse

DOCTORS = 6
AT_ONCE = 6


NUMBERS = [f"RFR-2024-{n:04}" for n in range(1, DOCTORS + 1)]


@dataclass
class Busy(Purse):
    """Six invoices that wait for a batch."""

    def _settle(self) -> None:
        super()._settle()
        for n, number in enumerate(NUMBERS):
            by = f"doctor{n}"
            self.add(by, head_id=self.people["boss"].id, specialist=True)
            assert self.granted(by) == number
            self.state(number, "10000", by=by)
            self.invoice(number, 5_000_00)


@pytest.fixture
def busy(database: Database) -> tuple[Purse, list[str]]:
    return Busy(database), NUMBERS


def attempt(purse: Purse, act: Any, how: dict[str, Any]) -> str:
    try:
        purse.database.write(act, at=MARCH, **how)
    except Refused as refused:
        return refused.refusal.code
    return str(act.__name__)


def at_once(purse: Purse, jobs: list[tuple[Any, dict[str, Any]]]) -> list[str]:
    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(lambda job: attempt(purse, *job), jobs))


def batch_of(purse: Purse) -> tuple[Any, dict[str, Any]]:
    number, shown = purse.shown("rfr")
    how = {"fund": "rfr", "number": number, "shown": shown, "schemes": purse.schemes, "by": purse["finn"]}
    return make_batch, how


def test_one_batch_is_made_by_many(busy: tuple[Purse, list[str]]) -> None:
    purse, numbers = busy
    came = at_once(purse, [batch_of(purse)] * AT_ONCE)
    assert set(came) <= {"make_batch", "batch.changed"}
    assert "make_batch" in came
    with purse.reading() as session:
        [made] = payments.newest(session, ["rfr"])
        assert (made.number, made.rows, made.paid_amount) == (1, len(numbers), len(numbers) * 5_000_00)
        check_books(session)


def test_cancelling_while_a_batch_is_made_loses_nothing(busy: tuple[Purse, list[str]]) -> None:
    purse, numbers = busy
    jobs = [
        (cancel, {"number": number, "reason": "Ill", "schemes": purse.schemes, "by": purse["finn"]})
        for number in numbers[:3]
    ]
    came = at_once(purse, [batch_of(purse), *jobs, batch_of(purse)])
    assert came[1:4] == ["cancel"] * 3
    assert set(came) <= {"make_batch", "batch.changed", "cancel"}
    with purse.reading() as session:
        check_books(session)
    purse.batch()
    with purse.reading() as session:
        check_books(session)
        held = sum(b.paid_amount + b.reversed_amount for b in payments.newest(session, ["rfr"]))
    assert held == 3 * 5_000_00


def test_it_is_paid_once(busy: tuple[Purse, list[str]]) -> None:
    purse, numbers = busy
    purse.batch()
    how = {"number": numbers[0], "paid_on": MARCH.date(), "schemes": purse.schemes, "by": purse["finn"]}
    came = at_once(purse, [(mark_paid, how)] * AT_ONCE)
    assert sorted(came) == ["claim.pay-too-late"] * (AT_ONCE - 1) + ["mark_paid"]
