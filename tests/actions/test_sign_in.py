"""No administrator becomes somebody else: codes, the day in which a change holds, and who can answer for it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from portal.actions import people, sign_in
from portal.domain.person import ADMINISTRATOR, FINANCE, Person
from portal.domain.refusal import Refused
from portal.domain.sign_in import HOLD
from portal.store import audit
from portal.store import people as register
from portal.store import sign_in as store
from portal.store.session import Database
from portal.store.tables import SignatureRow, SignInChangeRow
from tests.actions.test_anything import empty
from tests.actions.world import ASSESSED, MARCH, World

SOON = MARCH + timedelta(hours=1)


@pytest.fixture
def world(sqlite_database: Database) -> World:
    return World(sqlite_database)


def refused(act: Callable[..., Any], *args: Any, **how: Any) -> str:
    """The code an act is refused with, or nothing."""
    try:
        act(*args, **how)
    except Refused as why:
        return why.refusal.code
    return ""


@pytest.mark.parametrize("by", ["admin", None])
def test_a_change_holds_a_signature_for_a_day(world: World, by: str | None) -> None:
    number = world.apply().number
    world.give("chair", by=by)
    for at in (SOON, MARCH + HOLD - timedelta(seconds=1), MARCH - timedelta(hours=2)):
        assert refused(world.sign, number, "chair", at=at) == "signoff.held"
        assert refused(world.ask, number, "chair", at=at) == "signoff.held"
    assert world.sign(number, "rep", at=SOON).state == "signed once", "nobody else is held"
    assert world.sign(number, "chair", at=MARCH + HOLD).state == "decided"


def test_another_administrator_answers_for_it_and_the_log_says_so(world: World) -> None:
    number = world.apply().number
    world.give("chair")
    assert refused(world.confirm, "chair", by="admin") == "sign-in.mine"
    assert refused(world.confirm, "chair", by="anna") == "access.not-found"
    world.confirm("chair", by="admin2", at=SOON)
    world.sign(number, "chair", at=SOON)
    with world.reading() as session:
        [signed] = [each.event for each in audit.latest(session, limit=999)[::-1] if each.event.act == "sign"]
    assert signed.body["confirmed"] == world["admin2"].id
    world.give("chair", at=SOON)
    assert refused(world.sign, number, "sub", at=SOON) == "signoff.seat-taken"
    assert refused(world.take_back, number, "chair", at=SOON) == ""
    assert refused(world.sign, number, "chair", at=SOON) == "signoff.held", (
        "what came after it was not answered for"
    )


def test_only_what_was_seen_is_confirmed(world: World) -> None:
    world.give("chair")
    world.give("chair", at=SOON)
    who, by = world.people["chair"].id, world["admin2"]
    world.write(sign_in.confirm, person_id=who, seen=1, by=by, at=SOON)
    assert refused(world.sign, world.apply().number, "chair", at=SOON) == "signoff.held"
    world.confirm("chair", by="admin2", at=SOON)
    assert refused(world.confirm, "chair", by="admin2", at=SOON) == "sign-in.nothing-held"


def test_nobody_answers_who_was_made_an_administrator_by_it(world: World) -> None:
    world.give("chair")
    world.change("outsider", roles=frozenset({ADMINISTRATOR}))
    assert world.told("right-given") == {"outsider"}
    assert refused(world.confirm, "chair", by="outsider", at=SOON) == "sign-in.confirm-held"
    world.give("admin2")
    assert refused(world.confirm, "chair", by="admin2", at=SOON) == "sign-in.confirm-held"
    assert refused(world.confirm, "admin2", by="admin2", at=SOON) == "sign-in.own"


def test_whoever_has_just_been_let_in_changes_nothing_and_nobody_answers_for_whom_they_let_in(
    world: World,
) -> None:
    world.change("outsider", roles=frozenset({ADMINISTRATOR}))
    fresh = world["outsider"]
    other = replace(world["chair"], email="me@region.test")
    for act, how in (
        (people.change_person, {"person": other, "schemes": world.schemes}),
        (people.add_person, {"person": replace(other, id=0, number="1970-9999")}),
        (people.deactivate, {"person_id": other.id, "schemes": world.schemes}),
        (
            sign_in.give,
            {"person_id": other.id, "login": "chair", "code": "x", "seed": "x"},
        ),
    ):
        assert refused(world.write, act, **how, by=fresh, at=SOON) == "sign-in.change-held"
    later = MARCH + HOLD
    world.write(people.change_person, person=other, schemes=world.schemes, by=fresh, at=later)
    assert refused(world.confirm, "chair", by="admin", at=later) == "sign-in.mine", "who let the maker in"
    assert refused(world.confirm, "chair", by="admin2", at=later) == ""


@pytest.mark.parametrize("confirmed", [False, True])
def test_what_was_just_given_rests_for_a_day(world: World, confirmed: bool) -> None:
    who = world["outsider"]
    world.write(
        people.change_person,
        person=replace(who, roles=frozenset({FINANCE})),
        schemes=world.schemes,
        by=world["admin"],
        at=MARCH,
    )
    world.appoint("outsider", "chair", substitute=True, ends_on=date(2024, 4, 1))
    world.give("outsider")
    world.write(sign_in.sign_in, digest="a" * 64, by=who, at=MARCH)
    if confirmed:
        world.confirm("outsider", by="admin2", at=SOON)

    def now(at: datetime) -> tuple[bool, bool]:
        with world.reading() as session:
            found = store.find_person(
                session, digest="a" * 64, created_after=MARCH - HOLD, day=at.date(), at=at
            )
        assert found is not None
        return bool(found.roles), bool(found.funds)

    assert now(SOON) == (confirmed, confirmed)
    assert now(MARCH + HOLD) == (True, True)


def test_nobody_is_left_out_by_being_taken_away_first(world: World) -> None:
    world.change("admin2", roles=frozenset())
    assert world.told("right-taken") == {"admin2"}
    assert world.told("right-taken-other") == {"chair", "rep", "sub"}


@pytest.mark.parametrize(("name", "others"), [("chair", True), ("admin2", True), ("anna", False)])
def test_who_is_told(world: World, name: str, others: bool) -> None:
    world.give(name)
    assert world.told("sign-in-code") == {name}
    expected = {"admin2", "chair", "rep", "sub"} - {name} if others else set()
    assert world.told("sign-in-changed-other") == expected


def test_who_gave_the_sign_in_does_not_give_a_seat_that_signs_at_once(world: World) -> None:
    number, later = world.apply().number, MARCH + timedelta(days=3)
    world.give("outsider", at=MARCH - timedelta(days=9))
    world.appoint("outsider", "chair", substitute=True, ends_on=date(2024, 4, 1))
    assert world.told("right-given-other") >= {"admin2", "rep"}
    assert refused(world.sign, number, "outsider", at=SOON) == "signoff.held"
    world.give("boss", at=MARCH - timedelta(days=9))
    world.confirm("boss", by="admin2", at=MARCH - timedelta(days=9))
    world.appoint("boss", "representative", substitute=True, ends_on=date(2024, 4, 1))
    other = world.apply("bo", head="1970-0001").number
    assert refused(world.sign, other, "boss", at=SOON) != "signoff.held"
    assert refused(world.sign, number, "outsider", at=later) == ""


def test_two_administrators_who_take_away_each_other_leave_one(database: Database) -> None:
    world = World(database)
    one, other = world["admin"], world["admin2"]
    robbed = replace(other, roles=frozenset())
    acts: list[tuple[Any, dict[str, Any]]] = [
        (people.change_person, {"person": robbed, "schemes": world.schemes, "by": one}),
        (people.deactivate, {"person_id": one.id, "schemes": world.schemes, "by": other}),
    ]
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(refused, database.write, act, at=MARCH, **how) for act, how in acts]
    assert sorted(each.result() for each in running) == ["", "person.last-administrator"]
    with world.reading() as session:
        assert len(register.with_role(session, ADMINISTRATOR, day=MARCH.date())) == 1


class Alone(RuleBasedStateMachine):
    """One administrator tries everything, and reads every e-mail but nobody answers: never are both signatures his."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        empty(self.database)
        self.world = World(self.database, people={})
        self.number = self.world.apply().number
        self.at = MARCH
        self.ghosts = 0

    def attempt(self, act: Callable[..., Any], *args: Any, **how: Any) -> None:
        self.at += timedelta(seconds=1)
        refused(act, *args, at=self.at, **how)

    anybody = st.sampled_from(("chair", "rep", "sub", "outsider", "admin2", "admin"))
    by = st.sampled_from(("admin", "outsider"))  # himself, and whom he may have made an administrator

    @rule(name=anybody, by=by)
    def give(self, name: str, by: str) -> None:
        self.attempt(self.world.give, name, by=by)

    @rule(name=anybody, by=by)
    def readdress(self, name: str, by: str) -> None:
        self.attempt(self.world.change, name, by=by, email="mine@region.test")

    @rule(name=anybody, by=by, role=st.sampled_from((ADMINISTRATOR, FINANCE)))
    def promote(self, name: str, by: str, role: str) -> None:
        self.attempt(self.world.change, name, by=by, roles=self.world[name].roles | {role})

    @rule()
    def make_a_ghost(self) -> None:
        self.ghosts += 1
        ghost = Person(
            0, f"g{self.ghosts}", "Ghost", "mine@region.test", "", roles=frozenset({ADMINISTRATOR})
        )
        made = self.database.write(people.add_person, person=ghost, by=self.world["admin"], at=self.at)
        self.world.people["outsider" if self.ghosts % 2 else "admin2"] = replace(ghost, id=made)

    @rule(name=anybody, by=by, seat=st.sampled_from(("chair", "representative")))
    def appoint(self, name: str, by: str, seat: str) -> None:
        until = date(2024, 4, 30)
        self.attempt(self.world.appoint, name, seat, by=by, substitute=True, ends_on=until)

    @rule(name=anybody, by=st.sampled_from(("admin", "outsider", "chair", "rep", "sub")))
    def confirm(self, name: str, by: str) -> None:
        self.attempt(self.world.confirm, name, by=by)

    @rule(name=st.sampled_from(("chair", "rep", "sub", "outsider", "admin2")))
    def sign(self, name: str) -> None:
        shown = self.world.case(self.number, at=self.at).page_digest
        self.attempt(self.world.sign, self.number, name, amount=ASSESSED, shown=shown)

    @rule(hours=st.sampled_from((1, 5)))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @invariant()
    def nobody_signs_within_a_day_of_a_change(self) -> None:
        with self.database.reading() as session:
            signed = session.execute(select(SignatureRow.signer_id, SignatureRow.signed_at)).all()
            changes = session.execute(
                select(SignInChangeRow).where(SignInChangeRow.kind.in_(("code", "address", "seat")))
            )
            held = [(each.person_id, each.changed_at, each.confirmed_at) for each in changes]
        for signer, at in signed:
            assert not any(
                who == signer and changed <= at < changed + HOLD and (confirmed or _never()) > at
                for who, changed, confirmed in held
            ), "signed while a change held"


def _never() -> datetime:
    return MARCH.replace(year=9999)


def test_one_administrator_alone_is_never_a_signature(sqlite_database: Database) -> None:
    machine = type("AloneHere", (Alone,), {"database": sqlite_database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
