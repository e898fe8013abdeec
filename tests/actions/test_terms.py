"""Terms in seats: what was signed in one counts as long as the day it was given lies within it; leaving ends them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from portal.domain.application import Outcome
from portal.domain.refusal import Refused
from portal.domain.signoff import Holding
from portal.store import audit, seats
from portal.store import people as register
from tests.actions.proof import prove
from tests.actions.world import MARCH, STOCKHOLM, World

LAST = date(2024, 3, 8)
NIGHT = datetime(2024, 3, 8, 23, 59, 59, tzinfo=STOCKHOLM)
"""The last moment of the last day where the fund is; 22:59:59 in UTC."""
MORNING = NIGHT + timedelta(seconds=1)
YEAR_END = date(2024, 12, 31)


def refusal_of(act: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusal.code


def terms_of(world: World, name: str) -> list[Holding]:
    with world.reading() as session:
        return [h for h in seats.of_fund(session, "rfr") if h.person_id == world.people[name].id]


def stand_in(world: World, ends_on: date = LAST, **how: Any) -> int:
    """A term of the outsider as substitute of the representative."""
    return world.appoint("outsider", "representative", substitute=True, ends_on=ends_on, **how)


def signers(world: World, number: str) -> list[int]:
    return [s.signer_id for s in world.case(number).standing]


def test_a_term_that_runs_out_undoes_nothing(world: World) -> None:
    stand_in(world)
    number = world.apply().number
    world.sign(number, "outsider", at=NIGHT)
    assert (
        refusal_of(lambda: world.sign(world.apply("bo").number, "outsider", at=MORNING)) == "signoff.no-seat"
    )
    decided = world.sign(number, "chair", at=MORNING)
    assert decided.outcome is Outcome.GRANT
    prove(world.database)


def test_the_seat_stays_signed_when_its_term_has_run_out(world: World) -> None:
    stand_in(world)
    number = world.apply().number
    world.sign(number, "outsider", at=NIGHT)
    assert refusal_of(lambda: world.sign(number, "rep", at=MORNING)) == "signoff.seat-taken"
    world.ask(number, "rep", at=MORNING)
    world.answer(number, event="ESC 2024", at=MORNING)
    assert signers(world, number) == [], "a new version is signed anew"
    world.sign(number, "rep", at=MORNING)
    prove(world.database)


@pytest.mark.parametrize(("ends_on", "stands"), [(LAST, True), (LAST - timedelta(days=1), False)])
def test_a_term_ended_early_undoes_what_was_signed_after_its_last_day(
    world: World, ends_on: date, stands: bool
) -> None:
    holding = stand_in(world, YEAR_END)
    number = world.apply().number
    world.sign(number, "outsider", at=NIGHT)
    world.end(holding, ends_on, at=MORNING)
    assert bool(world.case(number).standing) is stands
    assert world.sign(number, "chair", at=MORNING).state == ("decided" if stands else "signed once")
    if not stands:
        assert world.sign(number, "rep", at=MORNING).state == "decided"
    prove(world.database)


def test_what_is_decided_stays_however_early_a_term_is_ended(world: World) -> None:
    holding = stand_in(world, YEAR_END)
    number = world.apply().number
    world.sign(number, "outsider", at=NIGHT)
    world.sign(number, "chair", at=NIGHT)
    world.end(holding, date(2024, 3, 1), at=MORNING)
    assert len(world.case(number).standing) == 2
    prove(world.database)


def test_two_terms_of_one_person_in_one_seat_are_two(world: World) -> None:
    """An earlier version was signed in the first term, the version that counts in the second."""
    first = stand_in(world)
    second = stand_in(world, YEAR_END, starts_on=LAST + timedelta(days=1))
    number = world.apply().number
    world.sign(number, "outsider", at=NIGHT)
    world.ask(number, "rep", at=NIGHT)
    world.answer(number, event="ESC 2024", at=NIGHT)
    world.sign(number, "outsider", at=MORNING)
    world.end(first, date(2024, 3, 1), at=MORNING)
    assert signers(world, number) == [world.people["outsider"].id]
    world.end(second, LAST + timedelta(days=1), at=MORNING + timedelta(days=9))
    assert signers(world, number) == [world.people["outsider"].id]
    assert [h.ends_on for h in terms_of(world, "outsider")] == [date(2024, 3, 1), LAST + timedelta(days=1)]
    prove(world.database)


def test_of_two_terms_at_once_the_signature_belongs_to_one(world: World) -> None:
    early = stand_in(world, LAST)
    late = stand_in(world, YEAR_END, starts_on=date(2024, 2, 1))
    number = world.apply().number
    world.sign(number, "outsider", at=NIGHT)
    (signature,) = world.case(number).standing
    other = ({early, late} - {signature.holding_id}).pop()
    world.end(other, date(2024, 2, 1), at=NIGHT)
    assert signers(world, number) == [world.people["outsider"].id]
    world.end(signature.holding_id, date(2024, 2, 1), at=NIGHT)
    assert signers(world, number) == []
    prove(world.database)


def test_a_term_is_made_longer_by_appointing_again_only(world: World) -> None:
    holding = stand_in(world)
    assert refusal_of(lambda: world.end(holding, YEAR_END)) == "seat.longer"
    world.end(holding, LAST)
    world.end(holding, date(2024, 3, 4))
    assert refusal_of(lambda: world.end(holding, LAST)) == "seat.longer"
    assert [h.ends_on for h in terms_of(world, "outsider")] == [date(2024, 3, 4)]


def test_leaving_ends_the_terms_that_day_and_what_was_signed_lapses(world: World) -> None:
    world.appoint("rep", "chair", substitute=True, starts_on=date(2024, 5, 1), ends_on=date(2024, 5, 31))
    decided, waiting, older = world.apply().number, world.apply("bo").number, world.apply("outsider").number
    world.grant(decided)
    world.sign(waiting, "rep")
    world.sign(older, "rep")
    assert world.deactivate("rep", at=NIGHT) == ["representative"]
    assert signers(world, waiting) == signers(world, older) == []
    assert len(world.case(decided).standing) == 2
    (term,) = terms_of(world, "rep")
    assert (term.ends_on, term.left) == (LAST, True), "the term to come never begins"
    assert not term.holds_on(LAST)
    with world.reading() as session:
        acts = [each.event.act for each in audit.latest(session, limit=5)]
    assert acts[0] == "deactivate"
    assert {"end-holding", "drop-holding"} <= set(acts)
    assert acts.count("lapse") == 2
    prove(world.database)


def test_a_seat_with_somebody_else_in_it_is_not_empty(world: World) -> None:
    assert world.deactivate("chair") == [], "the substitute is there"
    assert world.deactivate("sub") == ["chair"]
    assert world.deactivate("outsider") == []
    world.appoint("bo", "chair", starts_on=MARCH.date())
    prove(world.database)


def test_a_term_that_had_run_out_keeps_its_day_when_the_person_leaves(world: World) -> None:
    stand_in(world)
    number = world.apply().number
    world.sign(number, "outsider", at=NIGHT)
    assert world.deactivate("outsider", at=MORNING) == []
    assert signers(world, number) == [], "nobody is left who could take it back"
    assert [h.ends_on for h in terms_of(world, "outsider")] == [LAST]
    prove(world.database)


def test_whoever_has_left_holds_nothing_whatever_the_days_say(world: World) -> None:
    """As in a database from before leaving ended the terms."""
    number = world.apply().number
    with world.database.writing() as session:
        register.set_active(session, world.people["rep"].id, active=False)
    with world.reading() as session:
        assert {h.seat for h in seats.in_force(session, "rfr", MARCH.date())} == {"chair"}
    assert refusal_of(lambda: world.sign(number, "rep")) == "signoff.no-seat"
    world.appoint("outsider", "representative", starts_on=MARCH.date())
    world.sign(number, "chair")
    assert world.sign(number, "outsider").outcome is Outcome.GRANT
    prove(world.database)
