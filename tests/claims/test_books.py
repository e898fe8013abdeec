"""Whatever is granted, stated, invoiced, released, cancelled, batched and paid: the books balance to the öre.

Thousands of steps in some hundred random stories on each engine, the books looked at after every one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from portal.actions.paying import WrongLines
from portal.domain.claim import Stage
from portal.domain.payment import LedgerLine
from portal.domain.refusal import Refused
from portal.store import audit
from portal.store.session import Session
from tests.actions.world import ASSESSED, MARCH
from tests.support.purse import REFUND, Purse

DOCTORS = 3
FUNDS = {"rfr-2024": "rfr", REFUND: "refund"}
STORIES = {"sqlite": 40, "postgresql": 12}
"""Which acts come and what they do does not depend on the engine; that its rows say so is seen sooner."""

USUAL = ("state", "invoice", "batch", "pay", "ledger")
"""The way a grant goes; stories stray from it."""
strays = st.sampled_from(("grant", "cancel", "release", "correct", "return", *USUAL))
AMOUNTS = st.sampled_from((0, 1, 1_00, 3_333_33, 8_249_99, ASSESSED, ASSESSED, ASSESSED + 1, 12_000_00))
steps = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(USUAL), strays), st.integers(0, 2 * DOCTORS - 1), AMOUNTS, st.booleans()
    ),
    min_size=25,
    max_size=40,
)

BOOKS = """
    SELECT p.id, p.granted_amount AS kept,
           coalesce((SELECT sum(e.amount) FROM budget_entries e WHERE e.period_id = p.id), 0) AS entered,
           coalesce((SELECT sum(c.granted_amount - c.released_amount) FROM claims c
                     JOIN decisions d ON d.application_id = c.application_id
                     WHERE d.period_id = p.id), 0) AS standing
    FROM budget_periods p
"""
RESERVED = """
    SELECT a.number, a.status, c.stage, c.granted_amount, c.released_amount, c.invoice_amount, c.paid_amount,
           (SELECT coalesce(sum(e.amount), 0) FROM budget_entries e WHERE e.application_id = a.id) AS reserved,
           (SELECT coalesce(sum(i.amount - i.returned_amount), 0) FROM invoices i
            WHERE i.application_id = a.id AND i.credited_at IS NULL) AS standing,
           (SELECT coalesce(sum(i.amount - i.returned_amount), 0) FROM invoices i
            WHERE i.application_id = a.id AND i.credited_at IS NULL AND i.paid_on IS NOT NULL) AS paid
    FROM claims c JOIN applications a ON a.id = c.application_id
"""
INVOICES = """
    SELECT i.id, i.amount, i.credited_at, i.paid_on, i.returned_amount,
           (SELECT coalesce(sum(y.amount), 0) FROM payments y WHERE y.invoice_id = i.id) AS exported,
           (SELECT count(*) FROM payments y WHERE y.invoice_id = i.id AND y.kind = 'pay') AS asked,
           (SELECT count(*) FROM payments y WHERE y.invoice_id = i.id AND y.kind = 'reverse') AS taken_back
    FROM invoices i
