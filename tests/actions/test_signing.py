"""The sign-off: two seats, two people, one thing; and every reason why somebody may not sign."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest

from portal.actions import people
from portal.domain.application import Outcome, Status
from portal.domain.person import FINANCE
from portal.domain.refusal import Refused
from portal.store import applications, audit, budgets, signing
from tests.actions.proof import prove
from tests.actions.world import ASSESSED, MARCH, STOCKHOLM, World, rfr

GRANT, REFUSE = Outcome.GRANT, Outcome.REFUSE


def left(world: World, at: datetime = MARCH) -> int | None:
    with world.database.reading() as session:
        return budgets.left_on(session, world.schemes["rfr-2024"], at.date())


def refusal_of(attempt: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        attempt()
    return refused.value.refusal.code


def mails(world: World) -> list[tuple[str, int]]:
    from sqlalchemy import text

    with world.database.reading() as session:
        return [
            tuple(row) for row in session.execute(text("SELECT kind, receiver_id FROM outbox ORDER BY id"))
        ]


def test_the_second_signature_that_agrees_decides(world: World) -> None:
    number = world.apply("anna", participant="bo").number
    before = left(world)
    assert world.sign(number, "chair").state == "signed once"
    assert left(world) == before
    verdict = world.sign(number, "rep")
    assert (verdict.state, verdict.outcome, verdict.amount) == ("decided", GRANT, ASSESSED)
    assert left(world) == (before or 0) - ASSESSED

    with world.database.reading() as session:
        application = applications.get(session, number=number)
        decision = signing.get_decision(session, application.id)
        acts = [r.event.act for r in audit.history(session, application.id)]
    assert application.status is Status.GRANTED
    assert (decision.outcome, decision.amount, decision.decided_at) == (GRANT, ASSESSED, MARCH)
    assert acts == ["submit", "sign", "sign", "decide"]
    granted = {receiver for kind, receiver in mails(world) if kind == "granted"}
    assert granted == {world["anna"].id, world["bo"].id}
    prove(world.database)


def test_two_refusals_with_reasons_decide_and_cost_nothing(world: World) -> None:
    number, before = world.apply().number, left(world)
    world.sign(number, "chair", REFUSE, reason="Not a course")
    verdict = world.sign(number, "rep", REFUSE, reason="Agreed")
    assert (verdict.outcome, verdict.amount, verdict.reason) == (REFUSE, 0, "Not a course\nAgreed")
    assert left(world) == before
    prove(world.database)


def test_signatures_that_differ_decide_nothing_until_one_is_taken_back(world: World) -> None:
    number = world.apply().number
    world.sign(number, "chair")
    assert world.sign(number, "rep", amount=5_000_00, reason="One night less").state == "disagreed"
    with world.database.reading() as session:
        assert applications.get(session, number=number).status is Status.WAITING
    assert {r for kind, r in mails(world) if kind == "disagreed"} == {world["chair"].id, world["rep"].id}
    assert world.take_back(number, "rep").state == "signed once"
    assert refusal_of(lambda: world.take_back(number, "rep")) == "signoff.not-signed"
    assert world.sign(number, "rep").state == "decided"
    assert len(world.case(number).signatures) == 3
    assert refusal_of(lambda: world.take_back(number, "rep")) == "signoff.decided"
    prove(world.database)


def test_the_same_signature_again_has_the_same_answer(world: World) -> None:
    number = world.apply().number
    page = world.case(number).page_digest
    first = world.sign(number, "chair", shown=page)
    assert world.sign(number, "chair", shown=page) == first
    decided = world.sign(number, "rep", shown=page)
    assert world.sign(number, "rep", shown=page) == decided
    assert world.sign(number, "chair", shown=page) == decided
    assert len(world.case(number).signatures) == 2
    assert refusal_of(lambda: world.sign(number, "chair", amount=100, reason="x")) == "signoff.decided"
    prove(world.database)


def test_the_substitute_signs_in_a_free_seat_only(world: World) -> None:
    one, other = world.apply().number, world.apply("bo").number
    assert world.sign(one, "sub").state == "signed once"
    assert refusal_of(lambda: world.sign(one, "chair")) == "signoff.seat-taken"
    assert world.sign(one, "rep").state == "decided"
    world.sign(other, "chair")
    assert refusal_of(lambda: world.sign(other, "sub")) == "signoff.seat-taken"


def test_nobody_signs_in_both_seats(world: World) -> None:
    world.appoint("chair", "representative", substitute=True, ends_on=date(2024, 12, 31))
    number = world.apply().number
    world.sign(number, "chair")
    assert refusal_of(lambda: world.sign(number, "chair", amount=100, reason="Less")) == "signoff.signed"


@dataclass(frozen=True)
class Situation:
    """What is done before somebody tries to sign, and what they are told."""

    code: str
    prepare: Callable[[World], str]
    by: str = "chair"
    at: datetime = MARCH
    outcome: Outcome = GRANT
    amount: int = ASSESSED
    reason: str = ""


def _apply(world: World, **how: object) -> str:
    return world.apply(**how).number  # type: ignore[arg-type]


def _participant(world: World) -> str:
    return world.apply("anna", participant="chair").number


def _head(world: World) -> str:
    return world.apply("anna", head=world["chair"].number).number


def _led(world: World) -> str:
    _change(world, "anna", head_id=world["chair"].id)
    return world.apply("anna", head=world["boss"].number).number


def _reports(world: World) -> str:
    _change(world, "chair", head_id=world["anna"].id)
    return world.apply("anna").number


def _reports_to_the_participant(world: World) -> str:
    _change(world, "chair", head_id=world["bo"].id)
    return world.apply("anna", participant="bo").number


def _change(world: World, name: str, **values: object) -> None:
    world.database.write(
        people.change_person,
        person=replace(world[name], **values),  # type: ignore[arg-type]
        schemes=world.schemes,
        by=world["admin"],
        at=MARCH,
    )


def _conflict(world: World) -> str:
    number = world.apply().number
    world.conflict(number, "chair", "We wrote a book together")
    return number


def _sees_without_a_seat(world: World) -> str:
    _change(world, "outsider", roles=frozenset({FINANCE}))
    return world.apply().number


def _second_grant(world: World) -> str:
    first, second = world.apply().number, world.apply(prior="requested").number
    world.grant(first)
    return second


def _used_up(world: World) -> str:
    scheme = world.schemes["rfr-2024"]
    number = world.apply().number
    small = tuple(replace(p, amount=ASSESSED - 1) for p in scheme.budget)
    world.schemes["rfr-2024"] = replace(scheme, budget=small)
    from portal.actions.claiming import open_budget

    world.database.write(open_budget, schemes=world.schemes, by=None, at=MARCH)
    return number


def _withdrawn(world: World) -> str:
    number = world.apply().number
    world.withdraw(number)
    return number


def _granted(world: World) -> str:
    number = world.apply().number
    world.grant(number)
    return number


def _returned(world: World) -> str:
    number = world.apply().number
    world.ask(number)
    return number


SITUATIONS = [
    Situation("access.not-found", _apply, by="outsider"),
    Situation("signoff.no-seat", _sees_without_a_seat, by="outsider"),
    Situation(
        "signoff.no-seat",
        lambda w: w.apply(at=MARCH).number,
        by="sub",
        at=datetime(2025, 1, 1, 9, tzinfo=STOCKHOLM),
    ),
    Situation("signoff.participant", _participant),
    Situation("signoff.applicant", lambda w: w.apply("chair", participant="bo").number),
    Situation("signoff.head", _head),
    Situation("signoff.head", _led),
    Situation("signoff.reports", _reports),
    Situation("signoff.reports", _reports_to_the_participant),
    Situation("signoff.conflict", _conflict),
    Situation("signoff.pause", _apply, at=datetime(2024, 6, 24, 0, 0, tzinfo=STOCKHOLM)),
    Situation(
        "signoff.pause",
        _apply,
        at=datetime(2024, 8, 4, 23, 59, 59, tzinfo=STOCKHOLM),
        amount=ASSESSED - 1,
        reason="x",
    ),
    Situation("signoff.pause-last", _apply, at=datetime(2024, 12, 20, 12, tzinfo=STOCKHOLM)),
    Situation("signoff.year-over", _apply, at=datetime(2025, 1, 1, 0, 0, tzinfo=STOCKHOLM)),
    Situation(
        "signoff.next-year",
        lambda w: w.apply(at=datetime(2023, 10, 2, 9, tzinfo=STOCKHOLM)).number,
        at=datetime(2023, 10, 3, 9, tzinfo=STOCKHOLM),
    ),
    Situation("signoff.budget", _used_up),
    Situation("signoff.second-grant", _second_grant),
    Situation("signoff.decided", _granted, amount=100, reason="Less"),
    Situation("signoff.decided", _withdrawn),
    Situation("signoff.returned", _returned),
    Situation("signoff.returned", _returned, outcome=REFUSE, reason="x", at=MARCH + timedelta(days=30)),
    Situation("signoff.returned", _returned, at=MARCH + timedelta(days=31)),
    Situation("signoff.above", _apply, amount=ASSESSED + 1),
    Situation("signoff.zero", _apply, amount=0),
    Situation("signoff.zero", _apply, amount=-1),
    Situation("signoff.reason", _apply, amount=ASSESSED - 1, reason="  \n"),
    Situation("signoff.reason", _apply, outcome=REFUSE),
    Situation("text.too-long", _apply, outcome=REFUSE, reason="x" * 4001),
    Situation("access.not-found", lambda _w: "RFR-2024-9999"),
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: f"{s.code}-{s.prepare.__name__.strip('_')}")
def test_who_may_not_sign_is_told_why_and_nothing_is_written(world: World, situation: Situation) -> None:
    number = situation.prepare(world)
    shown = "" if number.endswith("9999") else world.case(number, at=situation.at).page_digest
    count = len(mails(world))
    with world.database.reading() as session:
        head = audit.head(session)

    def attempt() -> None:
        world.sign(
            number,
            situation.by,
            situation.outcome,
            amount=situation.amount,
            reason=situation.reason,
            shown=shown or "0",
            at=situation.at,
        )

    assert refusal_of(attempt) == situation.code
    with world.database.reading() as session:
        assert audit.head(session) == head
    assert len(mails(world)) == count
    prove(world.database)


def test_budget_refusal_says_what_is_left(world: World) -> None:
    number = _used_up(world)
    with pytest.raises(Refused) as refused:
        world.sign(number, "chair")
    assert refused.value.refusal.values["left"].amount == ASSESSED - 1


def test_a_stale_page_signs_nothing(world: World) -> None:
    number = world.apply().number
    page = world.case(number).page_digest
    world.ask(number)
    world.answer(number, organiser="Another organiser")
    assert refusal_of(lambda: world.sign(number, "chair", shown=page)) == "signoff.stale"
    assert world.sign(number, "chair").state == "signed once"


def test_a_page_is_stale_once_the_register_says_otherwise(world: World) -> None:
    number = world.apply().number
    page = world.case(number).page_digest
    world.apply("bo", participant="anna", prior="requested")
    assert "rfr.second-pending" in world.case(number).assessment.codes
    assert refusal_of(lambda: world.sign(number, "chair", shown=page)) == "signoff.stale"


def test_a_second_grant_can_still_be_refused(world: World) -> None:
    number = _second_grant(world)
    world.sign(number, "chair", REFUSE, reason="Second this year")
    assert world.sign(number, "rep", REFUSE, reason="Second this year").outcome is REFUSE


def test_cancelling_frees_money_and_year_once(world: World) -> None:
    before, first, second = left(world), world.apply().number, world.apply(prior="requested").number
    world.grant(first)
    assert refusal_of(lambda: world.cancel(first, "anna", "  ")) == "cancel.reason"
    assert refusal_of(lambda: world.cancel(first, "bo")) == "access.not-found"
    assert world.cancel(first).status is Status.CANCELLED
    assert world.cancel(first).status is Status.CANCELLED
    assert left(world) == before
    assert world.grant(second).outcome is GRANT
    assert refusal_of(lambda: world.withdraw(second)) == "access.withdraw-too-late"
    assert refusal_of(lambda: world.cancel(world.apply("bo").number, "bo")) == "access.cancel-too-late"
    prove(world.database)


def test_a_declared_conflict_lapses_the_signature_and_the_substitute_takes_the_seat(world: World) -> None:
    number = world.apply().number
    world.sign(number, "chair")
    world.conflict(number, "chair")
    world.conflict(number, "chair")
    assert world.case(number).standing == ()
    assert refusal_of(lambda: world.ask(number, "chair")) == "signoff.conflict"
    world.sign(number, "sub")
    assert world.sign(number, "rep").state == "decided"
    assert refusal_of(lambda: world.conflict(number, "rep")) == "signoff.decided"
    assert refusal_of(lambda: world.conflict(number, "anna")) == "access.not-found"
    prove(world.database)


def test_who_may_return_with_a_question(world: World) -> None:
    number = world.apply().number
    summer = datetime(2024, 7, 1, 9, tzinfo=STOCKHOLM)
    assert refusal_of(lambda: world.ask(number, question=" ")) == "return.question"
    assert refusal_of(lambda: world.ask(number, "anna")) == "access.not-found"
    assert refusal_of(lambda: world.ask(world.apply("chair").number, "chair")) == "signoff.participant"
    assert world.ask(number, at=summer).status is Status.RETURNED
    assert world.ask(number, at=summer).status is Status.RETURNED, "the same question again"
    assert refusal_of(lambda: world.ask(number, question="Another?")) == "access.return-too-late"


def test_money_comes_from_the_half_year_of_the_decision(world: World) -> None:
    midnight = datetime(2024, 7, 1, tzinfo=STOCKHOLM)
    scheme = replace(world.schemes["rfr-2024"], pauses=())
    world.schemes["rfr-2024"] = scheme
    one, other = world.apply().number, world.apply("bo").number
    world.grant(one, at=midnight - timedelta(microseconds=1))
    world.grant(other, at=midnight)
    with world.database.reading() as session:
        assert [p.granted_amount for p in budgets.standings(session, scheme)] == [ASSESSED, ASSESSED]


def test_what_a_half_year_leaves_is_carried_over_only_where_the_scheme_says_so(world: World) -> None:
    august = datetime(2024, 8, 20, 9, tzinfo=STOCKHOLM)
    one, other = world.apply().number, world.apply("bo").number
    world.grant(one)
    allocated = rfr().budget[0].amount
    assert left(world, august) == allocated
    world.schemes["rfr-2024"] = replace(rfr(), carry_over_budget=True)
    assert left(world, august) == 2 * allocated - ASSESSED
    world.grant(other, at=august)
    assert left(world, august) == 2 * (allocated - ASSESSED)
    prove(world.database)


def test_what_somebody_signed_who_leaves_counts_only_where_it_is_decided(world: World) -> None:
    decided, waiting = world.apply().number, world.apply("bo").number
    world.grant(decided)
    world.sign(waiting, "rep")
    world.deactivate("rep")
    assert world.case(waiting).standing == ()
    assert len(world.case(decided).standing) == 2
    prove(world.database)


def test_who_may_be_appointed(world: World) -> None:
    assert (
        refusal_of(lambda: world.appoint("admin", "chair", substitute=True, ends_on=date(2024, 3, 2)))
        == "seat.oneself"
    )
    assert refusal_of(lambda: world.appoint("bo", "chair", by="anna")) == "access.not-found"
    assert refusal_of(lambda: world.appoint("bo", "chair")) == "seat.held"
    assert refusal_of(lambda: world.appoint("bo", "treasurer")) == "seat.unknown"
    assert refusal_of(lambda: world.appoint("bo", "chair", substitute=True)) == "seat.open-substitute"
    assert (
        refusal_of(lambda: world.appoint("bo", "chair", substitute=True, ends_on=date(2022, 1, 1)))
        == "seat.days"
    )


@pytest.mark.parametrize(
    "at",
    [
        datetime(2024, 7, 1, 9, tzinfo=STOCKHOLM),
        datetime(2024, 12, 31, 9, tzinfo=STOCKHOLM),
        datetime(2025, 2, 3, 9, tzinfo=STOCKHOLM),
    ],
    ids=["in a pause", "after the last decision day", "after the year"],
)
def test_a_refusal_can_be_signed_on_any_day(world: World, at: datetime) -> None:
    number = world.apply().number
    world.appoint("sub", "chair", substitute=True, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    for by in ("chair", "rep"):
        world.sign(number, by, REFUSE, reason="Not decided in time", at=at)
    assert world.case(number).application.status is Status.REFUSED
    prove(world.database)


def test_what_nobody_answered_is_closed_by_a_refusal_of_both(world: World) -> None:
    number, late = _returned(world), MARCH + timedelta(days=31)
    assert world.sign(number, "chair", REFUSE, reason="No answer", at=late).state == "signed once"
    assert world.sign(number, "rep", REFUSE, reason="No answer", at=late).outcome is REFUSE
    assert world.case(number).application.status is Status.REFUSED
    prove(world.database)


def test_an_answer_after_the_day_still_counts_until_both_have_refused(world: World) -> None:
    number, late = _returned(world), MARCH + timedelta(days=31)
    world.sign(number, "chair", REFUSE, reason="No answer", at=late)
    world.answer(number, at=late)
    assert world.case(number, at=late).standing == ()
    assert world.case(number).application.status is Status.WAITING
