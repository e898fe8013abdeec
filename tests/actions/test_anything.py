"""Whatever people do in whatever order: money, four eyes, once only and the log hold after every step."""

from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from portal.actions import claiming
from portal.domain.application import Outcome
from portal.domain.refusal import Refused
from portal.store.session import Database
from portal.store.tables import Base
from tests.actions.proof import prove
from tests.actions.test_races import _schemes
from tests.actions.world import ASSESSED, MARCH, World
from tests.support.databases import listening, prepared

SIGNERS = st.sampled_from(("chair", "rep", "chair", "rep", "sub", "anna"))
APPROVERS = st.sampled_from(("chair", "rep", "sub"))
PEOPLE = st.sampled_from(("anna", "bo"))
AMOUNTS = st.sampled_from((ASSESSED, ASSESSED, ASSESSED, 4_000_00, ASSESSED + 1, 0))


class Anything(RuleBasedStateMachine):
    """Two doctors with too little money for both, two seats and a substitute, and a clock that goes back at times."""

    database: Database
    applications = Bundle("applications")

    def __init__(self) -> None:
        super().__init__()
        empty(self.database)
        self.world = World(self.database, people={})
        self.world.schemes = _schemes(ASSESSED + 5_000_00)
        self.database.write(claiming.open_budget, schemes=self.world.schemes, by=None, at=MARCH)
        self.at = MARCH
        self.done: list[str] = []
        self.changes = 0

    def attempt(self, act: Any, *args: Any, **how: Any) -> Any:
        try:
            result = act(*args, at=self.at, **how)
        except Refused as refused:
            self.done.append(refused.refusal.code)
            return None
        self.done.append(act.__name__)
        return result

    @rule(target=applications, by=PEOPLE, participant=PEOPLE)
    def apply(self, by: str, participant: str) -> str:
        made = self.attempt(self.world.apply, by, participant=participant, prior="requested")
        return made.number if made else "RFR-2024-0001"

    @rule(
        number=applications,
        by=SIGNERS,
        amount=AMOUNTS,
        outcome=st.sampled_from(Outcome),
        reason=st.sampled_from(("", "So")),
    )
    def sign(self, number: str, by: str, amount: int, outcome: Outcome, reason: str) -> None:
        self.attempt(
            self.world.sign, number, by, outcome, amount=amount, reason=reason, shown=self.shown(number)
        )

    @rule(number=applications)
    def both_grant(self, number: str) -> None:
        for by in ("chair", "rep"):
            self.attempt(self.world.sign, number, by, shown=self.shown(number))

    @rule(number=applications, by=SIGNERS)
    def sign_a_page_of_yesterday(self, number: str, by: str) -> None:
        self.attempt(self.world.sign, number, by, shown="1-0000000000000000-0000000000000000")
        assert self.done[-1] != "sign" or self.signed_before(number, by)

    @rule(number=applications, by=APPROVERS)
    def take_back(self, number: str, by: str) -> None:
        self.attempt(self.world.take_back, number, by)

    @rule(number=applications, by=APPROVERS)
    def ask(self, number: str, by: str) -> None:
        self.attempt(self.world.ask, number, by)

    @rule(number=applications, by=APPROVERS, party=PEOPLE)
    def ask_and_answer(self, number: str, by: str, party: str) -> None:
        self.ask(number, by)
        self.answer(number, party)

    @rule(number=applications, by=PEOPLE)
    def answer(self, number: str, by: str) -> None:
        self.changes += 1
        self.attempt(self.world.answer, number, by, organiser=f"Change {self.changes}")

    @rule(number=applications)
    def conflict(self, number: str) -> None:
        self.attempt(self.world.conflict, number, "sub")

    @rule(number=applications, by=PEOPLE)
    def withdraw(self, number: str, by: str) -> None:
        self.attempt(self.world.withdraw, number, by)

    @rule(number=applications, by=PEOPLE)
    def cancel(self, number: str, by: str) -> None:
        self.attempt(self.world.cancel, number, by)

    @precondition(lambda self: self.at < MARCH + timedelta(days=60))
    @rule(hours=st.sampled_from((1, 30, -2)))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    def signed_before(self, number: str, by: str) -> bool:
        return any(
            s.signer_id == self.world.people[by].id for s in self.world.case(number, at=self.at).standing
        )

    def shown(self, number: str) -> str:
        try:
            return self.world.case(number, at=self.at).page_digest
        except LookupError:
            return "none"

    @invariant()
    def holds(self) -> None:
        prove(self.database)


def empty(database: Database) -> None:
    """Let a database be as new: SQLite's as it was copied first, PostgreSQL's without the rows, its triggers asleep."""
    if database.dialect == "sqlite":
        prepared(database, "nothing", lambda: None)
        return
    names = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with database.writing() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(";".join(f"DELETE FROM {name}" for name in names)))


def hasty(database: Database) -> AbstractContextManager[None]:
    """It is not the disk that is tried here."""
    if database.dialect != "sqlite":
        return nullcontext()
    return listening(database, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF").close())


@pytest.mark.slow
def test_whatever_people_do(database: Database) -> None:
    machine = type("AnythingHere", (Anything,), {"database": database})
    with hasty(database):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=12 if database.dialect == "sqlite" else 4,  # the rules are the same on each
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=False,
            ),
        )
