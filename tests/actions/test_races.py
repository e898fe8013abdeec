"""Many processes at once against one database: exactly what fits is granted, and every loser is told why."""

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Event
from typing import Any

import pytest

from portal.actions import claiming, people
from portal.actions.drafting import start_draft
from portal.actions.signing import return_with_question, sign, take_back
from portal.actions.submitting import submit, withdraw
from portal.domain.application import Outcome
from portal.domain.refusal import Refused
from portal.store import applications, budgets, seats, signing
from portal.store.session import Database
from tests.actions.proof import prove
from tests.actions.world import ASSESSED, MARCH, World, schemes

PROCESSES = 8
WAITING = 40
FIT = 12

_own: dict[str, Database] = {}
"""The database of a worker process."""


def _connect(url: str) -> None:
    _own["database"] = Database(url, pool_size=1)


def _schemes(budget: int | None) -> dict[str, Any]:
    known = dict(schemes())
    if budget is not None:
        scheme = known["rfr-2024"]
        known["rfr-2024"] = replace(scheme, budget=tuple(replace(p, amount=budget) for p in scheme.budget))
    return known


def _sign(job: tuple[str, Any, str, int | None]) -> tuple[str, int]:
    number, by, shown, budget = job
    try:
        verdict = _own["database"].write(
            sign,
            number=number,
            schemes=_schemes(budget),
            outcome=Outcome.GRANT,
            amount=ASSESSED,
            reason="",
            shown=shown,
            by=by,
            at=MARCH,
        )
    except Refused as refused:
        left = refused.refusal.values.get("left")
        return refused.refusal.code, left.amount if left else -1
    return verdict.state, verdict.amount


def _submit(job: tuple[str, Any]) -> str:
    token, by = job
    return _own["database"].write(submit, token=token, schemes=schemes(), by=by, at=MARCH).number


def _start(by: Any) -> str:
    return _own["database"].write(start_draft, scheme=schemes()["rfr-2024"], by=by, at=MARCH).token


def _act(job: tuple[Callable[..., Any], dict[str, Any]]) -> str:
    act, how = job
    try:
        _own["database"].write(act, at=MARCH, **how)
    except Refused as refused:
        return refused.refusal.code
    return act.__name__


def _all_at_once(url: str, work: Callable[[Any], Any], jobs: list[Any]) -> list[Any]:
    context = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    with context.Pool(PROCESSES, initializer=_connect, initargs=(url,)) as pool:
        return pool.map(work, jobs, chunksize=1)