"""


def check_books(session: Session) -> None:
    """Fail with the book that does not balance."""
    for row in session.execute(text(BOOKS)):
        assert row.kept == row.entered == row.standing, row
    for row in session.execute(text(RESERVED)):
        assert row.reserved == row.granted_amount - row.released_amount, row
        assert (row.standing, row.paid) == (row.invoice_amount, row.paid_amount), row
        if row.status == "cancelled":
            assert row.reserved == row.paid_amount, row
        if row.stage in (Stage.INVOICED, Stage.PAID):
            assert row.invoice_amount + row.released_amount == row.granted_amount, row
    for row in session.execute(text(INVOICES)):
        assert row.exported == (0 if row.taken_back else row.amount if row.asked else 0), row
        assert row.taken_back <= row.asked <= 1, row
        assert row.asked or row.paid_on is None, row
        assert row.credited_at is not None or not row.taken_back, row


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """What happens here has not happened afterwards."""
    with session.begin_nested() as savepoint:
        yield
        savepoint.rollback()


class Story:
    """One random story over the same applications; what is refused changes nothing."""

    def __init__(self, purse: Purse, numbers: list[str], session: Session) -> None:
        self.purse, self.numbers, self.session = purse, numbers, session
        self.at = MARCH
        self.done: list[str] = []

    def step(self, act: str, which: int, amount: int, fitting: bool) -> None:
        number = self.numbers[which]
        if fitting and act == "invoice":
            amount = self.payable(number) or amount
        self.at += timedelta(minutes=7)
        doings: dict[str, Callable[[], Any]] = {
            "grant": lambda: self.purse.grant(number, amount=amount, at=self.at, reason="So"),
            "state": lambda: self.purse.state(
                number, f"{2 * amount // 100},{2 * amount % 100:02d}", by="boss"
            ),
            "invoice": lambda: self.purse.invoice(number, amount, whole=fitting, at=self.at),
            "correct": lambda: self.purse.correct(number, amount // 2, whole=fitting, at=self.at),
            "return": lambda: self.purse.give_back(number, amount // 3, at=self.at),
            "release": lambda: self.purse.release(number, at=self.at),
            "cancel": lambda: self.purse.cancel(number, by="finn", at=self.at),
            "batch": lambda: self.purse.batch(FUNDS[list(FUNDS)[which // DOCTORS]], at=self.at),
            "pay": lambda: self.purse.pay(number, at=self.at),
            "ledger": lambda: self.ledger(number, 0 if fitting else amount),
        }
        try:
            with self.session.begin_nested():
                doings[act]()
        except (Refused, WrongLines, LookupError) as refused:
            self.done.append(type(refused).__name__)
        else:
            self.done.append(act)
        check_books(self.session)

    def payable(self, number: str) -> int:
        try:
            return self.purse.claim(number).payable_amount
        except LookupError:
            return 0

    def ledger(self, number: str, amount: int) -> None:
        """A file with a line that may be wrong, and one that is right: together or not at all."""
        right = self.purse.claim(number)
        lines = (LedgerLine(2, number, right.invoice_amount or 1, self.at.date()),)
        if amount:
            lines += (LedgerLine(3, number, amount, self.at.date()),)
        self.purse.ledger(*lines, at=self.at)


TO_THE_END = [
    (act, which, 4_000_00, True)
    for which, acts in (
        (0, "state invoice batch pay"),
        (1, "state invoice batch ledger return cancel"),
        (0, "correct"),
        (2, "grant release"),
    )
    for act in acts.split()
]
"""Every act once, whatever is drawn."""


def test_the_books_balance_after_every_step(purse: Purse) -> None:
    done: list[str] = []
    stories = STORIES[purse.database.dialect]
    with purse.in_one_go():
        for n in range(DOCTORS):
            purse.add(f"doctor{n}", head_id=purse.people["boss"].id, specialist=True)
        numbers = [
            purse.applied(f"doctor{n}", scheme=scheme, head="", prior="requested")
            for scheme in FUNDS
            for n in range(DOCTORS)
        ]
        for number in (*numbers[:2], *numbers[DOCTORS : DOCTORS + 2]):
            purse.grant(number)
        session = purse._session
        assert session is not None

        @settings(max_examples=stories, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @example([(act, n, 1_00, True) for act in ("cancel", "grant") for n in range(2 * DOCTORS)])
        @example(TO_THE_END)
        @given(steps)
        def told(story: list[tuple[str, int, int, bool]]) -> None:
            with taken_back(session):
                teller = Story(purse, numbers, session)
                for step in story:
                    teller.step(*step)
                done.extend(teller.done)
                assert audit.verify(session).whole

        told()
    assert len(done) > 20 * stories
    if purse.database.dialect == "postgresql":
        return
    for act in (*USUAL, "grant", "release", "correct", "return", "cancel", "Refused"):
        assert act in done, f"{act} never happened"
