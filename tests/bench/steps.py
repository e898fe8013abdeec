"""Every kind of act by many people, at random and by thousands: what must hold of the books is asked after each.

    python -m tests.bench.steps --steps 100000                      on SQLite
    python -m tests.bench.steps --steps 20000 --engine postgresql

A story is some hundred steps over one database that begins empty. What an action answered is kept beside it, and at
the story's end the database must hold just that. Exit status 1, with the steps that lead there, when it does not.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.engine import make_url

from portal.actions import attesting, claiming, handing_over, people
from portal.domain.application import Outcome
from portal.domain.refusal import Refused
from portal.store import audit
from portal.store import session as session_module
from portal.store.session import NotFound
from tests.actions.proof import prove
from tests.actions.test_anything import AMOUNTS, Anything, empty, hasty
from tests.actions.test_races import _schemes
from tests.actions.world import ASSESSED, MARCH
from tests.claims.test_books import check_books
from tests.support.databases import migrate, opened
from tests.support.postgres import PostgresServer
from tests.support.purse import REFUND, Purse, refund_of

STORY = 150
DOCTORS = ("anna", "bo", "cleo", "dag", "eva", "finnur")
DOCTOR = st.sampled_from(DOCTORS)
SIGNER = st.sampled_from(("chair", "rep", "chair", "rep", "sub", "sub2", *DOCTORS[:2]))
HEAD = st.sampled_from(("boss", "boss", "outsider", "chair"))


class Crowd(Purse):
    """Six doctors of one unit, a substitute in each seat, and somebody in finance."""

    def _settle(self) -> None:
        super()._settle()
        for name in DOCTORS[2:]:
            self.add(name, head_id=self["boss"].id)
        self.add("sub2")
        self.appoint("sub2", "representative", substitute=True, ends_on=date(2024, 12, 31), at=MARCH)


class Everything(Anything):
    """What `Anything` does, by more people; and what heads, finance, administrators and colleagues do."""

    kinds: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[Counter[str]] = Counter()
    found: ClassVar[Counter[str]] = Counter(lost=0, doubled=0, overspent=0)
    applications = Anything.applications

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        empty(self.database)
        self.world: Any = Crowd(self.database, people={})
        self.world.schemes = _schemes(3 * ASSESSED + 5_000_00)
        self.world.schemes[REFUND] = refund_of(self.world.schemes["rfr-2024"])
        self.database.write(claiming.open_budget, schemes=self.world.schemes, by=None, at=MARCH)
        self.at, self.changes = MARCH, 0
        self.done: list[str] = []
        self.proved: Any = None
        self.told: list[tuple[str, Any, Any]] = []
        """What the actions answered: the act, the number it was about, and the answer."""

    def attempt(self, act: Any, *args: Any, **how: Any) -> Any:
        name = act.__name__
        try:
            result = act(*args, at=self.at, **how)
        except Refused as refused:
            self.refused[refused.refusal.code] += 1
            self.done.append(refused.refusal.code)
            return None
        except (NotFound, LookupError):  # a number that was refused before it was given
            self.refused["not-found"] += 1
            self.done.append("not-found")
            return None
        self.kinds[name] += 1
        self.done.append(name)
        self.told.append((name, args[0] if args else None, result))
        return result

    def write(self, action: Any, **how: Any) -> Any:
        """An action for which the world has no short word."""

        def act(number: Any, *, at: Any) -> Any:
            return self.world.write(action, at=at, **how)

        act.__name__ = action.__name__
        return self.attempt(act, how.get("number"))

    @rule(target=applications, by=DOCTOR, participant=DOCTOR)
    def apply(self, by: str, participant: str) -> str:
        made = self.attempt(self.world.apply, by, participant=participant, prior="requested")
        return made.number if made else "RFR-2024-0001"

    @rule(target=applications, by=DOCTOR)
    def apply_for_a_refund(self, by: str) -> str:
        def apply(_who: str, *, at: Any) -> Any:
            return self.world.applied(by, scheme=REFUND, prior="requested")

        return self.attempt(apply, by) or "REF-2024-0001"

    @rule(
        number=applications,
        by=SIGNER,
        amount=AMOUNTS,
        outcome=st.sampled_from((Outcome.GRANT, Outcome.GRANT, Outcome.REFUSE)),
        reason=st.sampled_from(("", "So")),
    )
    def sign(self, number: str, by: str, amount: int, outcome: Outcome, reason: str) -> None:
        shown = self.shown(number)
        self.attempt(self.world.sign, number, by, outcome, amount=amount, reason=reason, shown=shown)

    @rule(number=applications)
    def substitutes_grant(self, number: str) -> None:
        for by in ("sub", "sub2"):
            self.attempt(self.world.sign, number, by, shown=self.shown(number))

    @rule(number=applications, by=DOCTOR)
    def answer(self, number: str, by: str) -> None:
        self.changes += 1
        self.attempt(self.world.answer, number, by, organiser=f"Change {self.changes}")

    @rule(number=applications, by=DOCTOR)
    def withdraw(self, number: str, by: str) -> None:
        self.attempt(self.world.withdraw, number, by)

    @rule(number=applications, by=st.sampled_from((*DOCTORS, "finn", "finn")))
    def cancel(self, number: str, by: str) -> None:
        self.attempt(self.world.cancel, number, by)

    @rule(number=applications, by=HEAD, version=st.sampled_from((1, 1, 2)))
    def give_word(self, number: str, by: str, version: int) -> None:
        four = [each.key for each in self.world.schemes["rfr-2024"].main_kind.confirms]
        word = {"version": version, "confirmed": four, "schemes": self.world.schemes, "by": self.world[by]}
        self.write(attesting.give_word, number=number, **word)

    @rule(number=applications, by=HEAD)
    def say_no(self, number: str, by: str) -> None:
        said = {"version": 1, "reason": "No", "schemes": self.world.schemes, "by": self.world[by]}
        self.write(attesting.say_no, number=number, **said)

    @rule(number=applications, by=DOCTOR)
    def take_over(self, number: str, by: str) -> None:
        self.write(handing_over.take_over, number=number, schemes=self.world.schemes, by=self.world[by])

    @rule(number=applications, by=DOCTOR)
    def hand_back(self, number: str, by: str) -> None:
        self.write(handing_over.give_back, number=number, schemes=self.world.schemes, by=self.world[by])

    @rule(number=applications, amount=st.sampled_from(("16500", "16500", "9000", "1", "40000")), by=DOCTOR)
    def state(self, number: str, amount: str, by: str) -> None:
        self.attempt(self.world.state, number, amount, by=by)

    @rule(number=applications, amount=AMOUNTS, whole=st.booleans())
    def invoice(self, number: str, amount: int, whole: bool) -> None:
        self.attempt(self.world.invoice, number, amount, whole=whole)

    @rule(number=applications, amount=AMOUNTS, whole=st.booleans())
    def correct(self, number: str, amount: int, whole: bool) -> None:
        self.attempt(self.world.correct, number, amount // 2, whole=whole)

    @rule(number=applications, amount=AMOUNTS)
    def give_back(self, number: str, amount: int) -> None:
        self.attempt(self.world.give_back, number, amount // 3)

    @rule(number=applications)
    def release(self, number: str) -> None:
        self.attempt(self.world.release, number)

    @rule(fund=st.sampled_from(("rfr", "refund")))
    def batch(self, fund: str) -> None:
        self.attempt(self.world.batch, fund)

    @rule(number=applications)
    def pay(self, number: str) -> None:
        self.attempt(self.world.pay, number)

    @rule(number=applications)
    def all_the_way(self, number: str) -> None:
        """Granted, stated, invoiced, batched and paid: seldom in one go by chance."""
        self.both_grant(number)
        self.attempt(self.world.state, number, "16500", by="boss")
        self.attempt(self.world.invoice, number, ASSESSED)
        self.attempt(self.world.batch, "rfr")
        self.attempt(self.world.pay, number)

    @rule(days=st.integers(0, 40))
    def a_substitute_for_a_while(self, days: int) -> None:
        day = self.at.date()
        how = {"substitute": True, "starts_on": day, "ends_on": day + timedelta(days)}
        self.attempt(self.world.appoint, "outsider", "chair", **how)

    @precondition(lambda self: len(self.done) % 8 == 0)
    @rule()
    def a_doctor_leaves_and_is_back(self) -> None:
        self.attempt(self.world.deactivate, "finnur")
        who = self.world.people["finnur"].id
        self.write(people.reactivate, person_id=who, by=self.world["admin"])

    @invariant()
    def holds(self) -> None:
        self.found["steps"] += 1
        with self.database.reading() as session:
            head = audit.head(session)
            if head == self.proved:
                return  # what was refused has written nothing; had it, the next proof would find it
            check_books(session)
        prove(self.database, settled=True)
        self.proved = head

    def teardown(self) -> None:
        """Compare what was answered with what there is."""
        with self.database.reading() as session:
            numbers = Counter(session.execute(text("SELECT number FROM applications")).scalars())
            decided = dict(
                session.execute(
                    text(
                        "SELECT a.number, d.outcome FROM decisions d JOIN applications a ON a.id = d.application_id"
                    )
                ).all()
            )
            spent = text(
                "SELECT count(*) FROM budget_periods WHERE granted_amount > allocated_amount + carried_amount"
            )
            self.found["overspent"] += session.execute(spent).scalar_one()
            batches = session.execute(text("SELECT count(*) FROM payment_batches")).scalar_one()
        given = [
            getattr(result, "number", result)
            for name, _who, result in self.told
            if name in ("apply", "applied")
        ]
        self.found["lost"] += sum(each not in numbers for each in given)
        self.found["doubled"] += sum(numbers.values()) - len(set(given))
        for name, number, result in self.told:
            if name == "sign" and result.outcome is not None:
                self.found["lost"] += decided.get(number) != result.outcome
        self.found["lost"] += len({id(r) for n, _f, r in self.told if n == "batch"}) != batches
        assert not any(self.found[each] for each in ("lost", "doubled", "overspent")), self.found


def main() -> None:
    asks = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asks.add_argument("--steps", type=int, default=10_000)
    asks.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked = asks.parse_args()
    began, sound = time.monotonic(), True
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was done until then is told
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder / 'steps.sqlite3'}"
        if asked.engine == "postgresql":
            server = PostgresServer()
            stack.callback(server.remove)
            server.start()
            url = server.url()
        migrate(url)
        make, engine = session_module.make_engine, session_module.make_engine(make_url(url))
        session_module.make_engine = lambda *_how, **_more: engine  # what it has compiled outlives a story
        stack.callback(setattr, session_module, "make_engine", make)
        database = stack.enter_context(opened(url))
        stack.enter_context(hasty(database))
        how = settings(
            max_examples=-(-asked.steps // STORY), stateful_step_count=STORY, deadline=None, database=None,
            phases=(Phase.generate,), suppress_health_check=list(HealthCheck), print_blob=False,
        )  # fmt: skip
        try:
            run_state_machine_as_test(type("Here", (Everything,), {"database": database}), settings=how)
        except KeyboardInterrupt:
            print("Stopped before the end.")
        except Exception:
            sound = False
            traceback.print_exc()
    steps = Everything.found.pop("steps")
    said = {
        "engine": asked.engine, "steps": steps, "seconds": round(time.monotonic() - began),
        "acts": dict(Everything.kinds.most_common()), "done": Everything.kinds.total(),
        "refused": dict(Everything.refused.most_common()), "refusals": Everything.refused.total(),
        **Everything.found, "sound": sound,
    }  # fmt: skip
    print(json.dumps(said, indent=1))
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