@pytest.mark.slow
def test_eight_processes_grant_exactly_what_the_half_year_holds(world: World, database_url: str) -> None:
    budget = FIT * ASSESSED + ASSESSED // 2
    world.schemes = _schemes(budget)
    world.database.write(claiming.open_budget, schemes=world.schemes, by=None, at=MARCH)
    jobs = []
    with world.in_one_go():
        for serial in range(WAITING):
            world.add(f"doctor{serial}", specialist=True)
            number = world.apply(f"doctor{serial}").number
            world.sign(number, "chair")
            jobs.append((number, world["rep"], world.case(number).page_digest, budget))
    world.database.close()

    answers = Counter(_all_at_once(database_url, _sign, jobs))

    assert answers == {("decided", ASSESSED): FIT, ("signoff.budget", ASSESSED // 2): WAITING - FIT}
    with world.database.reading() as session:
        assert budgets.left_on(session, world.schemes["rfr-2024"], MARCH.date()) == ASSESSED // 2
    prove(world.database)


def test_two_applications_of_one_person_signed_at_once(world: World, database_url: str) -> None:
    numbers = [world.apply(prior="requested").number for _ in range(PROCESSES)]
    for number in numbers:
        world.sign(number, "chair")
    rep = world["rep"]
    jobs = [(number, rep, world.case(number).page_digest, None) for number in numbers]
    world.database.close()

    answers = Counter(code for code, _ in _all_at_once(database_url, _sign, jobs))

    assert answers == {"decided": 1, "signoff.second-grant": PROCESSES - 1}
    prove(world.database)


def test_both_seats_sign_at_the_same_moment(world: World, database_url: str) -> None:
    chair, rep, jobs = world["chair"], world["rep"], []
    for serial in range(10):
        world.add(f"doctor{serial}", specialist=True)
        number = world.apply(f"doctor{serial}").number
        shown = world.case(number).page_digest
        jobs += [(number, chair, shown, None), (number, rep, shown, None)] * 2  # and each clicks twice
    world.database.close()

    answers = Counter(_all_at_once(database_url, _sign, jobs))

    assert set(answers) == {("signed once", 0), ("decided", ASSESSED)}
    assert answers["signed once", 0] >= 10
    with world.database.reading() as session:
        granted = [a for n in range(1, 11) if (a := applications.get(session, number=f"RFR-2024-{n:04d}"))]
    assert {a.status.value for a in granted} == {"granted"}
    prove(world.database)


def test_eight_processes_submit_one_draft_once(world: World, database_url: str) -> None:
    token, anna = world.draft(), world["anna"]
    world.database.close()

    assert set(_all_at_once(database_url, _submit, [(token, anna)] * PROCESSES)) == {"RFR-2024-0001"}
    with world.database.reading() as session:
        assert len(applications.written_by_or_for(session, anna.id)) == 1
    prove(world.database)


def test_applicant_and_approvers_act_at_the_same_moment(world: World, database_url: str) -> None:
    """Withdrawn, returned or granted: one of them, and whoever comes late is told."""
    rep, chair, jobs = world["rep"], world["chair"], []
    for serial in range(12):
        doctor = world.add(f"doctor{serial}", specialist=True)
        number = world.apply(f"doctor{serial}").number
        world.sign(number, "chair")
        case = {"number": number, "schemes": world.schemes}
        shown = world.case(number).page_digest
        word = {"outcome": Outcome.GRANT, "amount": ASSESSED, "reason": "", "shown": shown}
        jobs += [
            (withdraw, {"number": number, "by": doctor}),
            (sign, {**case, **word, "by": rep}),
            (return_with_question, {**case, "question": "Which talk?", "by": chair}),
            (take_back, {**case, "by": chair}),
        ]
    world.database.close()

    answers = Counter(_all_at_once(database_url, _act, jobs))

    late = {"signoff.decided", "signoff.returned", "access.withdraw-too-late", "access.return-too-late"}
    assert set(answers) <= {"withdraw", "sign", "return_with_question", "take_back", *late}
    prove(world.database)


@pytest.mark.parametrize("first", ["sign", "end"])
@pytest.mark.parametrize("ending", [people.end_holding, people.deactivate])
def test_a_term_ends_at_the_moment_its_holder_signs(
    world: World, monkeypatch: pytest.MonkeyPatch, ending: Callable[..., Any], first: str
) -> None:
    """The signature comes first and lapses, or the end comes first and it is refused; none is left standing.

    Each stops half-way, when all that it goes by is read, and gives the other half a second to get ahead of it.
    """
    holding = world.appoint("outsider", "representative", substitute=True, ends_on=date(2024, 12, 31))
    number, outsider, admin = world.apply().number, world["outsider"], world["admin"]
    word = {"outcome": Outcome.GRANT, "amount": ASSESSED, "reason": "", "by": outsider}
    case = {"number": number, "schemes": world.schemes, "shown": world.case(number).page_digest}
    ends = {"person_id": outsider.id} if ending is people.deactivate else {
        "holding_id": holding, "ends_on": date(2024, 2, 29)
    }  # fmt: skip
    jobs = {
        "sign": (sign, {**word, **case}),
        "end": (ending, {**ends, "schemes": world.schemes, "by": admin}),
    }
    half_way, other_done = Event(), Event()

    def stopping(keep: Callable[..., Any]) -> Callable[..., Any]:
        def stop(*args: Any, **how: Any) -> Any:
            half_way.set()
            other_done.wait(0.5)
            return keep(*args, **how)

        return stop

    def do(name: str) -> str:
        act, how = jobs[name]
        try:
            world.database.write(act, at=MARCH, **how)
        except Refused as refused:
            return refused.refusal.code
        return act.__name__

    place, name = (signing, "add_signature") if first == "sign" else (seats, "end")
    monkeypatch.setattr(place, name, stopping(getattr(place, name)))
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(do, first)
        assert half_way.wait(10)
        other = pool.submit(do, "end" if first == "sign" else "sign")
        other.add_done_callback(lambda _: other_done.set())
        answers = one.result(), other.result()

    signed, ended = "sign" if first == "sign" else "signoff.no-seat", ending.__name__
    assert answers == ((signed, ended) if first == "sign" else (ended, signed))
    assert world.case(number).standing == ()
    prove(world.database)


def test_people_write_drafts_at_the_same_moment(world: World, database_url: str) -> None:
    """They share nothing but the log."""
    world.database.close()
    tokens = _all_at_once(database_url, _start, [world.people["anna"], world.people["bo"]] * 40)
    assert len(set(tokens)) == 80
    prove(world.database)
