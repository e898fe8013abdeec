"""The demo is lively on any day of the year, balances to the öre, and was done by the actions alone."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.demo import load, roll_editions
from portal.domain.application import Status
from portal.domain.claim import Stage
from portal.domain.periods import local_day, pause_on
from portal.schemes.loader import Schemes
from portal.schemes.loader import load as load_schemes
from portal.store import audit, budgets
from portal.store.files import Folder
from portal.store.session import Database, Session
from portal.store.tables import (
    ApplicationRow,
    BudgetPeriodRow,
    ClaimRow,
    DecisionRow,
    DraftRow,
    EventRow,
    PaymentBatchRow,
    SignatureRow,
)
from tests.support.databases import opened
from tests.support.demonstrations import AUTUMN, Demonstration
from tests.support.portals import Clock, Visitor

LEAP_DAY = datetime(2028, 2, 29, 9, 0, tzinfo=UTC)
DAYS = {
    "new year": datetime(2026, 12, 31, 23, 1, tzinfo=UTC),
    "first decision day": datetime(2027, 1, 7, 0, 5, tzinfo=UTC),
    "summer pause": datetime(2026, 7, 15, 9, 0, tzinfo=UTC),
}


def schemes_for(at: datetime, folder: Path) -> Schemes:
    """The editions a demo of that day has."""
    roll_editions(folder, at.year)
    return load_schemes(folder)


@pytest.mark.parametrize("at", DAYS.values(), ids=DAYS)
def test_every_state_is_there_on_any_day(at: datetime, sqlite_database: Database, tmp_path: Path) -> None:
    schemes = schemes_for(at, tmp_path / "schemes")
    load(sqlite_database, schemes, at=at, files=Folder(tmp_path / "documents"))
    with sqlite_database.reading() as session:
        _is_lively(session, schemes, at)
        _balances(session, schemes)
        _was_done_by_actions(session, at)


@pytest.fixture
def autumn(autumn_demo: Demonstration, tmp_path: Path) -> Iterator[Database]:
    """A copy of the demo that other tests look at too."""
    with opened(autumn_demo.copy_to(tmp_path / "autumn.sqlite3")) as database:
        yield database


def test_every_state_is_there_in_autumn(autumn: Database, autumn_demo: Demonstration) -> None:
    schemes = autumn_demo.schemes()
    with autumn.reading() as session:
        _is_lively(session, schemes, AUTUMN)
        _balances(session, schemes)
        _was_done_by_actions(session, AUTUMN)


def _is_lively(session: Session, schemes: Schemes, at: datetime) -> None:
    rows = session.execute(
        select(
            ApplicationRow.scheme,
            ApplicationRow.status,
            ApplicationRow.signed_seats,
            ApplicationRow.disagreed,
        )
    ).all()
    year = local_day(at, schemes["rfr-2024"]).year
    stages = session.execute(select(ClaimRow.stage).distinct()).scalars().all()
    if at.month > 6:
        assert set(stages) == set(Stage)
        assert session.execute(select(func.count()).select_from(PaymentBatchRow)).scalar_one() >= 2
    opened = [row for row in rows if row.status in (Status.WAITING, Status.RETURNED)]
    assert len(opened) >= 25
    assert {row.status for row in rows} == set(Status)
    rows = [row for row in rows if row.scheme.startswith("rfr")]
    assert sum(row.disagreed for row in rows) == 2
    signed_once = [row for row in opened if row in rows and len(row.signed_seats) == 1]
    assert {tuple(row.signed_seats) for row in signed_once} == {("chair",), ("representative",)}
    assert sum(row.status == Status.WAITING and not row.signed_seats for row in rows) >= 10
    coming = f"rfr-{year + 1}"
    if coming in schemes and local_day(at, schemes[coming]) > schemes[coming].opens_on:
        assert sum(row.scheme == coming and row.status == Status.WAITING for row in rows) == 7
    assert session.execute(select(func.count()).select_from(DraftRow)).scalar_one() >= 3


def _balances(session: Session, schemes: Schemes) -> None:
    by_period = dict(
        session.execute(
            select(DecisionRow.period_id, func.sum(DecisionRow.amount - ClaimRow.released_amount))
            .join(ClaimRow, ClaimRow.application_id == DecisionRow.application_id)
            .group_by(DecisionRow.period_id)
        ).all()
    )
    periods = session.execute(select(BudgetPeriodRow.id, BudgetPeriodRow.granted_amount)).all()
    assert {key: amount for key, amount in periods if amount} == by_period
    for scheme in schemes.values():
        assert all(0 <= each.left <= each.allocated_amount for each in budgets.standings(session, scheme))


def _was_done_by_actions(session: Session, at: datetime) -> None:
    """The log is whole and in the order of time, and every write has its event."""
    assert audit.verify(session).whole
    instants = list(session.execute(select(EventRow.at).order_by(EventRow.seq)).scalars())
    assert instants == sorted(instants)
    assert instants[-1] <= at
    acts = dict(session.execute(select(EventRow.act, func.count()).group_by(EventRow.act)).all())
    for act, table in (("submit", ApplicationRow), ("sign", SignatureRow), ("decide", DecisionRow)):
        assert acts[act] == session.execute(select(func.count()).select_from(table)).scalar_one()


def test_both_halves_of_the_year_are_nearly_used(autumn: Database, autumn_demo: Demonstration) -> None:
    schemes = autumn_demo.schemes()
    scheme = schemes["rfr-2026"]
    with autumn.reading() as session:
        for standing in budgets.standings(session, scheme):
            assert 0.6 < standing.granted_amount / standing.allocated_amount < 1
        decided = session.execute(select(DecisionRow.decided_at)).scalars().all()
        assert all(pause_on(schemes["rfr-2024"], local_day(each, scheme)) is None for each in decided)


def test_the_same_instant_gives_the_same_demo(
    autumn: Database, autumn_demo: Demonstration, sqlite_database: Database, tmp_path: Path
) -> None:
    load(sqlite_database, autumn_demo.schemes(), at=AUTUMN, files=Folder(tmp_path / "documents"))
    found = []
    for database in (autumn, sqlite_database):
        with database.reading() as session:
            rows = session.execute(
                select(
                    ApplicationRow.number,
                    ApplicationRow.digest,
                    ApplicationRow.status,
                    ApplicationRow.received_at,
                ).order_by(ApplicationRow.id)
            )
            found.append([tuple(row) for row in rows])
    assert found[0] == found[1]


def test_on_a_leap_day_it_loads_on_postgresql(postgresql_database: Database, tmp_path: Path) -> None:
    at, schemes = LEAP_DAY, schemes_for(LEAP_DAY, tmp_path / "schemes")
    load(postgresql_database, schemes, at=at, files=Folder(tmp_path / "documents"))
    with postgresql_database.reading() as session:
        _is_lively(session, schemes, at)
        _balances(session, schemes)
        _was_done_by_actions(session, at)


def test_everybody_who_is_offered_at_the_sign_in_finds_something(
    autumn_demo: Demonstration, make_app: Callable[..., Flask], clock: Clock, tmp_path: Path
) -> None:
    clock.set(AUTUMN)
    url = autumn_demo.copy_to(tmp_path / "autumn.sqlite3")
    app = make_app(autumn_demo.schemes(), database_url=url, uploads_dir=autumn_demo.documents)
    page = Visitor(app.test_client()).get("/sign-in").get_data(as_text=True)
    offered = re.findall(r'name="person" value="(\d+)"', page)
    assert len(offered) > 20
    idle = []
    for person in offered:
        start = Visitor(app.test_client()).sign_in(int(person)).get("/").get_data(as_text=True)
        # Finance and auditors have whole rooms.
        if not re.search('id="owed"|id="drafts"|href="/finance"', start) and "/applications/" not in start:
            idle.append(re.search("<h1>(.*)</h1>", start)[1])  # type: ignore[index]
    assert idle == []
